"""How far batches into one folder are, all parts together, by what they have written down."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from restorack.errors import FileError
from restorack.io.remote.urls import is_remote
from restorack.render.batch.manifest import Manifest
from restorack.render.batch.output_layout import STATE_FOLDER, is_locked
from restorack.render.batch.shards import MANIFESTS

STATUSES = ("done", "failed", "quarantined", "running", "refused")


@dataclass(frozen=True)
class PartStatus:
    """One manifest: a batch alone, or a part of one.

    Attributes
    ----------
    shard : str
        ``K/N``; empty for a batch alone.
    running : bool
        A living process of this machine holds its lock.
    files, settled : int
        Of its last run: that it is to look at, and that have ended.
    began, ended : float or None
        In seconds since 1970.
    owner : str
        The process that works on it, or was the last to: ``process N on HOST``.
    """

    shard: str
    running: bool
    files: int
    settled: int
    began: float | None
    ended: float | None
    owner: str = ""


@dataclass
class BatchStatus:
    """All parts together; each file counts once, by its latest row.

    Attributes
    ----------
    counts : dict
        Status to number of files.
    files, left : int
        Of the last run of each part: all, and those that have not ended.
    files_per_hour, speed : float
        Of the last runs; ``speed`` in times real time.
    estimate_seconds : float or None
        Until the rest is done at that speed; None where none is known.
    failures : list of dict
        ``key``, ``source``, ``status``, ``attempts`` and ``error``.
    parts : list of PartStatus
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    files: int = 0
    left: int = 0
    files_per_hour: float = 0.0
    speed: float = 0.0
    estimate_seconds: float | None = None
    failures: list[dict[str, Any]] = field(default_factory=list)
    parts: list[PartStatus] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def batch_status(root: Path) -> BatchStatus:
    """Return how far the batches into a folder are; nothing is written.

    Parameters
    ----------
    root : Path
        The output folder.

    Raises
    ------
    FileError
        Where no batch was run into it, or a manifest cannot be read.
    """
    with _state_folder(root) as state:
        return _status_of(root, state)


def _status_of(root: Path, state: Path) -> BatchStatus:
    paths = sorted(state.glob(MANIFESTS))
    if not paths:
        raise FileError(
            "no batch was run into this folder",
            where=str(root),
            rule="what was done is kept in DIR/.restorack",
            remedy="name the output folder of a batch",
        )
    found = BatchStatus()
    latest: dict[str, dict[str, Any]] = {}
    for path in paths:
        with Manifest(path, read_only=True) as manifest:
            rows, runs = manifest.progress()
        for row in rows:
            if row["key"] not in latest or row["changed"] >= latest[row["key"]]["changed"]:
                latest[row["key"]] = row
        if runs:
            lock = path.with_name(path.stem.replace("manifest", "lock"))
            running, owner = _owner(root, lock)
            _add_part(found, running, owner, rows, runs[-1])
    for row in latest.values():
        found.counts[row["status"]] = found.counts.get(row["status"], 0) + 1
        if row["status"] in ("failed", "quarantined", "refused"):
            names = ("key", "source", "status", "attempts", "error")
            found.failures.append({name: row[name] for name in names})
    found.left = max(found.files - sum(part.settled for part in found.parts), 0)
    if found.left and found.files_per_hour:
        found.estimate_seconds = found.left / found.files_per_hour * 3600.0
    return found


@contextmanager
def _state_folder(root: Path) -> Iterator[Path]:
    """Give the folder of manifests and locks; of a store, copies of the former."""
    if not is_remote(root):
        yield root / STATE_FOLDER
        return
    from restorack.render.batch.remote.manifests import StoredManifests

    with TemporaryDirectory(prefix="restorack-status-") as folder:
        StoredManifests(root / STATE_FOLDER, Path(folder) / "manifest.sqlite").fetch()
        yield Path(folder)


def _owner(root: Path, lock: Path) -> tuple[bool, str]:
    """Return whether a living batch holds a lock, or the lease of that name in a store, and who."""
    if not is_remote(root):
        try:
            told = lock.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            told = ""
        return is_locked(lock), told
    from restorack.io.remote.lease import is_held, read_owner

    owner = read_owner(root / STATE_FOLDER / lock.name)
    if owner is None:
        return False, ""
    return is_held(owner), f"process {owner.get('process')} on {owner.get('host')}"


def _add_part(
    found: BatchStatus,
    running: bool,
    owner: str,
    rows: list[dict[str, Any]],
    run: dict[str, Any],
) -> None:
    """Count a part's last run: its files, and its speed from its begin to its latest row."""
    fresh = [row for row in rows if row["changed"] >= run["began"]]
    ended = [row for row in fresh if row["status"] != "running"]
    # What was done before and is unchanged leaves no trace of this run.
    kept = [row for row in rows if row["changed"] < run["began"] and row["status"] == "done"]
    settled = run["files"] if run["ended"] else min(len(ended) + len(kept), run["files"])
    part = PartStatus(
        run["shard"], running, run["files"], settled, run["began"], run["ended"], owner
    )
    found.parts.append(part)
    found.files += part.files
    last = run["ended"] or (time.time() if running else _latest(ended, run["began"]))
    seconds = last - run["began"]
    done = [row for row in ended if row["status"] == "done"]
    if seconds > 0 and done:
        found.files_per_hour += len(done) / seconds * 3600.0
        found.speed += sum(row["audio_seconds"] for row in done) / seconds


def _latest(rows: list[dict[str, Any]], otherwise: float) -> float:
    return max((float(row["changed"]) for row in rows), default=otherwise)
