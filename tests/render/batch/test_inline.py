"""A batch in this process: outputs named one by one, nothing kept, Ctrl-C, a full disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from batches import QUIETER, statuses, write

from restorack.errors import DiskFullError, FileError
from restorack.presets import chain_from_text
from restorack.render.batch import Job, Outcome, Recipe, RunOptions
from restorack.render.batch.executors.inline import planning, rendering, run_inline
from restorack.render.batch.given_outputs import OutputNames
from restorack.render.plan import RenderOptions

ONCE = RunOptions(retries=0)
RECIPE = Recipe.unwritten("quieter", RenderOptions())


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    """Return jobs of three files, whose outputs go beside them."""
    sources = [write(tmp_path / f"{name}.wav", seed) for seed, name in enumerate("abc")]
    return OutputNames(None, None, None, None, "soft", "wav").jobs(sources, RECIPE)[0]


def at_b(end: Exception | type[BaseException]) -> Callable[[Job], Outcome]:
    """Return the work of rendering, at which ``b`` fails or is interrupted."""
    really = rendering(chain_from_text(QUIETER))

    def work(job: Job) -> Outcome:
        if job.source.stem != "b":
            return really(job)
        if isinstance(end, Exception):
            return Outcome(job.key, "failed", error=end)
        raise end

    return work


def test_nothing_but_the_outputs_is_written(jobs: list[Job], tmp_path: Path) -> None:
    result = run_inline(jobs, rendering(chain_from_text(QUIETER)), ONCE)
    assert list(statuses(result).values()) == ["done"] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.soft.wav", "a.wav", "b.soft.wav", "b.wav", "c.soft.wav", "c.wav"
    ]  # fmt: skip
    again = run_inline(jobs, rendering(chain_from_text(QUIETER)), ONCE)
    assert {str(entry.error).partition(":")[0] for entry in again.entries} == {
        str(job.product("output")) for job in jobs
    }


def test_an_interrupt_leaves_the_file_in_hand_and_those_after_it(jobs: list[Job]) -> None:
    result = run_inline(jobs, at_b(KeyboardInterrupt), ONCE)
    assert list(statuses(result).values()) == ["done", "left", "left"]
    assert result.interrupted


def test_a_full_disk_ends_it_and_another_failure_does_not(jobs: list[Job]) -> None:
    full = run_inline(jobs, at_b(DiskFullError("full", where="b")), ONCE)
    assert (list(statuses(full).values()), full.disk_full) == (["done", "failed", "left"], True)
    for job in jobs:
        job.product("output").unlink(missing_ok=True)
    bad = run_inline(jobs, at_b(FileError("bad", where="b")), ONCE)
    assert list(statuses(bad).values()) == ["done", "failed", "done"]


def test_a_dry_run_refuses_what_a_render_would(jobs: list[Job], tmp_path: Path) -> None:
    jobs[1].product("output").write_bytes(b"mine")
    before = sorted(tmp_path.iterdir())
    result = run_inline(jobs, planning(chain_from_text(QUIETER)), ONCE)
    assert list(statuses(result).values()) == ["planned", "failed", "planned"]
    skipping = run_inline(jobs, planning(chain_from_text(QUIETER)), RunOptions(skip_existing=True))
    assert list(statuses(skipping).values()) == ["planned", "skipped", "planned"]
    assert sorted(tmp_path.iterdir()) == before


def test_files_of_one_job_may_not_meet(tmp_path: Path) -> None:
    source, one = write(tmp_path / "a.wav"), str(tmp_path / "one.wav")
    with pytest.raises(FileError, match=r"the output of .* and the difference of .* one file"):
        OutputNames(one, one, None, None, "soft", "wav").jobs([source], RECIPE)
    with pytest.raises(FileError, match=r"the report and the output of .* one file"):
        OutputNames(one, None, None, Path(one), "soft", "wav").jobs([source], RECIPE)
