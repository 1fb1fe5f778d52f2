"""What the page draws before its audio is decoded: levels, peaks and loudness as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from restorack.reports.listening.overview import (
    BANDS,
    COLUMNS,
    FLOOR_DB,
    PEAK_COLUMNS,
    STEP_DB,
    band_matrix,
    look_over,
)
from restorack.reports.listening.sound import Sound, frames_at

RATE = 44_100


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Return 2 s: silence, then 997 Hz at half of full scale."""
    time = np.arange(2 * RATE) / RATE
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 997 * time) * (time >= 1), RATE, "FLOAT")
    return path


def test_levels_and_peaks_are_in_place(tone: Path) -> None:
    found = look_over(Sound(tone), 2.0)
    # BS.1770: -9.03 for the tone; of ten blocks above the gates three lie a quarter to three
    # quarters before it.
    assert found.lufs == pytest.approx(-9.03 + 10 * np.log10(0.85), abs=0.05)
    assert found.true_peak_dbtp == pytest.approx(-6.02, abs=0.1)
    half = PEAK_COLUMNS // 2
    assert np.all(found.peaks[: half - 1] == 0)
    assert found.peaks[half + 5 :, 1].max() == round(127 * 0.5)
    levels = FLOOR_DB + STEP_DB * found.levels.astype(float)
    mel = np.log10(1 + 997 / 700) / np.log10(1 + RATE / 2 / 700)
    band = int(mel * BANDS)
    quiet, loud = levels[: COLUMNS // 2 - 15], levels[COLUMNS // 2 + 15 :]
    assert quiet.max() == FLOOR_DB
    assert abs(int(np.median(loud.argmax(axis=1))) - band) <= 1
    assert np.median(loud.max(axis=1)) == pytest.approx(-6.0, abs=2.0)


def test_each_band_is_a_mean() -> None:
    for rate in (8000.0, 44_100.0, 96_000.0):
        matrix = band_matrix(rate)
        assert np.allclose(matrix.sum(axis=1), 1.0)
        assert matrix.min() >= 0.0


def test_the_axis_may_be_longer_than_the_track(tone: Path) -> None:
    found = look_over(Sound(tone), 4.0)
    assert np.all(found.peaks[PEAK_COLUMNS // 2 + 1 :] == 0)
    assert found.peaks[PEAK_COLUMNS // 4 + 10 : PEAK_COLUMNS // 2 - 10, 1].min() > 50


def test_a_sound_is_cut_resampled_folded_and_subtracted(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).uniform(-0.3, 0.3, (4000, 4))
    soundfile.write(tmp_path / "four.wav", rows, 8000, "DOUBLE")
    sound = Sound(tmp_path / "four.wav", None, 0.1, 0.3)
    assert sound.shape() == (8000.0, 1, 1600)
    joined = np.concatenate(list(sound.blocks()), axis=1)
    assert np.allclose(joined[0], rows[800:2400].mean(axis=1), atol=1e-6)
    assert frames_at(sound, 16_000) == 3200
    longer = np.concatenate(list(sound.blocks_at(8000, 2000)), axis=1)
    assert longer.shape == (1, 2000)
    assert np.all(longer[0, 1600:] == 0)
    removed = Sound(tmp_path / "four.wav", tmp_path / "four.wav")
    assert np.all(np.concatenate(list(removed.blocks()), axis=1) == 0)
