"""Cue points, their labels and regions, play lists and sampler loops in chunks of WAV files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from restorack.io.marks.time_map import TimeMap
from restorack.io.wave.riff import Chunk, packed

_CUE_POINT = struct.Struct("<II4sIII")  # name, position, chunk, chunk start, block start, offset
_SEGMENT = struct.Struct("<III")  # of a play list: name, length, repeats
_LOOP = struct.Struct("<IIIIII")  # name, type, first, last, fraction, repeats
_SAMPLER_HEAD = 36
"""Bytes before the loops of a sampler chunk."""
_PERIOD_AT = 8  # nanoseconds per sample
_MOST = 0xFFFFFFFF
"""The largest position that 32 bits hold."""
_LABELS = (b"labl", b"note", b"ltxt", b"file")


@dataclass
class _Marks:
    """What is known of cue points while their chunks are rewritten."""

    time: TimeMap
    lengths: dict[int, int] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    loops_dropped: int = 0
    shortened: set[int] = field(default_factory=set)
    loops_shortened: int = 0

    def length(self, name: int, length: int) -> int:
        """Return the new length of a cue point's region."""
        moved = self.time.stretch(self.offsets.get(name, self.time.start), length)
        return min(moved[1], _MOST) if moved else 0


def adapt_marks(chunks: list[Chunk], time: TimeMap) -> tuple[list[Chunk], list[str]]:
    """Move cue points, regions and loops to where their sounds now are.

    What lies outside of the span is dropped, cue points with their labels; a region or loop that
    reaches beyond it is shortened. Positions and lengths follow the rate.

    Parameters
    ----------
    chunks : list of Chunk
        All chunks of a file, in order.
    time : TimeMap

    Returns
    -------
    chunks : list of Chunk
        Byte for byte the same where nothing moves.
    warnings : list of str
        What was dropped or shortened.
    """
    if time.is_identity:
        return chunks, []
    marks = _Marks(time)
    for name, length in _regions(chunks):
        marks.lengths[name] = max(marks.lengths.get(name, 0), length)
    # Cue points first: what the other chunks keep depends on them.
    cues = {id(chunk): _cue_points(chunk.data, marks) for chunk in chunks if chunk.name == b"cue "}
    adapted = []
    for chunk in chunks:
        data = cues[id(chunk)] if id(chunk) in cues else _adapted(chunk, marks)
        if data is not None:
            adapted.append(Chunk(chunk.name, data))
    return adapted, _warnings(marks)


def _adapted(chunk: Chunk, marks: _Marks) -> bytes | None:
    """Return a chunk's new content; None where nothing of it is left."""
    if chunk.name == b"LIST" and chunk.data[:4] == b"adtl":
        return _labels(chunk.data, marks)
    if chunk.name == b"plst":
        return _play_list(chunk.data, marks)
    if chunk.name == b"smpl" and len(chunk.data) >= _SAMPLER_HEAD:
        return _sampler(chunk.data, marks)
    return chunk.data


def _regions(chunks: list[Chunk]) -> Iterator[tuple[int, int]]:
    """Yield the name and length of every region."""
    for chunk in chunks:
        if chunk.name == b"plst":
            yield from ((name, length) for name, length, _ in _entries(chunk.data, 4, _SEGMENT))
        elif chunk.name == b"LIST" and chunk.data[:4] == b"adtl":
            for part in _parts(chunk.data):
                if part.name == b"ltxt" and len(part.data) >= 8:
                    yield struct.unpack_from("<II", part.data)


