"""What a batch says is done is there when it ends; clipping and full disks are told."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from batches import RATE, InlineExecutor, leftovers, run_inline, statuses, want, write

from restorack.errors import DiskFullError, FileError
from restorack.io.wave.riff import WaveSink
from restorack.render.batch import RunOptions
from restorack.render.batch.job import Job
from restorack.reports.sidecars import write_sidecars


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Return a folder of four files."""
    for number in range(4):
        write(tmp_path / "in" / f"{number}.wav", number)
    return tmp_path / "in"


def test_an_output_folder_that_is_removed_ends_the_batch(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def script(job: Job) -> None:
        if job.key == "2.wav":
            shutil.rmtree(out)

    result, _ = run_inline([inputs], want(out), InlineExecutor(script))
    assert statuses(result) == {
        "0.wav": "failed", "1.wav": "failed", "2.wav": "failed", "3.wav": "left"
    }  # fmt: skip
    errors = [entry.error for entry in result.entries]
    assert "no longer there" in str(errors[0])
    assert "output folder was removed" in str(errors[2])
    assert (result.counters.done, result.counters.failed) == (0, 3)
    assert not out.exists(), "a folder that somebody removed is not made again"
    result, _ = run_inline([inputs], want(out))
    assert set(statuses(result).values()) == {"done"}
    assert len(list(out.glob("*.wav"))) == 4


def test_a_folder_in_its_place_gets_nothing(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def script(job: Job) -> None:
        if job.key == "1.wav":
            out.rename(tmp_path / "moved")
            out.mkdir()

    result, _ = run_inline([inputs], want(out), InlineExecutor(script))
    assert set(statuses(result).values()) == {"failed", "left"}
    assert list(out.iterdir()) == []
    assert (tmp_path / "moved" / "0.wav").exists()


def test_files_that_vanish_are_told_also_of_earlier_runs(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_inline([inputs], want(out))
    write(inputs / "3.wav", 9)
    ended: list[str] = []

    def script(job: Job) -> None:
        (out / "0.wav").unlink()

    run_options = RunOptions(on_end=lambda entry: ended.append(f"{entry.job.key} {entry.status}"))
    result, _ = run_inline([inputs], want(out), InlineExecutor(script), run_options=run_options)
    assert statuses(result) == {
        "0.wav": "failed", "1.wav": "unchanged", "2.wav": "unchanged", "3.wav": "done"
    }  # fmt: skip
    assert ended[-1] == "0.wav failed"
    assert (result.counters.unchanged, result.counters.failed) == (2, 1)
    result, executor = run_inline([inputs], want(out))
    assert executor.keys == ["0.wav"]
    assert set(statuses(result).values()) == {"done", "unchanged"}


def test_a_companion_that_vanishes_counts_too(inputs: Path, tmp_path: Path) -> None:
    wanted = want(tmp_path / "out", kinds=("output", "difference"))

    def script(job: Job) -> None:
        if job.key == "3.wav":
            (tmp_path / "out" / "1.difference.wav").unlink()

    result, _ = run_inline([inputs], wanted, InlineExecutor(script))
    assert [key for key, status in statuses(result).items() if status == "failed"] == ["1.wav"]
    [error] = [entry.error for entry in result.entries if entry.error]
    assert isinstance(error, FileError)
    assert error.where.endswith("1.difference.wav")


def test_files_that_clip_are_counted(inputs: Path, tmp_path: Path) -> None:
    loud = np.full(800, 3.0)
    soundfile.write(inputs / "1.wav", loud, RATE, subtype="FLOAT")
    result, _ = run_inline([inputs], want(tmp_path / "out"))
    assert result.clipped == 1
    clipped = {entry.job.key: entry.outcome.clipped for entry in result.entries}
    assert clipped == {"0.wav": 0, "1.wav": 800, "2.wav": 0, "3.wav": 0}
    assert "beyond full scale" in result.entries[1].outcome.warnings[0]


def test_a_disk_that_is_full_for_a_report_ends_the_batch(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("restorack.reports.report.verify_json", no_space)
    wanted = want(tmp_path / "out", kinds=("output", "report"), sidecars=write_sidecars)
    result, _ = run_inline([inputs], wanted)
    assert result.disk_full
    assert isinstance(result.entries[0].error, DiskFullError)
    assert leftovers(tmp_path) == []
    assert not list((tmp_path / "out").glob("*.json"))


def test_output_and_difference_appear_together_or_not_at_all(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output is whole when the difference meets a full disk: it must not appear alone."""
    real, finished = WaveSink.finish, []

    def finish(sink: WaveSink) -> None:
        finished.append(sink)
        if len(finished) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(sink)

    monkeypatch.setattr(WaveSink, "finish", finish)
    result, _ = run_inline([inputs], want(tmp_path / "out", kinds=("output", "difference")))
    assert result.disk_full
    assert list((tmp_path / "out").glob("*.wav")) == []
    assert leftovers(tmp_path) == []
