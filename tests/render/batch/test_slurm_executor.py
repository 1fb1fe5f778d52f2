"""A batch by a queue: the local batch's files, and what is lost with a job is done again."""

import os
import signal
import sys
import threading
import time
from dataclasses import replace

import pytest
from batches import run_inline, statuses, want, write

from restorack.errors import FileError, ParameterError
from restorack.render.batch import RunOptions, run_batch
from restorack.render.batch.executors import outcome_file, slurm_worker
from restorack.render.batch.executors.slurm_executor import SlurmExecutor
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.state import FileState


@pytest.mark.slow  # processes start
def test_the_bytes_are_the_local_ones_though_a_job_of_the_queue_is_killed(tmp_path):
    sources = [write(tmp_path / "in" / f"{number}.wav", number) for number in range(5)]
    (tmp_path / "in" / "bad.wav").write_bytes(b"RIFF nothing")
    run_inline([tmp_path / "in"], want(tmp_path / "local"))
    executor = SlurmExecutor(2, tmp_path / "jobs", {"files": "3"}, cluster="local")
    killed = []

    def kill():
        while not executor._submitted:
            time.sleep(0.05)
        process = executor._submitted[0].task._process
        os.killpg(process.pid, signal.SIGKILL) if os.getpgid(process.pid) == process.pid else (
            process.kill()
        )
        killed.append(sorted(executor._submitted[0].left))

    thread = threading.Thread(target=kill)
    thread.start()
    result = run_batch([tmp_path / "in"], want(tmp_path / "queue"),
                       make_executor=lambda tell: executor,
                       run_options=RunOptions(retries=1))  # fmt: skip
    thread.join()
    expected = {f"{number}.wav": "done" for number in range(5)} | {"bad.wav": "failed"}
    assert statuses(result) == expected
    attempts = {entry.job.key: entry.job.attempt for entry in result.entries}
    assert killed
    assert list((tmp_path / "jobs").iterdir())  # the logs say why
    assert all(attempts[key] == 2 for key in killed[0] if key != "bad.wav")
    for path in sources:
        whole = (tmp_path / "local" / path.name).read_bytes()
        assert (tmp_path / "queue" / path.name).read_bytes() == whole


def test_outcomes_are_read_as_they_come_and_half_of_one_is_not(tmp_path):
    path = tmp_path / "1.outcomes"
    assert outcome_file.read(path) == ([], 0)
    outcome_file.append(path, Outcome("a", "done"))
    [first], end = outcome_file.read(path)
    assert (first.key, end) == ("a", path.stat().st_size)
    outcome_file.append(path, Outcome("b", "done"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert outcome_file.read(path, end) == ([], end)
    path.write_bytes(whole)
    [second], _ = outcome_file.read(path, end)
    assert second.key == "b"


@pytest.mark.parametrize("error", [
    FileError("cannot be read", where="a.wav", rule="of audio", remedy="copy it anew"),
    RuntimeError("of a plugin"),
    None,
])  # fmt: skip
def test_an_outcome_comes_back_as_it_was(tmp_path, error):
    path, state = tmp_path / "1.outcomes", FileState(3, 4, 5, "ab", tag="t")
    given = Outcome("ä\n", "failed", state, {"output": state}, 1.5, 0.25, error, True, ["w"], 3,
                    True, 7, 9)  # fmt: skip
    outcome_file.append(path, given)
    [found], _ = outcome_file.read(path)
    assert replace(found, error=None) == replace(given, error=None)
    if isinstance(error, FileError):
        assert (type(found.error), str(found.error)) == (FileError, str(error))
    else:
        assert str(found.error) == ("RuntimeError: of a plugin" if error else "None")


def test_a_job_of_the_queue_that_begins_again_does_what_is_left(tmp_path, monkeypatch):
    path, done = tmp_path / "1.outcomes", []
    outcome_file.append(path, Outcome("a", "done"))
    with path.open("ab") as file:
        file.write(b'{"key": "b"')  # it was killed then

    class Cache:
        def do(self, job):
            done.append(job.key)
            return Outcome(job.key, "done")

    monkeypatch.setattr(slurm_worker, "WorkerCache", Cache)
    jobs = [Job(key, tmp_path / key, None, None) for key in ("a", "b", "c")]
    assert slurm_worker.do_all(jobs, str(path)) == 2
    assert done == ["b", "c"]
    assert [outcome.key for outcome in outcome_file.read(path)[0]] == ["a", "b", "c"]


def test_what_is_wrong_is_named(tmp_path, monkeypatch):
    with pytest.raises(ParameterError, match="files=0"):
        SlurmExecutor(1, tmp_path, {"files": "0"}, cluster="local")
    with pytest.raises(ParameterError, match="time=soon"):
        SlurmExecutor(1, tmp_path, {"time": "soon"}, cluster="local")
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(ParameterError, match=r"restorack\[cluster\]"):
        SlurmExecutor(1, tmp_path)
