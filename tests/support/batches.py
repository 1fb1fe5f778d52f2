"""Batches in the test's own process: files, what is wanted of them, an engine without workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from restorack.chains import Chain
from restorack.presets import chain_from_text
from restorack.render.batch import (
    OutputLayout,
    OutputSpec,
    Pattern,
    RunOptions,
    make_recipe,
    run_batch,
)
from restorack.render.batch.executors import inline
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.work import WorkerCache
from restorack.render.plan import RenderOptions

RATE = 8000
QUIETER = """\
format: 1
name: quieter
stages:
  - pedalboard.Gain: {gain_db: -6}
"""


def tone(seed: int, seconds: float = 0.1, channels: int = 1, peak: float = 0.5) -> Any:
    """Return noise of a known peak, another for each seed."""
    random = np.random.default_rng(seed)
    rows = random.uniform(-1, 1, (channels, round(seconds * RATE)))
    return (peak * rows / np.abs(rows).max()).astype(np.float32)


def write(path: Path, seed: int = 0, **how: Any) -> Path:
    """Write a short file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(seed, **how).T, RATE, subtype="PCM_16")
    return path


def want(
    folder: Path,
    preset: str | Chain = QUIETER,
    pattern: str = "{folder}/{stem}",
    *,
    options: RenderOptions | None = None,
    **more: Any,
) -> OutputSpec:
    """Return what a batch makes: a preset's WAV files in a folder."""
    chain = chain_from_text(preset) if isinstance(preset, str) else preset
    recipe = make_recipe(chain, chain.settings.name, options or RenderOptions())
    return OutputSpec(OutputLayout(folder), recipe, Pattern(pattern, "wav"), **more)


class InlineExecutor(inline.InlineExecutor):
    """Does jobs one after the other, here; what befalls them can be scripted.

    Parameters
    ----------
    script : callable, optional
        Gets a job and returns an outcome, or None: then it is really done.
    """

    def __init__(self, script: Callable[[Job], Outcome | None] | None = None) -> None:
        super().__init__(self._do)
        self._script, self._bench = script or (lambda job: None), WorkerCache()
        self.done: list[Job] = []
        self.closed = False

    def _do(self, job: Job) -> Outcome:
        self.done.append(job)
        return self._script(job) or self._bench.do(job)

    def close(self) -> None:
        self.closed = True

    @property
    def keys(self) -> list[str]:
        """Keys of the jobs, in the order in which they were done."""
        return [job.key for job in self.done]


def run_inline(
    inputs: Any, wanted: OutputSpec, executor: InlineExecutor | None = None, **how: Any
) -> Any:
    """Run a batch in this process; return its result and its engine."""
    used = executor or InlineExecutor()
    how.setdefault("run_options", RunOptions())
    return run_batch(inputs, wanted, make_executor=lambda tell: used, **how), used


def statuses(result: Any) -> dict[str, str]:
    """Return the status of each key."""
    return {entry.job.key: entry.status for entry in result.entries}


def leftovers(folder: Path) -> list[str]:
    """Return the temporary files below a folder."""
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    return [n for n in names if "restorack-part" in n or "restorack-sandbox" in n or "-wal" in n]
