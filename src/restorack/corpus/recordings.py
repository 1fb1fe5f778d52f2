"""A folder of recordings with a table of where they are from: ``SOURCES.tsv``."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import CorpusError, RestorackError

TABLE = "SOURCES.tsv"
KINDS = ("music", "notes", "speech")

_NEEDED = ("name", "licence")
_PART = re.compile(r"([_-](backing|guitar|bass|drums|vocals|mov\d*)|[_-]?\d+)+$")


@dataclass(frozen=True)
class Recording:
    """A file and what its table says of it.

    Attributes
    ----------
    path : Path
    name : str
        From the folder, such as ``music/violin.flac``.
    kind : str
        ``music``, ``notes`` or ``speech``: the first folder of its name; otherwise ``music``.
    licence, attribution : str
    wall_hz, floor_db : float or None
        Where a coding has cut the band, and the floor under the programme, if they are told.
    """

    path: Path
    name: str
    kind: str
    licence: str
    attribution: str
    wall_hz: float | None
    floor_db: float | None

    @property
    def work(self) -> str:
        """What it is a part of: the stem without its last numbers, so that splits keep together."""
        stem = Path(self.name).stem
        return _PART.sub("", stem) or stem


def read_recordings(folder: Path) -> list[Recording]:
    """Return the recordings of a folder, by name.

    Parameters
    ----------
    folder : Path
        With a tab-separated table ``SOURCES.tsv`` whose first line names its columns: ``name``
        and ``licence``; if they are there also ``performer``, ``repo`` or ``source``,
        ``brickwall_kHz`` and ``floor_p2_dB_re_prog``.

    Raises
    ------
    CorpusError
        Without a table, without its columns, or where a file or a licence is missing.
    """
    table = folder / TABLE
    try:
        text = table.read_text(encoding="utf-8")
    except OSError as error:
        raise CorpusError(
            f"cannot be read ({error.strerror})",
            where=str(table),
            rule=f"recordings have a table {TABLE} with their names and licences",
            remedy="write one, or use restorack corpus add for recordings of your own",
        ) from None
    reader = csv.DictReader(text.splitlines(), delimiter="\t")
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise CorpusError(
            f"no column {missing[0]!r}", where=f"{table}:1", rule="columns name and licence"
        )
    rows = [_recording(folder, row, f"{table}:{number}") for number, row in enumerate(reader, 2)]
    return sorted(rows, key=lambda one: one.name)


def _recording(folder: Path, row: dict[str, str | None], where: str) -> Recording:
    cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
    name, licence = cells["name"], cells["licence"]
    path = folder / name
    if not licence:
        raise CorpusError(f"{name!r} has no licence", where=where)
    if not path.is_file():
        raise CorpusError(f"{name!r} is not there", where=where)
    kind = name.split("/")[0]
    wall = _number(cells.get("brickwall_kHz", ""))
    whose = [cells.get("performer", ""), cells.get("repo", "") or cells.get("source", "")]
    return Recording(
        path,
        name,
        kind if kind in KINDS else "music",
        licence,
        "; ".join(part for part in whose if part),
        None if wall is None else 1000.0 * wall,
        _number(cells.get("floor_p2_dB_re_prog", "")),
    )


def read_audio(path: Path, sample_rate: int, channels: int) -> tuple[Rows, bool]:
    """Return a whole file at a rate, and whether its coding is lossy.

    Parameters
    ----------
    path : Path
    sample_rate : int
        In Hz.
    channels : int
        1: the mean of the file's; 2: its first two, or one twice.

    Raises
    ------
    CorpusError
        For a file that cannot be read.
    """
    import soxr

    from restorack.io.reader import AudioReader

    try:
        with AudioReader(path) as reader:
            info = reader.info
            blocks = [_with_channels(block, channels) for block in reader.blocks()]
    except RestorackError as error:
        raise CorpusError(error.what, where=error.where or str(path)) from error
    rows = np.concatenate(blocks, axis=1) if blocks else np.zeros((channels, 0), np.float32)
    if info.sample_rate != sample_rate:
        rows = soxr.resample(rows.T, info.sample_rate, sample_rate).T
    return np.ascontiguousarray(rows, np.float32), info.is_lossy


def _with_channels(block: Rows, channels: int) -> Rows:
    if channels == 1:
        mean: Rows = block.mean(axis=0, keepdims=True, dtype=np.float32)
        return mean
    return block[:2] if block.shape[0] > 1 else np.repeat(block, 2, axis=0)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
