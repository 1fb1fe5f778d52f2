"""What is lossy, cut in band, noisy or clipped is refused, with the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from training_corpus import notes

from restorack.corpus.admission import (
    Admission,
    admit,
    choose_held_out,
    clipped_share,
    find_recordings,
)
from restorack.corpus.building import known_pieces
from restorack.corpus.finishing import split_of
from restorack.corpus.jobs import Format
from restorack.degrade.channel.band_limit import BandLimit

RATE = 44_100


def music(seconds: float = 8.0, rate: int = RATE) -> np.ndarray:
    """Notes with pauses, and strokes of full band, so that there is a top to be missed."""
    rng = np.random.default_rng(5)
    strokes = np.zeros(round(seconds * rate))
    for onset in range(0, len(strokes) - rate // 4, rate // 4):
        span = rate // 8
        strokes[onset : onset + span] += rng.standard_normal(span) * np.exp(-np.arange(span) / 400)
    return (0.5 * notes(1, seconds, rate) + 0.1 * strokes).astype(np.float32)


def try_out(folder: Path, audio: np.ndarray, name: str = "a.wav", rate: int = RATE, **allow: bool):
    path = folder / name
    soundfile.write(path, audio.T, rate, **({} if name.endswith("ogg") else {"subtype": "PCM_24"}))
    form = Format(folder / "corpus", RATE, 1)
    found = admit(path, form, licence="CC0", attribution="me", **allow)
    assert len(known_pieces(form.folder)) == int(found.taken)
    return found


def test_clean_music_is_taken_with_what_is_known_of_it(tmp_path: Path) -> None:
    found = try_out(tmp_path, np.stack([music(), music()]))
    assert found == Admission(tmp_path / "a.wav", "", None, found.snr_db, False)
    (piece,) = known_pieces(tmp_path / "corpus")
    assert (piece.kind, piece.licence, piece.attribution) == ("own", "CC0", "me")
    assert piece.wall_hz == RATE / 2
    assert piece.channels == 1
    written, rate = soundfile.read(tmp_path / "corpus" / piece.file)
    assert rate == RATE
    assert np.abs(written).max() == pytest.approx(0.9, abs=1e-3)
    assert "CC0" in (tmp_path / "corpus" / "LICENCES.md").read_text()


def test_a_file_is_not_taken_twice(tmp_path: Path) -> None:
    assert try_out(tmp_path, music()).taken
    again = admit(tmp_path / "a.wav", Format(tmp_path / "corpus", RATE, 1), licence="CC0")
    assert "already" in again.reason


def test_noise_is_refused(tmp_path: Path) -> None:
    noise = 0.003 * np.random.default_rng(1).standard_normal(8 * RATE)
    found = try_out(tmp_path, (music() + noise).astype(np.float32))
    assert "noise floor" in found.reason
    assert found.snr_db is not None
    assert found.snr_db < 50
    assert try_out(tmp_path, (music() + noise).astype(np.float32), allow_noisy=True).taken


def test_a_wall_in_the_band_is_refused(tmp_path: Path) -> None:
    cut = BandLimit(low_hz=0.0, high_hz=12_000.0, shape="elliptic", order=8)
    narrow = cut.process(music(), RATE)
    found = try_out(tmp_path, narrow)
    assert "ends at a wall" in found.reason
    assert found.band_hz == pytest.approx(12_000, rel=0.05)
    assert try_out(tmp_path, narrow, allow_lossy=True).taken
    (piece,) = known_pieces(tmp_path / "corpus")
    assert piece.wall_hz == pytest.approx(12_000, rel=0.05)


def test_lossy_coding_is_refused(tmp_path: Path) -> None:
    found = try_out(tmp_path, music(), "a.ogg")
    assert found.lossy
    assert "coded with loss" in found.reason


def test_clipping_is_refused(tmp_path: Path) -> None:
    clipped = np.clip(6.0 * music(), -0.98, 0.98)
    found = try_out(tmp_path, clipped)
    assert "clipped" in found.reason
    assert clipped_share(music()) == 0.0
    assert clipped_share(np.zeros((1, 10), np.float32)) == 0.0


def test_low_rates_silence_and_damaged_files_are_refused(tmp_path: Path) -> None:
    assert "rate" in try_out(tmp_path, music(8.0, 22_050), rate=22_050).reason
    assert "s of sound" in try_out(tmp_path, np.zeros(8 * RATE, np.float32)).reason
    assert "s of sound" in try_out(tmp_path, music()[: RATE // 2]).reason
    (tmp_path / "b.wav").write_bytes(b"RIFF nothing")
    broken = admit(tmp_path / "b.wav", Format(tmp_path / "corpus", RATE, 1), licence="CC0")
    assert not broken.taken


def test_folders_are_searched(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("in/b.flac", "a.WAV", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert find_recordings([tmp_path]) == [tmp_path / "a.WAV", tmp_path / "in" / "b.flac"]


def test_few_recordings_hold_something_out(tmp_path: Path) -> None:
    names = [f"side {number}" for number in range(200)]
    trained = [name for name in names if split_of(name, 0.1) == "train"][:20]
    files = [tmp_path / f"{name}.wav" for name in trained]
    held = choose_held_out(tmp_path / "corpus", files, 0.1)
    assert len(held) == 2
    assert held <= set(trained)
    assert not choose_held_out(tmp_path / "corpus", files, 0.0)
    by_name = next(name for name in names if split_of(name, 0.1) == "validation")
    assert not choose_held_out(tmp_path / "corpus", [*files, tmp_path / f"{by_name}.wav"], 0.1)
    audio = music()
    soundfile.write(tmp_path / "a.wav", audio.T, RATE, subtype="PCM_24")
    form = Format(tmp_path / "corpus", RATE, 1)
    assert admit(tmp_path / "a.wav", form, licence="CC0", held_out={"a"}).taken
    assert [piece.split for piece in known_pieces(form.folder)] == ["validation"]
    assert not choose_held_out(form.folder, files, 0.1), "something is held out already"
