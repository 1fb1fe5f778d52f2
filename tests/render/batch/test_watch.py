"""A drop folder: files are taken when they are whole, once, and again when they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from batches import InlineExecutor, run_inline, statuses, want, write

from restorack.errors import ParameterError
from restorack.render.batch import Entry, Job, RunOptions, Stop, Watcher, find_inputs
from restorack.render.batch.watch import GIVE_UP_AFTER, is_being_written


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
def poll(drop: Path, tmp_path: Path, clock: Clock) -> Callable[[float], list[str]]:
    """Return a function that lets time pass and returns the keys of what is ready."""
    wanted = want(tmp_path / "out")
    wanted.layout.make()

    def find():
        return find_inputs([drop], recursive=True, leave_out=tmp_path, outputs=frozenset())

    watcher = Watcher(find, wanted, settle=3.0, clock=clock)

    def after(seconds: float) -> list[str]:
        clock.now += seconds
        keys = []
        while (given := next(watcher)) is not None:
            keys.append(given.job.key + " failed" if isinstance(given, Entry) else given.key)
        return keys

    return after


def test_a_file_is_taken_when_it_rests(drop: Path, poll: Callable[[float], list[str]]) -> None:
    assert poll(0) == []
    source = write(drop / "a.wav")
    assert poll(1) == []
    with source.open("ab") as file:
        file.write(b"\0\0")
    assert poll(2.5) == []
    assert poll(2.5) == []
    assert poll(1) == ["a.wav"]
    assert poll(60) == []


def test_a_file_that_somebody_writes_is_not_taken(
    drop: Path, poll: Callable[[float], list[str]]
) -> None:
    source = write(drop / "a.wav")
    with source.open("r+b"):
        if not is_being_written(source):
            pytest.skip("this disk knows no leases")
        assert poll(0) == []
        assert poll(10) == []
    assert not is_being_written(source)
    assert poll(10) == ["a.wav"]


def test_a_file_without_its_header_is_waited_for_and_then_named(
    drop: Path, poll: Callable[[float], list[str]]
) -> None:
    (drop / "a.wav").write_bytes(bytes(4000))
    (drop / "b.wav").write_bytes(bytes(4000))
    assert poll(0) == []
    assert poll(10) == []
    write(drop / "a.wav")
    assert poll(1) == []
    assert poll(4) == ["a.wav"]
    assert poll(GIVE_UP_AFTER) == ["b.wav"]


def test_a_file_that_comes_again_is_taken_again(
    drop: Path, poll: Callable[[float], list[str]]
) -> None:
    write(drop / "a.wav", 1)
    assert poll(0) == []
    assert poll(4) == ["a.wav"]
    write(drop / "a.wav", 2, seconds=0.2)
    assert poll(1) == []
    assert poll(4) == ["a.wav"]
    (drop / "a.wav").unlink()
    assert poll(1) == []
    write(drop / "a.wav", 3)
    assert poll(1) == []
    assert poll(4) == ["a.wav"]


def test_a_name_that_is_taken_is_refused(drop: Path, poll: Callable[[float], list[str]]) -> None:
    write(drop / "a.wav")
    assert poll(0) == []
    assert poll(4) == ["a.wav"]
    write(drop / "a.flac")
    assert poll(1) == []
    assert poll(4) == ["a.wav failed"]


def test_a_folder_that_is_gone_for_a_while(drop: Path, poll: Callable[[float], list[str]]) -> None:
    drop.rename(drop.with_name("away"))
    assert poll(1) == []
    write(drop.with_name("away") / "a.wav")
    drop.with_name("away").rename(drop)
    assert poll(1) == []
    assert poll(4) == ["a.wav"]


def test_a_watched_folder_is_worked_on_until_told_to_stop(drop: Path, tmp_path: Path) -> None:
    write(drop / "a.wav", 1)
    write(drop / "b.wav", 2)
    (drop / "c.wav").write_bytes(b"")
    stop, ended = Stop(), list[str]()

    def on_end(entry: Entry) -> None:
        ended.append(entry.job.key)
        if len(ended) == 2:
            write(drop / "later" / "d.wav", 3)
        if len(ended) == 3:
            stop.ask()

    result, _ = run_inline(
        [drop], want(tmp_path / "out"), watch=0.0, recursive=True, stop=stop,
        run_options=RunOptions(on_end=on_end),
    )  # fmt: skip
    assert statuses(result) == {"a.wav": "done", "b.wav": "done", "later/d.wav": "done"}
    assert not result.interrupted
    assert (tmp_path / "out" / "later" / "d.wav").is_file()
    stop, calls = Stop(), list[Job]()
    executor = InlineExecutor(calls.append)
    stop_after = RunOptions(
        on_end=lambda entry: stop.ask() if entry.job.key == "later/d.wav" else None
    )
    run_inline([drop], want(tmp_path / "out"), executor, watch=0.0, recursive=True, stop=stop,
               run_options=stop_after)  # fmt: skip
    assert calls == []  # nothing has changed


def test_only_folders_can_be_watched(drop: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no folder to watch"):
        run_inline([write(drop / "a.wav")], want(tmp_path / "out"), watch=1.0)
