"""Machines of a Ray cluster that come and go, by a Ray that is made up: no process starts."""

import sys
from types import SimpleNamespace

import pytest
from batches import want

from restorack.render.batch.executors import ray_executor
from restorack.render.batch.executors.queueing import WorkerLostError
from restorack.render.batch.executors.ray_executor import RayExecutor
from restorack.render.batch.job import Job, Outcome


class LostError(Exception):
    pass


class Cluster:
    """Actors that do what they are told; a reference is (actor, job)."""

    def __init__(self, cores):
        self.cores, self.made, self.alive, self.ended = cores, 0, set(), []
        self.exceptions = SimpleNamespace(RayError=LostError)

    def is_initialized(self):
        return True

    def cluster_resources(self):
        return {"CPU": float(self.cores)}

    def remote(self, **how):
        def kind(cls):
            return SimpleNamespace(remote=self._make)

        return kind

    def _make(self):
        self.made += 1
        number = self.made
        self.alive.add(number)
        do = SimpleNamespace(remote=lambda job: (number, job))
        return SimpleNamespace(number=number, do=do)

    def kill(self, actor):
        self.alive.discard(actor.number)

    def wait(self, references, timeout):
        assert references
        return references[:1], references[1:]

    def get(self, reference):
        number, job = reference
        if number not in self.alive:
            raise LostError
        return Outcome(job.key, "done", worker=number)


@pytest.fixture
def cluster(monkeypatch):
    made = Cluster(2)
    monkeypatch.setitem(sys.modules, "ray", made)
    monkeypatch.setattr(ray_executor, "_COUNT_EVERY", 0.0)
    return made


@pytest.fixture
def jobs(tmp_path):
    wanted = want(tmp_path / "out")
    return [Job(f"{n}.wav", tmp_path / f"{n}.wav", wanted.layout, wanted.recipe) for n in range(8)]


def test_actors_are_kept_from_file_to_file_and_no_outcome_is_lost_with_an_asker(cluster, jobs):
    executor = RayExecutor()
    for job in jobs:
        executor.submit(job)
    found = [next(iter(executor.as_completed())) for _ in jobs]  # each asks for one alone
    assert sorted(outcome.key for outcome in found) == [job.key for job in jobs]
    assert cluster.made == 2


def test_what_is_lost_with_a_machine_is_told_and_its_idle_actors_are_not_used(cluster, jobs):
    executor = RayExecutor()
    for job in jobs[:2]:
        executor.submit(job)
    executor.submit(jobs[2])
    first = next(iter(executor.as_completed()))
    assert first.status == "done"
    cluster.alive.clear()  # both actors were on it
    executor.submit(jobs[3])
    outcomes = {outcome.key: outcome for outcome in executor.as_completed()}
    lost = [one for one in outcomes.values() if one.error is not None]
    assert lost
    assert all(one.transient and isinstance(one.error, WorkerLostError) for one in lost)
    for job in jobs[:3]:
        executor.submit(job)
    again = list(executor.as_completed())
    assert [one.status for one in again] == ["done"] * 3


def test_there_are_as_many_workers_as_the_cluster_has_cores_now(cluster, jobs):
    executor = RayExecutor()
    assert executor.capacity == 2 + 2
    cluster.cores = 5
    assert executor.capacity == 5 + 2
    cluster.cores = 1
    assert RayExecutor(4).capacity == 1 + 2


def test_idle_actors_give_their_cores_back_when_no_file_waits(cluster, jobs):
    executor = RayExecutor()
    for job in jobs[:2]:
        executor.submit(job)
    outcomes = executor.as_completed()
    next(outcomes)
    next(outcomes)
    assert len(cluster.alive) == 1  # the first one's: another may need its core
    executor.close()
    assert not cluster.alive
