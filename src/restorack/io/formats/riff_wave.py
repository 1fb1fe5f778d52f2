"""WAV, RIFX, RF64 and BW64: the samples between the chunks, and whether all are there."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from restorack.io.formats import mpeg_links
from restorack.io.formats.behind import warn_of
from restorack.io.formats.layout import Layout, Link, Part, ReadWarning, cut_short, no_length
from restorack.io.formats.wave_chunks import DS64, STATED_ELSEWHERE, WaveMap, map_wave

MAGICS = (b"RIFF", b"RIFX", b"RF64", b"BW64")

# Of mmreg.h: format tags of MPEG audio, and of A-law and mu-law; bytes of the smallest format
# chunk.
_MPEG = (0x50, 0x55)
_LOGARITHMIC = (6, 7)
_SMALLEST_LAYOUT = 16
_PLAIN = (1, 3, 6, 7, 0xFFFE)  # a sample of all channels has a fixed number of bytes
_LARGEST_LAYOUT = 1 << 16
"""Bytes of a format chunk that are read; bounds memory."""


def survey(path: Path, file: BinaryIO) -> Layout:
    """Return how a WAV file is decoded: by a header of its own over the samples that are there.

    libsndfile refuses files over damaged side chunks, loses its way behind a chunk of odd length
    in RF64, which archives' files often have (iXML, bext), and does not know BW64 (ITU-R BS.2088).
    """
    found = map_wave(file)
    layout, data = found.find(b"fmt "), found.data
    if layout is None or data is None or layout.size < _SMALLEST_LAYOUT:
        return Layout()  # libsndfile says what is wrong
    file.seek(layout.offset)
    chunk = file.read(min(layout.size, _LARGEST_LAYOUT))
    if len(chunk) < _SMALLEST_LAYOUT:
        return Layout()
    form = _Form(chunk, *struct.unpack_from(found.order + "HHIIHH", chunk))
    if form.tag in _MPEG:
        return _mpeg(path, file, found, data.offset)
    # Of packed codings the mean rate of bytes is the best there is.
    unit, per_second = (form.frame, form.rate) if form.is_plain else (1, max(form.byte_rate, 1))
    there = found.there // unit * unit
    return Layout(
        (Link(_parts(file, found, form, there)),),
        (*form.warnings(), *_warnings(file, found, unit, per_second)),
        frames=there // unit if form.is_plain or not there else None,
        form="WAV" if _magic(file) in (b"RIFF", b"RIFX") else None,
    )


@dataclass(frozen=True)
class _Form:
    """The format chunk, and its fields."""

    chunk: bytes
    tag: int
    channels: int
    rate: int
    byte_rate: int
    frame: int
    bits: int

    @property
    def is_plain(self) -> bool:
        """Whether a sample of all channels has a fixed number of bytes."""
        return self.tag in _PLAIN and min(self.frame, self.rate, self.channels) > 0

    def warnings(self) -> list[ReadWarning]:
        """Return the warning of a header by which samples would have another size than they do."""
        bits = self.bits or (8 if self.tag in _LOGARITHMIC else 0)
        least = self.channels * ((bits + 7) // 8)
        is_whole = self.channels > 0 and self.frame % self.channels == 0
        fits = 0 < bits <= 64 and is_whole and least <= self.frame <= 8 * self.channels
        if not self.is_plain or fits:
            return []
        text = (
            f"the header contradicts itself: {self.frame} bytes for {self.channels} channels of "
            f"{self.bits} bits; what is read may be wrong"
        )
        return [ReadWarning(text)]


def _mpeg(path: Path, file: BinaryIO, found: WaveMap, offset: int) -> Layout:
    """Return how MP3 in a WAV is decoded; its bytes of a second are what they are on the mean."""
    inner = mpeg_links.survey(path, offset, found.there)
    per_second = found.there / inner.seconds if inner.seconds else 1.0
    is_told = any(warning.missing_seconds for warning in inner.warnings)  # by the frames
    outer = _warnings(file, found, 1, per_second) if inner.seconds and not is_told else []
    return replace(inner, form="WAV", warnings=(*outer, *inner.warnings))


def _warnings(file: BinaryIO, found: WaveMap, unit: int, rate: float) -> list[ReadWarning]:
    if found.data is None:
        return []
    warnings, at = [], found.there // unit / rate
    if found.is_streamed:
        warnings.append(no_length())
    elif found.data.size > found.there and found.data.size // unit > found.there // unit:
        what = "samples" if unit > 1 else "bytes"
        warnings.append(cut_short(found.data.size // unit, found.there // unit, rate, what))
    if found.second_data:
        text = f"a second chunk of samples ({found.second_data} bytes) is not read"
        warnings.append(ReadWarning(text, found.second_data // unit / rate, at))
    return warnings + warn_of(file, *found.behind, unit, rate, at)


def _magic(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(4)


def _parts(file: BinaryIO, found: WaveMap, form: _Form, there: int) -> tuple[Part, ...]:
    data = found.data
    if data is None:
        return ()
    order, chunks = found.order, _packed(found.order, b"fmt ", form.chunk)
    fact = None if form.is_plain else found.find(b"fact")
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
