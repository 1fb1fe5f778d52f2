"""The Declipper: what was cut off comes back, every other sample stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import rag

from restorack.errors import AudioError
from restorack.plugins.declip.declipper import Declipper

RATE = 44_100
SECOND = RATE


def music(seconds: float = 1.5, peak: float = 0.9) -> np.ndarray:
    """Return a piece of a rag, mono, float32."""
    piece = rag()[0, 2 * SECOND : round((2 + seconds) * SECOND)].astype(np.float64)
    return (peak * piece / np.abs(piece).max()).astype(np.float32)


def cut(signal: np.ndarray, share: float, above: bool = True, below: bool = True) -> np.ndarray:
    """Return a signal with so much of its peak left."""
    level = np.float32(share * np.abs(signal).max())
    return np.clip(signal, -level if below else None, level if above else None)


def gain_db(true: np.ndarray, heard: np.ndarray, out: np.ndarray) -> float:
    """Return how much more SDR the output has."""
    lost, left = (np.sum((one.astype(float) - true) ** 2) for one in (heard, out))
    return float(10 * np.log10(lost / left))


@pytest.mark.parametrize(("share", "least"), [(0.3, 7.0), (0.6, 10.0)])
def test_music_is_restored_and_the_rest_is_untouched(share: float, least: float) -> None:
    true = music()
    heard = cut(true, share)
    out = Declipper()(heard, RATE)
    clipped = heard != true
    assert clipped.mean() > 0.002
    assert gain_db(true, heard, out) > least  # dB: half of what was measured
    at_level = np.abs(heard) == np.abs(heard).max()
    assert np.array_equal(out[~at_level], heard[~at_level])
    assert (np.abs(out) >= np.abs(heard)).all()
    assert (np.sign(out[at_level]) == np.sign(heard[at_level])).all()


def test_what_is_not_clipped_comes_back_bit_for_bit() -> None:
    stage = Declipper()
    for signal in (music(peak=1.0), music(peak=0.4)):
        assert np.array_equal(stage(signal, RATE), signal)
        assert stage.summary() == "no clipping found, unchanged"
        assert stage.findings()["clipped_samples"] == 0


def test_each_polarity_and_offset_has_its_level() -> None:
    true = (music(peak=0.5) + 0.2).astype(np.float32)
    heard = np.clip(true, None, np.float32(0.45))
    out = Declipper()(heard, RATE)
    assert np.array_equal(out[heard < 0.45], heard[heard < 0.45])
    assert gain_db(true, heard, out) > 5.0


def test_a_level_that_changes_is_followed() -> None:
    true = music(3.0)
    half = len(true) // 2
    heard = np.concatenate([cut(true[:half], 0.5), 0.5 * cut(true[half:], 0.5)])
    true = np.concatenate([true[:half], 0.5 * true[half:]])
    out = Declipper()(heard, RATE)
    for part in (slice(0, half), slice(half, None)):
        assert gain_db(true[part], heard[part], out[part]) > 6.0
        same = np.abs(heard[part]) < np.abs(heard[part]).max()
        assert np.array_equal(out[part][same], heard[part][same])


def test_a_fade_over_clipping_is_followed() -> None:
    true = music(3.0)
    fade = np.linspace(1.0, 0.3, len(true))
    heard = (cut(true, 0.5) * fade).astype(np.float32)
    assert gain_db(true * fade, heard, Declipper()(heard, RATE)) > 6.0


def test_clipping_that_was_resampled_is_restored() -> None:
    import soxr

    true = music(1.5)
    here, there = (soxr.resample(one, RATE, 48_000) for one in (true, cut(true, 0.25)))
    out = Declipper()(there, 48_000)
    assert gain_db(here, there, out) > 4.0


def test_a_given_threshold_is_used_in_every_channel() -> None:
    true = np.stack([music(), music()[::-1]])
    level = np.float32(0.5)
    heard = np.clip(true, -level, level)
    stage = Declipper(threshold_db=20 * float(np.log10(level)) - 1e-6)
    assert not stage.needs_preparation
    out = stage(heard, RATE)
    for channel in range(2):
        assert gain_db(true[channel], heard[channel], out[channel]) > 6.0
    off = Declipper(threshold_db=20 * float(np.log10(level)) + 0.1)(heard, RATE)
    assert np.array_equal(off, heard)


def streamed(stage: Declipper, signal: np.ndarray, size: int) -> np.ndarray:
    parts = [
        stage.process(signal[at : at + size], RATE, reset=False)
        for at in range(0, len(signal), size)
    ]
    return np.concatenate([*parts, stage.flush()])


@pytest.mark.filterwarnings("ignore:Declipper. streams without its first pass")
@pytest.mark.parametrize(("size", "prepared"), [(777, True), (50_000, True), (777, False)])
def test_a_stream_is_the_same_for_every_split(size: int, prepared: bool) -> None:
    heard = cut(music(2.5), 0.5)
    stage = Declipper()
    if prepared:
        stage.prepare([heard], RATE)
        expected = Declipper()(heard, RATE)
    else:
        expected = streamed(stage, heard, len(heard))
        assert not np.array_equal(expected, heard)  # it goes by what it hears
    assert np.array_equal(streamed(stage, heard, size), expected)


def test_blocks_join_without_a_step() -> None:
    """Each block is restored by itself: runs across borders are one, and as good as others."""
    true = np.sin(2 * np.pi * 30.0 / RATE * np.arange(SECOND)).astype(np.float32) * 0.8
    heard = cut(true, 0.7)
    out = Declipper()(heard, RATE)
    assert gain_db(true, heard, out) > 15.0
    assert np.abs(np.diff(out)).max() < 2.0 * np.abs(np.diff(true)).max()


def test_what_was_done_is_said() -> None:
    heard = (cut(music(), 0.5) / np.float32(0.45)).clip(-1.0, 1.0)
    stage = Declipper()
    out = stage(heard, RATE)
    found = stage.findings()
    count = int((np.abs(heard) == 1.0).sum())
    assert found["clipped_samples"] == count
    assert found["over_full_scale"] == int((np.abs(out) > 1.0).sum()) > 0
    assert found["peak_dbfs"] == pytest.approx(20 * np.log10(np.abs(out).max()), abs=0.01)
    edges = np.diff(np.concatenate([[0], np.abs(heard) == 1.0]).astype(int))
    assert found["clipped_runs"] == int((edges > 0).sum())
    share = 100 * count / len(heard)
    assert stage.summary().startswith(f"{count:,} clipped samples restored ({share:.2g} %), peaks")


@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_rates_from_8_to_192_khz(rate: int) -> None:
    at = np.arange(rate // 4) / rate
    true = sum(np.sin(2 * np.pi * f * at + f) for f in (220.0, 331.0, 447.0)).astype(np.float32)
    heard = cut(true / 4.0, 0.8)
    out = Declipper()(heard, rate)
    assert gain_db(true / 4.0, heard, out) > 15.0


def test_silence_stays_and_what_is_not_finite_is_refused() -> None:
    silence = np.zeros((6, 30_000), np.float32)
    assert np.array_equal(Declipper()(silence, RATE), silence)
    with pytest.raises(AudioError):
        Declipper()(np.full(100, np.nan, np.float32), RATE)