def _entries(data: bytes, head: int, layout: struct.Struct) -> list[tuple[int, ...]]:
    """Return the entries of a table whose count stands right before it, as many as are there."""
    if len(data) < head:
        return []
    count = min(struct.unpack_from("<I", data, head - 4)[0], (len(data) - head) // layout.size)
    return [layout.unpack_from(data, head + at * layout.size) for at in range(count)]


def _parts(data: bytes) -> Iterator[Chunk]:
    """Yield the parts of a LIST chunk; what is cut short ends them."""
    at = 4
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            return
        yield Chunk(name, data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2


def _cue_points(data: bytes, marks: _Marks) -> bytes | None:
    time, points = marks.time, []
    for entry in _entries(data, 4, _CUE_POINT):
        name, position, kind, chunk_start, block_start, offset = entry
        length = marks.lengths.get(name, 0)
        moved = time.stretch(offset, length)
        if moved is None or moved[0] > _MOST:
            marks.dropped.add(name)
            continue
        marks.offsets[name] = offset
        if length and not time.is_whole(offset, length):
            marks.shortened.add(name)
        place = moved[0] if position == offset else max(time.position(position), 0)
        points.append(
            _CUE_POINT.pack(name, min(place, _MOST), kind, chunk_start, block_start, moved[0])
        )
    return struct.pack("<I", len(points)) + b"".join(points) if points else None


def _labels(data: bytes, marks: _Marks) -> bytes | None:
    parts = []
    for part in _parts(data):
        if part.name not in _LABELS or len(part.data) < 4:
            parts.append(part)
            continue
        [name] = struct.unpack_from("<I", part.data)
        if name in marks.dropped:
            continue
        content = part.data
        if part.name == b"ltxt" and len(content) >= 8:
            length = marks.length(name, struct.unpack_from("<I", content, 4)[0])
            content = content[:4] + struct.pack("<I", length) + content[8:]
        parts.append(Chunk(part.name, content))
    return b"adtl" + b"".join(map(packed, parts)) if parts else None


def _play_list(data: bytes, marks: _Marks) -> bytes | None:
    kept = [
        _SEGMENT.pack(name, marks.length(name, length), repeats)
        for name, length, repeats in _entries(data, 4, _SEGMENT)
        if name not in marks.dropped
    ]
    return struct.pack("<I", len(kept)) + b"".join(kept) if kept else None


def _sampler(data: bytes, marks: _Marks) -> bytes:
    time, loops = marks.time, []
    count = min(
        struct.unpack_from("<I", data, _SAMPLER_HEAD - 8)[0],
        (len(data) - _SAMPLER_HEAD) // _LOOP.size,
    )
    for at in range(count):
        entry = _LOOP.unpack_from(data, _SAMPLER_HEAD + at * _LOOP.size)
        name, kind, first, last, fraction, repeats = entry
        length = max(last - first + 1, 1)  # the last sample is played too
        moved = time.stretch(first, length)
        if moved is None or sum(moved) > _MOST:
            marks.loops_dropped += 1
            continue
        marks.loops_shortened += not time.is_whole(first, length)
        end = moved[0] + moved[1] - 1
        loops.append(_LOOP.pack(name, kind, moved[0], end, fraction, repeats))
    period = struct.unpack_from("<I", data, _PERIOD_AT)[0]
    period = min(round(period * time.rate_in / time.rate_out), _MOST)
    head = data[:_PERIOD_AT] + struct.pack("<I", period) + data[_PERIOD_AT + 4 : _SAMPLER_HEAD - 8]
    more = data[_SAMPLER_HEAD + count * _LOOP.size :]
    sizes = struct.pack("<I", len(loops)) + data[_SAMPLER_HEAD - 4 : _SAMPLER_HEAD]
    return head + sizes + b"".join(loops) + more


def _warnings(marks: _Marks) -> list[str]:
    told = [
        (len(marks.dropped), "cue point", "outside of what was rendered: left out, with labels"),
        (len(marks.shortened), "region", "reaching beyond what was rendered: shortened"),
        (marks.loops_dropped, "sampler loop", "outside of what was rendered: left out"),
        (marks.loops_shortened, "sampler loop", "reaching beyond what was rendered: shortened"),
    ]
    return [f"{count} {what}{'s' * (count > 1)} {done}" for count, what, done in told if count]
