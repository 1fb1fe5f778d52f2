"""The pool of workers: warm, replaced where one dies, and gone when it is closed."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from batches import leftovers, run_inline, statuses, want, write

from restorack.errors import RenderError
from restorack.render.batch import LocalPool, RunOptions, run_batch
from restorack.render.batch.inputs import find_inputs
from restorack.render.batch.plan import plan_batch

SLOW = """\
format: 1
name: slow
stages:
  - restorack.SpectralDenoiser: {}
"""


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    for number in range(4):
        write(tmp_path / "in" / f"{number}.wav", number)
    return tmp_path / "in"


def jobs_of(inputs: Path, folder: Path, **how: object):
    wanted = want(folder, **how)  # type: ignore[arg-type]
    wanted.layout.make()
    found = find_inputs([inputs], recursive=False, leave_out=folder, outputs=frozenset())
    return plan_batch(found, wanted)


@pytest.fixture
def pool() -> Iterator[LocalPool]:
    made = LocalPool(1)
    yield made
    made.close()


def test_workers_and_this_process_render_the_same(inputs: Path, tmp_path: Path) -> None:
    told: list[float] = []
    result = run_batch(
        [inputs], want(tmp_path / "a"),
        make_executor=lambda tell: LocalPool(2, on_progress=lambda key, part: told.append(part)),
    )  # fmt: skip
    run_inline([inputs], want(tmp_path / "b"))
    assert set(statuses(result).values()) == {"done"}
    for number in range(4):
        one, other = (tmp_path / name / f"{number}.wav" for name in "ab")
        assert one.read_bytes() == other.read_bytes()
    assert all(0 <= part <= 1 for part in told)
    assert all(size > 1e6 for sizes in result.memory.values() for size in sizes)


def test_a_worker_stays_and_has_one_thread(inputs: Path, tmp_path: Path, pool: LocalPool) -> None:
    for job in jobs_of(inputs, tmp_path / "out"):
        pool.submit(job)
    outcomes = list(pool.as_completed())
    assert [outcome.status for outcome in outcomes] == ["done"] * 4
    assert {outcome.worker for outcome in outcomes} == set(pool.numbers)
    environment = psutil.Process(pool.numbers[0]).environ()
    assert environment["OMP_NUM_THREADS"] == environment["NUMBA_NUM_THREADS"] == "1"


def test_a_worker_is_replaced_after_its_time(inputs: Path, tmp_path: Path) -> None:
    pool = LocalPool(1, recycle=2)
    try:
        for job in jobs_of(inputs, tmp_path / "out"):
            pool.submit(job)
        workers = [outcome.worker for outcome in pool.as_completed()]
    finally:
        pool.close()
    assert workers[0] == workers[1] != workers[2] == workers[3]


def test_a_dead_worker_costs_one_attempt_of_its_file(inputs: Path, tmp_path: Path) -> None:
    pools: list[LocalPool] = []
    killed: list[str] = []

    def kill_once(key: str, part: float) -> None:
        if key == "1.wav" and not killed:
            killed.append(key)
            os.kill(pools[0].numbers[0], signal.SIGKILL)

    def make(tell):
        pools.append(LocalPool(1, on_progress=kill_once))
        return pools[0]

    wanted = want(tmp_path / "out", SLOW)
    result = run_batch([inputs], wanted, make_executor=make)
    assert set(statuses(result).values()) == {"done"}
    assert [entry.job.attempt for entry in result.entries] == [1, 2, 1, 1]
    killed.clear()
    pools.clear()
    wanted = want(tmp_path / "again", SLOW)
    result = run_batch([inputs], wanted, make_executor=make, run_options=RunOptions(retries=0))
    assert statuses(result)["1.wav"] == "failed"
    assert "worker process died (SIGKILL)" in str(result.entries[1].error)
    assert list(statuses(result).values()).count("done") == 3
    assert leftovers(tmp_path) == []


def test_nothing_is_left_of_a_pool(inputs: Path, tmp_path: Path) -> None:
    pool = LocalPool(2)
    for job in jobs_of(inputs, tmp_path / "out", preset=SLOW):
        pool.submit(job)
    next(iter(pool.as_completed()))
    workers = [psutil.Process(number) for number in pool.numbers]
    pool.close()
    assert not any(worker.is_running() for worker in workers)
    assert leftovers(tmp_path) == []


def test_waiting_jobs_are_taken_back(inputs: Path, tmp_path: Path, pool: LocalPool) -> None:
    for job in jobs_of(inputs, tmp_path / "out"):
        pool.submit(job)
    assert [job.key for job in pool.cancel()] == [f"{n}.wav" for n in range(4)]
    assert list(pool.as_completed()) == []


def test_workers_that_never_start_are_an_error(
    inputs: Path, tmp_path: Path, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    pool.submit(jobs_of(inputs, tmp_path / "out")[0])
    with pytest.raises(RenderError, match="workers cannot be started"):
        list(pool.as_completed())


def test_jobs_can_go_anywhere(inputs: Path, tmp_path: Path) -> None:
    job = jobs_of(inputs, tmp_path / "out")[0]
    assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301  made here
