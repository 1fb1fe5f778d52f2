"""A second run does only what changed; what failed is named; strangers' files are left alone."""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from batches import QUIETER, InlineExecutor, leftovers, run_inline, statuses, tone, want, write

from restorack.errors import DiskFullError, FileError, PluginError
from restorack.render.batch import Entry, Manifest, RunOptions, Stop
from restorack.render.batch.job import Job, Outcome
from restorack.render.plan import RenderOptions


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    for number in range(4):
        write(tmp_path / "in" / f"{number}.wav", number)
    return tmp_path / "in"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.wav")}


def test_files_are_rendered_as_the_rack_says(inputs: Path, tmp_path: Path) -> None:
    result, executor = run_inline([inputs], want(tmp_path / "out"))
    assert statuses(result) == {f"{n}.wav": "done" for n in range(4)}
    assert executor.closed
    assert result.counters.audio_seconds == pytest.approx(0.4)
    for number in range(4):
        audio, _ = soundfile.read(tmp_path / "out" / f"{number}.wav", dtype="float32")
        source, _ = soundfile.read(inputs / f"{number}.wav", dtype="float32")
        assert np.abs(audio - source * 10 ** (-6 / 20)).max() < 2**-22


def test_a_second_run_does_nothing(inputs: Path, tmp_path: Path) -> None:
    run_inline([inputs], want(tmp_path / "out"))
    before = contents(tmp_path / "out")
    result, executor = run_inline([inputs], want(tmp_path / "out"))
    assert set(statuses(result).values()) == {"unchanged"}
    assert executor.keys == []
    assert contents(tmp_path / "out") == before


