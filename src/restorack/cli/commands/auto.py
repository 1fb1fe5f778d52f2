"""``restorack auto``: analyse, choose a preset, render, and make a page to judge it by ear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.options import Sandbox, Strict
from restorack.cli.page_options import Audio, ForcePage, NoStages, page_options
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.cli.failures import Failure
    from restorack.meters.findings import Findings
    from restorack.presets import Advice
    from restorack.reports.listening.recording import Version


def auto(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Audio files.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where the results and the page go."),
    ] = Path("restored"),
    audio: Audio = "auto",
    no_stages: NoStages = False,
    force: ForcePage = False,
    strict: Strict = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Analyse recordings, restore each with the preset that fits, and say why.

    DIR then holds STEM.restored.wav, STEM.difference.wav and STEM.report.json of each, and
    index.html to compare them by ear. A recording that nothing is wrong with is left alone.
    """
    from restorack.cli.consoles.page import Known, PageRun
    from restorack.cli.failures import common_exit_code
    from restorack.presets import find_preset, load_preset
    from restorack.reports.listening.target import PageTarget

    screen = Screen(as_json=json, quiet=quiet)
    options = page_options(audio=audio, no_stages=no_stages, strict=strict)
    target = PageTarget.of(output, folder=True, force=force)
    choices, failures = _choose(screen, files, strict=strict)
    fitting = [one for one in choices if one.advice.preset is not None]
    chains = {one.preset: load_preset(find_preset(one.preset)) for one in fitting}
    run = PageRun(
        screen, target, [one.file for one in fitting],
        [[chains[one.preset]] for one in fitting],
        replace(options, ending=".restored.wav"),
        known=[Known(one.findings, f"{one.preset}: {one.advice.reason}") for one in fitting],
        told=lambda number, versions: _tell(screen, versions),
    )  # fmt: skip
    if fitting:
        run.run()
    document = run.document()
    document["errors"] |= {path_text(file): failure.to_dict() for file, failure in failures}
    document["files"] = [one.document() for one in choices]
    if run.page is not None:
        screen.note(f"next: open {run.page}; restorack compare-presets tries others by ear")
    screen.document(document)
    return common_exit_code([*(failure for _, failure in failures), *run.failures])


@dataclass(frozen=True)
class Choice:
    """A recording and what is to be done with it."""

    file: Path
    findings: Findings
    advice: Advice

    @property
    def preset(self) -> str:
        """The name of the preset that fits; empty where none does."""
        return self.advice.preset or ""

    def document(self) -> dict[str, Any]:
        """Return the choice, ready for JSON."""
        return {
            "path": path_text(self.file),
            "condition": self.findings.condition.word,
            "reasons": list(self.findings.condition.reasons),
            "preset": self.advice.preset,
            "why": self.advice.reason,
            "alternatives": [vars(one) for one in self.advice.alternatives],
        }


def _choose(
    screen: Screen, files: Sequence[Path], *, strict: bool
) -> tuple[list[Choice], list[tuple[Path, Failure]]]:
    """Analyse the files, and say what was found; those that cannot be read are noted."""
    from restorack.analysis import analyze
    from restorack.cli.consoles.progress_bars import bar
    from restorack.cli.failures import failure_of
    from restorack.cli.streams import ClosedPipeError
    from restorack.presets import advise

    choices: list[Choice] = []
    failures: list[tuple[Path, Failure]] = []
    for number, file in enumerate(files, 1):
        place = f"{number}/{len(files)}" if len(files) > 1 else ""
        try:
            with bar(screen, f"{file.name}: listening", place) as on_progress:
                found = analyze(file, strict=strict, on_progress=on_progress)
        except ClosedPipeError:
            raise
        except Exception as error:
            failures.append((file, failure_of(error)))
            screen.fail(failures[-1][1])
            continue
        choices.append(Choice(file, found, advise(found)))
        if not screen.quiet:
            _explain(screen, choices[-1])
    return choices, failures


def _explain(screen: Screen, choice: Choice) -> None:
    """Say in plain words what a recording suffers from, and what is done about it."""
    from rich.markup import escape

    found, advice = choice.findings, choice.advice
    reasons = "; ".join(found.condition.reasons)
    screen.show(
        f"[bold]{escape(str(choice.file))}[/bold]: "
        + escape(found.condition.word + (f": {reasons}" if reasons else ""))
    )
    if advice.preset is None:
        screen.show(escape(f"  left as it is: {advice.reason}"))
        return
    screen.show(escape(f"  {advice.preset}: {advice.reason}"))
    others = ", ".join(one.preset for one in advice.alternatives[:3])
    if others:
        screen.show(escape(f"  also possible: {others}"))


def _tell(screen: Screen, versions: Sequence[Version]) -> None:
    """Say what each stage did."""
    from rich.markup import escape

    if screen.quiet:
        return
    for version in versions:
        screen.show(escape(f"-> {version.output}"))
        for stage in version.result.stages:
            if stage.summary:
                screen.show(escape(f"  {', '.join(stage.stages)}: {stage.summary}"))
