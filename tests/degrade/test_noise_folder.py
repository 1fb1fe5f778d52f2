"""Real noise from a folder: levels, loops, rates, and folders that hold none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from restorack.degrade.additive.excerpts import CROSSFADE_S, crossfade
from restorack.degrade.additive.noise_folder import NoiseFolder
from restorack.errors import FileError
from restorack.testing.checks import stream
from restorack.testing.signals import clean_music

RATE = 44_100


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples.astype(float) ** 2)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(1)
    soundfile.write(tmp_path / "short.wav", 0.02 * random.standard_normal(9_000) + 0.1, 48_000)
    (tmp_path / "deeper").mkdir()
    stereo = 0.3 * random.standard_normal((60_000, 2))
    soundfile.write(tmp_path / "deeper" / "stereo.flac", stereo, 32_000)
    (tmp_path / "licence.txt").write_text("CC0")
    return tmp_path


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_the_level_is_what_is_set(folder: Path, channels: int, rate: int) -> None:
    clean = clean_music(float(rate), 4.0, channels)
    stage = NoiseFolder(folder=str(folder), level_db=-12.0, excerpt_s=0.7)
    damaged = stage.damage(clean, rate)
    noise = damaged.tracks["noise"]
    assert np.array_equal(damaged.audio, clean + noise)
    assert 20 * np.log10(rms(clean) / rms(noise)) == pytest.approx(12.0, abs=0.3)
    assert abs(noise.mean()) < 0.02 * rms(noise)  # the file's DC is gone


def test_streams_equal_the_whole(folder: Path) -> None:
    clean = clean_music(RATE, 1.3, 2)
    settings = {"folder": str(folder), "relative_to": "full_scale", "excerpt_s": 0.3, "seed": 5}
    whole = NoiseFolder(**settings).process(clean, RATE)
    for sizes in ([1, 7, 4000], [8192], [977]):
        assert np.array_equal(stream(NoiseFolder(**settings), clean, RATE, sizes), whole)


def test_the_level_is_kept_across_joints(folder: Path) -> None:
    silence = np.zeros(12 * RATE, np.float32)
    stage = NoiseFolder(folder=str(folder), level_db=-20.0, excerpt_s=0.5, relative_to="full_scale")
    noise = stage.damage(silence, RATE).tracks["noise"]
    step = round(CROSSFADE_S * RATE)
    levels = 20 * np.log10([
        rms(noise[at : at + step]) for at in range(0, noise.size - step, step)
    ])  # fmt: skip
    assert levels.min() > -22.0
    assert levels.max() < -18.0


def test_seeds_choose_other_excerpts(folder: Path) -> None:
    clean = clean_music(RATE, 0.5, 1)
    first, other = (NoiseFolder(folder=str(folder), seed=s).process(clean, RATE) for s in (1, 2))
    assert not np.array_equal(first, other)


def test_crossfades_keep_the_power() -> None:
    random = np.random.default_rng(2)
    first, second = random.standard_normal((2, 1, 40_000))
    joined = crossfade(first, second, 20_000)
    assert joined.shape == (1, 60_000)
    assert rms(joined[0, 20_000:40_000]) == pytest.approx(1.0, abs=0.03)
    assert np.array_equal(joined[:, :20_000], first[:, :20_000])
    assert np.array_equal(joined[:, 40_000:], second[:, 20_000:])


def test_no_folder_adds_nothing_and_says_so() -> None:
    clean = clean_music(RATE, 0.3, 2)
    stage = NoiseFolder()
    assert np.array_equal(stage.process(clean, RATE), clean)
    assert "no folder" in stage.findings()["remark"]


def test_folders_without_noise_are_refused(tmp_path: Path) -> None:
    clean = clean_music(RATE, 0.1, 1)
    (tmp_path / "notes.txt").write_text("none here")
    for path, word in (
        (tmp_path, "no audio file"),
        (tmp_path / "missing", "no such folder"),
        (tmp_path / "notes.txt", "not a folder"),
    ):
        with pytest.raises(FileError, match=word) as caught:
            NoiseFolder(folder=str(path)).process(clean, RATE)
        assert str(path) in str(caught.value)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF nothing of the sort")
    with pytest.raises(FileError, match=r"broken\.wav"):
        NoiseFolder(folder=str(tmp_path)).process(clean_music(RATE, 0.1, 1), RATE)


def test_silent_files_stay_silent(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(5_000), RATE)
    clean = clean_music(RATE, 0.5, 1)
    assert np.array_equal(NoiseFolder(folder=str(tmp_path)).process(clean, RATE), clean)
