"""``restorack batch status``: how far batches into a folder are, all parts together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import path_or_url
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.render.batch.status import BatchStatus

MOST_SHOWN = 20
"""Failed files in the table; the JSON document has all."""


def batch_status(
    folder: Annotated[
        Path,
        typer.Argument(
            parser=path_or_url, metavar="DIR", help="The output folder of a batch, or its URL."
        ),
    ],
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Show how far batches into a folder are, all shards together; also called batch status.

    Done, failed and quarantined files, files per hour, times real time, and the time left. It may
    be asked while batches run.
    """
    from restorack.render.batch.status import batch_status as status_of

    screen = Screen(as_json=json, quiet=quiet)
    found = status_of(folder)
    screen.document({"batch_schema": 1, "output_folder": path_text(folder), **found.to_dict()})
    _show(screen, found)
    return 0


def _show(screen: Screen, found: BatchStatus) -> None:
    from rich.markup import escape
    from rich.table import Table

    from restorack.cli.consoles.progress_bars import short_time

    table = Table(box=None, pad_edge=False, show_header=False)
    for name, count in found.counts.items():
        if count or name == "done":
            table.add_row(name, f"{count}")
    table.add_row("left", f"{found.left} of {found.files}")
    screen.show(table)
    running = sum(part.running for part in found.parts)
    left = found.estimate_seconds
    parts = "1 batch" if len(found.parts) == 1 else f"{len(found.parts)} parts"
    screen.show(
        f"{found.files_per_hour:.0f} files/hour, {found.speed:.1f} x real time, "
        f"{parts}, {running} running here, "
        f"{short_time(left) if left is not None else '-:--'} left"
    )
    for row in found.failures[:MOST_SHOWN]:
        what = (row["error"] or {}).get("what", "") if isinstance(row["error"], dict) else ""
        screen.show(escape(f"  {row['status']}: {row['source']}: {what}"))
    if len(found.failures) > MOST_SHOWN:
        screen.show(f"  and {len(found.failures) - MOST_SHOWN} more, see --json")
