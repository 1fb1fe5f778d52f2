"""The broadcast extension of WAV files, the ``bext`` chunk of EBU Tech 3285."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime

from restorack.io.marks.time_map import TimeMap

_FIXED = 602
"""Bytes before the coding history, EBU Tech 3285."""
_TEXTS = {
    "description": (0, 256),
    "originator": (256, 32),
    "originator_reference": (288, 32),
    "origination_date": (320, 10),
    "origination_time": (330, 8),
}
# Offsets and size in bytes, EBU Tech 3285; digits of the largest 64-bit number.
_TIME_REFERENCE, _VERSION, _UMID, _LOUDNESS = 338, 346, 348, 412
_UMID_BYTES = 64
_LONGEST_COUNT = 20
_LOUDNESS_NAMES = (
    "loudness_lufs",
    "loudness_range_lu",
    "max_true_peak_dbtp",
    "max_momentary_lufs",
    "max_short_term_lufs",
)
_NOT_STATED = 0x7FFF
"""A loudness that was not measured, EBU Tech 3285 version 2."""
_MODES = {1: "mono", 2: "stereo"}
# Of the extension, with loudness fields: EBU Tech 3285 version 2.
_VERSION_WRITTEN = 2
_SIXTEEN_BITS = (-0x8000, _NOT_STATED - 1)
# A whole date, or none: EBU Tech 3285 knows no years alone.
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?")
_DATE_TAGS = ("date", "originaldate")
_ORIGINATOR_TAGS = ("archive", "organization")
_NOT_IN_HISTORY = re.compile(r"[^\x21-\x2b\x2d-\x7e]+")
"""Commas separate the fields of a line, and blanks would end up in a preset's name."""


@dataclass(frozen=True)
class BroadcastLoudness:
    """Loudness of a file, EBU R 128, as the broadcast extension states it; None: not measured.

    Attributes
    ----------
    loudness_lufs, loudness_range_lu, max_true_peak_dbtp : float or None
    max_momentary_lufs, max_short_term_lufs : float or None
    """

    loudness_lufs: float | None = None
    loudness_range_lu: float | None = None
    max_true_peak_dbtp: float | None = None
    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None


def parse_bext(data: bytes) -> dict[str, str | int | float]:
    """Return the fields of a ``bext`` chunk; what is not filled in is left out.

    Parameters
    ----------
    data : bytes
        The chunk's content; a short one is read as far as it goes.

    Returns
    -------
    dict
        Texts, ``time_reference`` in samples since midnight, ``version``, ``umid`` in hex, the
        loudness values, and ``coding_history``.
    """
    whole = data.ljust(_FIXED, b"\0")
    fields: dict[str, str | int | float] = {}
    for name, (offset, length) in _TEXTS.items():
        fields[name] = _text(whole[offset : offset + length])
    fields["time_reference"] = struct.unpack_from("<Q", whole, _TIME_REFERENCE)[0]
    version = fields["version"] = struct.unpack_from("<H", whole, _VERSION)[0]
    if version >= 1:
        umid = whole[_UMID : _UMID + _UMID_BYTES]
        fields["umid"] = umid.hex() if any(umid) else ""
    if version >= 2:
        values = struct.unpack_from("<5h", whole, _LOUDNESS)
        stated = zip(_LOUDNESS_NAMES, values, strict=True)
        fields |= {name: value / 100 for name, value in stated if value != _NOT_STATED}
    fields["coding_history"] = _text(whole[_FIXED:])
    return {name: value for name, value in fields.items() if value != ""}


def build_bext(fields: Mapping[str, str]) -> bytes:
    """Return a ``bext`` chunk of fields as :func:`parse_bext` names them, given as texts."""
    data = bytearray(_FIXED)
    for name, (offset, length) in _TEXTS.items():
        text = fields.get(name, "").encode("utf-8")[:length]
        data[offset : offset + len(text)] = text
    reference, version = fields.get("time_reference", "0"), fields.get("version", "1")
    # Whoever wrote the tags that these fields come from may have written anything.
    if reference.isdecimal() and len(reference) <= _LONGEST_COUNT:
        struct.pack_into("<Q", data, _TIME_REFERENCE, int(reference) % (1 << 64))
    struct.pack_into("<H", data, _VERSION, int(version) if version in ("0", "1", "2") else 1)
    umid = b""
    with suppress(ValueError):
        umid = bytes.fromhex(fields.get("umid", ""))[:_UMID_BYTES]
    data[_UMID : _UMID + len(umid)] = umid
    struct.pack_into("<5h", data, _LOUDNESS, *[_NOT_STATED] * 5)
    return bytes(data) + fields.get("coding_history", "").encode("utf-8")


TEXT_FIELDS = tuple(_TEXTS)
"""Fields of the chunk that hold a text."""


