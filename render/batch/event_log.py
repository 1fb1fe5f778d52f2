"""What happens in a batch as lines of JSON, for whoever collects logs."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from restorack.errors import FileError
from restorack.io.atomic import write_error
from restorack.io.closing import Closing
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.manifest import described
from restorack.render.batch.plan import OutputSpec
from restorack.render.batch.run import BatchResult, Entry
from restorack.text import path_text


class EventLog(Closing):
    """A file of JSON lines that is appended to; without a path nothing is written.

    Every line has ``time`` (UTC), ``event`` (``batch began``, ``file``, ``retry`` or ``batch
    ended``), ``host``, ``process`` and ``shard``.

    Parameters
    ----------
    path : Path or None
    shard : object
        The part that the batch does; None for all.

    Raises
    ------
    FileError
        Where it cannot be opened.
    """

    def __init__(self, path: Path | None, shard: object = None) -> None:
        self._file: TextIO | None = None
        self._common = {"host": socket.gethostname(), "process": os.getpid(),
                        "shard": str(shard) if shard is not None else None}  # fmt: skip
        if path is not None:
            try:
                self._file = path.open("a", encoding="utf-8")
            except OSError as error:
                raise write_error(error, path) from None
            self._path = path

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def began(self, wanted: OutputSpec) -> None:
        """Note that a batch begins."""
        self._put("batch began", output_folder=path_text(wanted.layout.root),
                  recipe_sha256=wanted.recipe.digest)  # fmt: skip

    def ended(self, result: BatchResult) -> None:
        """Note that a batch has ended, with its counts."""
        counts: dict[str, int] = {}
        for entry in result.entries:
            counts[entry.status] = counts.get(entry.status, 0) + 1
        self._put(
            "batch ended", counts=counts, seconds=result.seconds,
            audio_seconds=result.counters.audio_seconds, interrupted=result.interrupted,
            disk_full=result.disk_full,
        )  # fmt: skip

    def then(self, following: Callable[[Entry], None]) -> Callable[[Entry], None]:
        """Return what notes the end of a file and hands it on."""

        def note(entry: Entry) -> None:
            outcome = entry.outcome or Outcome(entry.job.key, "failed")
            self._put(
                "file", status=entry.status, source=path_text(entry.job.source),
                key=entry.job.key, attempt=entry.job.attempt,
                audio_seconds=outcome.audio_seconds, seconds=outcome.seconds,
                warnings=outcome.warnings,
                error=described(entry.error) if entry.error is not None else None,
            )  # fmt: skip
            following(entry)

        return note

    def then_retried(
        self, following: Callable[[Job, Outcome], None]
    ) -> Callable[[Job, Outcome], None]:
        """Return what notes that a file is tried again and hands it on."""

        def note(job: Job, outcome: Outcome) -> None:
            error = described(outcome.error) if outcome.error is not None else None
            self._put("retry", source=path_text(job.source), key=job.key, attempt=job.attempt,
                      error=error)  # fmt: skip
            following(job, outcome)

        return note

    def _put(self, event: str, **values: Any) -> None:
        if self._file is None:
            return
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": moment, "event": event, **self._common, **values})
        try:
            # One write for each line: batches of several parts may append to one file.
            self._file.write(f"{line}\n")
            self._file.flush()
        except OSError as error:
            raise FileError(f"the log fails: {error}", where=str(self._path)) from None
