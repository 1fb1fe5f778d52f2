"""The list of repairs: what a report says of each, and how it is read back to keep or revert."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restorack.audio.gate import Rows
from restorack.contract.records import Records
from restorack.errors import FileError

LARGEST_FILE = 1 << 28


@dataclass(frozen=True)
class Repair:
    """One repaired run of one channel.

    Attributes
    ----------
    sample, width : int
        First sample and number of samples, at the rate of the stage.
    channel : int
        Counted from 0.
    seconds, width_ms : float
        The same in time.
    peak : float
        The largest change, full scale 1.
    strength_db : float
        How far it stood out of the residual.
    confidence : float
        Probability that it was a click, 0 to 1.
    found_by : str
        ``residual``, ``network`` or ``both``; ``list`` where a list of repairs added it.
    crc32 : int
        Of its original float32 samples: a list is only applied to the file that it came from.
    keep : bool
        False: found, and left as it was, since a list of repairs says so.
    tail : int
        Samples after the run that a slow swing was taken off.
    """

    sample: int
    width: int
    channel: int
    seconds: float
    width_ms: float
    peak: float
    strength_db: float
    confidence: float
    found_by: str
    crc32: int
    keep: bool
    tail: int = 0


class RepairRecords(Records):
    """Repairs, kept as bytes; each entry has the values of a :class:`Repair`."""

    layout = "<qqidddddiI?q"

    def __init__(self) -> None:
        super().__init__()
        self._finders: list[str] = []

    def append(self, repair: Repair) -> None:
        """Keep a repair."""
        values = vars(repair)
        if repair.found_by not in self._finders:
            self._finders.append(repair.found_by)
        self._keep(*(values | {"found_by": self._finders.index(repair.found_by)}).values())

    def _entry(self, values: tuple[Any, ...]) -> dict[str, Any]:
        entry = dict(zip(Repair.__dataclass_fields__, values, strict=True))
        return entry | {"found_by": self._finders[entry["found_by"]]}


@dataclass(frozen=True, slots=True)
class Order:
    """What a list asks for at one place; ``crc32`` is None where a person added it."""

    sample: int
    width: int
    channel: int
    strength_db: float
    confidence: float
    found_by: str
    crc32: int | None
    keep: bool
    tail: int


@dataclass(frozen=True)
class RepairList:
    """The orders of a list, and the stream that they are for."""

    path: Path
    sample_rate: float
    channels: int
    samples: int
    orders: tuple[Order, ...]

    def check_stream(self, sample_rate: float, channels: int) -> None:
        """Refuse a stream of another rate or number of channels."""
        if (sample_rate, channels) != (self.sample_rate, self.channels):
            raise self.refusal(
                f"the stream has {sample_rate:g} Hz and {channels} channels",
                f"the list was made at {self.sample_rate:g} Hz for {self.channels}",
            )

    def check_length(self, samples: int) -> None:
        """Refuse a stream of another length."""
        if samples != self.samples:
            raise self.refusal(
                f"the stream has {samples} samples", f"the list was made for {self.samples}"
            )

    def refusal(self, what: str, rule: str) -> FileError:
        """Return the error that says why the list is not for this stream."""
        return FileError(
            f"the list of repairs is not for this audio: {what}",
            where=str(self.path),
            rule=rule,
            remedy="render the same file from the same stages, or make a new list with --report",
        )


def checksum(samples: Rows) -> int:
    """Return the CRC-32 of float32 samples, little-endian."""
    return zlib.crc32(np.ascontiguousarray(samples, dtype="<f4").tobytes())


def read_repairs(path: Path, stage: str) -> RepairList:
    """Read the list of a stage out of a report, or out of a file with the stage's findings alone.

    Parameters
    ----------
    path : Path
        JSON, as ``restorack render --report`` writes it.
    stage : str
        Name of the stage, such as ``restorack.Declicker``.

    Raises
    ------
    FileError
        Where there is no such list, more than one, an incomplete one, or a wrong entry.
    """
    found = [part for part in _dictionaries(_document(path)) if part.get("stage") == stage]
    if len(found) != 1:
        raise FileError(
            f"{len(found)} lists of repairs of {stage}",
            where=str(path),
            rule="a report with one stage of this name, or its findings alone",
        )
    values = found[0]
    if values.get("unlisted"):
        raise FileError(
            f"{values['unlisted']} repairs are counted but not listed",
            where=str(path),
            rule="a list of all repairs",
            remedy="render in parts, with --start and --end",
        )
    try:
        orders = tuple(_order(values["channels"], entry) for entry in values["listed"])
        rate, channels = float(values["sample_rate_hz"]), int(values["channels"])
        return RepairList(path, rate, channels, int(values["samples"]), orders)
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(
            f"not a list of repairs: {error!r}",
            where=str(path),
            rule="each repair has sample, width, channel and keep",
        ) from None


def _order(channels: int, entry: dict[str, Any]) -> Order:
    keep = entry.get("keep", True)
    if not isinstance(keep, bool):
        raise ValueError(f"keep is {keep!r}, not true or false")
    crc32 = entry.get("crc32")
    order = Order(
        int(entry["sample"]),
        int(entry["width"]),
        int(entry.get("channel", 0)),
        float(entry.get("strength_db", 0.0)),
        float(entry.get("confidence", 1.0)),
        str(entry.get("found_by", "list")),
        None if crc32 is None else int(crc32),
        keep,
        int(entry.get("tail", 0)),
    )
    if order.sample < 0 or order.width < 1 or order.tail < 0 or not 0 <= order.channel < channels:
        raise ValueError(f"sample {order.sample}, width {order.width}, channel {order.channel}")
    return order


def _document(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError("too large for a list of repairs", where=str(path))
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (ValueError, RecursionError) as error:
        raise FileError(f"not JSON: {error}", where=str(path)) from None


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every dictionary of a document, whatever it is in."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _dictionaries(part)
