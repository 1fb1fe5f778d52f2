"""The models of others: their own answer at their own rate, and a clear word without them."""

from __future__ import annotations

import sys

import numpy as np
import pesq
import pystoi
import pytest

from restorack.metrics import measure, perceptual
from restorack.metrics.perceptual import MissingLibraryError

RATE = 16_000


def voice(seconds: float = 3.0) -> np.ndarray:
    """Return a buzz with formants that starts and stops, as speech does."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * time)) / RATE
    buzz = sum(
        np.sin(k * pitch) * np.exp(-(((120 * k - formant) / 200) ** 2))
        for k in range(1, 60)
        for formant in (600, 1_200, 2_500)
    )
    return 0.1 * buzz * (np.sin(2 * np.pi * 2.2 * time) > -0.3)


VOICE = voice()
NOISY = VOICE + 0.02 * np.random.default_rng(9).standard_normal(len(VOICE))


def test_pesq_is_the_library_s_own() -> None:
    assert perceptual.pesq(VOICE, NOISY, RATE) == pesq.pesq(RATE, VOICE, NOISY, "wb")
    assert perceptual.pesq(VOICE, VOICE, RATE) > 4.6
    assert np.isnan(perceptual.pesq(0 * VOICE, NOISY, RATE))
    assert np.isnan(perceptual.pesq(VOICE[:200], VOICE[:200], RATE))


def test_stoi_is_the_library_s_own() -> None:
    theirs = pystoi.stoi(VOICE, NOISY, RATE)  # it resamples by another filter
    assert perceptual.stoi(VOICE, NOISY, RATE) == pytest.approx(theirs, abs=0.01)
    assert perceptual.stoi(VOICE, VOICE, RATE) == pytest.approx(1.0, abs=1e-6)
    assert np.isnan(perceptual.stoi(VOICE[:1_000], NOISY[:1_000], RATE))


def test_zimtohrli_hears_noise() -> None:
    assert perceptual.zimtohrli(VOICE, VOICE, RATE) == pytest.approx(5.0)
    assert perceptual.zimtohrli(VOICE, NOISY, RATE) < 4.5
    stereo = np.stack([VOICE, VOICE]), np.stack([NOISY, NOISY])
    assert perceptual.zimtohrli(*stereo, RATE) == perceptual.zimtohrli(VOICE, NOISY, RATE)


@pytest.mark.slow
def test_visqol_hears_noise() -> None:
    best = perceptual.visqol(VOICE, VOICE, RATE)
    assert best > 4.5
    assert perceptual.visqol(VOICE, NOISY, RATE) < best - 0.3
    assert np.isnan(perceptual.visqol(VOICE[:100], NOISY[:100], RATE))


def test_a_missing_library_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in perceptual.LIBRARIES.values():
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibraryError, match=r"restorack\[metrics\]"):
        perceptual.pesq(VOICE, NOISY, RATE)
    found = measure(VOICE, NOISY, RATE, metrics=["perceptual", "snr_db"])
    assert list(found.values) == ["snr_db"]
    assert set(found.notes) == set(perceptual.LIBRARIES)
    for note in found.notes.values():
        assert "pip install 'restorack[metrics]'" in note
