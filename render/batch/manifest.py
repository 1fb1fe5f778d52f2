"""The manifest: what was done to which file, in a SQLite database in the output folder.

A row is ``running`` before its file is begun and ``done`` after its files have appeared and were
flushed. What a killed run leaves as ``running`` is done again, over what it may have left. So is a
file whose row is damaged: what a row says counts only where all of it can be read.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from restorack.core.checked_json import WrongValueError, loads, mapping, text, whole
from restorack.errors import DiskFullError, FileError
from restorack.io.closing import Closing
from restorack.render.batch.job import Job, Outcome, Record
from restorack.render.batch.output_layout import KINDS, Kind, stays_below
from restorack.render.batch.recipe import Recipe
from restorack.render.batch.state import FileState
from restorack.text import path_of_text, path_text

SCHEMA_VERSION = 1
"""Of the database's tables, as PRAGMA user_version."""
LARGEST_NUMBER = 1 << 63
"""The end of SQLite's integers, 64 bits with a sign."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS recipes (
    digest TEXT PRIMARY KEY,      -- SHA-256 of the document
    document TEXT NOT NULL        -- JSON: rack, settings, versions, hashes of plugins and weights
);
CREATE TABLE IF NOT EXISTS files (
    key TEXT PRIMARY KEY,         -- path of the output below the output folder
    source TEXT NOT NULL,
    source_state TEXT,            -- JSON: size, mtime_ns, ctime_ns, sha256
    recipe TEXT NOT NULL REFERENCES recipes (digest),
    status TEXT NOT NULL,         -- running, done, failed, quarantined, or refused (see refuse)
    attempts INTEGER NOT NULL,
    products TEXT NOT NULL,       -- JSON: kind of file to its state, as of source_state
    error TEXT,                   -- JSON: what, where, rule, remedy, type
    warnings TEXT NOT NULL,       -- JSON: list
    audio_seconds REAL NOT NULL,
    seconds REAL NOT NULL,        -- that the render took
    changed REAL NOT NULL         -- when this row did, in seconds since 1970
);
CREATE TABLE IF NOT EXISTS tries (
    key TEXT PRIMARY KEY,         -- of a file that was begun, and was not done yet
    count INTEGER NOT NULL,       -- how often
    size INTEGER NOT NULL         -- of the source then: another one starts afresh
);
CREATE TABLE IF NOT EXISTS runs (
    began REAL NOT NULL,          -- in seconds since 1970
    ended REAL,                   -- empty while it runs, and where it was killed
    files INTEGER NOT NULL,       -- that it is to look at
    shard TEXT NOT NULL           -- K/N, or empty
);
"""


@dataclass(frozen=True)
class DoneFile:
    """A file that was done: its key, its source, when that was noted, and the states of all."""

    key: str
    source: Path
    changed: float
    record: Record


