"""Ogg (RFC 3533): pages, the streams that follow each other in a file, and lost pages."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from restorack.io.formats.layout import Layout, Link, Part, ReadWarning
from restorack.io.formats.window import FileWindow

_HEAD = struct.Struct("<4sBBqIIIB")
_FIRST, _LAST = 2, 4
"""Flags of a page, RFC 3533."""
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_OPUS_RATE = 48_000
"""In Hz: granule positions count at it, RFC 7845."""


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes
    ----------
    start, size : int
        In bytes.
    flags : int
    granule : int
        Position at its end; -1 where no packet ends in it.
    serial, number : int
    segments : int
        In its header.
    """

    start: int
    size: int
    flags: int
    granule: int
    serial: int
    number: int
    segments: int


@dataclass
class Chain:
    """Streams that begin together, up to those that follow.

    Attributes
    ----------
    parts : list
        Stretches of whole pages.
    rate : int
        In Hz, of granule positions; 0 where the coding is not known.
    skipped : int
        Granules before the sound begins.
    serial : int
        Of the stream with the sound.
    last : int
        Its last granule position.
    is_ended : bool
        Its last page is marked so.
    gaps : list of int
        Granule positions before which pages are missing.
    cut_granule : int
        Of a last page that is cut short; -1 without one.
    """

    parts: list[tuple[int, int]] = field(default_factory=list)
    rate: int = 0
    skipped: int = 0
    serial: int | None = None
    last: int = 0
    number: int = -1
    is_ended: bool = False
    gaps: list[int] = field(default_factory=list)
    cut_granule: int = -1

    def add(self, page: Page, head: bytes) -> None:
        """Take a page."""
        if self.parts and sum(self.parts[-1]) == page.start:
            self.parts[-1] = (self.parts[-1][0], self.parts[-1][1] + page.size)
        else:
            self.parts.append((page.start, page.size))
        if page.flags & _FIRST and self.serial is None:
            self.rate = granule_rate(head)
            self.serial = page.serial if self.rate else None
            if head[:8] == b"OpusHead":
                self.skipped = int.from_bytes(head[10:12], "little")
        if page.serial != self.serial:
            return
        if self.number >= 0 and page.number != self.number + 1:
            self.gaps.append(self.last)
        self.number = page.number
        self.is_ended = bool(page.flags & _LAST)
        if page.granule > 0:
            self.last = page.granule

    @property
    def seconds(self) -> float:
        """Length by granule positions."""
        return max(self.last - self.skipped, 0) / self.rate


def granule_rate(head: bytes) -> int:
    """Return how many granules a second has, by a stream's first packet; 0 if not known."""
    if head[:8] == b"OpusHead":
        return _OPUS_RATE
    if head[:7] == b"\x01vorbis" and len(head) >= 16:
        return int(struct.unpack_from("<I", head, 12)[0])
    return 0


def survey(path: Path) -> Layout:
    """Return how an Ogg file is decoded; several streams are links of one sound."""
    with FileWindow(path) as data:
        chains, damaged = _chains(data)
    if not chains or any(not chain.rate for chain in chains):
        return Layout()
    warnings: list[ReadWarning] = []
    for number, chain in enumerate(chains):
        warnings += _warnings(chain, number, len(chains))
    is_empty = not warnings and not any(chain.seconds for chain in chains)
    if len(chains) == 1 and not damaged and not warnings:
        return Layout(frames=0 if is_empty else None)
    if damaged and not warnings:
        text = f"{damaged} bytes between or behind the pages are no pages: left out"
        warnings.append(ReadWarning(text, is_incomplete=False))
    links = [Link(tuple[Part, ...](chain.parts)) for chain in chains]
    # Without the first page of sound the decoder takes the next one for the beginning.
    is_late = any(0 in chain.gaps for chain in chains)
    return Layout(
        tuple(links),
        tuple(warnings),
        is_counted=any(chain.gaps for chain in chains),
        frames=0 if is_empty else None,
        seconds=sum(chain.seconds for chain in chains) if is_late else None,
    )


def _chains(data: FileWindow) -> tuple[list[Chain], int]:
    """Return the chains, and how many bytes are no whole page."""
    chains: list[Chain] = []
    at, damaged, is_in_heads = 0, 0, False
    while (found := data.find(b"OggS", at)) >= 0:
        damaged += found - at
        page = _page(data, found)
        if page is None:
            if chains:
                _note_cut(chains[-1], data, found)
            damaged, at = damaged + 4, found + 4
            continue
        if page.flags & _FIRST and not is_in_heads:
            chains.append(Chain())
        is_in_heads = bool(page.flags & _FIRST)
        if chains:
            body = page.start + _HEAD.size + page.segments
            chains[-1].add(page, data[body : body + 64])
        at = found + page.size
    return chains, damaged + len(data) - at


def _page(data: FileWindow, start: int) -> Page | None:
    """Return a page that is whole and sound."""
    if start + _HEAD.size > len(data):
        return None
    head = data[start : start + _HEAD.size]
    _, version, flags, granule, serial, number, _, segments = _HEAD.unpack(head)
    body = start + _HEAD.size + segments
    size = body - start + sum(data[start + _HEAD.size : body])
    if version or start + size > len(data):
        return None
    content = data[start : start + size]
    stated = int.from_bytes(content[22:26], "little")
    if checksum(content[:22] + bytes(4) + content[26:]) != stated:
        return None
    return Page(start, size, flags, granule, serial, number, segments)


def _note_cut(chain: Chain, data: FileWindow, start: int) -> None:
    """Keep the position of a last page that is cut short: the stream went on at least so far."""
    if start + _HEAD.size > len(data):
        return
    head = data[start : start + _HEAD.size]
    _, version, _, granule, serial, number, _, segments = _HEAD.unpack(head)
    body = start + _HEAD.size + segments
    reaches = body + sum(data[start + _HEAD.size : body]) > len(data)
    if not version and reaches and serial == chain.serial and number == chain.number + 1:
        chain.cut_granule = granule


def checksum(content: bytes) -> int:
    """Return Ogg's CRC-32 of a page whose own field is zero.

    It is zlib's with the bits of bytes and result in the other order, and no inversions.
    """
    value = zlib.crc32(content.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{value:032b}"[::-1], 2)


def _warnings(chain: Chain, number: int, count: int) -> list[ReadWarning]:
    of_it = f" of stream {number + 1} of {count}" if count > 1 else ""
    warnings = []
    for gap in chain.gaps:
        at = gap / chain.rate
        text = f"pages are lost or damaged after {at:.3f} s{of_it}"
        warnings.append(ReadWarning(text, None, at))
    if chain.is_ended:
        return warnings
    at = chain.seconds
    known = (chain.cut_granule - chain.last) / chain.rate
    least = f"at least {known:.3f} s are missing" if known > 0 else "how much cannot be told"
    text = f"the file is cut short after {at:.3f} s{of_it}: its last page is missing; {least}"
    return [*warnings, ReadWarning(text, known if known > 0 else None, at)]
