"""Loudness: targets are met, silence is left, unprepared streams are only lowered."""

import json

import numpy as np
import pytest

from restorack.meters.loudness import LoudnessMeter, TruePeakMeter
from restorack.plugins.loudness import CEILING, NO_LOUDNESS, NO_SIGNAL, UNPREPARED, Loudness

RATE = 48_000


def music(seconds: float = 3.0, channels: int = 2, level: float = 0.2) -> np.ndarray:
    n = np.arange(int(seconds * RATE))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.5 * n / RATE)
    rows = [swell * np.sin(2 * np.pi * f * n / RATE + 0.4) for f in (440.3, 11_999.0)]
    return (level * np.stack(rows[:channels])).astype(np.float32)


def lufs(signal: np.ndarray) -> float:
    meter = LoudnessMeter(RATE, signal.shape[0])
    meter.push(signal)
    return meter.integrated()


def true_peak_db(signal: np.ndarray) -> float:
    meter = TruePeakMeter(RATE, signal.shape[0])
    meter.push(signal)
    return 20 * np.log10(meter.result().max())


@pytest.mark.parametrize("target", [-1.0, -12.0])
def test_each_mode_meets_its_target(target):
    peak = Loudness(mode="peak", target=target)(music(), RATE)
    assert 20 * np.log10(np.abs(peak).max()) == pytest.approx(target, abs=1e-5)
    true_peak = Loudness(mode="true_peak", target=target)(music(), RATE)
    assert true_peak_db(true_peak) == pytest.approx(target, abs=1e-5)
    loud = Loudness(mode="lufs", target=target, ceiling_dbtp=24.0)(music(), RATE)
    assert lufs(loud) == pytest.approx(target, abs=1e-3)


def test_one_gain_for_the_whole_file():
    rows = music()
    out = Loudness(mode="lufs", target=-23.0)(rows, RATE).astype(np.float64)
    loud = np.abs(rows) > 0.05
    ratio = out[loud] / rows[loud]
    assert np.ptp(ratio) < 1e-6


def test_the_ceiling_only_lowers():
    rows = music(level=0.2)
    stage = Loudness(mode="lufs", target=-3.0, ceiling_dbtp=-6.0)
    assert true_peak_db(stage(rows, RATE)) == pytest.approx(-6.0, abs=1e-5)
    assert stage.findings()["remark"] == CEILING
    quiet = Loudness(mode="lufs", target=-40.0, ceiling_dbtp=-6.0)
    assert lufs(quiet(rows, RATE)) == pytest.approx(-40.0, abs=1e-3)
    assert quiet.findings()["remark"] == ""


@pytest.mark.parametrize("mode", ["peak", "true_peak", "lufs"])
def test_silence_is_left_and_said(mode):
    stage = Loudness(mode=mode)
    assert not stage(np.zeros((2, RATE), np.float32), RATE).any()
    found = stage.findings()
    assert found["remark"] == NO_SIGNAL
    assert found["gain_db"] == 0.0
    assert found["true_peak_dbtp"] is None
    almost = np.full((1, RATE), 1e-9, np.float32)
    np.testing.assert_array_equal(stage(almost, RATE), almost)


def test_what_is_too_short_for_loudness_is_left_and_said():
    rows = music(0.39)
    stage = Loudness(mode="lufs", target=-30.0)
    np.testing.assert_array_equal(stage(rows, RATE), rows)
    assert stage.findings()["remark"] == NO_LOUDNESS


def test_findings_are_measurements_of_the_input_ready_for_json():
    rows = music(4.0)
    stage = Loudness(mode="true_peak", target=-1.0)
    stage(rows, RATE)
    found = json.loads(json.dumps(stage.findings()))
    assert found["integrated_lufs"] == pytest.approx(lufs(rows), abs=1e-9)
    assert found["true_peak_dbtp"] == pytest.approx(true_peak_db(rows), abs=1e-9)
    assert found["gain_db"] == pytest.approx(-1.0 - true_peak_db(rows), abs=1e-9)
    assert found["sample_peak_dbfs"] == pytest.approx(20 * np.log10(np.abs(rows).max()))
    assert found["true_peak_dbtp"] >= found["sample_peak_dbfs"]
    assert found["loudness_range_lu"] is not None


def test_a_target_set_after_the_first_pass_counts():
    rows = music()
    stage = Loudness(mode="peak", target=-1.0)
    stage.prepare([rows], RATE)
    stage.target = -20.0
    assert 20 * np.log10(np.abs(stage(rows, RATE)).max()) == pytest.approx(-20.0, abs=1e-5)


def unprepared(stage: Loudness, rows: np.ndarray) -> np.ndarray:
    return np.concatenate([stage.process(rows, RATE, reset=False), stage.flush()], axis=1)


@pytest.mark.parametrize("mode", ["peak", "true_peak", "lufs"])
def test_an_unprepared_stream_is_never_raised(mode):
    rows = music(level=0.05)
    stage = Loudness(mode=mode, target=-3.0)
    np.testing.assert_array_equal(unprepared(stage, rows), rows)
    assert stage.findings()["remark"] == UNPREPARED


@pytest.mark.parametrize("mode", ["peak", "true_peak", "lufs"])
def test_an_unprepared_stream_is_lowered_to_what_was_heard(mode):
    n = np.arange(3 * RATE)
    rows = (0.5 * np.sin(2 * np.pi * 997 * n / RATE)).astype(np.float32)[np.newaxis]
    stage = Loudness(mode=mode, target=-20.0)
    out = unprepared(stage, rows)
    whole = Loudness(mode=mode, target=-20.0)(rows, RATE)
    tenth = RATE // 10
    np.testing.assert_array_equal(out[:, :tenth], rows[:, :tenth])  # nothing was heard before
    # A steady tone: from one second on the gain is that of the whole, to 0.05 dB.
    np.testing.assert_allclose(out[:, RATE:], whole[:, RATE:], atol=0.006 * np.abs(whole).max())
    gain = out[0, 1:] / np.where(rows[0, 1:] == 0, np.inf, rows[0, 1:])
    used = np.abs(rows[0, 1:]) > 0.1
    assert np.abs(np.diff(gain[used])).max() < 1e-2  # lines, no jumps
