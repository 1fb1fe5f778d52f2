"""``restorack merge``: several transfers of one recording become one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen

if TYPE_CHECKING:
    from restorack.merging.report import CopyEntry, MergeReport


def merge(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES",
            help="Two to eight transfers; the first one sets time, rate, level and tags.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The merge.", show_default=False),
    ],
    colour: Annotated[
        str,
        typer.Option(
            metavar="reference|mean",
            help="Level and colour of the output: the reference's, or the geometric mean of all.",
        ),
    ] = "reference",
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="Also write which copy was taken where, and how sure the alignment is.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Also draw how much was taken of each copy."),
    ] = None,
    format: shared.Format = None,  # noqa: A002  the option is called so
    subtype: shared.Subtype = None,
    force: shared.Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Merge transfers, copies, styli or walls of one recording into one.

    Copies are aligned where speed and wow differ, matched in level and colour; of all together the
    least noisy mean is taken in every band at every moment. Clicks of one copy and dropouts are
    taken from the others.
    """
    from restorack.cli.outputs import make_folder_of
    from restorack.io.atomic import check_writable
    from restorack.merging.merge import merge as merged
    from restorack.reports.report import write_report

    screen = Screen(as_json=json, quiet=quiet)
    make_folder_of(output, report, picture)
    for target in (report, picture):
        if target is not None:
            check_writable(target, force=force, sources=sources)
    found = merged(
        sources, output, colour=colour, format=format, subtype=subtype, force=force,
        on_step=screen.note,
    )  # fmt: skip
    if report is not None:
        write_report(report, found.to_dict(), force=force, sources=sources)
    if picture is not None:
        from restorack.reports.merge_picture import write_merge_picture

        write_merge_picture(found, picture, force=force)
    for warning in found.warnings:
        screen.note(f"warning: {warning}")
    if not quiet:
        screen.show(*_lines(found))
    screen.document(found.to_dict())
    return 0


def _lines(found: MergeReport) -> list[str]:
    lines = []
    for entry in found.copies:
        lines.append(f"{entry.path}: {_place(entry)}")
        taken = f"  {entry.share:.0%} taken; {entry.clicks_outvoted} clicks outvoted"
        if entry.dropouts:
            seconds = sum(gap.seconds for gap in entry.dropouts)
            taken += f"; {seconds:.2f} s of dropouts filled"
        lines.append(taken)
    return [*lines, f"{found.output}: {found.frames / found.sample_rate_hz:.1f} s"]


def _place(entry: CopyEntry) -> str:
    if entry.is_reference:
        return "reference"
    turned = ", polarity inverted" if entry.inverted else ""
    return (
        f"offset {entry.offset_seconds:.3f} s, {entry.speed_percent:+.3f} % faster, wow "
        f"{entry.wow_percent:.3f} %{turned}; aligned to {entry.deviation_samples:.3f} samples, "
        f"coherence {entry.coherence:.2f}"
    )
