"""Manifests of batches: rows, and bytes of the database, damaged between two runs."""

from __future__ import annotations

import functools
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from batches import run_inline, want, write

from fuzzing.law import require
from fuzzing.mutations import any_value, mutated_bytes, mutated_text, mutated_tree
from restorack.render.batch import OutputLayout, OutputSpec

COLUMNS = (
    "key", "source", "source_state", "recipe", "status", "attempts", "products", "error",
    "warnings", "audio_seconds", "seconds", "changed",
)  # fmt: skip


@functools.cache
def _wanted() -> OutputSpec:
    return want(Path("/"))  # its recipe takes the longest


def _run(folder: Path) -> Any:
    wanted = replace(_wanted(), layout=OutputLayout(folder / "out"))
    return run_inline([folder / "in"], wanted)[0]


@functools.cache
def _finished() -> tuple[tempfile.TemporaryDirectory[str], dict[str, bytes]]:
    """Return a folder with a batch that is done, and what its outputs hold."""
    holder = tempfile.TemporaryDirectory(prefix="restorack-fuzz-")
    root = Path(holder.name)
    for number in range(3):
        write(root / "in" / f"{number}.wav", number, seconds=0.02)
    _run(root)
    return holder, _outputs(root / "out")


def _outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.wav"))}


def trial(choose: Random, folder: Path) -> None:
    """Run a batch again over a damaged manifest: refused by name, or all is there and right."""
    holder, right = _finished()
    shutil.copytree(Path(holder.name), folder, dirs_exist_ok=True)
    place = folder / "out" / ".restorack" / "manifest.sqlite"
    if choose.random() < 0.75:
        _damage_rows(place, choose)
    else:
        place.write_bytes(mutated_bytes(place.read_bytes(), choose, head=120))
    lost = choose.choice(list(right)) if choose.random() < 0.3 else ""
    if lost:
        (folder / "out" / lost).unlink()
    try:
        result = _run(folder)
    finally:
        kept = {name: data for name, data in _outputs(folder / "out").items() if name != lost}
        expected = {name: data for name, data in right.items() if name != lost}
        require(kept == expected, "an output was lost or changed")
    for entry in result.entries:
        if entry.status in ("done", "unchanged"):
            made = entry.job.product("output").read_bytes()
            require(made == right[entry.job.key], f"{entry.job.key} is called {entry.status}")
        else:
            require(entry.error is not None, f"{entry.job.key} is {entry.status} without a reason")


def _damage_rows(place: Path, choose: Random) -> None:
    with closing(sqlite3.connect(place, isolation_level=None)) as base:
        for _ in range(choose.randint(1, 3)):
            column = choose.choice(COLUMNS)
            rows = base.execute(f"SELECT rowid, {column} FROM files").fetchall()  # noqa: S608
            if not rows:
                return
            row, value = choose.choice(rows)
            try:
                base.execute(
                    f"UPDATE files SET {column} = ? WHERE rowid = ?",  # noqa: S608
                    (_damaged(value, choose), row),
                )
            except (sqlite3.IntegrityError, OverflowError):
                base.execute("DELETE FROM files WHERE rowid = ?", (row,))


def _damaged(value: Any, choose: Random) -> Any:
    """Return another value of a column: JSON with a wrong part, bytes, or anything."""
    way = choose.randrange(5)
    if way == 0 and isinstance(value, str) and value.startswith("{"):
        return json.dumps(mutated_tree(json.loads(value), choose))
    if way == 1 and isinstance(value, str):
        return mutated_text(value.encode(), choose).decode("latin-1")
    if way == 2 and isinstance(value, str):
        return value.encode()[: choose.randint(0, len(value))]
    other = any_value(choose)
    if isinstance(other, dict | list):
        return json.dumps(other)
    if isinstance(other, str):
        return other.encode("utf-8", "replace").decode()
    return other
