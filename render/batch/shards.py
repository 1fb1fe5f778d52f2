"""Parts of a batch for array jobs: one list, N parts, one output folder, at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import ParameterError
from restorack.io.closing import Closing
from restorack.render.batch.job import Job, Outcome, Record
from restorack.render.batch.manifest import Manifest

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
        Manifests of other parts; one that cannot be read is left out.
    """

    def __init__(self, own: Manifest, others: Iterable[Path]) -> None:
        self._own, self._stack = own, ExitStack()
        self._others: list[Manifest] = []
        for path in others:
            try:
                self._others.append(self._stack.enter_context(Manifest(path, read_only=True)))
            except Exception:  # noqa: S112  being made at the moment, or damaged: nothing is known
                continue

    def close(self) -> None:
        """Close the others' manifests; the own one is the caller's."""
        self._stack.close()

    @property
    def damaged(self) -> set[str]:
        """Keys whose rows cannot be read."""
        return self._own.damaged

    def keys(self) -> list[str]:
        """Return the keys of all files ever begun by anyone."""
        return list(dict.fromkeys(key for one in self._all for key in list(one.keys())))

    def outputs(self, root: Path) -> frozenset[Path]:
        """Return the output files ever begun by anyone."""
        return frozenset().union(*(one.outputs(root) for one in self._all))

    def record(self, key: str) -> Record | None:
        """Return what was last written down of a file that was done."""
        found = [(one.changed(key), record) for one in self._all if (record := one.record(key))]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def knows(self, key: str) -> bool:
        """Return whether anyone ever began a file."""
        return any(one.knows(key) for one in self._all)

    def tries(self, job: Job) -> int:
        """Return how often a file was tried without success."""
        return sum(one.tries(job) for one in self._all)

    def begin(self, job: Job) -> None:
        """Note that a file is about to be worked on."""
        self._own.begin(job)

    def finish(self, job: Job, outcome: Outcome) -> None:
        """Record the outcome of a file."""
        self._own.finish(job, outcome)

    def refuse(self, job: Job, outcome: Outcome) -> None:
        """Note a file that was not begun."""
        self._own.refuse(job, outcome)

    @property
    def _all(self) -> list[Manifest]:
        return [self._own, *self._others]


def other_manifests(own: Path) -> list[Path]:
    """Return the manifests beside one."""
    return sorted(path for path in own.parent.glob(MANIFESTS) if path != own)
