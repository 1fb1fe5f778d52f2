"""Parts of a batch for array jobs: one list, N parts, one output folder, at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from restorack.errors import FileError, ParameterError
from restorack.io.closing import Closing
from restorack.render.batch.job import Job, Outcome, Record
from restorack.render.batch.manifest import Manifest

Told = TypeVar("Told")
MANIFESTS = "manifest*.sqlite"
"""In the hidden folder: one for a batch alone, one for each part of others."""
_WORDS = re.compile(r"\s*(\d{1,6})\s*/\s*(\d{1,6})\s*")


@dataclass(frozen=True)
class Shard:
    """The K-th of N parts.

    Attributes
    ----------
    number : int
        From 1.
    count : int
    """

    number: int
    count: int

    def __str__(self) -> str:
        """Return it as it is given."""
        return f"{self.number}/{self.count}"

    @property
    def infix(self) -> str:
        """What tells its files from those of other parts."""
        return f"-{self.number}-of-{self.count}"

    def jobs(self, jobs: Sequence[Job]) -> list[Job]:
        """Return the part's jobs: every N-th by name, whatever the order of the list."""
        ordered = sorted(jobs, key=lambda job: job.key)
        return ordered[self.number - 1 :: self.count]


def parse_shard(words: str) -> Shard:
    """Return the part that words such as ``3/64`` mean.

    Raises
    ------
    ParameterError
        For anything else than K of N, with K from 1 to N.
    """
    found = _WORDS.fullmatch(words)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ParameterError(f"--shard {words}", rule="K/N with K from 1 to N, such as 3/64")
    return Shard(int(found[1]), int(found[2]))


class JoinedRecords(Closing):
    """A batch's own manifest, and what other batches into the same folder have written down.

    Parameters
    ----------
    own : Manifest
        The only one that is written.
    others : iterable of Path
        Manifests of other parts; of one that cannot be read, nothing is known.
    """

    def __init__(self, own: Manifest, others: Iterable[Path]) -> None:
        self._own, self._stack = own, ExitStack()
        self._others: list[Manifest] = []
        for path in others:
            with suppress(FileError):  # being made at the moment, or damaged
                found = Manifest(path, read_only=True)
                self._stack.enter_context(found)
                found.keys()
                self._others.append(found)

    def close(self) -> None:
        """Close the others' manifests; the own one is the caller's."""
        self._stack.close()

    @property
    def damaged(self) -> set[str]:
        """Keys whose rows cannot be read."""
        return self._own.damaged

    def outputs(self, root: Path) -> frozenset[Path]:
        """Return the output files ever begun by anyone."""
        return self._own.outputs(root).union(*self._told(lambda one: one.outputs(root)))

    def record(self, key: str) -> Record | None:
        """Return what was last written down of a file that was done."""
        found = [(self._own.changed(key), self._own.record(key))]
        found += self._told(lambda one: (one.changed(key), one.record(key)))
        whole = [(changed, record) for changed, record in found if record is not None]
        return max(whole, key=lambda pair: pair[0])[1] if whole else None

    def knows(self, key: str) -> bool:
        """Return whether anyone ever began a file."""
        return self._own.knows(key) or any(self._told(lambda one: one.knows(key)))

    def tries(self, job: Job) -> int:
        """Return how often a file was tried without success."""
        return self._own.tries(job) + sum(self._told(lambda one: one.tries(job)))

    def begin(self, job: Job) -> None:
        """Note that a file is about to be worked on."""
        self._own.begin(job)

    def finish(self, job: Job, outcome: Outcome) -> None:
        """Record the outcome of a file."""
        self._own.finish(job, outcome)

    def refuse(self, job: Job, outcome: Outcome) -> None:
        """Note a file that was not begun."""
        self._own.refuse(job, outcome)

    def _told(self, ask: Callable[[Manifest], Told]) -> list[Told]:
        """Return what the others say; one that is locked for long says nothing."""
        told = []
        for one in self._others:
            with suppress(FileError):
                told.append(ask(one))
        return told


def other_manifests(own: Path) -> list[Path]:
    """Return the manifests beside one."""
    return sorted(path for path in own.parent.glob(MANIFESTS) if path != own)
