"""A batch on a Ray cluster gives the local batch's files, and loses none with a worker."""

import sys

import pytest
from batches import run_inline, statuses, want, write

from restorack.errors import ParameterError
from restorack.render.batch import Manifest, RunOptions, run_batch
from restorack.render.batch.executors.ray_executor import RayExecutor


class Losing(RayExecutor):
    """Kills the worker of a job, once."""

    def __init__(self, key):
        super().__init__(2)
        self._key, self.numbers = key, []

    def _hand_out(self):
        super()._hand_out()
        for actor, job in list(self._running.values()):
            if job.key == self._key and not self.numbers:
                self.numbers.append(job.attempt)
                self._ray.kill(actor)


@pytest.mark.slow  # a cluster starts
def test_the_bytes_are_the_local_ones_though_a_worker_is_killed(tmp_path):
    sources = [write(tmp_path / "in" / f"{number}.wav", number) for number in range(5)]
    (tmp_path / "in" / "bad.wav").write_bytes(b"RIFF nothing")
    run_inline([tmp_path / "in"], want(tmp_path / "local"))
    made = []

    def make(tell):
        made.append(Losing("3.wav"))
        return made[0]

    result = run_batch(
        [tmp_path / "in"], want(tmp_path / "ray"), make_executor=make,
        run_options=RunOptions(retries=1),
    )  # fmt: skip
    expected = {f"{number}.wav": "done" for number in range(5)} | {"bad.wav": "failed"}
    assert statuses(result) == expected
    assert made[0].numbers == [1]
    attempts = {entry.job.key: entry.job.attempt for entry in result.entries}
    assert attempts["3.wav"] == 2
    for path in sources:
        whole = (tmp_path / "local" / path.name).read_bytes()
        assert (tmp_path / "ray" / path.name).read_bytes() == whole
    with Manifest(tmp_path / "ray" / ".restorack" / "manifest.sqlite") as manifest:
        assert len(manifest.keys()) == 6


def test_without_ray_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ParameterError, match=r"restorack\[cluster\]"):
        RayExecutor()
