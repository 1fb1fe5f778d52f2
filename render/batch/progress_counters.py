"""How far a batch is: files, speed, time left."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

from restorack.render.batch.job import Job, Outcome


@dataclass
class ProgressCounters:
    """Counts of a batch in progress.

    Attributes
    ----------
    files : int
        All that are to be looked at; grows while a folder is watched.
    size : int
        Of those that are not skipped, in bytes.
    done, unchanged, failed : int
    quarantined : int
        Of those that failed.
    retried : int
        Attempts after a first one.
    incomplete : int
        Of those that are done: sound is missing of the input, or may be.
    audio_seconds : float
        Of what was rendered.
    """

    files: int = 0
    size: int = 0
    done: int = 0
    unchanged: int = 0
    failed: int = 0
    quarantined: int = 0
    retried: int = 0
    incomplete: int = 0
    audio_seconds: float = 0.0
    began: float = field(default_factory=perf_counter)
    _finished_size: int = 0
    _in_hand: dict[str, tuple[int, float]] = field(default_factory=dict)

    def expect(self, job: Job) -> None:
        """Count a job that will run."""
        self.size += job.size

    def began_job(self, job: Job) -> None:
        """Note that a job is in hand."""
        self._in_hand[job.key] = (job.size, 0.0)

    def advanced(self, key: str, fraction: float) -> None:
        """Note how much of a job is done."""
        if key in self._in_hand:
            self._in_hand[key] = (self._in_hand[key][0], fraction)

    def finished(self, job: Job, outcome: Outcome) -> None:
        """Count an outcome."""
        self._in_hand.pop(job.key, None)
        if outcome.status in ("unchanged", "skipped"):  # costs no time to speak of
            self.unchanged += 1
            self.size -= job.size
            return
        self._finished_size += job.size
        if outcome.status in ("done", "planned"):
            self.done += 1
            self.incomplete += outcome.incomplete
            self.audio_seconds += outcome.audio_seconds
        else:
            self.failed += 1
            self.quarantined += outcome.status == "quarantined"

    def vanished(self, status: str) -> None:
        """Count a file as failed that was counted otherwise before."""
        if status == "done":
            self.done -= 1
        else:
            self.unchanged -= 1
        self.failed += 1

    @property
    def elapsed(self) -> float:
        """Seconds since the batch began."""
        return perf_counter() - self.began

    @property
    def settled(self) -> int:
        """Files that are dealt with."""
        return self.done + self.unchanged + self.failed

    @property
    def files_per_second(self) -> float:
        """Rendered files per second."""
        return self.done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def speed(self) -> float:
        """Times real time, all workers together."""
        return self.audio_seconds / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def in_hand(self) -> dict[str, float]:
        """How much is done of each job in hand."""
        return {key: fraction for key, (_, fraction) in list(self._in_hand.items())}

    @property
    def remaining(self) -> float | None:
        """Seconds left, by the bytes that are to come; None where nothing is known yet."""
        done = self._finished_size + sum(size * part for size, part in list(self._in_hand.values()))
        if done <= 0 or self.size <= 0:
            return None
        return max(0.0, self.elapsed * (self.size - done) / done)
