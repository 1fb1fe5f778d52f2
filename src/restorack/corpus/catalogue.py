"""The catalogue of a corpus: one line of JSON per piece, which says what it is and whose."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from restorack.errors import CorpusError

CATALOGUE = "pieces.jsonl"
Split = Literal["train", "validation"]


class Piece(BaseModel):
    """A piece of clean audio.

    Attributes
    ----------
    file : str
        A WAV file, from the corpus's folder.
    key : str
        What the piece was made from: nothing is added twice under one key.
    kind : str
        ``render``, ``music``, ``notes``, ``speech`` or ``own``.
    wall_hz : float
        Nothing real is above it.
    floor_db : float
        The noise floor under the programme, in dB.
    lossy : bool
        Whether it went through a lossy coding.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    key: str
    kind: str
    split: Split
    sample_rate: int = Field(gt=0)
    channels: int = Field(ge=1)
    frames: int = Field(ge=1)
    wall_hz: float = Field(gt=0)
    floor_db: float | None = None
    lossy: bool = False
    source: str
    licence: str
    attribution: str = ""

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.frames / self.sample_rate


def read_catalogue(folder: str | PathLike[str]) -> list[Piece]:
    """Return a corpus's pieces in the order in which they were added.

    Raises
    ------
    CorpusError
        Where there is no catalogue, or a line of it is not a piece.
    """
    path = Path(folder) / CATALOGUE
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CorpusError(
            f"no corpus here ({error.strerror})",
            where=str(folder),
            rule=f"a corpus is a folder with a file {CATALOGUE}",
            remedy=f"make one of recordings by restorack corpus add CORPUS {folder}, or by "
            "restorack corpus build, and name it in the configuration",
        ) from None
    pieces = []
    # What a killed build was just writing has no end of line yet.
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.endswith("\n"):
            pieces.append(_piece(line, f"{path}:{number}"))
    return pieces


def add_to_catalogue(folder: Path, piece: Piece) -> None:
    """Append a piece whose file is there."""
    path = folder / CATALOGUE
    line = f"{piece.model_dump_json()}\n".encode()
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":  # a torn line, of a build that was killed
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def summarise_sources(pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    """Return source, licence, attribution and minutes of what a list of pieces is made of."""
    minutes: dict[tuple[str, str, str], float] = {}
    for piece in pieces:
        key = (piece.source, piece.licence, piece.attribution)
        minutes[key] = minutes.get(key, 0.0) + piece.seconds / 60.0
    return [
        {"source": source, "licence": licence, "attribution": whose, "minutes": round(sum_, 2)}
        for (source, licence, whose), sum_ in sorted(minutes.items())
    ]


def _piece(line: str, where: str) -> Piece:
    try:
        return Piece.model_validate(json.loads(line))
    except (ValueError, ValidationError) as error:
        raise CorpusError(
            f"not a piece of a corpus: {str(error).splitlines()[0]}",
            where=where,
            remedy="remove the line",
        ) from None
