"""Varispeed: a curve from a file, applied exactly; what the file says wrong is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from restorack.dsp.speed_curve import SpeedCurve
from restorack.errors import FileError
from restorack.plugins.disc.speed_files import read_speed_curve, write_speed_curve
from restorack.plugins.disc.varispeed import Varispeed
from restorack.testing.contract import SPLITS, stream

RATE = 44_100


def wobbling(path: Path) -> SpeedCurve:
    """Write a curve of two seconds: 1 % at 1.3 Hz about 0.97."""
    at = np.linspace(0.0, 2.0, 201)
    curve = SpeedCurve(at, 0.97 + 0.01 * np.cos(2 * np.pi * 1.3 * at))
    write_speed_curve(curve, path)
    return curve


@pytest.mark.parametrize("hertz", [1_000.0, 15_000.0])
def test_a_wobbling_sine_becomes_steady(tmp_path, hertz):
    wobbling(tmp_path / "c.csv")
    curve = read_speed_curve(tmp_path / "c.csv")
    time = np.arange(2 * RATE) / RATE
    sound = np.sin(2 * np.pi * hertz * curve.output_seconds(time)).astype(np.float32)
    stage = Varispeed(curve_file=str(tmp_path / "c.csv"))
    out = stage.process(sound, RATE)
    assert out.size == stage.output_length(sound.size, RATE)
    assert out.size / RATE == pytest.approx(stage.output_seconds(2.0), abs=1e-4)
    wanted = np.sin(2 * np.pi * hertz * np.arange(out.size) / RATE)
    assert np.abs(out - wanted)[200:-200].max() < 10 ** (-100 / 20)
    assert stage.findings() == {"slowest": 0.960003, "fastest": 0.98, "knots": 201}


def test_streams_equal_the_whole_and_a_right_speed_passes_bit_for_bit(tmp_path):
    wobbling(tmp_path / "c.csv")
    sound = 0.1 * np.random.default_rng(1).standard_normal((2, RATE)).astype(np.float32)
    whole = Varispeed(curve_file=str(tmp_path / "c.csv")).process(sound, RATE)
    for sizes in SPLITS[1:]:
        stage = Varispeed(curve_file=str(tmp_path / "c.csv"))
        assert np.array_equal(stream(stage, sound, RATE, sizes), whole)
    (tmp_path / "one.csv").write_text("seconds,speed\n0,1\n7.5,1.0\n")
    one = Varispeed(curve_file=str(tmp_path / "one.csv"))
    assert np.array_equal(one.process(sound, RATE), sound)
    assert np.array_equal(Varispeed().process(sound, RATE), sound)


def test_a_stream_holds_back_no_more_than_a_filter_reaches(tmp_path):
    curve = wobbling(tmp_path / "c.csv")
    stage = Varispeed(curve_file=str(tmp_path / "c.csv"))
    sound = np.ones(RATE, np.float32)
    returned = stage.process(sound, RATE, reset=False).size
    due = curve.output_seconds(np.array([1.0]))[0] * RATE
    assert due - 100 < returned <= due
    assert returned + stage.flush().size == stage.output_length(sound.size, RATE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no speed curve"),
        ("time,speed\n0,1\n", "no speed curve"),
        ("seconds,speed\n0,1\n1,fast\n", "line 3"),
        ("seconds,speed\n0,1\n1,nan\n", "line 3"),
        ("seconds,speed\n0,1,2\n", "line 2"),
        ("seconds,speed\n1,1\n0,1\n", "times"),
        ("seconds,speed\n", "times"),
        ("seconds,speed\n0,1\n1,40\n", "a speed of 40 at 1 s"),
    ],
)
def test_a_file_that_is_no_curve_is_refused_by_name(tmp_path, text, said):
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(FileError, match=said) as caught:
        read_speed_curve(tmp_path / "c.csv")
    assert "c.csv" in str(caught.value)
    with pytest.raises(FileError):
        read_speed_curve(tmp_path / "none.csv")
