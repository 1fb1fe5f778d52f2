"""Sets are the same for a seed, aligned with their truth, and say how they were made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from restorack.bench.conditions import choose_conditions, conditions, random_for
from restorack.bench.making import PEAK, MakeOptions, damage, make_set
from restorack.bench.manifest import read_manifest
from restorack.errors import AudioError, FileError, ParameterError
from restorack.plugins.disc.groove_walls import GrooveWalls
from restorack.plugins.disc.playback_eq import PlaybackEq
from restorack.testing.signals import clean_music

RATE = 22_050


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a mono and a stereo recording, one of them in a folder of its own."""
    folder = tmp_path_factory.mktemp("clean")
    (folder / "disc").mkdir()
    soundfile.write(folder / "mono.wav", clean_music(RATE, 4.0, 1)[0], RATE)
    soundfile.write(folder / "disc/stereo.flac", clean_music(RATE, 4.0, 2).T, RATE)
    return folder


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, always_2d=True)[0].T


def made(clean: Path, folder: Path, *names: str, **options: float) -> Path:
    make_set(folder, clean, choose_conditions(names), MakeOptions(seconds=2.0, **options))
    return folder


def test_a_set_has_what_its_manifest_says(clean: Path, tmp_path: Path) -> None:
    folder = made(clean, tmp_path / "set", "clean", "clicks", "hiss", "acoustic")
    found = read_manifest(folder)
    assert list(found.items) == ["disc_stereo", "mono"]
    assert list(found.conditions) == ["clean", "clicks", "hiss", "acoustic"]
    for name, item in found.items.items():
        shape = (item.channels, item.frames)
        music = read(folder / "clean-music" / f"{name}.wav")
        assert music.shape == shape
        assert np.abs(music).max() == pytest.approx(PEAK, abs=1e-6)
        assert np.array_equal(read(folder / "clean" / f"{name}.wav"), music)
        for condition in found.conditions:
            assert read(folder / condition / f"{name}.wav").shape == shape
        source = read(clean / item.source)
        start = round(item.start_seconds * RATE)
        part = source[:, start : start + item.frames]
        assert np.corrcoef(part[0], music[0])[0, 1] > 0.999


def test_truth_and_music_add_up(clean: Path, tmp_path: Path) -> None:
    folder = made(clean, tmp_path / "set", "clicks", "acoustic")
    for name in ("disc_stereo", "mono"):
        music = read(folder / "clean-music" / f"{name}.wav")
        clicks = read(folder / "truth/clicks/clicks" / f"{name}.flac")
        # three files of 24 bits, each rounded
        assert read(folder / "clicks" / f"{name}.wav") == pytest.approx(music + clicks, abs=2e-7)
        in_a_horn = read(folder / "truth/acoustic/music" / f"{name}.wav")
        spectrum = np.abs(np.fft.rfft(in_a_horn[0]))
        above = np.fft.rfftfreq(in_a_horn.shape[1], 1 / RATE) > 8_000
        assert (spectrum[above] ** 2).sum() < 1e-4 * (spectrum**2).sum()


def test_a_seed_makes_the_same_set(clean: Path, tmp_path: Path) -> None:
    first, again, other = (
        made(clean, tmp_path / name, "worn", seed=seed)
        for name, seed in (("first", 3), ("again", 3), ("other", 4))
    )
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    for path in files:
        assert (first / path).read_bytes() == (again / path).read_bytes()
    assert not np.array_equal(read(first / "worn/mono.wav"), read(other / "worn/mono.wav"))


def test_the_lead_in_has_damage_alone(clean: Path, tmp_path: Path) -> None:
    folder = made(clean, tmp_path / "set", "hiss", lead_in_seconds=0.5)
    lead = RATE // 2
    music, noisy = (read(folder / path / "mono.wav") for path in ("clean-music", "hiss"))
    assert not music[:, :lead].any()
    assert noisy[:, :lead].std() > 0.0
    assert music.shape[1] == lead + 2 * RATE


