"""Progress bars: on a terminal only, with speed and time left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from restorack.cli.console import Screen
from restorack.cli.progress_bars import bar, short_time
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
