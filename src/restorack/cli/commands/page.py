"""``restorack page``: a web page with recordings before and after, to look at and listen to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import InterruptedBatchError, common_exit_code, failure_of
from restorack.cli.options import Sandbox, Strict
from restorack.cli.progress_bars import bar
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.render.batch import BatchResult, Entry


def page(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="Preset to apply.")
    ],
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the page and its files go.")
    ] = Path("page"),
    title: Annotated[
        str | None, typer.Option("--title", help="The page's heading; default: the preset's name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files.")] = False,
    strict: Strict = False,
    sandbox: Sandbox = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render recordings and make a page of them: spectrograms, players, what each stage did.

    DIR then holds index.html, and for every recording before, after and (where the sample rate
    stays) the difference as 24-bit WAV, a picture and the JSON report. Open index.html in any
    browser, or put the folder on a web server; nothing is loaded from elsewhere. A file that fails
    does not stop the others; a full disk does.
    """
    from rich.markup import escape

    from restorack.io.atomic import check_writable
    from restorack.presets import load_preset
    from restorack.presets.checking import check_plugins
    from restorack.presets.finding import find_preset
    from restorack.render.batch import Recipe, RunOptions
    from restorack.render.batch.executors.inline import rendering, run_inline
    from restorack.render.plan import RenderOptions
    from restorack.reports.page import write_page
    from restorack.reports.page_files import PageFiles

    screen = Screen(as_json=as_json, quiet=quiet)
    chain = load_preset(find_preset(preset))
    check_plugins(chain, load_plugins=True)
    made = PageFiles(folder, force)
    recipe = Recipe.unwritten(chain.settings.name, RenderOptions(format="wav", strict=strict))
    jobs, layout = made.jobs(files, recipe)
    layout.make()
    index = folder / "index.html"
    check_writable(index, force=force)
    work = rendering(chain, lambda job: bar(screen, job.source.name, ""))
    result = run_inline(jobs, work, RunOptions(retries=0, on_end=partial(_say, screen)))
    document = _document(result, index)
    if result.interrupted:
        raise InterruptedBatchError(document)
    shown = [made.items[entry.job.key] for entry in result.entries if entry.status == "done"]
    if shown:
        heading = title or f"Before and after: {chain.settings.name}"
        write_page(index, heading, shown, force=force)
        screen.show(escape(f"the page is {index}"))
    screen.document(document)
    return common_exit_code([failure_of(entry.error) for entry in result.entries if entry.error])


def _say(screen: Screen, entry: Entry) -> None:
    """Report the outcome of a file."""
    if entry.error is not None:
        screen.fail(failure_of(entry.error))
    elif entry.outcome is not None:
        screen.note(str(entry.job.source))
        for text in entry.outcome.warnings:
            screen.note(f"{entry.job.source}: {text}")


def _document(result: BatchResult, index: Path) -> dict[str, Any]:
    """Return what was rendered, ready for JSON; without any of it there is no page."""
    named = [(path_text(entry.job.source), entry) for entry in result.entries]
    files = [name for name, entry in named if entry.status == "done"]
    told = {name: entry.outcome.warnings for name, entry in named if entry.outcome}
    return {
        "page": path_text(index) if files else None,
        "files": files,
        "warnings": {name: texts for name, texts in told.items() if texts},
        "errors": {name: failure_of(entry.error).to_dict() for name, entry in named if entry.error},
    }