@pytest.mark.parametrize("name", list(conditions()))
def test_every_condition_damages_as_it_says(name: str) -> None:
    music = clean_music(RATE, 1.5, 2).astype(float)
    condition = conditions()[name]
    damaged, filtered, clicks = damage(music, RATE, condition, random_for(1, name))
    assert damaged.shape == filtered.shape == clicks.shape == music.shape
    assert np.isfinite(damaged).all()
    assert (name == "clean") == np.array_equal(damaged, music)
    assert clicks.any() == (condition.kind in {"clicks", "all"} or name == "walls")
    if condition.kind == "noise":
        level = 20 * np.log10(np.std(damaged - filtered) / np.std(music))
        assert -36 < level < -9


def test_walls_have_one_music_and_damage_of_their_own(clean: Path, tmp_path: Path) -> None:
    folder = made(clean, tmp_path / "set", "walls")
    for name in ("disc_stereo", "mono"):
        music = read(folder / "truth/walls/music" / f"{name}.wav")
        assert np.array_equal(music[0], music[1])
        noise = read(folder / "walls" / f"{name}.wav") - music
        assert abs(np.corrcoef(noise)[0, 1]) < 0.2
        assert -1.0 < 20 * np.log10(noise[1].std() / noise[0].std()) < 14.0


def test_what_the_stages_of_transfers_are_for_is_taken_back() -> None:
    music = clean_music(RATE, 3.0, 2).astype(float)
    cut, _, _ = damage(music, RATE, conditions()["curve"], random_for(1, "curve"))
    played = PlaybackEq(curve="RIAA").process(cut.astype(np.float32), RATE)
    assert np.std(played - music) < 1e-3 * np.std(music)
    assert np.std(cut - music) > 0.3 * np.std(music)
    condition = conditions()["walls"]
    walls, truth, _ = damage(music, RATE, condition, random_for(1, "walls"))
    taken = GrooveWalls().process(walls.astype(np.float32), RATE)
    assert np.std(taken[0] - truth[0]) < 0.8 * np.std(walls - truth, axis=1).min()


def test_noise_of_one_s_own_can_be_mixed_in(clean: Path, tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.mkdir()
    hum = 0.3 * np.sin(2 * np.pi * 3_000 * np.arange(RATE) / RATE)
    soundfile.write(noise / "tone.wav", hum, RATE)
    with pytest.raises(ParameterError, match="--noise"):
        choose_conditions(["real-noise"])
    chosen = choose_conditions(["real-noise"], str(noise))
    make_set(tmp_path / "set", clean, chosen, MakeOptions(seconds=2.0))
    music = read(tmp_path / "set/clean-music/mono.wav")
    added = read(tmp_path / "set/real-noise/mono.wav") - music
    assert 20 * np.log10(added.std() / music.std()) == pytest.approx(-15, abs=1.0)
    assert np.argmax(np.abs(np.fft.rfft(added[0]))) == pytest.approx(3_000 * 2, abs=20)


def test_items_can_be_fewer(clean: Path, tmp_path: Path) -> None:
    assert len(read_manifest(made(clean, tmp_path / "set", "clean", most=1)).items) == 1


def test_what_is_not_clean_is_refused(clean: Path, tmp_path: Path) -> None:
    folder = made(clean, tmp_path / "set", "clean")
    with pytest.raises(FileError, match="set already"):
        made(clean, folder, "clean")
    with pytest.raises(FileError, match="no folder"):
        made(clean / "mono.wav", tmp_path / "new", "clean")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileError, match="no recording"):
        made(empty, tmp_path / "new", "clean")
    soundfile.write(empty / "silent.wav", np.zeros(RATE), RATE)
    with pytest.raises(AudioError, match="silent"):
        made(empty, tmp_path / "new", "clean")
    assert not (tmp_path / "new/bench.json").exists()
    with pytest.raises(ParameterError, match="did you mean 'clicks'"):
        choose_conditions(["click"])


def test_other_folders_are_no_sets(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no benchmark set"):
        read_manifest(tmp_path)
    (tmp_path / "bench.json").write_text("{}")
    with pytest.raises(FileError, match="cannot be read as a manifest"):
        read_manifest(tmp_path)
