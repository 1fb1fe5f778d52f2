"""A METS document for each file of a render, with PREMIS 3 in it, by metsrw."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.archive.needs import require
from restorack.archive.premis import (
    FileObject,
    agents,
    event_identifier,
    premis_object,
    stage_events,
    statement_event,
)
from restorack.archive.statement import state
from restorack.io.atomic import write_whole
from restorack.render.result import RenderResult


def write_mets(
    path: str | PathLike[str],
    result: RenderResult,
    *,
    start: float | None = None,
    force: bool = False,
    sources: Iterable[str | PathLike[str]] = (),
) -> None:
    """Write what was done to a file, for an archive's records.

    Parameters
    ----------
    path : path-like
        Of the METS document; the files' paths in it are relative to its folder.
    result : RenderResult
        Of a render whose files are there.
    start : float, optional
        Of the span that was rendered, in seconds of the source.
    force, sources
        As of :func:`restorack.io.atomic.write_whole`.

    Raises
    ------
    ParameterError
        Without metsrw.
    FileError
        Where a file cannot be read, or the document cannot be written.
    """
    target = Path(path)
    document = build_mets(target.parent, result, datetime.now(UTC), start)
    buffer = io.BytesIO()
    document.write(buffer, pretty_print=True)
    write_whole(target, buffer.getvalue(), force=force, sources=sources)


def build_mets(
    folder: Path, result: RenderResult, moment: datetime, start: float | None = None
) -> Any:
    """Return the METS document of a render; see :func:`write_mets`."""
    metsrw = require("metsrw")
    source, output = (
        FileObject.of("source", result.source),
        FileObject.of("restored", result.output),
    )
    files = [source, output]
    if result.difference is not None:
        files.append(FileObject.of("removed", result.difference))
    statement = state(result, round((start or 0.0) * result.input_rate))
    steps = sum(len(stage.stages) for stage in result.stages)
    made_by = event_identifier(output, f"stage {steps}" if steps else "statement")
    entries: list[Any] = []
    for file in files:
        use = "original" if file is source else "derivative"
        entry = metsrw.FSEntry(
            os.path.relpath(file.path, folder), label=file.path.name, use=use,
            file_uuid=file.identifier, checksum=file.sha512, checksumtype="SHA-512",
            derived_from=entries[0] if entries else None,
        )  # fmt: skip
        entry.add_premis_object(premis_object(file, source if entries else None, made_by))
        entries.append(entry)
    for event in stage_events(result, source, output, moment):
        entries[1].add_premis_event(event)
    entries[1].add_premis_event(statement_event(statement, files, moment))
    for agent in agents(result):
        entries[1].add_premis_agent(agent)
    document = metsrw.METSDocument()
    # Apart: metsrw takes siblings of one name for one file when it reads a document.
    halves = [
        metsrw.FSEntry(path=name, label=name, type="Directory", children=children)
        for name, children in (("sources", entries[:1]), ("restored", entries[1:]))
    ]
    document.append_file(
        metsrw.FSEntry(path="objects", label="objects", type="Directory", children=halves)
    )
    return document
