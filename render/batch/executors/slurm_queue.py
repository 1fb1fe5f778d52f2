"""A Slurm queue, by submitit; and what has left it, where Slurm keeps no accounts."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from restorack.errors import ParameterError

MINUTES = 120
"""Limit of one job of the queue, where none is given; submitit's own is 5."""
LOOK_EVERY = 15.0
"""Seconds between two looks by squeue. By hand: what it lacks twice is gone, result or not."""


def make_queue(folder: Path, settings: Mapping[str, str], cluster: str | None) -> Any:
    """Return submitit's executor.

    Parameters
    ----------
    folder : Path
        Of scripts, logs and results; all machines must see it.
    settings : dict
        As ``sbatch`` calls them, but for ``time`` in minutes.
    cluster : str or None
        ``local``: processes of this machine.

    Raises
    ------
    ParameterError
        Without submitit, or where jobs cannot be submitted.
    """
    submitit = require_submitit()
    if cluster is None and submitit.AutoExecutor(folder=folder).cluster != "slurm":
        raise ParameterError(
            "there is no Slurm on this machine (srun)",
            rule="--executor slurm runs where jobs are submitted",
            remedy="--shard K/N is for any queue",
        )
    queue = submitit.AutoExecutor(folder=folder / "%j", cluster=cluster or "slurm")
    others = dict(settings)
    queue.update_parameters(
        name="restorack",
        timeout_min=_whole("time", others.pop("time", str(MINUTES))),
        cpus_per_task=_whole("cpus", others.pop("cpus", "1")),
    )
    if others and queue.cluster == "slurm":
        queue.update_parameters(slurm_additional_parameters=others)
    return queue


def _whole(name: str, text: str) -> int:
    if not text.isdigit() or not int(text):
        raise ParameterError(f"--slurm {name}={text}", rule="a whole number from 1")
    return int(text)


class Departures:
    """Which jobs have left the queue, by ``squeue``: ``sacct`` knows only with a database.

    Parameters
    ----------
    every : float
        Seconds between two looks.
    """

    def __init__(self, every: float = LOOK_EVERY) -> None:
        self._every, self._next = every, time.monotonic() + every
        self._missing: dict[str, int] = {}

    def look(self, numbers: Iterable[str]) -> None:
        """Look, if it is time to."""
        asked = list(numbers)
        if not asked or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every
        command = ["squeue", "--noheader", "--format=%A", f"--jobs={','.join(asked)}"]
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return
        unknown = told.returncode != 0 and "Invalid job id" in told.stderr
        if told.returncode != 0 and not unknown:
            return  # the controller does not answer: nothing is known
        there = set(told.stdout.split())
        self._missing = {
            number: self._missing.get(number, 0) + 1 for number in asked if number not in there
        }

    def has_left(self, number: str) -> bool:
        """Return whether a job was missing twice."""
        return self._missing.get(number, 0) >= 2


def require_submitit() -> Any:
    """Return submitit; raise :class:`ParameterError` where it is not installed."""
    try:
        import submitit
    except ImportError:
        raise ParameterError(
            "submitit is not installed",
            rule="--executor slurm needs it",
            remedy="pip install 'restorack[cluster]'",
        ) from None
    return submitit
