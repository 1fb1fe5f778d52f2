"""Late reverberation predicted: what was made by a prediction is found again."""

from __future__ import annotations

import numpy as np

from restorack.plugins.room.linear_prediction import DELAY, TAPS, LatePredictor


def made(channels: int, frames: int, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Spectra whose late part follows from earlier frames by filters that are known."""
    random = np.random.default_rng(0)
    shape = (channels, frames, bins)
    clean = random.standard_normal(shape) + 1j * random.standard_normal(shape)
    clean *= (random.random((1, frames, 1)) < 0.3) + 0.01  # sounds and pauses, as speech has them
    filters = random.standard_normal((2, TAPS, bins)) * 0.75 ** np.arange(TAPS)[:, np.newaxis]
    filters = 0.25 * (filters[0] + 1j * filters[1])
    wet = clean.copy()
    for t in range(DELAY, frames):
        for k in range(min(TAPS, t - DELAY + 1)):
            wet[:, t] += filters[k] * wet[:, t - DELAY - k].mean(axis=0)
    return clean, wet


def test_a_prediction_is_found() -> None:
    for channels in (1, 2):
        clean, wet = made(channels, 700, 8)
        past = np.zeros((channels, DELAY + TAPS - 1, 8), complex)
        late = LatePredictor().predict(past, wet)
        before = np.mean(np.abs(wet - clean) ** 2)
        after = np.mean(np.abs(wet - late - clean) ** 2)
        assert 10 * np.log10(after / before) < -12.0


def test_what_cannot_be_predicted_stays() -> None:
    clean, _ = made(1, 700, 8)
    past = np.zeros((1, DELAY + TAPS - 1, 8), complex)
    late = LatePredictor().predict(past, clean)
    assert np.mean(np.abs(late) ** 2) < 0.03 * np.mean(np.abs(clean) ** 2)


def test_silence_and_level() -> None:
    _, wet = made(1, 300, 8)
    past = np.zeros((1, DELAY + TAPS - 1, 8), complex)
    assert not LatePredictor().predict(past, np.zeros_like(wet)).any()
    loud = LatePredictor().predict(past, wet)
    quiet = LatePredictor().predict(past, wet * 1e-5)
    assert np.abs(quiet * 1e5 - loud).max() < 1e-2 * np.abs(loud).max()
