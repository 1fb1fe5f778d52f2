"""A file that a worker of a queue appends its outcomes to, and that the batch reads meanwhile.

A line of JSON each: what lies in a folder that others may write into is no program.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from restorack import errors
from restorack.errors import RestorackError
from restorack.render.batch.job import Outcome
from restorack.render.batch.manifest import described
from restorack.render.batch.state import FileState

_PLAIN = ("key", "status", "audio_seconds", "seconds", "transient", "warnings", "clipped",
          "incomplete", "memory", "worker")  # fmt: skip


def append(path: Path, outcome: Outcome) -> None:
    """Add an outcome, but for what was rendered; flushed to the disk."""
    document = {name: getattr(outcome, name) for name in _PLAIN}
    document["products"] = {kind: one.to_dict() for kind, one in outcome.products.items()}
    if outcome.source_state is not None:
        document["source_state"] = outcome.source_state.to_dict()
    if outcome.error is not None:
        document["error"] = described(outcome.error)
    with path.open("ab", buffering=0) as file:
        file.write(json.dumps(document).encode() + b"\n")
        os.fsync(file.fileno())


def read(path: Path, start: int = 0) -> tuple[list[Outcome], int]:
    """Return the outcomes from a place on that are whole, and the place after them."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read()
    except OSError:
        return [], start
    whole = data[: data.rfind(b"\n") + 1]
    return [_outcome(json.loads(line)) for line in whole.splitlines()], start + len(whole)


def mend(path: Path) -> list[Outcome]:
    """Cut off what a killed worker has half-written; return the outcomes that are whole."""
    found, end = read(path)
    if path.exists():
        os.truncate(path, end)
    return found


def _outcome(document: dict[str, Any]) -> Outcome:
    states = {kind: FileState(**one) for kind, one in document.pop("products").items()}
    source, error = document.pop("source_state", None), document.pop("error", None)
    return Outcome(
        **document,
        products=states,
        source_state=None if source is None else FileState(**source),
        error=None if error is None else _error(error),
    )


def _error(fields: dict[str, str]) -> Exception:
    """Return an error of ours as it was, and another one by its name."""
    name, what = fields.pop("type"), fields.pop("what")
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, RestorackError):
        return kind(what, **fields)
    return RuntimeError(f"{name}: {what}")
