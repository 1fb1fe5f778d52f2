"""MP3 files, and MP3 in WAV files: which streams of frames to decode, and how."""

from __future__ import annotations

import struct
from pathlib import Path

from restorack.io.formats.layout import Layout, Link, Part, joined_unlike
from restorack.io.formats.mpeg import Buffer, Walk, tag_size, walk_frames
from restorack.io.formats.mpeg_streams import HEAD, Stream, split_streams
from restorack.io.formats.mpeg_warnings import stream_warnings
from restorack.io.formats.window import FileWindow

_SMALLEST_TAG = 10
"""Bytes of an ID3v2 header."""


def survey(path: Path, start: int = 0, size: int | None = None) -> Layout:
    """Return how an MP3 file, or the MP3 in a stretch of a file, is decoded.

    Raises
    ------
    FileError
        For streams of different rates or channels, joined to one file.
    """
    with FileWindow(path) as data:
        first, last = _without_tags(data, start, len(data) if size is None else start + size)
        return _layout(path, data, walk_frames(data, first, last), first)


def _without_tags(data: Buffer, start: int, end: int) -> tuple[int, int]:
    """Return the stretch without the tags before and behind it."""
    while size := tag_size(data[start : start + 32]):
        # A tag that states more than there is, is damaged: frames are looked for in it.
        start += size if start + size < end else _SMALLEST_TAG
    while True:
        if end - start >= 128 and data[end - 128 : end - 125] == b"TAG":
            end -= 128
        elif end - start >= 32 and data[end - 32 : end - 24] == b"APETAGEX":
            footer = data[end - 32 : end]
            has_header = int.from_bytes(footer[20:24], "little") & 0x80000000
            size = int.from_bytes(footer[12:16], "little") + (32 if has_header else 0)
            end = max(end - max(size, 32), start)
        elif end - start >= 15 and data[end - 9 : end] == b"LYRICS200":
            digits = data[end - 15 : end - 9]
            end = max(end - 15 - (int(digits) if digits.isdigit() else 0), start)
        else:
            return start, end


def _layout(path: Path, data: Buffer, walk: Walk, first: int) -> Layout:
    streams = split_streams(data, walk)
    if not streams:
        return Layout()  # libsndfile says what is wrong
    kinds = [(stream.header.rate, stream.header.channels) for stream in streams]
    if len(set(kinds)) > 1:
        raise joined_unlike(path, kinds)
    links, warnings, done = [], [], 0
    for stream in streams:
        behind = walk if stream is streams[-1] else Walk()
        warnings += stream_warnings(data, stream, behind, first, done)
        links.append(_link(data, stream))
        done += stream.delivered
    return Layout(
        tuple(links), tuple(warnings), is_counted=True, frames=done, seconds=done / kinds[0][0]
    )


def _link(data: Buffer, stream: Stream) -> Link:
    """Return the frames alone, since decoders give up on what lies between them.

    Where the first one states another number than there are, it is made to state the right one.
    """
    parts: list[Part] = [(run.start, run.end - run.start) for run in stream.runs]
    stated = stream.stated
    if stated is None or not stated.frames_at:
        # The free format needs to look ahead for its size; it is constant, so no estimate is wrong.
        return Link(tuple(parts), streamed=bool(stream.header.size))
    if stated.frames != stream.frames:
        start, size = stream.runs[0].start, stream.runs[0].end - stream.runs[0].start
        head = bytearray(data[start : start + HEAD])
        struct.pack_into(">I", head, stated.frames_at, max(stream.frames, 1))
        if stated.size_at:
            struct.pack_into(">I", head, stated.size_at, stream.size)
        if stated.padding_at and stream.is_cut:
            head[stated.padding_at] &= 0xF0
            head[stated.padding_at + 1] = 0
        patched = bytes(head[: min(size, HEAD)])
        parts[:1] = [patched, (start + len(patched), size - len(patched))]
    return Link(tuple(parts))