class Manifest(Closing):
    """The database of one output folder; only the process that owns the folder writes it.

    Parameters
    ----------
    path : Path
    read_only : bool
        Another process's, that is only looked at.

    Raises
    ------
    FileError
        Where it cannot be opened, is of a later version or no manifest.

    Attributes
    ----------
    damaged : set of str
        Keys of rows that said ``done`` and cannot be read.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path, self._read_only = path, read_only
        self.damaged: set[str] = set()
        with self._named():
            # Autocommit: every statement is whole at once, whenever the process is killed.
            target = f"{path.absolute().as_uri()}?mode=ro" if read_only else path
            self._base = sqlite3.connect(target, timeout=5.0, isolation_level=None, uri=read_only)
        try:
            self._set_up()
        except BaseException:
            self.close()
            raise

    def _set_up(self) -> None:
        self._base.text_factory = _decoded
        with self._named():
            self._check_is_manifest()
            if self._read_only:
                return
            # Parts of a batch are read from other machines, where a WAL cannot be.
            mode = "DELETE" if "-of-" in self._path.name else "WAL"
            self._base.execute(f"PRAGMA journal_mode={mode}")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._check_version()
            self._base.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database; closing twice does no harm."""
        self._base.close()

    def keys(self) -> list[str]:
        """Return the keys of all files ever begun; damaged ones, which name none, are left out."""
        found = self._ask("SELECT key FROM files WHERE status != 'refused'")
        return [key for (key,) in found if isinstance(key, str) and stays_below(key)]

    def outputs(self, root: Path) -> frozenset[Path]:
        """Return the output files ever begun, below an output folder."""
        return frozenset(root / key for key in self.keys())

    def record(self, key: str) -> Record | None:
        """Return what is known of a file that was done; None for others."""
        rows = self._ask(
            "SELECT source_state, recipe, products FROM files WHERE key = ? AND status = 'done'",
            key,
        )
        if not rows:
            return None
        try:
            return _record(*rows[0])
        except ValueError:  # JSON's own, and WrongValueError
            self.damaged.add(key)
            return None

    def done(self) -> Iterator[DoneFile]:
        """Yield all files that were done, by key; damaged rows are left out."""
        names = "key, source, changed, source_state, recipe, products"
        found = self._ask(f"SELECT {names} FROM files WHERE status = 'done' ORDER BY key")  # noqa: S608  constants
        for key, source, changed, *values in found:
            with suppress(ValueError):
                yield DoneFile(text(key, "key"), path_of_text(text(source, "source")),
                               float(changed), _record(*values))  # fmt: skip

    def recipe(self, digest: str) -> dict[str, Any]:
        """Return a recipe's document; empty where it cannot be read."""
        rows = self._ask("SELECT document FROM recipes WHERE digest = ?", digest)
        try:
            return mapping(loads(text(rows[0][0], "document")), "a recipe") if rows else {}
        except ValueError:
            return {}

    def knows(self, key: str) -> bool:
        """Return whether a file was ever begun: what lies in its place is then the batch's own."""
        return bool(self._ask("SELECT 1 FROM files WHERE key = ? AND status != 'refused'", key))

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows as JSON-ready values, by key."""
        names = ("key", "source", "recipe", "status", "attempts", "error")
        found = self._ask(f"SELECT {', '.join(names)} FROM files ORDER BY key")  # noqa: S608  constants
        rows = [dict(zip(names, row, strict=True)) for row in found]
        return [row | {"error": _error_of(row["error"])} for row in rows]

    def progress(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the rows of all files, and the runs in their order; damaged rows are left out."""
        names = ("key", "source", "status", "attempts", "error", "audio_seconds", "changed")
        found = self._ask(f"SELECT {', '.join(names)} FROM files")  # noqa: S608  constants
        rows = [dict(zip(names, row, strict=True)) for row in found]
        whole = [row | {"error": _error_of(row["error"])} for row in rows
                 if isinstance(row["changed"], float) and isinstance(row["key"], str)]  # fmt: skip
        columns = ("began", "ended", "files", "shard")
        has_runs = self._ask("SELECT 1 FROM sqlite_master WHERE name = 'runs'")
        runs = self._ask(f"SELECT {', '.join(columns)} FROM runs") if has_runs else []  # noqa: S608
        return whole, [dict(zip(columns, run, strict=True)) for run in runs]

    def note_recipe(self, recipe: Recipe) -> None:
        """Keep a recipe's document."""
        self._ask("INSERT OR IGNORE INTO recipes VALUES (?, ?)", recipe.digest, recipe.document)

    def changed(self, key: str) -> float:
        """Return when a file's row was last written, in seconds since 1970."""
        rows = self._ask("SELECT changed FROM files WHERE key = ?", key)
        when = rows[0][0] if rows else None
        return float(when) if isinstance(when, float) else 0.0  # a damaged row is older than any

    def begin_run(self, files: int, shard: str) -> None:
        """Note that a batch of so many files begins."""
        self._ask("INSERT INTO runs VALUES (?, NULL, ?, ?)", time.time(), files, shard)

    def end_run(self) -> None:
        """Note that the last batch has ended."""
        self._ask("UPDATE runs SET ended = ? WHERE rowid = (SELECT MAX(rowid) FROM runs)",
                  time.time())  # fmt: skip

    def tries(self, job: Job) -> int:
        """Return how often a file was tried without success, as it is now."""
        asked = "SELECT count FROM tries WHERE key = ? AND size = ?"
        try:
            rows = self._ask(asked, job.key, job.size)
        except FileError:  # of a batch before such were counted, that is only looked at
            return 0
        return int(rows[0][0]) if rows else 0

    def begin(self, job: Job) -> None:
        """Note that a file is about to be worked on; what was found out before is kept."""
        self._ask("INSERT OR REPLACE INTO tries VALUES (?, ?, ?)", job.key, self.tries(job) + 1,
                  job.size)  # fmt: skip
        if self.knows(job.key):
            self._update(job, status="running", recipe=job.recipe.digest, attempts=job.attempt)
        else:
            self._put(job, "running", Outcome(job.key, "failed"))

    def finish(self, job: Job, outcome: Outcome) -> None:
        """Record the outcome of a file."""
        if outcome.status in ("done", "unchanged"):
            self._ask("DELETE FROM tries WHERE key = ?", job.key)
        elif outcome.status == "failed" and job.attempt > 1:
            self._ask("UPDATE tries SET count = count + ? WHERE key = ?", job.attempt - 1, job.key)
        if outcome.status == "quarantined" and self.knows(job.key):  # with its last error
            self._ask("UPDATE files SET status = ?, changed = ? WHERE key = ?", outcome.status,
                      time.time(), job.key)  # fmt: skip
        elif outcome.status == "unchanged":
            state, products = _states(outcome)
            self._update(job, status="done", source_state=state, products=products)
        else:
            self._put(job, outcome.status, outcome)

    def refuse(self, job: Job, outcome: Outcome) -> None:
        """Note a file that was not begun, since in its place lies one that is not the batch's."""
        self._put(job, "refused", outcome)

    def _put(self, job: Job, status: str, outcome: Outcome) -> None:
        state, products = _states(outcome)
        error = None if outcome.error is None else json.dumps(described(outcome.error))
        self._ask(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            job.key, path_text(job.source), state, job.recipe.digest, status, job.attempt,
            products, error, json.dumps(outcome.warnings),
            outcome.audio_seconds, outcome.seconds, time.time(),
        )  # fmt: skip

    def _update(self, job: Job, **columns: Any) -> None:
        columns |= {"changed": time.time(), "error": None}
        settings = ", ".join(f"{name} = ?" for name in columns)
        self._ask(f"UPDATE files SET {settings} WHERE key = ?", *columns.values(), job.key)  # noqa: S608  our own names

    def _ask(self, statement: str, *values: Any) -> list[Any]:
        with self._named():
            return self._base.execute(statement, values).fetchall()

    def _check_is_manifest(self) -> None:
        """Refuse a database with programs in it: views and triggers, which no manifest has."""
        self._base.execute("PRAGMA trusted_schema = OFF")
        others = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index')"
        if self._base.execute(others).fetchall():
            raise FileError(
                "is not a manifest of restorack",
                where=str(self._path),
                remedy="remove it, and the batch starts afresh",
            )

    def _check_version(self) -> None:
        [(version,)] = self._base.execute("PRAGMA user_version").fetchall()
        if version > SCHEMA_VERSION:
            raise FileError(
                f"a manifest of version {version}",
                where=str(self._path),
                rule=f"this restorack knows versions up to {SCHEMA_VERSION}",
                remedy="use a later restorack, or another output folder",
            )
        self._base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn the database's errors into ones that name the file."""
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter from damaged names
            full = getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
            raise (DiskFullError if full else FileError)(
                f"the manifest fails: {error}",
                where=str(self._path),
                rule="what was done is kept in a SQLite database",
                remedy="free some space"
                if full
                else "remove it and run with --force: the batch starts afresh",
            ) from None


