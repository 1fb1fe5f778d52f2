"""Progress bars: on a terminal only, with speed and time left."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from rich.console import Console

from restorack.cli.console import Screen
from restorack.cli.consoles.progress_bars import LOADING, Countdown, bar, short_time
from restorack.render.progress import Progress


def on(*, terminal: bool, quiet: bool = False) -> tuple[Screen, io.StringIO]:
    screen, text = Screen(as_json=False, quiet=quiet), io.StringIO()
    screen.err = Console(file=text, force_terminal=terminal, width=120)
    return screen, text


def test_a_bar_shows_file_speed_and_time_left() -> None:
    screen, text = on(terminal=True)
    with bar(screen, "a [b].wav", "3/12") as show:
        assert show is not None
        show(Progress(fraction=0.25, seconds_done=100.0, elapsed=20.0))
    shown = text.getvalue()
    assert all(word in shown for word in ("3/12 a [b].wav", "25 %", "5.0 x real time", "1:00 left"))


def test_a_bar_says_that_it_loads_until_the_first_block() -> None:
    screen, text = on(terminal=True)
    with bar(screen, "a.wav", "") as show:
        assert show is not None
        show(Progress(fraction=0.0, seconds_done=0.0, elapsed=3.0))
    assert LOADING in text.getvalue()
    assert "real time" not in text.getvalue()


def test_the_time_left_holds_where_the_estimate_jumps() -> None:
    # A quick first pass over half of the work in 10 s, then one that takes 30 s.
    countdown, told = Countdown(), []
    for second in range(1, 40):
        fraction = 0.05 * second if second <= 10 else 0.5 + 0.5 * (second - 10) / 30
        told.append(countdown.left(fraction, float(second)))
    jumps = [abs(a - 1 - b) for a, b in pairwise(told)]
    assert max(jumps) < 2.0
    assert told[-1] == pytest.approx(1.0, abs=2.0)
    assert Countdown().left(0.5, 0.5) is None


@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True)])
def test_nothing_is_drawn_elsewhere(terminal: bool, quiet: bool) -> None:
    screen, text = on(terminal=terminal, quiet=quiet)
    with bar(screen, "a.wav", "") as show:
        assert show is None
    assert text.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (3 * 3600 + 61, "3:01:01")]
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert short_time(seconds) == text
