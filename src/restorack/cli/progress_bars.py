"""Progress bars: one per file, with the time left and times real time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from restorack.cli.console import Screen
from restorack.text import visible

if TYPE_CHECKING:
    from restorack.render.progress import OnProgress, Progress


@contextmanager
def bar(screen: Screen, name: str, place: str) -> Iterator[OnProgress | None]:
    """Draw a bar for a file while the context lasts.

    Parameters
    ----------
    screen : Screen
    name : str
        Of the file.
    place : str
        Such as ``3/12``; empty for one file.

    Yields
    ------
    callable or None
        To be given to a render; None where no bars are drawn.
    """
    if not screen.shows_progress:
        yield None
        return
    from rich.markup import escape
    from rich.progress import BarColumn, Progress as Bars, TextColumn

    columns = (
        TextColumn("{task.fields[place]}{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[speed]:.1f} x real time"),
        TextColumn("{task.fields[left]} left"),
    )
    with Bars(*columns, console=screen.err, transient=True) as bars:
        shown_place = f"{place} " if place else ""
        shown_name = escape(visible(name, keep=""))
        task = bars.add_task(shown_name, total=1.0, place=shown_place, speed=0.0, left="-:--")

        def show(progress: Progress) -> None:
            bars.update(
                task,
                completed=progress.fraction,
                speed=progress.speed,
                left=short_time(progress.remaining) if progress.fraction else "-:--",
            )

        yield show


def short_time(seconds: float) -> str:
    """Return seconds as ``m:ss`` or ``h:mm:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
