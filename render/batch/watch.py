"""Watch folders: a file becomes a job when whoever writes it has finished."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from restorack.errors import FileError, RestorackError
from restorack.io.reader import AudioReader
from restorack.render.batch.inputs import Found
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.plan import OutputSpec
from restorack.render.batch.run import Entry
from restorack.system.writers import is_being_written

SCAN_EVERY = 1.0
"""Seconds between two looks into the folders; by hand: soon for people, cheap for network
drives."""

GIVE_UP_AFTER = 60.0
"""Seconds of rest after which a file that is no audio is handed on, to fail by its name."""

Stamp = tuple[int, int]


@dataclass
class _Seen:
    """A file as it was when it was last looked at."""

    stamp: Stamp
    since: float
    handed: Stamp | None = None


class Watcher:
    """Yields jobs as files become complete, and None while there are none; never ends.

    A file is complete when its size and time have rested, nobody has it open for writing (where
    the disk can tell), and its header can be read.

    Parameters
    ----------
    find : callable
        Returns the files that are there now.
    wanted : OutputSpec
    known : sequence of Job
        Whose names are taken already.
    settle : float
        Seconds of rest.
    clock : callable
        Seconds, counting up.
    """

    def __init__(
        self,
        find: Callable[[], Iterable[Found]],
        wanted: OutputSpec,
        *,
        settle: float = 3.0,
        known: Sequence[Job] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find, self._wanted = find, wanted
        self._settle, self._clock = settle, clock
        self._names = wanted.names()
        for job in known:
            self._names.claim(job)
        self._seen: dict[Path, _Seen] = {}
        self._ready: deque[Job | Entry] = deque()
        self._next_scan = self._clock()

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> Job | Entry | None:
        """Return a job, a file that cannot become one, or None while there is nothing."""
        if not self._ready and self._clock() >= self._next_scan:
            self._scan()
            self._next_scan = self._clock() + SCAN_EVERY
        return self._ready.popleft() if self._ready else None

    def _scan(self) -> None:
        found = list(self._found())
        for one in found:
            seen = self._look(one.source)
            if seen is not None and self._is_complete(one.source, seen):
                seen.handed = seen.stamp
                self._ready.append(self._named(one))
        there = {one.source for one in found}
        self._seen = {path: seen for path, seen in self._seen.items() if path in there}

    def _found(self) -> Iterable[Found]:
        try:
            return self._find()
        except FileError:
            return ()  # the folder is not mounted at the moment

    def _look(self, path: Path) -> _Seen | None:
        try:
            status = path.stat()
        except OSError:
            return None  # gone meanwhile
        stamp = (status.st_size, status.st_mtime_ns)
        seen = self._seen.get(path)
        if seen is None:
            seen = self._seen[path] = _Seen(stamp, self._clock())
        elif seen.stamp != stamp:
            seen.stamp, seen.since = stamp, self._clock()
        return seen

    def _is_complete(self, path: Path, seen: _Seen) -> bool:
        rested = self._clock() - seen.since
        if seen.handed == seen.stamp or rested < self._settle or is_being_written(path):
            return False
        return rested >= GIVE_UP_AFTER or is_readable(path)

    def _named(self, found: Found) -> Job | Entry:
        """Return the job of a file, or the refusal where its name is another's."""
        job = self._wanted.job(found)
        try:
            if not self._names.has(job):
                self._names.claim(job)
        except FileError as error:
            return Entry(job, "failed", Outcome(job.key, "failed", error=error))
        return job


def is_readable(path: Path) -> bool:
    """Return whether a file opens as audio."""
    try:
        with AudioReader(path) as reader:
            return reader.info.frames >= 0
    except (RestorackError, OSError):
        return False
