"""Noise profiles: their spelling, and what is measured in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from restorack.errors import FileError, ParameterError
from restorack.plugins.denoise.noise_profile import (
    AutoProfile,
    FileProfile,
    RegionProfile,
    parse_noise_profile,
    read_noise_file,
)
from restorack.plugins.denoise.noise_source import RegionLearner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto", AutoProfile()),
        (" auto ", AutoProfile()),
        ("0.05-0.95", RegionProfile(0.05, 0.95)),
        ("3 - 4", RegionProfile(3.0, 4.0)),
        (".5-1.", RegionProfile(0.5, 1.0)),
        ("noise.wav", FileProfile(Path("noise.wav"))),
        ("sides/0.5-1.flac", FileProfile(Path("sides/0.5-1.flac"))),
    ],
)
def test_spellings(text, expected):
    assert parse_noise_profile(text) == expected


@pytest.mark.parametrize("text", ["", "Auto?", "2-1", "1-1.05", "0.5", "-1-2", "1e0-2e0", "1-2-3"])
def test_wrong_spellings_name_the_value_and_the_rule(text):
    with pytest.raises(ParameterError, match="a noise profile is auto, a region") as caught:
        parse_noise_profile(text)
    assert repr(text) in str(caught.value)


def test_files_are_read_and_resampled(tmp_path):
    path = tmp_path / "hiss.wav"
    soundfile.write(path, np.full((22_050, 2), 0.25), 22_050)
    rows = read_noise_file(path, 44_100.0)
    assert rows.shape == (2, 44_100)
    assert rows.dtype == np.float32
    assert rows[:, 20_000:24_000] == pytest.approx(0.25, abs=1e-4)


def test_missing_short_and_foreign_files_are_named(tmp_path):
    short, foreign = tmp_path / "short.wav", tmp_path / "foreign.wav"
    soundfile.write(short, np.zeros(100), 44_100)
    foreign.write_text("no sound")
    for path in (tmp_path / "missing.wav", short, foreign):
        with pytest.raises(FileError, match=path.name):
            read_noise_file(path, 44_100.0)


@pytest.mark.parametrize("seconds", [0.2, 0.9, 20.0])
def test_a_profile_keeps_steep_rumble_steep(seconds):
    rate = 44_100.0
    white = np.random.default_rng(2).standard_normal(round((1.0 + seconds) * rate))
    sections = signal.butter(4, 40.0, "lowpass", fs=rate, output="sos")
    noise = signal.sosfilt(sections, white) + 1e-4 * white
    learner = RegionLearner(RegionProfile(0.5, 0.5 + seconds), rate, 1)
    learner.push(noise[np.newaxis].astype(np.float32))
    floor = learner.conclude()
    low, above, top = 10 * np.log10(floor.density(np.array([25.0, 130.0, 9000.0]), 0.0))
    if seconds > 0.5:
        assert low == pytest.approx(0.0, abs=3.0)
        assert above < low - 25.0
    assert top == pytest.approx(-80.0, abs=2.0)
