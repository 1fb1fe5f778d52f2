"""Times of sessions: seconds, minutes and seconds, bars and beats, samples."""

from __future__ import annotations

import pytest

from restorack.config.yaml_source import parse_yaml
from restorack.errors import PresetError
from restorack.render.session.times import Clock, seconds_of

CLOCK = Clock(48_000.0, tempo=90.0, beats_per_bar=3)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5", 1.5), ("2 s", 2.0), ("24000 samples", 0.5), ("1:30", 90.0), ("0:05.25", 5.25),
        ("90:00", 5400.0), ("1:02:03", 3723.0), ("3 beats", 2.0), ("1 beat", 2 / 3),
        ("2 bars", 4.0), ("0.5 bars", 1.0), ("2 bars 1 beat", 4 + 2 / 3), ("bar 1", 0.0),
        ("bar 3", 4.0),
        ("bar 3 beat 2.5", 5.0), ("bar 2, beat 1", 2.0),
    ],
)  # fmt: skip
def test_a_time_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(parse_yaml(text, "x"), CLOCK) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["1:5", "1:60", "1:60:00", ":30", "-1:00", "bar 0", "bar 2 beat 4", "bar 2 beat 0", "2 bar 3",
     "-2", "1:30 s", "bars", "3 weeks", "true", "bar 1.5"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(PresetError, match="a time is a number of seconds"):
        seconds_of(parse_yaml(text, "x"), CLOCK)


@pytest.mark.parametrize("text", ["3 beats", "2 bars", "bar 2"])
def test_bars_and_beats_need_a_tempo(text: str) -> None:
    with pytest.raises(PresetError, match="without a tempo"):
        seconds_of(parse_yaml(text, "x"), Clock(48_000.0))
