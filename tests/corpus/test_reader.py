"""Excerpts: the same for the same numbers, at the wanted rate, from the right pieces."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from training_corpus import make_corpus, piece

from restorack.corpus.catalogue import CATALOGUE, add_to_catalogue, read_catalogue
from restorack.corpus.reader import Clips, open_clips, read_sources
from restorack.errors import CorpusError


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "c")


def test_excerpts_are_stretches_of_the_files(corpus: Path) -> None:
    clips = open_clips(corpus, "train")
    for seed in range(10):
        excerpt = clips.draw(np.random.default_rng(seed), 0.5, 44_100)
        whole, _ = soundfile.read(corpus / excerpt.piece.file, dtype="float32")
        windows = np.lib.stride_tricks.sliding_window_view(whole, 8)
        place = np.flatnonzero((windows == excerpt.audio[:8]).all(axis=1))
        assert any(np.array_equal(whole[at : at + 22_050], excerpt.audio) for at in place)
        assert excerpt.piece.split == "train"


def test_the_same_numbers_give_the_same_excerpt(corpus: Path) -> None:
    draws = [
        open_clips(corpus, "train").draw(np.random.default_rng(seed), 0.3, 44_100).audio
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_splits_are_apart(corpus: Path) -> None:
    rng = np.random.default_rng(1)
    names = {
        split: {open_clips(corpus, split).draw(rng, 0.1, 44_100).piece.file for _ in range(30)}
        for split in ("train", "validation")
    }
    assert len(names["train"]) == len(names["validation"]) == 2
    assert not names["train"] & names["validation"]


@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_other_rates_are_resampled(tmp_path: Path, rate: int) -> None:
    time = np.arange(3 * 44_100) / 44_100
    (tmp_path / "audio").mkdir()
    soundfile.write(tmp_path / "audio" / "t.wav", 0.5 * np.sin(2 * np.pi * 997 * time), 44_100)
    add_to_catalogue(tmp_path, piece("audio/t.wav", 0, len(time), 44_100))
    excerpt = open_clips(tmp_path, "train").draw(np.random.default_rng(4), 0.5, rate)
    assert excerpt.audio.shape == (round(0.5 * rate),)
    assert excerpt.wall_hz == min(22_050, rate / 2)
    spectrum = np.abs(np.fft.rfft(excerpt.audio * np.hanning(len(excerpt.audio))))
    assert np.argmax(spectrum) * 2 == pytest.approx(997, abs=2)
    # nothing of the resampler's edges: the level is that of the sine everywhere
    assert np.abs(excerpt.audio[: rate // 100]).max() == pytest.approx(0.5, rel=0.01)


def test_channels(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    rng = np.random.default_rng(1)
    stereo = rng.uniform(-0.5, 0.5, (44_100, 2))
    soundfile.write(tmp_path / "audio" / "s.wav", stereo, 44_100, subtype="FLOAT")
    add_to_catalogue(tmp_path, piece("audio/s.wav", 0, 44_100, 44_100, channels=2))
    clips = open_clips(tmp_path, "train")
    pair = clips.draw(np.random.default_rng(1), 0.2, 44_100, channels=2).audio
    mono = clips.draw(np.random.default_rng(1), 0.2, 44_100).audio
    assert pair.shape == (2, 8820)
    assert np.allclose(mono, pair.mean(axis=0), atol=1e-7)


def test_a_mono_piece_is_given_twice_and_a_short_one_ends_in_silence(corpus: Path) -> None:
    excerpt = open_clips(corpus, "train").draw(np.random.default_rng(1), 6.0, 44_100, channels=2)
    assert np.array_equal(excerpt.audio[0], excerpt.audio[1])
    assert np.abs(excerpt.audio[:, : 3 * 44_100]).max() > 0.1
    assert not excerpt.audio[:, 4 * 44_100 :].any()


def test_weights_are_shares_of_kinds(corpus: Path) -> None:
    rng = np.random.default_rng(3)
    clips = open_clips(corpus, "train", {"notes": 3.0, "music": 1.0})
    kinds = Counter(clips.draw(rng, 0.05, 44_100).piece.kind for _ in range(400))
    assert kinds["notes"] / 400 == pytest.approx(0.75, abs=0.07)
    only = open_clips(corpus, "train", {"notes": 1.0})
    assert {one.kind for one in only.pieces} == {"notes"}


def test_long_pieces_do_not_crowd_out_short_ones(tmp_path: Path) -> None:
    pieces = [
        piece("a.wav", 0, 3600 * 8000, 8000, key="long"),
        piece("b.wav", 0, 180 * 8000, 8000, key="short"),
    ]
    clips = Clips(tmp_path, pieces)
    assert clips._edges[0] == pytest.approx(0.5)


def test_lossy_pieces_may_be_left_out(tmp_path: Path) -> None:
    for number, lossy in enumerate((False, True)):
        one = piece(f"{number}.wav", 0, 44_100, 44_100, key=str(number), lossy=lossy)
        add_to_catalogue(tmp_path, one)
    assert len(open_clips(tmp_path, "train").pieces) == 2
    assert len(open_clips(tmp_path, "train", allow_lossy=False).pieces) == 1


def test_sources_are_summed_for_the_card(corpus: Path) -> None:
    (row,) = read_sources(corpus)
    assert row["licence"] == "CC0"
    assert row["minutes"] == pytest.approx(8 / 60, abs=0.01)
    assert not read_sources(corpus, ["speech"])


def test_a_torn_last_line_is_ignored_and_mended(tmp_path: Path) -> None:
    add_to_catalogue(tmp_path, piece("0.wav", 0, 10, 8000, key="first"))
    with (tmp_path / CATALOGUE).open("a") as file:
        file.write('{"file": "torn')
    assert [one.key for one in read_catalogue(tmp_path)] == ["first"]
    add_to_catalogue(tmp_path, piece("1.wav", 0, 10, 8000, key="second"))
    assert [one.key for one in read_catalogue(tmp_path)] == ["first", "second"]


def test_faults_are_named(tmp_path: Path, corpus: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus here"):
        open_clips(tmp_path, "train")
    with pytest.raises(CorpusError, match="the train split has no piece of kind speech"):
        open_clips(corpus, "train", {"speech": 1.0})
    (tmp_path / CATALOGUE).write_text('{"file": 3}\n')
    with pytest.raises(CorpusError, match=rf"{CATALOGUE}:1: not a piece"):
        read_catalogue(tmp_path)
    (tmp_path / CATALOGUE).unlink()
    add_to_catalogue(tmp_path, piece("gone.wav", 0, 10, 8000))
    with pytest.raises(CorpusError, match=r"gone\.wav: cannot be read"):
        open_clips(tmp_path, "train").draw(np.random.default_rng(1), 0.1, 8000)


def test_an_empty_split_is_told_with_what_the_others_have(tmp_path: Path) -> None:
    for number in range(3):
        add_to_catalogue(tmp_path, piece(f"{number}.wav", 2 * number, 10, 8000, kind="own"))
    with pytest.raises(CorpusError, match="the validation split has no piece") as caught:
        open_clips(tmp_path, "validation")
    assert "train: 3 own; validation: no piece" in str(caught.value)
    with pytest.raises(CorpusError, match="the train split has no piece of kind music"):
        open_clips(tmp_path, "train", {"music": 1.0})
