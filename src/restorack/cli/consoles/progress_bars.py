"""Progress bars: one per file, with the time left and times real time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from restorack.cli.console import Screen
from restorack.text import visible

if TYPE_CHECKING:
    from restorack.render.progress import OnProgress, Progress


LOADING = "loading ..."
"""Said until the first block is through: networks and plugins load, and compile when first used."""
EARLY_S, EARLY_SHARE, SETTLING_S = 1.0, 0.02, 5.0
"""Before these no time is told; how fast it follows the estimate. By hand."""


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
        TextColumn("{task.fields[said]}"),
    )
    countdown = Countdown()
    with Bars(*columns, console=screen.err, transient=True) as bars:
        shown_place = f"{place} " if place else ""
        shown_name = escape(visible(name, keep=""))
        task = bars.add_task(shown_name, total=1.0, place=shown_place, said=LOADING)

        def show(progress: Progress) -> None:
            if not progress.fraction:
                return
            left = countdown.left(progress.fraction, progress.elapsed)
            said = f"{progress.speed:.1f} x real time"
            if left is not None:
                said += f", {short_time(left)} left"
            bars.update(task, completed=progress.fraction, said=said)

        yield show


def shown_by(show: OnProgress, seconds: float = 0.0) -> Callable[[float], None]:
    """Return what shows a share that is done, 0 to 1, of so many seconds of audio."""
    from time import perf_counter

    from restorack.render.progress import Progress

    began = perf_counter()
    return lambda share: show(Progress(share, share * seconds, perf_counter() - began))


class Countdown:
    """A time left that holds: it runs with the clock, and gives way to the estimate slowly.

    Passes over a file differ in speed, so that an estimate of the moment jumps.
    """

    def __init__(self) -> None:
        self._left: float | None = None
        self._elapsed = 0.0

    def left(self, fraction: float, elapsed: float) -> float | None:
        """Return the seconds left, None while it is too early to tell.

        Parameters
        ----------
        fraction : float
            That is done, 0 to 1.
        elapsed : float
            Seconds since the beginning.
        """
        if elapsed < EARLY_S or fraction < EARLY_SHARE:
            return None
        estimate = elapsed * (1.0 - fraction) / fraction
        passed, self._elapsed = elapsed - self._elapsed, elapsed
        if self._left is None:
            self._left = estimate
        else:
            held = max(0.0, self._left - passed)
            self._left = held + (estimate - held) * min(1.0, passed / SETTLING_S)
        return self._left


def short_time(seconds: float) -> str:
    """Return seconds as ``m:ss`` or ``h:mm:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
