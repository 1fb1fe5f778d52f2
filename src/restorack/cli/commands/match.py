"""``restorack match``: a recording towards the sound of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen

if TYPE_CHECKING:
    from restorack.matching.report import MatchReport


def match(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="The recording.", show_default=False)
    ],
    reference: Annotated[
        list[Path],
        typer.Option(
            "--reference",
            metavar="FILE",
            help="A recording that sounds as this one should, or a folder of them; any number of "
            "times: then the mean counts.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The result.", show_default=False),
    ],
    level: Annotated[bool, typer.Option("--level/--no-level", help="Match loudness.")] = True,
    tone: Annotated[bool, typer.Option("--tone/--no-tone", help="Match third octaves.")] = True,
    width: Annotated[bool, typer.Option("--width/--no-width", help="Match side over mid.")] = True,
    dynamics: Annotated[
        bool, typer.Option("--dynamics/--no-dynamics", help="Match the spread of levels.")
    ] = True,
    strength: Annotated[
        float, typer.Option(metavar="0..1", help="How far: 0 is not at all, 1 all the way.")
    ] = 1.0,
    max_tone: Annotated[
        float, typer.Option(metavar="DB", help="No third octave is changed by more.")
    ] = 12.0,
    ceiling: Annotated[
        float, typer.Option(metavar="DBTP", help="True peak that a changed output keeps.")
    ] = -1.0,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Also write all figures.")
    ] = None,
    format: shared.Format = None,  # noqa: A002  the option is called so
    subtype: shared.Subtype = None,
    force: shared.Force = False,
    strict: shared.Strict = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Bring a recording towards the level, tone, width and dynamics of others.

    Tone and width move in third octaves by one linear-phase filter, dynamics by one slow gain;
    peaks stay below the ceiling. For the stems of a session, and in presets, the stage is
    restorack.Match.
    """
    from restorack.cli.consoles.progress_bars import bar
    from restorack.cli.outputs import make_folder_of
    from restorack.io.atomic import check_writable
    from restorack.matching.match import match as matched
    from restorack.reports.report import write_report

    screen = Screen(as_json=json, quiet=quiet)
    make_folder_of(output, report)
    sources = [target, *reference]
    check_writable(output, force=force, sources=sources)
    if report is not None:
        check_writable(report, force=force, sources=sources)
    with bar(screen, target.name, "") as on_progress:
        found = matched(
            target, output, reference, level=level, tone=tone, width=width, dynamics=dynamics,
            strength=strength, max_tone_db=max_tone, ceiling_dbtp=ceiling, format=format,
            subtype=subtype, force=force, strict=strict, on_progress=on_progress,
        )  # fmt: skip
    if report is not None:
        write_report(report, found.to_dict(), force=force, sources=sources)
    for warning in found.warnings:
        screen.note(f"warning: {warning}")
    if not quiet:
        _show(found, screen)
    screen.document(found.to_dict())
    return 0


def _show(found: MatchReport, screen: Screen) -> None:
    from rich.markup import escape

    from restorack.reports.match_table import match_lines, match_table

    screen.show(match_table(found), *map(escape, match_lines(found)))
