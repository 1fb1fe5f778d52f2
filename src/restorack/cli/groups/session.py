"""``restorack session``: stems mixed from a session file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.consoles.progress_bars import bar
from restorack.cli.options import Engine, Force, Sandbox, Strict, check_engine

if TYPE_CHECKING:
    from restorack.render.plan import Engine as EngineWord
    from restorack.render.session import SessionResult

session = typer.Typer(
    help="Mix stems from a session file.", no_args_is_help=True, rich_markup_mode=None
)

SessionFile = Annotated[Path, typer.Argument(metavar="FILE.yaml", help="A session.")]


@session.command("render")
def render_session(
    file: SessionFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Folder of the mix; without it one beside the session, of its file's name.",
        ),
    ] = None,
    stems: Annotated[
        bool,
        typer.Option("--stems", help="Also write every processed stem and bus, 32-bit float."),
    ] = False,
    engine: Engine = "auto",
    force: Force = False,
    sandbox: Sandbox = None,
    strict: Strict = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render a session: its stems through their chains, mixed over buses and sends.

    Everything is checked before anything is rendered. The mix, the parts that --stems asks for and
    report.json appear when they are whole.
    """
    from restorack.reports.json_text import jsonable
    from restorack.reports.report import write_report

    check_engine(engine)
    from restorack.render.session import SessionOptions, load_session, render_session as render_it

    screen = Screen(as_json=json, quiet=quiet)
    folder = output if output is not None else file.with_suffix("")
    report = folder / "report.json"
    refuse_report(report, force)
    options = SessionOptions(stems, cast("EngineWord", engine.lower()), force, strict)
    with bar(screen, file.name, "") as on_progress:
        result = render_it(load_session(file), folder, options, on_progress)
    document = jsonable(result.to_dict())
    write_report(report, document, force=force, sources=[file])
    if not quiet:
        _show(result, screen)
    screen.document(document)
    return 0


@session.command("check")
def check_session(
    file: SessionFile,
    sandbox: Sandbox = None,
    strict: Strict = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Check a session: its names, files, presets, Faust programs and routing.

    Nothing of it is run: VST3 and LV2 plugins are not loaded, so that their own parameters are
    checked only when they render.
    """
    from restorack.render.session import load_session

    screen = Screen(as_json=json, quiet=quiet)
    loaded = load_session(file)
    if strict:
        for stem in loaded.stems:
            stem.source.require_complete()
    document: dict[str, Any] = {
        "path": str(file),
        "name": loaded.name,
        "sample_rate": loaded.sample_rate,
        "seconds": loaded.seconds,
        "stems": [stem.name for stem in loaded.stems],
        "buses": [bus.name for bus in loaded.buses],
        "notes": loaded.notes,
        "warnings": [f"stem {s.name}: {w.text}" for s in loaded.stems for w in s.source.warnings],
    }
    screen.note(
        f"{file}: {len(loaded.stems)} stems, {len(loaded.buses)} buses, "
        f"{loaded.seconds:.3f} s at {loaded.sample_rate:g} Hz"
    )
    for note in loaded.notes:
        screen.note(note)
    for text in document["warnings"]:
        screen.note(f"warning: {text}")
    screen.document(document)
    return 0


@session.command("schema")
def show_schema(json: JsonFlag = False, quiet: QuietFlag = False) -> int:
    """Print the JSON schema of sessions, for editors; it is one JSON document in any case."""
    from restorack.render.session.schema import session_json_schema

    del json
    Screen(as_json=True, quiet=quiet).document(session_json_schema())
    return 0


def refuse_report(path: Path, force: bool) -> None:
    """Refuse a report that exists before the work, not after it."""
    from restorack.io.atomic import AtomicFile

    AtomicFile(path, force=force).check()


def _show(result: SessionResult, screen: Screen) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("strip", "kind", "stages", "latency", "peak dBFS", "to"):
        table.add_column(heading)
    for strip in result.strips:
        stages = ", ".join(name for stage in strip.stages for name in stage.stages) or "-"
        ways = ", ".join(way["to"] for way in strip.ways)
        cells: list[Any] = [strip.name, strip.kind, stages, str(strip.latency_samples),
                            _decibels(strip.peak_dbfs), ways]  # fmt: skip
        style = "" if strip.heard else "dim"
        table.add_row(*(escape(cell) for cell in cells), style=style)
    peak = _decibels(result.true_peak_dbtp)
    screen.show(
        f"[bold]{escape(str(result.session))}[/bold] -> [bold]{escape(str(result.output))}[/bold]",
        table,
        f"{result.frames / result.sample_rate:.3f} s at {result.sample_rate:g} Hz, "
        f"{result.output_format} {result.output_subtype}, true peak {peak} dBTP; mixed by "
        f"{result.engine} in {result.seconds:.1f} s ({result.speed:.1f} x real time)",
        *map(escape, result.warnings),
    )


def _decibels(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
