"""One METS document for the output folder of a batch, with PREMIS 3 in it, by metsrw."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from restorack.archive.needs import require
from restorack.archive.premis import (
    FileObject,
    batch_event,
    event_identifier,
    premis_object,
    software,
)
from restorack.errors import ChecksumError, FileError
from restorack.io.atomic import write_whole
from restorack.render.batch.manifest import DoneFile, Manifest
from restorack.render.batch.output_layout import STATE_FOLDER, Kind, OutputLayout
from restorack.render.batch.shards import MANIFESTS

MOST_SHOWN = 10
"""Files that do not hold, in an error."""
_ROLES: dict[Kind, str] = {"output": "restored", "difference": "removed"}
"""Of the products that hold sound; the others are named as what they are."""


@dataclass
class _Batch:
    """What all manifests of a folder have noted: the files, and what recipes are called."""

    files: dict[str, DoneFile] = field(default_factory=dict)
    recipes: dict[str, tuple[str, str]] = field(default_factory=dict)


def write_batch_mets(folder: Path, path: Path, *, force: bool = False) -> int:
    """Write what a batch has done to all its files; return how many it has done.

    Every file is read, and compared with what the batch has noted.

    Parameters
    ----------
    folder : Path
        The output folder.
    path : Path
        Of the METS document; the files' paths in it are relative to its folder.
    force : bool
        Replace a document that is there.

    Raises
    ------
    ChecksumError
        Where files are missing, or hold something else than was noted.
    FileError
        Where no batch has done a file there, or the document cannot be written.
    ParameterError
        Without metsrw.
    """
    metsrw = require("metsrw")
    batch = _read(folder)
    if not batch.files:
        raise FileError("no batch has done a file in this folder", where=str(folder),
                        remedy="name the output folder of a batch")  # fmt: skip
    layout = OutputLayout(folder.absolute())
    _refuse_altered(layout, batch.files.values())
    sources, made, agents = _Tree(metsrw), _Tree(metsrw), set[str]()
    for done in batch.files.values():
        name, version = batch.recipes.get(done.record.recipe, ("", "unknown"))
        entries = _entries(metsrw, layout, done, path.absolute().parent, (name, version))
        if version not in agents:
            agents.add(version)
            entries[1].add_premis_agent(software("restorack", version))
        sources.add(done.key, entries[:1])
        made.add(done.key, entries[1:])
    document = metsrw.METSDocument()
    # Apart: metsrw takes siblings of one name for one file when it reads a document.
    halves = [sources.whole("sources"), made.whole("restored")]
    name = folder.absolute().name
    document.append_file(metsrw.FSEntry(path=name, label=name, type="Directory", children=halves))
    buffer = io.BytesIO()
    document.write(buffer, pretty_print=True)
    write_whole(path, buffer.getvalue(), force=force)
    return len(batch.files)


def _read(folder: Path) -> _Batch:
    """Return the files by key, each by its latest row over all parts."""
    found = _Batch()
    for path in sorted((folder / STATE_FOLDER).glob(MANIFESTS)):
        with Manifest(path, read_only=True) as manifest:
            for done in manifest.done():
                before = found.files.get(done.key)
                if before is None or done.changed >= before.changed:
                    found.files[done.key] = done
                digest = done.record.recipe
                if digest not in found.recipes:
                    document = manifest.recipe(digest)
                    version = document.get("versions", {}).get("restorack", "unknown")
                    found.recipes[digest] = (str(document.get("preset", "")), str(version))
    found.files = dict(sorted(found.files.items()))
    return found


def _refuse_altered(layout: OutputLayout, files: Iterable[DoneFile]) -> None:
    altered = []
    for done in files:
        products = done.record.products
        states = [(done.source, done.record.source_state)]
        states += [(layout.product(done.key, kind), state) for kind, state in products.items()]
        altered += [str(path) for path, state in states if not state.is_still(path)]
    if altered:
        shown = ", ".join(altered[:MOST_SHOWN])
        more = f" and {len(altered) - MOST_SHOWN} more" if len(altered) > MOST_SHOWN else ""
        raise ChecksumError(
            f"missing or altered: {shown}{more}",
            where=str(layout.root),
            rule="the document states hashes that hold",
            remedy="put the sources back, or run the batch again",
        )


def _entries(
    metsrw: Any, layout: OutputLayout, done: DoneFile, folder: Path, made_by: tuple[str, str]
) -> list[Any]:
    """Return METS' entries of a file's source, output and other products."""
    place = done.key
    source = FileObject.of("source", done.source, place)
    sound = [(kind, layout.product(done.key, kind)) for kind in _ROLES
             if kind in done.record.products]  # fmt: skip
    outputs = [FileObject.of(_ROLES[kind], path, place) for kind, path in sound]
    event = event_identifier(outputs[0], "batch")
    entries: list[Any] = []
    for file in (source, *outputs):
        entry = metsrw.FSEntry(
            os.path.relpath(file.path, folder), label=file.path.name,
            use="original" if file is source else "derivative", file_uuid=file.identifier,
            checksum=file.sha512, checksumtype="SHA-512",
            derived_from=entries[0] if entries else None,
        )  # fmt: skip
        entry.add_premis_object(premis_object(file, source if entries else None, event))
        entries.append(entry)
    moment = datetime.fromtimestamp(done.changed, UTC)
    name, version = made_by
    recipe = f"{name} sha256:{done.record.recipe}"
    entries[1].add_premis_event(
        batch_event(source, outputs, moment, recipe, f"restorack {version}")
    )
    return entries


class _Tree:
    """Directories as the batch's keys name them."""

    def __init__(self, metsrw: Any) -> None:
        self._metsrw = metsrw
        self._entries: list[Any] = []
        self._folders: dict[str, _Tree] = {}

    def add(self, key: str, entries: Sequence[Any]) -> None:
        """Put a file's entries where its key says."""
        folder, slash, rest = key.partition("/")
        if slash:
            self._folders.setdefault(folder, _Tree(self._metsrw)).add(rest, entries)
        else:
            self._entries += entries

    def whole(self, name: str) -> Any:
        """Return the directory with all that is in it."""
        below = [tree.whole(folder) for folder, tree in sorted(self._folders.items())]
        return self._metsrw.FSEntry(
            path=name, label=name, type="Directory", children=[*self._entries, *below]
        )
