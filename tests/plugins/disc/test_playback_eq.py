"""PlaybackEq: the analogue curve within 0.1 dB, undone exactly, and nothing where it cancels."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.errors import ParameterError
from restorack.plugins.disc.playback_eq import PlaybackEq


def response(stage: PlaybackEq, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies and the stage's complex response."""
    count = 4 * rate
    impulse = np.zeros(count, np.float32)
    impulse[count // 2] = 1.0
    spectrum = np.fft.rfft(np.roll(stage.process(impulse, rate).astype(float), -(count // 2)))
    return np.fft.rfftfreq(count, 1 / rate), spectrum


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("phase", ["minimum", "linear"])
@pytest.mark.parametrize(
    ("curve", "undo"),
    [("RIAA", "none"), ("250N-0", "none"), ("629C-16", "RIAA"), ("flat", "RIAA")],
)
def test_the_curve_is_met(rate, phase, curve, undo):
    stage = PlaybackEq(curve=curve, undo=undo, phase=phase)
    frequencies, spectrum = response(stage, rate)
    band = (frequencies >= 20) & (frequencies <= min(20_000, 0.49 * rate))
    met = 20 * np.log10(np.abs(spectrum[band]) / stage.gain(frequencies[band]))
    assert np.abs(met).max() < 0.1


def test_linear_phase_moves_nothing_and_minimum_phase_is_the_circuits():
    frequencies, spectrum = response(PlaybackEq(phase="linear"), 48_000)
    band = (frequencies > 20) & (frequencies < 20_000)
    assert np.abs(np.angle(spectrum[band])).max() < 1e-4
    frequencies, spectrum = response(PlaybackEq(), 192_000)
    s = 2j * np.pi * frequencies
    circuit = (1 + 318e-6 * s) / ((1 + 3180e-6 * s) * (1 + 75e-6 * s))
    band = (frequencies > 20) & (frequencies < 5_000)
    assert np.abs(np.angle(spectrum[band] / circuit[band])).max() < 0.07


def test_the_recording_side_and_the_playback_side_null():
    sound = 0.1 * np.random.default_rng(1).standard_normal((2, 60_000)).astype(np.float32)
    cut = PlaybackEq(curve="flat", undo="RIAA").process(sound, 44_100)
    again = PlaybackEq(curve="RIAA").process(cut, 44_100)
    middle = slice(8_000, -8_000)
    error = np.abs(again - sound)[:, middle].max() / np.abs(sound).max()
    assert error < 10 ** (-80 / 20)


@pytest.mark.parametrize("both", [("flat", "none"), ("RIAA", "RIAA"), ("500R-13.7", "500R-13.7")])
def test_what_cancels_passes_bit_for_bit(both):
    sound = np.random.default_rng(2).standard_normal((2, 5_000)).astype(np.float32)
    stage = PlaybackEq(curve=both[0], undo=both[1])
    assert np.array_equal(stage.process(sound, 44_100), sound)
    assert stage.predict_latency(44_100) == 0


def test_a_thousand_hertz_keeps_its_level():
    tone = np.sin(2 * np.pi * 1_000 * np.arange(44_100) / 44_100).astype(np.float32)
    for curve in ("RIAA", "250N-0", "Columbia-78"):
        out = PlaybackEq(curve=curve).process(tone, 44_100)[10_000:]
        assert np.sqrt(2 * np.mean(out.astype(float) ** 2)) == pytest.approx(1.0, abs=1e-3)


def test_findings_name_the_corners_and_their_source():
    stage = PlaybackEq(curve="Columbia (American) 1940", undo="RIAA")
    found = stage.findings()
    assert (found["curve"], found["code"]) == ("Columbia-78", "300N-16.1")
    assert "Graumann" in found["source"]
    assert found["rises_above_hz"] == [300.3, 50.0, 2122.1]
    assert found["falls_above_hz"] == [2.0, 1591.5, 500.5]


@pytest.mark.parametrize("wrong", [{"curve": "RIIA"}, {"undo": "Columbia 1950"}, {"curve": 5}])
def test_a_curve_that_is_none_is_refused(wrong):
    with pytest.raises(ParameterError, match="PlaybackEq"):
        PlaybackEq(**wrong)
    stage = PlaybackEq(curve="AES")
    for name, value in wrong.items():
        with pytest.raises(ParameterError, match="PlaybackEq"):
            setattr(stage, name, value)
    assert stage.curve == "AES"
