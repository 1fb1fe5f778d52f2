"""The demo: the same record at every run, damaged as a 78 is, and restored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.metrics.distortion import snr_db
from restorack.synthesis.ragtime import CHORDS, MELODY, SECONDS, Note, piano, play, pluck
from restorack.synthesis.worn_record import cut, wear


@pytest.fixture(scope="module")
def groove() -> np.ndarray:
    return cut(play(RATE), RATE)


@pytest.fixture(scope="module")
def worn(groove: np.ndarray) -> np.ndarray:
    return wear(groove, RATE)


def share(signal: np.ndarray, low: float, high: float) -> float:
    """Return the share of the energy between two frequencies."""
    power = np.abs(np.fft.rfft(signal)) ** 2
    hertz = np.fft.rfftfreq(len(signal), 1 / RATE)
    return float(power[(hertz >= low) & (hertz < high)].sum() / power.sum())


@pytest.mark.parametrize("player", [piano, pluck])
@pytest.mark.parametrize("midi", [41, 57, 69, 84])
def test_notes_have_their_pitch_and_die_away(player, midi: int) -> None:
    note = Note(0.0, midi, 1.0, 0.8)
    sound = player(note, RATE, np.random.default_rng(1))
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 18))
    hertz = np.arange(len(spectrum)) * RATE / (1 << 18)
    near = (hertz > 0.94 * note.hertz) & (hertz < 1.06 * note.hertz)
    assert hertz[near][np.argmax(spectrum[near])] == pytest.approx(note.hertz, rel=0.003)  # 5 cents
    loud = [np.sqrt(np.mean(part**2)) for part in np.array_split(sound, 8)]
    assert loud[-1] < 0.05 * loud[0]
    assert abs(sound[-1]) < 1e-3


def test_the_piece_is_in_the_key_of_its_chords() -> None:
    classes = {midi % 12 for root, fifth, chord in CHORDS for midi in (root, fifth, *chord)}
    assert {midi % 12 for _, midi, _ in MELODY} <= classes | {2, 4, 7, 10}
    assert max(beat for beat, *_ in MELODY) < 4 * len(CHORDS)


def test_the_music_is_the_same_every_time(groove: np.ndarray, worn: np.ndarray) -> None:
    assert np.array_equal(groove, cut(play(RATE), RATE))
    assert np.array_equal(worn, wear(groove, RATE))
    assert len(groove) == round(SECONDS * RATE)
    assert 0.3 < np.abs(groove).max() < 0.7


def test_the_groove_is_band_limited_and_the_wear_is_not(
    groove: np.ndarray, worn: np.ndarray
) -> None:
    assert share(groove, 9_000, RATE / 2) < 1e-4
    assert share(worn, 9_000, RATE / 2) > 1e-3
    assert np.abs(worn).max() <= 1.0
    assert 9 < snr_db(groove, worn) < 15


def test_the_damage_is_that_of_the_preset_and_the_music_stays_in_place(
    groove: np.ndarray, worn: np.ndarray
) -> None:
    damage = worn - groove
    assert 0.05 < share(damage, 0, 60) < 0.9  # rumble, hum and thumps
    assert share(damage, 2_000, 12_000) > 0.05  # noise, crackle and clicks
    moved = [np.dot(groove[1000:-1000], np.roll(worn, by)[1000:-1000])
             for by in (-2, -1, 0, 1, 2)]  # fmt: skip
    assert np.argmax(moved) == 2


@pytest.mark.slow
def test_the_demo_restores_its_record(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    ran = cli("demo", folder, "--json")
    assert ran.code == 0, ran.err
    names = ["before_after.png", "clean.wav", "difference.wav", "page.html", "report.json",
             "restored.wav", "worn.wav"]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == names
    agreement = ran.document["agreement"]
    assert agreement["restored"]["snr_db"] > agreement["worn"]["snr_db"] + 3.0
    read = {
        name: soundfile.read(folder / f"{name}.wav", dtype="float64")[0]
        for name in ("worn", "restored", "difference")
    }
    assert np.array_equal(read["restored"] + read["difference"], read["worn"])


def test_a_demo_with_a_preset_of_ones_own(cli: Cli, preset: Path, tmp_path: Path) -> None:
    ran = cli("demo", tmp_path / "demo", "-p", preset, "--json")
    assert ran.code == 0, ran.err
    assert ran.document["preset"] == "low-cut"
    assert ran.document["agreement"]["worn"]["snr_db"] == pytest.approx(12.0, abs=1.0)
    assert (tmp_path / "demo" / "before_after.png").exists()
