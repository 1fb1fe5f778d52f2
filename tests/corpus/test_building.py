"""Building: pieces by plan, failures counted, goes on where it was, licences told."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from training_corpus import notes, piece

from restorack.corpus import building
from restorack.corpus.building import (
    Built,
    Plan,
    build_corpus,
    known_pieces,
    read_failures,
    recorded_jobs,
    score_jobs,
)
from restorack.corpus.catalogue import Piece, read_catalogue
from restorack.corpus.finishing import add_piece, held_out_of, split_of
from restorack.corpus.jobs import Format
from restorack.errors import CorpusError

RATE = 8000


@dataclass(frozen=True)
class Toy:
    """A job that makes a piece, fails, or kills its process."""

    key: str
    fate: str = "made"

    def make(self, form: Format) -> Piece:
        if self.fate == "fails":
            raise CorpusError("cannot be made", where=self.key)
        if self.fate == "dies":
            os._exit(1)
        rows = notes(len(self.key), 2.5, RATE)[np.newaxis]
        return add_piece(
            form.folder, rows, RATE, key=self.key, kind="render", split="train", source="toy",
            licence="CC0",
        )  # fmt: skip


def build(
    folder: Path, monkeypatch: pytest.MonkeyPatch, toys: list[Toy], *, minutes: float = 1.0,
    jobs: int = 0,
) -> Built:  # fmt: skip
    monkeypatch.setattr(building, "score_jobs", lambda plan: iter(toys))
    return build_corpus(folder, Plan(minutes), Format(folder, RATE, 1), jobs=jobs)


def test_failures_are_counted_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys = [Toy("a"), Toy("bb", "fails"), Toy("ccc")]
    built = build(tmp_path, monkeypatch, toys)
    assert (built.added, built.skipped, list(built.failed)) == (2, 0, ["bb"])
    assert read_failures(tmp_path) == {"bb": "bb: cannot be made"}
    again = build(tmp_path, monkeypatch, [*toys, Toy("dddd")])
    assert (again.added, again.skipped) == (1, 2)
    assert [one.key for one in known_pieces(tmp_path)] == ["a", "ccc", "dddd"]
    assert again.minutes == {"render/train": pytest.approx(0.1, abs=0.05)}


def test_a_build_ends_when_there_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toys = [Toy("x" * number) for number in range(1, 50)]
    built = build(tmp_path, monkeypatch, toys, minutes=0.1)  # three pieces of 2.5 seconds
    assert built.added == 3
    again = build(tmp_path, monkeypatch, toys, minutes=0.1)
    assert again.added == 0


def test_every_piece_is_in_the_catalogue_with_its_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, monkeypatch, [Toy("a")])
    (one,) = read_catalogue(tmp_path)
    info = soundfile.info(tmp_path / one.file)
    assert (info.frames, info.samplerate, info.subtype) == (one.frames, RATE, "PCM_24")
    assert "CC0" in (tmp_path / "LICENCES.md").read_text()


def test_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CorpusError, match="nothing came out"):
        build(tmp_path, monkeypatch, [Toy("a", "fails")])


@pytest.mark.slow
def test_processes_give_the_same_and_may_die(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys = [Toy("a"), Toy("bb", "dies"), Toy("ccc"), Toy("dddd", "fails"), Toy("eeeee")]
    built = build(tmp_path, monkeypatch, toys, jobs=2)
    assert [one.key for one in known_pieces(tmp_path)] == ["a", "ccc", "eeeee"]
    assert built.failed["bb"] == "the process that made it died"


def test_a_work_is_always_in_the_same_split() -> None:
    names = [f"bach/{number}" for number in range(2000)]
    held = [name for name in names if split_of(name, 0.1) == "validation"]
    assert len(held) == pytest.approx(200, abs=45)
    assert set(held) <= {name for name in names if split_of(name, 0.2) == "validation"}
    assert held_out_of(["a", "b", "c"], 0.1) == held_out_of(["c", "a", "b"], 0.1)
    assert len(held_out_of(["a", "b", "c"], 0.1)) == 1
    assert not held_out_of(["a", "b"], 0.1)
    assert not held_out_of(["a", "b", "c"], 0.0)


def recordings(folder: Path) -> Path:
    rows = ["name\tlicence\tbrickwall_kHz"]
    for number in range(4):
        name = f"music/song_{'abcd'[number]}_1.flac"
        (folder / "music").mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, notes(number, 3.0, RATE), RATE)
        rows.append(f"{name}\tCC BY\t3.5")
    for letter in ("c4", "d4", "e4", "f4", "g4", "a4"):
        name = f"notes/flute_{letter}.flac"
        (folder / "notes").mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, notes(9, 1.0, RATE), RATE)
        rows.append(f"{name}\tCC0\t")
    (folder / "SOURCES.tsv").write_text("\n".join([*rows, ""]))
    return folder


def test_recordings_and_notes_join(tmp_path: Path) -> None:
    folder = recordings(tmp_path / "in")
    corpus = tmp_path / "corpus"
    plan = Plan(0.0, (folder,))
    built = build_corpus(corpus, plan, Format(corpus, RATE, 2), jobs=0)
    assert built.added == 5
    pieces = read_catalogue(corpus)
    music = [one for one in pieces if one.kind == "music"]
    assert [one.split for one in music].count("validation") == 1
    assert all(one.wall_hz <= 3500 and one.licence == "CC BY" for one in music)
    (phrase,) = [one for one in pieces if one.kind == "notes"]
    assert (phrase.channels, phrase.licence) == (2, "CC0")
    assert phrase.seconds == pytest.approx(30.0)


def test_jobs_are_planned_alike_every_time(tmp_path: Path) -> None:
    plan = Plan(10.0, (recordings(tmp_path / "in"),), seed=3)
    for jobs in (recorded_jobs, score_jobs):
        one, same = ([job.key for job, _ in zip(jobs(plan), range(50))] for _ in range(2))  # noqa: B905
        assert one == same
        assert len(set(one)) == len(one)


def test_a_piece_that_is_silent_or_broken_is_refused(tmp_path: Path) -> None:
    facts = {"key": "k", "kind": "own", "split": "train", "source": "s", "licence": "l"}
    for rows, words in (
        (np.zeros((1, 3 * RATE), np.float32), "silent or too short"),
        (np.full((1, 3 * RATE), np.nan, np.float32), "NaN"),
    ):
        with pytest.raises(CorpusError, match=words):
            add_piece(tmp_path, rows, RATE, **facts)  # type: ignore[arg-type]
    assert piece("a.wav", 0, 8000, RATE).seconds == 1.0
