"""``restorack stems``: one preset over a folder of stems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.consoles.progress_bars import bar
from restorack.cli.options import Bypass, Engine, Force, Sandbox, Settings, Strict, check_engine

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from restorack.render.plan import Engine as EngineWord

stems = typer.Typer(help="Work on folders of stems.", no_args_is_help=True, rich_markup_mode=None)


@stems.command("apply")
def apply_preset(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of stems.")],
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="A preset.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Without it: DIR.PRESET beside DIR."),
    ] = None,
    settings: Settings = None,
    bypass: Bypass = None,
    link: Annotated[
        bool,
        typer.Option(
            "--link", help="Noise and loudness are learned once, from the sum of all stems."
        ),
    ] = False,
    engine: Engine = "auto",
    force: Force = False,
    sandbox: Sandbox = None,
    strict: Strict = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Process every stem of a folder with one preset; names, lengths and alignment are kept.

    The preset's ceiling is left out, since a gain per stem would change their balance.
    """
    from restorack.cli.chain_options import make_rack
    from restorack.presets.checking import check_plugins
    from restorack.render.session import apply_to_stems
    from restorack.reports.report import RenderReport

    check_engine(engine)
    screen = Screen(as_json=json, quiet=quiet)
    rack = make_rack(preset, [], settings or [], bypass or [])
    check_plugins(rack.chain, load_plugins=True)
    target = output if output is not None else folder.with_name(f"{folder.name}.{rack.infix}")

    def watch(source: Path, place: str) -> AbstractContextManager[Any]:
        return bar(screen, source.name, place)

    results = apply_to_stems(
        folder,
        rack.chain,
        target,
        link=link,
        engine=cast("EngineWord", engine.lower()),
        force=force,
        strict=strict,
        watch=watch,
    )
    for result in results:
        screen.note(f"{result.source} -> {result.output}")
        for warning in result.warnings:
            screen.note(f"{result.output}: {warning}")
    screen.document([RenderReport.of(result).document() for result in results])
    return 0
