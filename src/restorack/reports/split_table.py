"""The tracks of a side as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.splitting.report import SplitReport


def split_table(found: SplitReport) -> Table:
    """Return a table of the tracks: where they begin and end, and how sure that is."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("track", justify="right", no_wrap=True)
    table.add_column("title")
    for name in ("start", "end", "length", "gap after", "confidence"):
        table.add_column(name, justify="right", no_wrap=True)
    for track in found.tracks:
        sure = "-" if track.confidence is None else f"{100.0 * track.confidence:.0f} %"
        table.add_row(
            str(track.number), escape(track.title), clock(track.start_seconds),
            clock(track.end_seconds), clock(track.end_seconds - track.start_seconds),
            f"{track.gap_seconds:.1f} s", sure,
        )  # fmt: skip
    return table


def split_lines(found: SplitReport) -> list[str]:
    """Return what there is to say about the whole side, one sentence a line."""
    noise = "" if found.noise_dbfs is None else f", noise {found.noise_dbfs:.1f} dBFS"
    head = (
        f"{found.side}: {len(found.tracks)} {'track' if len(found.tracks) == 1 else 'tracks'}, "
        f"lead-in {found.lead_in_seconds:.1f} s, run-out {found.run_out_seconds:.1f} s{noise}"
    )
    verb = "would be written" if found.status == "planned" else "written"
    return [head, *(f"{verb}: {path}" for path in found.files)]


def clock(seconds: float) -> str:
    """Return minutes and seconds, such as ``3:07.2``."""
    tenths = round(10.0 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10.0:04.1f}"