def set_texts(data: bytes, fields: Mapping[str, str]) -> bytes:
    """Return a ``bext`` chunk with some of :data:`TEXT_FIELDS` set, all else byte for byte."""
    whole = bytearray(data.ljust(_FIXED, b"\0"))
    for name, text in fields.items():
        offset, length = _TEXTS[name]
        whole[offset : offset + length] = text.encode("utf-8")[:length].ljust(length, b"\0")
    return bytes(whole)


def bext_of_tags(tags: Mapping[str, Sequence[str]]) -> bytes:
    """Return the ``bext`` chunk of a source that has none: what its tags say, else empty fields.

    Parameters
    ----------
    tags : mapping
        Name in lower case to texts. A ``date`` counts where it is a whole one (``1947-05-02``,
        with a time or without); a year alone has no place in the chunk.
    """

    def first(*names: str) -> str:
        return next((tags[name][0] for name in names if tags.get(name)), "")

    fields = {
        "description": first("title"),
        "originator": first(*_ORIGINATOR_TAGS) or "restorack",
    }
    for text in (first(name) for name in _DATE_TAGS):
        found = _DATE.match(text)
        if found and _is_moment(*found.groups()):
            fields["origination_date"], fields["origination_time"] = found[1], found[2] or ""
            break
    return build_bext(fields)


def _is_moment(day: str, time: str | None) -> bool:
    with suppress(ValueError):
        datetime.fromisoformat(f"{day}T{time or '00:00:00'}")
        return True
    return False


def adapt_bext(data: bytes, *, start: int, rate_in: float, rate_out: float, history: str) -> bytes:
    """Return a ``bext`` chunk of version 2 that is true of the processed file.

    Parameters
    ----------
    data : bytes
        The source's chunk.
    start : int
        First sample of the source that was taken: the time reference moves by as much.
    rate_in, rate_out : float
        In Hz; the time reference counts samples.
    history : str
        The line to append to the coding history.

    Returns
    -------
    bytes
        All else byte for byte, but for the loudness, which is not stated:
        :func:`complete_bext` does that when the file is finished.
    """
    whole = bytearray(data.ljust(_FIXED, b"\0"))
    reference = struct.unpack_from("<Q", whole, _TIME_REFERENCE)[0]
    moved = TimeMap(0, None, round(rate_in), round(rate_out)).position(reference + start)
    struct.pack_into("<Q", whole, _TIME_REFERENCE, moved % (1 << 64))
    struct.pack_into("<H", whole, _VERSION, _VERSION_WRITTEN)
    struct.pack_into("<5h", whole, _LOUDNESS, *[_NOT_STATED] * 5)
    before = bytes(whole[_FIXED:]).rstrip(b"\0")
    if before and not before.endswith(b"\n"):
        before += b"\r\n"
    text = before + history.encode("ascii", "replace")
    # Readers by libsndfile lose their way behind an odd chunk in RF64.
    return bytes(whole[:_FIXED]) + text + b"\0" * (len(text) % 2)


def complete_bext(data: bytes, loudness: BroadcastLoudness | None, digest: str) -> bytes:
    """Return a ``bext`` chunk of the same size with what is known when the file is finished.

    Parameters
    ----------
    data : bytes
        From :func:`adapt_bext`.
    loudness : BroadcastLoudness or None
        Of the file.
    digest : str
        32 hexadecimal digits of the samples: the originator's reference where the source has none.
    """
    whole = bytearray(data)
    values = astuple(loudness or BroadcastLoudness())
    struct.pack_into("<5h", whole, _LOUDNESS, *[_hundredths(value) for value in values])
    offset, length = _TEXTS["originator_reference"]
    if not any(whole[offset : offset + length]):
        whole[offset : offset + length] = digest.encode("ascii")[:length].ljust(length, b"\0")
    return bytes(whole)


def _hundredths(value: float | None) -> int:
    if value is None or math.isnan(value):
        return _NOT_STATED
    low, high = (edge / 100.0 for edge in _SIXTEEN_BITS)
    return round(min(max(value, low), high) * 100.0)


def history_line(
    coding: str, rate: int, bits: int | None, channels: int, version: str, process: str = ""
) -> str:
    """Return one line of coding history (EBU R 98) that names restorack.

    Parameters
    ----------
    coding : str
        ``PCM`` or another coding.
    rate : int
        In Hz.
    bits : int or None
        Word length.
    channels : int
    version : str
        restorack's.
    process : str
        What was done, such as a preset with its hash.
    """
    parts = [f"A={coding}", f"F={rate}"]
    if bits is not None:
        parts.append(f"W={bits}")
    done = f";{_NOT_IN_HISTORY.sub('_', process)}" if process else ""
    parts += [f"M={_MODES.get(channels, 'multitrack')}", f"T=restorack {version}{done}"]
    return ",".join(parts) + "\r\n"


def _text(data: bytes) -> str:
    kept = data.split(b"\0", 1)[0]
    try:
        return kept.decode("utf-8").strip()
    except UnicodeDecodeError:
        return kept.decode("latin-1").strip()
