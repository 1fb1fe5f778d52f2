"""WAV, RIFX, RF64 and BW64: the samples between the chunks, and whether all are there."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from restorack.io.formats import mpeg_links
from restorack.io.formats.behind import warn_of
from restorack.io.formats.layout import Layout, Link, Part, ReadWarning, cut_short, no_length
from restorack.io.formats.wave_chunks import DS64, STATED_ELSEWHERE, WaveMap, map_wave

MAGICS = (b"RIFF", b"RIFX", b"RF64", b"BW64")

_MPEG = (0x50, 0x55)
_PLAIN = (1, 3, 6, 7, 0xFFFE)  # a sample of all channels has a fixed number of bytes
_LARGEST_LAYOUT = 1 << 16


def survey(path: Path, file: BinaryIO) -> Layout:
    """Return how a WAV file is decoded: by a header of its own over the samples that are there.

    libsndfile refuses files over damaged side chunks, loses its way behind a chunk of odd length
    in RF64, which archives' files often have (iXML, bext), and does not know BW64 (ITU-R BS.2088).
    """
    found = map_wave(file)
    layout, data = found.find(b"fmt "), found.data
    if layout is None or data is None or layout.size < 14:
        return Layout()  # libsndfile says what is wrong
    file.seek(layout.offset)
    form = file.read(min(layout.size, _LARGEST_LAYOUT))
    if len(form) < 14:
        return Layout()
    tag, channels, rate, byte_rate, frame = struct.unpack_from(found.order + "HHIIH", form)
    if tag in _MPEG:
        inner = mpeg_links.survey(path, data.offset, found.there)
        warnings = (*_warnings(file, found, 1, max(byte_rate, 1)), *inner.warnings)
        return replace(inner, form="WAV", warnings=warnings)
    is_plain = tag in _PLAIN and frame > 0 and rate > 0 and channels > 0
    # Of packed codings the mean rate of bytes is the best there is.
    unit, per_second = (frame, rate) if is_plain else (1, max(byte_rate, 1))
    there = found.there // frame * frame if is_plain else found.there
    return Layout(
        (Link(_parts(file, found, form, there, keep_fact=not is_plain)),),
        tuple(_warnings(file, found, unit, per_second)),
        frames=there // frame if is_plain else None,
        form="WAV" if _magic(file) in (b"RIFF", b"RIFX") else None,
    )


def _warnings(file: BinaryIO, found: WaveMap, unit: int, rate: float) -> list[ReadWarning]:
    if found.data is None:
        return []
    warnings, at = [], found.there // unit / rate
    if found.is_streamed:
        warnings.append(no_length())
    elif found.data.size > found.there and found.data.size // unit > found.there // unit:
        warnings.append(cut_short(found.data.size // unit, found.there // unit, rate))
    if found.second_data:
        text = f"a second chunk of samples ({found.second_data} bytes) is not read"
        warnings.append(ReadWarning(text, found.second_data // unit / rate, at))
    return warnings + warn_of(file, *found.behind, unit, rate, at)


def _magic(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(4)


def _parts(
    file: BinaryIO, found: WaveMap, form: bytes, there: int, *, keep_fact: bool
) -> tuple[Part, ...]:
    data = found.data
    if data is None:
        return ()
    order, chunks = found.order, _packed(found.order, b"fmt ", form)
    fact = found.find(b"fact") if keep_fact else None
    if fact is not None and 4 <= fact.size <= 64:
        file.seek(fact.offset)
        chunks += _packed(order, b"fact", file.read(fact.size))
    is_long = _magic(file) in (b"RF64", b"BW64")
    total = 4 + len(chunks) + 8 + there
    if is_long or total >= STATED_ELSEWHERE:
        sizes = _packed("<", b"ds64", DS64.pack(total + 8 + DS64.size, there, 0, 0))
        stated = struct.pack("<I", STATED_ELSEWHERE)
        head = b"RF64" + stated + b"WAVE" + sizes + chunks + b"data" + stated
    else:
        magic = b"RIFX" if order == ">" else b"RIFF"
        head = magic + struct.pack(order + "I", total) + b"WAVE" + chunks
        head += b"data" + struct.pack(order + "I", there)
    return head, (data.offset, there)


def _packed(order: str, name: bytes, data: bytes) -> bytes:
    return name + struct.pack(order + "I", len(data)) + data + b"\0" * (len(data) % 2)
