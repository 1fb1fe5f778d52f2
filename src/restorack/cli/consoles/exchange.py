"""What an export or an import has written, and what it has not carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.cli.console import Screen

if TYPE_CHECKING:
    from restorack.projects import Exchange


def show_exchange(done: Exchange, screen: Screen) -> None:
    """Print the outcome: a line, what was printed as audio, and each loss with its place."""
    screen.document(done.to_dict())
    parts = [(done.tracks, "track"), (done.buses, "bus"), (done.markers, "marker")]
    counted = ", ".join(
        f"{count} {what}{('es' if what == 'bus' else 's') * (count != 1)}" for count, what in parts
    )
    screen.note(f"{done.source} -> {done.output}: {counted}")
    if done.printed:
        screen.note(f"printed as audio: {', '.join(done.printed)}")
    for loss in done.losses:
        screen.note(f"not carried: {loss.place}: {loss.what}")