def _decoded(data: bytes) -> str:
    """Return a text of the database; bytes that are no UTF-8 make it another, not an error."""
    return data.decode("utf-8", "replace")


def read_record(source: Any, recipe: Any, products: Any) -> Record:
    """Return what was kept of a file as JSON values; raise ValueError where it is damaged."""
    named = mapping(products, "products")
    unknown = set(named) - set(KINDS)
    if unknown or "output" not in named:
        raise WrongValueError(f"products are {', '.join(sorted(named))}")
    states = {cast("Kind", kind): _state(value) for kind, value in named.items()}
    return Record(_state(source), text(recipe, "recipe"), states)


def _record(state: Any, recipe: Any, products: Any) -> Record:
    """Return what a row says; raise ValueError where it is damaged."""
    return read_record(
        loads(text(state, "source_state")), recipe, loads(text(products, "products"))
    )


def _state(value: Any) -> FileState:
    found = mapping(value, "a state")
    if set(found) | {"tag"} != set(FileState.__dataclass_fields__):
        raise WrongValueError("a state has size, times and hash")
    numbers = {
        name: whole(found[name], name, -LARGEST_NUMBER, LARGEST_NUMBER)
        for name in ("size", "mtime_ns", "ctime_ns")
    }
    return FileState(
        **numbers, sha256=text(found["sha256"], "sha256"), tag=text(found.get("tag", ""), "tag")
    )


def _error_of(value: Any) -> Any:
    """Return a row's error; None where there is none, or none that can be read."""
    try:
        return loads(text(value, "error"))
    except ValueError:
        return None


def _states(outcome: Outcome) -> tuple[str | None, str]:
    """Return the states of source and products as JSON."""
    state = outcome.source_state
    source = None if state is None else json.dumps(state.to_dict())
    return source, json.dumps({kind: one.to_dict() for kind, one in outcome.products.items()})


def described(error: Exception) -> dict[str, str]:
    """Return an error's fields as JSON-ready values."""
    fields = {name: str(getattr(error, name, "")) for name in ("what", "where", "rule", "remedy")}
    fields["what"] = fields["what"] or " ".join(str(error).split())
    return {"type": type(error).__name__, **fields}