def test_only_what_changed_is_done(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_inline([inputs], want(out))
    before = contents(out)
    write(inputs / "0.wav", 99)  # another source
    (out / "1.wav").unlink()
    with (out / "2.wav").open("r+b") as file:  # as long as before
        file.seek(-2, os.SEEK_END)
        file.write(b"\x11\x11")
    result, executor = run_inline([inputs], want(out))
    assert statuses(result) == {
        "0.wav": "done", "1.wav": "done", "2.wav": "done", "3.wav": "unchanged"
    }  # fmt: skip
    assert executor.keys == ["0.wav", "1.wav", "2.wav"]
    after = contents(out)
    assert [after[f"{n}.wav"] == before[f"{n}.wav"] for n in range(4)] == [False, True, True, True]


def test_a_touched_file_is_read_and_found_to_be_the_same(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_inline([inputs], want(out))
    os.utime(inputs / "0.wav")
    os.utime(out / "1.wav")
    inode = (out / "1.wav").stat().st_ino
    result, executor = run_inline([inputs], want(out))
    assert set(statuses(result).values()) == {"unchanged"}
    assert executor.keys == ["0.wav", "1.wav"]
    assert (out / "1.wav").stat().st_ino == inode
    assert run_inline([inputs], want(out))[1].keys == []  # and is not read again


def test_a_file_that_was_written_over_and_dated_back_is_done_again(
    inputs: Path, tmp_path: Path
) -> None:
    """Copying tools keep dates: only the time of the change on the disk tells."""
    out, source = tmp_path / "out", inputs / "0.wav"
    run_inline([inputs], want(out))
    was = source.stat()
    write(source, 99)
    os.utime(source, ns=(was.st_atime_ns, was.st_mtime_ns))
    now = source.stat()
    assert (now.st_size, now.st_mtime_ns) == (was.st_size, was.st_mtime_ns)
    result, _ = run_inline([inputs], want(out))
    assert [key for key, status in statuses(result).items() if status == "done"] == ["0.wav"]


def test_verify_finds_what_times_do_not_tell(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_inline([inputs], want(out))
    with sqlite3.connect(out / ".restorack" / "manifest.sqlite") as base:
        [(products,)] = base.execute("SELECT products FROM files WHERE key = '0.wav'").fetchall()
        digest = products.split('"sha256": "')[1][:64]
        changed = products.replace(digest, "0" * 64)  # as if the disk had lost a bit since
        base.execute("UPDATE files SET products = ? WHERE key = '0.wav'", (changed,))
    assert run_inline([inputs], want(out))[1].keys == []
    result, _ = run_inline([inputs], want(out), run_options=RunOptions(verify=True))
    assert [k for k, status in statuses(result).items() if status == "done"] == ["0.wav"]


@pytest.mark.parametrize(
    "other",
    [
        {"preset": QUIETER.replace("-6", "-7")},
        {"options": RenderOptions(subtype="PCM_16")},
        {"options": RenderOptions(stop=0.05)},
    ],
)
def test_another_recipe_does_all_again(inputs: Path, tmp_path: Path, other: dict) -> None:
    run_inline([inputs], want(tmp_path / "out"))
    result, _ = run_inline([inputs], want(tmp_path / "out", **other))
    assert set(statuses(result).values()) == {"done"}


def test_what_else_is_wanted_is_made(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_inline([inputs], want(out))
    kinds = ("output", "difference")
    result, _ = run_inline([inputs], want(out, kinds=kinds))
    assert set(statuses(result).values()) == {"done"}
    assert (out / "0.difference.wav").is_file()
    assert set(statuses(run_inline([inputs], want(out, kinds=kinds))[0]).values()) == {"unchanged"}
    assert set(statuses(run_inline([inputs], want(out))[0]).values()) == {"unchanged"}
    (out / "0.difference.wav").unlink()
    assert run_inline([inputs], want(out, kinds=kinds))[1].keys == ["0.wav"]


def test_sources_may_move(inputs: Path, tmp_path: Path) -> None:
    run_inline([inputs], want(tmp_path / "out"))
    inputs.rename(tmp_path / "moved")
    result, _ = run_inline([tmp_path / "moved"], want(tmp_path / "out"))
    assert set(statuses(result).values()) == {"unchanged"}


def test_a_stranger_in_the_way_is_left_alone(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "1.wav").write_text("somebody's")
    for _ in range(2):  # the second run must not take it for its own
        result, _ = run_inline([inputs], want(out))
        failed = [entry for entry in result.entries if entry.status == "failed"]
        assert [entry.job.key for entry in failed] == ["1.wav"]
        assert "not of this batch" in str(failed[0].error)
        assert (out / "1.wav").read_text() == "somebody's"
    result, _ = run_inline([inputs], want(out, force=True))
    assert statuses(result)["1.wav"] == "done"


def test_one_bad_file_does_not_stop_the_others(inputs: Path, tmp_path: Path) -> None:
    (inputs / "1.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    (inputs / "2.wav").write_bytes(b"")
    ended: list[Entry] = []
    result, _ = run_inline(
        [inputs], want(tmp_path / "out"), run_options=RunOptions(on_end=ended.append)
    )
    assert [entry.status for entry in result.entries] == ["done", "failed", "failed", "done"]
    assert len(ended) == 4
    with Manifest(tmp_path / "out" / ".restorack" / "manifest.sqlite") as manifest:
        rows = {row["key"]: row for row in manifest.rows()}
    assert rows["1.wav"]["status"] == "failed"
    assert rows["1.wav"]["error"]["where"] == str(inputs / "1.wav")
    write(inputs / "1.wav", 1)
    result, executor = run_inline([inputs], want(tmp_path / "out"))
    assert executor.keys == ["1.wav", "2.wav"]  # what failed is tried by every run
    assert statuses(result)["1.wav"] == "done"


def failing(error: Exception, times: int, key: str = "1.wav"):
    """Return a script: a job fails some times, for a reason that may pass."""
    left = [times]

    def script(job: Job) -> Outcome | None:
        if job.key != key or not left[0]:
            return None
        left[0] -= 1
        return Outcome(job.key, "failed", error=error, transient=True)

    return script


def test_what_may_pass_is_tried_again_then_named(inputs: Path, tmp_path: Path) -> None:
    crash = PluginError("crashed (SIGSEGV)", where="vst3 Nasty")
    retried: list[str] = []
    run_options = RunOptions(retries=2, on_retry=lambda job, outcome: retried.append(job.key))
    executor = InlineExecutor(failing(crash, 2))
    result, _ = run_inline([inputs], want(tmp_path / "a"), executor, run_options=run_options)
    assert statuses(result)["1.wav"] == "done"
    assert retried == ["1.wav", "1.wav"]
    assert executor.keys.count("1.wav") == 3
    executor = InlineExecutor(failing(crash, 99))
    result, _ = run_inline([inputs], want(tmp_path / "b"), executor, run_options=run_options)
    assert statuses(result) == {
        "0.wav": "done", "1.wav": "failed", "2.wav": "done", "3.wav": "done"
    }  # fmt: skip
    assert executor.keys.count("1.wav") == 3
    assert result.entries[1].job.attempt == 3


def test_a_full_disk_ends_the_batch_and_the_next_run_goes_on(inputs: Path, tmp_path: Path) -> None:
    full = DiskFullError("disk full", where="out")
    script = lambda job: Outcome(job.key, "failed", error=full) if job.key == "1.wav" else None  # noqa: E731
    result, _ = run_inline([inputs], want(tmp_path / "out"), InlineExecutor(script))
    assert statuses(result) == {
        "0.wav": "done", "1.wav": "failed", "2.wav": "left", "3.wav": "left"
    }  # fmt: skip
    assert result.disk_full
    assert not result.interrupted
    result, executor = run_inline([inputs], want(tmp_path / "out"))
    assert executor.keys == ["1.wav", "2.wav", "3.wav"]
    assert set(statuses(result).values()) == {"done", "unchanged"}


def test_a_disk_that_is_full_for_the_render_is_told_apart(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    result, _ = run_inline([inputs], want(tmp_path / "out"))
    assert result.disk_full
    assert isinstance(result.entries[0].error, DiskFullError)
    assert leftovers(tmp_path) == []


def test_stopping_finishes_what_is_in_hand(inputs: Path, tmp_path: Path) -> None:
    stop = Stop()

    def script(job: Job) -> None:
        if job.key == "1.wav":
            stop.ask()

    result, _ = run_inline([inputs], want(tmp_path / "out"), InlineExecutor(script), stop=stop)
    assert statuses(result) == {
        "0.wav": "done", "1.wav": "done", "2.wav": "left", "3.wav": "left"
    }  # fmt: skip
    assert result.interrupted
    result, executor = run_inline([inputs], want(tmp_path / "out"))
    assert executor.keys == ["2.wav", "3.wav"]


def test_stopping_at_once_leaves_what_is_in_hand(inputs: Path, tmp_path: Path) -> None:
    class Busy(InlineExecutor):
        def as_completed(self, timeout=None):
            stop.ask()
            yield from ()

        def cancel(self):
            return []  # all are in hand

    stop = Stop()
    executor = Busy()
    result, _ = run_inline([inputs], want(tmp_path / "out"), executor, stop=stop)
    assert set(statuses(result).values()) == {"left"}
    assert stop.at_once
    assert executor.closed


def test_two_batches_do_not_work_into_one_folder(inputs: Path, tmp_path: Path) -> None:
    wanted = want(tmp_path / "out")
    message = f"another batch works into this folder .process {os.getpid()}"
    with wanted.layout.owned(), pytest.raises(FileError, match=message):
        run_inline([inputs], wanted)
    assert set(statuses(run_inline([inputs], wanted)[0]).values()) == {"done"}


def test_parts_of_dead_runs_are_swept_and_others_are_not(inputs: Path, tmp_path: Path) -> None:
    import fcntl

    out = tmp_path / "out"
    run_inline([inputs], want(out))
    dead = out / ".0123456789abcdef-01234567.restorack-part"
    alive = out / ".0123456789abcdef-89abcdef.restorack-part"
    other = out / ".somebody.restorack-part"
    for path in (dead, alive, other):
        path.write_text("x")
    with alive.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result, _ = run_inline([inputs], want(out))
        assert result.swept == 1
        assert not dead.exists()
        assert alive.exists()
    assert other.exists()
    assert run_inline([inputs], want(out))[0].swept == 1


def test_a_source_that_changes_meanwhile_is_an_error(inputs: Path, tmp_path: Path) -> None:
    executor = InlineExecutor()

    def change(job: Job, result: object) -> None:
        if job.key == "1.wav":
            soundfile.write(job.source, tone(50, 0.2).T, 8000, subtype="PCM_16")

    wanted = want(tmp_path / "out", sidecars=change)
    result, _ = run_inline([inputs], wanted, executor)
    assert statuses(result)["1.wav"] == "failed"
    assert "changed" in str(result.entries[1].error)


def test_a_manifest_that_is_none_is_named(inputs: Path, tmp_path: Path) -> None:
    wanted = want(tmp_path / "out")
    wanted.layout.make()
    wanted.layout.manifest.write_text("this is no database, whatever its name says" * 50)
    with pytest.raises(FileError, match=r"manifest\.sqlite: the manifest fails: .*not a database"):
        run_inline([inputs], wanted)


def test_a_manifest_of_a_later_version_is_refused(inputs: Path, tmp_path: Path) -> None:
    wanted = want(tmp_path / "out")
    wanted.layout.make()
    with sqlite3.connect(wanted.layout.manifest) as base:
        base.execute("PRAGMA user_version = 999")
    with pytest.raises(FileError, match="a manifest of version 999"):
        run_inline([inputs], wanted)


WRONG_COLUMNS = {
    "source_state": ("{", "null", "[]", '{"size": 1}', None, b"\xff\xfe", '{"size": "x"}'),
    "products": ("", "[]", '{"output": 5}', '{"elsewhere": {}}', "{}", "\x00", "[" * 100_000),
    "key": (b"\xff", "../../0.wav", None, 7, "a//b", "x\x00y"),
    "status": ("nonsense", 5, b"\xff"),
    "error": ("{", b"\xff"),
    "recipe": (b"\x80", 7),
}


@pytest.mark.parametrize("column", WRONG_COLUMNS)
def test_a_damaged_row_costs_its_own_file_one_more_render(
    inputs: Path, tmp_path: Path, column: str
) -> None:
    out = tmp_path / "out"
    wanted = want(out)
    run_inline([inputs], wanted)
    right = contents(out)
    change = f"UPDATE OR IGNORE files SET {column} = ? WHERE key = '1.wav'"  # noqa: S608
    for value in WRONG_COLUMNS[column]:
        with sqlite3.connect(out / ".restorack" / "manifest.sqlite") as base:
            base.execute(change, (value,))
        base.close()
        result, executor = run_inline([inputs], wanted)
        found = statuses(result)
        if column in ("source_state", "products"):
            assert result.damaged == ["1.wav"], value
            assert executor.keys == ["1.wav"], value
        assert {key: status for key, status in found.items() if key != "1.wav"} == dict.fromkeys(
            ("0.wav", "2.wav", "3.wav"), "unchanged"
        )
        # Without its key the file is a stranger's: it is left alone, and named.
        assert found["1.wav"] in (
            ("failed", "unchanged") if column == "key" else ("done", "unchanged")
        )
        assert contents(out) == right
        with Manifest(out / ".restorack" / "manifest.sqlite") as manifest:
            manifest.rows()
        if found["1.wav"] == "failed":
            run_inline([inputs], replace(wanted, force=True))


def test_a_database_with_programs_is_no_manifest(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_inline([inputs], want(out))
    with sqlite3.connect(out / ".restorack" / "manifest.sqlite") as base:
        base.execute("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END")
    base.close()
    with pytest.raises(FileError, match="is not a manifest of restorack"):
        run_inline([inputs], want(out))
    assert leftovers(tmp_path) == []


def test_damaged_names_in_a_database_are_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    Manifest(path).close()
    path.write_bytes(path.read_bytes().replace(b"files (\n", b"files \xd5\n"))
    with pytest.raises(FileError, match=r"manifest\.sqlite: the manifest fails: .*decode"):
        Manifest(path)
