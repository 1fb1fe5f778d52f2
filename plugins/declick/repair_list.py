"""The list of repairs: what a report says of each, and how it is read back to keep or revert."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restorack.core.checked_json import (
    WrongValueError,
    listing,
    mapping,
    number_within,
    one_of,
    read_json,
    truth,
    whole,
)
from restorack.core.records import Records
from restorack.dsp.arrays import MAX_CHANNELS, Rows
from restorack.errors import FileError

# Bounds of what is read: bytes (1.3 KB for each of the 100,000 repairs that a report lists at
# most), and samples of a position or length (200 years at 44.1 kHz).
LARGEST_FILE = 1 << 27
MOST_SAMPLES = 1 << 48
FINDERS = ("residual", "network", "both", "list")

STRENGTHS_DB = (-3000.0, 3000.0)
"""What a float64 holds as a power."""


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
class RepairInstruction:
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
    instructions: tuple[RepairInstruction, ...]

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

    def check_widths(self, longest: int) -> None:
        """Refuse a repair that is longer than the stage can fill."""
        for order in self.instructions:
            if order.width > longest:
                raise self.refusal(
                    f"a repair of {order.width} samples at sample {order.sample}",
                    f"at most {longest} with these settings (max_click_ms)",
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
    found = [part for part in _objects(_document(path)) if part.get("stage") == stage]
    if len(found) != 1:
        raise FileError(
            f"{len(found)} lists of repairs of {stage}",
            where=str(path),
            rule="a report with one stage of this name, or its findings alone",
        )
    try:
        return _repair_list(path, found[0])
    except WrongValueError as error:
        raise FileError(
            f"not a list of repairs: {error}",
            where=str(path),
            rule="each repair has sample, width, channel and keep",
        ) from None


def _repair_list(path: Path, values: dict[str, Any]) -> RepairList:
    unlisted = whole(values.get("unlisted", 0), "unlisted", 0, MOST_SAMPLES)
    if unlisted:
        raise FileError(
            f"{unlisted} repairs are counted but not listed",
            where=str(path),
            rule="a list of all repairs",
            remedy="render in parts, with --start and --end",
        )
    rate = number_within(_given(values, "sample_rate_hz"), "sample_rate_hz", 1.0, 1e6)
    channels = whole(_given(values, "channels"), "channels", 1, MAX_CHANNELS)
    samples = whole(_given(values, "samples"), "samples", 0, MOST_SAMPLES)
    entries = listing(_given(values, "listed"), "listed")
    instructions: dict[tuple[int, int, int], RepairInstruction] = {}
    for number, entry in enumerate(entries):
        what = f"listed[{number}]"
        order = _order(mapping(entry, what), f"{what}: ", channels, samples)
        place = (order.channel, order.sample, order.width)
        if place in instructions:
            raise WrongValueError(
                f"{what}: sample {order.sample}, width {order.width}, channel {order.channel} "
                "is listed twice"
            )
        instructions[place] = order
    return RepairList(path, float(rate), channels, samples, tuple(instructions.values()))


def _given(values: dict[str, Any], name: str, what: str = "") -> Any:
    if name not in values:
        raise WrongValueError(f"{what}{name} is missing")
    return values[name]


def _order(entry: dict[str, Any], at: str, channels: int, samples: int) -> RepairInstruction:
    crc32 = entry.get("crc32")
    sample = whole(_given(entry, "sample", at), f"{at}sample", 0, samples - 1)
    return RepairInstruction(
        sample,
        whole(_given(entry, "width", at), f"{at}width", 1, samples - sample),
        whole(entry.get("channel", 0), f"{at}channel", 0, channels - 1),
        float(number_within(entry.get("strength_db", 0.0), f"{at}strength_db", *STRENGTHS_DB)),
        float(number_within(entry.get("confidence", 1.0), f"{at}confidence", 0.0, 1.0)),
        one_of(entry.get("found_by", "list"), f"{at}found_by", FINDERS),
        None if crc32 is None else whole(crc32, f"{at}crc32", 0, 2**32 - 1),
        truth(entry.get("keep", True), f"{at}keep"),
        whole(entry.get("tail", 0), f"{at}tail", 0, MOST_SAMPLES),
    )


def _document(path: Path) -> Any:
    return read_json(path, LARGEST_FILE)


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document, whatever it is in; without recursion, however deep."""
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield value
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
