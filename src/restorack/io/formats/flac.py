"""FLAC files: what STREAMINFO states, the last frame that is there, and streams joined on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restorack.io.formats.flac_frames import Frame, StreamInfo, find_frames, possible_ends
from restorack.io.formats.layout import Layout, Link, Part, ReadWarning, cut_short, joined_unlike
from restorack.io.formats.window import FileWindow

_FIRST_BLOCKS = (b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22")
_MARK = b"fLaC"
_INFO_AT, _INFO = 8, 34
"""Offset and size of STREAMINFO in bytes, RFC 9639."""
_MOST_ZEROS = 64
"""Zero bytes behind the last frame that are padding, no loss. By hand."""
_BEHIND = (bytes(4), b"ID3", b"APET", b"TAG", b"LYRI")
_WINDOWS = 3
"""Largest frames that are looked at at a stream's end."""


@dataclass(frozen=True)
class _Stream:
    """One stream: where it lies, what it states, what is there, and how many zeros follow.

    One is empty if it states no samples and has none.
    """

    start: int
    end: int
    info: StreamInfo
    tail: _Tail | None
    zeros: int
    is_empty: bool


@dataclass(frozen=True)
class _Tail:
    """The last whole frame: the sample after it, where it ends, and bytes behind it."""

    samples: int
    end: int
    rest: int
    has_content: bool


def survey(path: Path, start: int) -> Layout:
    """Return how a FLAC file that begins at a place is decoded.

    Raises
    ------
    FileError
        For joined streams of different rates or channels.
    """
    with FileWindow(path) as data:
        starts = _starts(data, start)
        if not starts:
            return Layout()  # libsndfile says what is wrong
        streams = [
            _stream(data, first, last)
            for first, last in zip(starts, [*starts[1:], len(data)], strict=True)
        ]
    kinds = [(stream.info.rate, stream.info.channels) for stream in streams]
    if len(set(kinds)) > 1:
        raise joined_unlike(path, kinds)
    links, warnings, done, is_plain = [], [], 0, len(streams) == 1
    for stream in streams:
        told, frames = _warnings(stream, done)
        warnings += told
        is_plain = is_plain and not told
        links.append(_link(stream))
        done += frames
    return Layout(
        () if is_plain else tuple(links),
        tuple(warnings),
        frames=0 if all(stream.is_empty for stream in streams) else None,
    )


def _starts(data: FileWindow, start: int) -> list[int]:
    """Return where streams begin: by the mark and the header block that must follow it."""
    if data[start : start + 8] not in _FIRST_BLOCKS:
        return []
    starts, at = [start], _end_of_blocks(data, start, len(data))
    while (at := data.find(_MARK, at)) >= 0:
        if data[at : at + 8] in _FIRST_BLOCKS:
            starts.append(at)
        at += len(_MARK)
    return starts


def _stream(data: FileWindow, start: int, end: int) -> _Stream:
    info = StreamInfo.parse(data[start + _INFO_AT : start + _INFO_AT + _INFO])
    zeros = 0
    if end == len(data):
        # A frame may end in a few zeros.
        kept = min(data.end_of_content(start) + _MOST_ZEROS, end)
        end, zeros = kept, end - kept
    while end - start > 128 and data[end - 128 : end - 125] == b"TAG":
        end -= 128
    frames_from = _end_of_blocks(data, start, end)
    tail = None
    if info.rate and info.block and frames_from < end:
        tail = _tail(data, frames_from, end, info)
    return _Stream(start, end, info, tail, zeros, not info.total and frames_from == end)


def _end_of_blocks(data: FileWindow, start: int, end: int) -> int:
    at = start + 4
    while at + 4 <= end:
        is_last, size = data[at : at + 1] >= b"\x80", int.from_bytes(data[at + 1 : at + 4], "big")
        at += 4 + size
        if is_last:
            break
    return at


def _tail(data: FileWindow, first: int, end: int, info: StreamInfo) -> _Tail | None:
    """Return what a stream ends with; None where nothing that is known ends it."""
    raw = info.block * info.channels * (info.bits + 8) // 8 + 64
    window = _WINDOWS * max(info.largest, 0 if info.largest else raw, 4096)
    for reach in (window, 16 * window):
        begin = max(first, end - reach)
        content = data[begin:end]
        frames = _plausible(find_frames(content, info), info)
        for number in range(len(frames) - 1, max(len(frames) - 5, -1), -1):
            frame = frames[number]
            following = [other.offset for other in frames[number + 1 :]]
            is_end = frame.first + frame.samples == info.total
            stop = _end(content, frame, max(info.largest, raw), following, is_end)
            if stop is not None:
                rest = content[stop:]
                return _Tail(frame.first + frame.samples, begin + stop, len(rest), any(rest))
        if begin == first:
            return None
    return None


def _end(
    content: bytes, frame: Frame, largest: int, following: list[int], is_end: bool
) -> int | None:
    """Return where a frame ends; None where it is not whole."""
    ends = possible_ends(content, frame.offset, frame.offset + largest)
    sure = [end for end in ends if end in following or end == len(content)]
    if not is_end:
        return next(iter(sure), None)
    # The stream's last frame, perhaps with bytes behind it that belong to nothing.
    tagged = [end for end in ends if content[end : end + 4].startswith(_BEHIND)]
    return next(iter(tagged + sure + ends), None)


def _plausible(frames: list[Frame], info: StreamInfo) -> list[Frame]:
    """Return frames that the header allows."""
    return [frame for frame in frames if frame.samples <= max(info.block, 16)]


def _warnings(stream: _Stream, done: int) -> tuple[list[ReadWarning], int]:
    """Return what is missing of a stream, and how many samples of it are there."""
    info, tail = stream.info, stream.tail
    if tail is None:
        return [], info.total
    at = (done + tail.samples) / info.rate
    warnings = []
    if info.total > tail.samples:
        warnings.append(cut_short(info.total, tail.samples, info.rate))
    elif 0 < info.total < tail.samples:
        text = f"the header states {info.total} samples, {tail.samples} are there: all are read"
        warnings.append(ReadWarning(text, is_incomplete=False))
    elif not info.total and tail.rest and tail.has_content:
        text = f"the file is cut short inside a frame, after {at:.3f} s; it states no length"
        warnings.append(ReadWarning(text, None, at))
    elif tail.rest + stream.zeros > _MOST_ZEROS:
        what = "bytes" if tail.has_content else "bytes of zeros"
        text = f"{tail.rest + stream.zeros} {what} lie behind the last frame"
        warnings.append(ReadWarning(text, is_incomplete=False))
    return warnings, tail.samples


def _link(stream: _Stream) -> Link:
    """Return a stream with the length that is there, and nothing behind its last frame."""
    start, tail = stream.start, stream.tail
    if tail is None:
        return Link(((start, stream.end - start),))
    at = start + _INFO_AT + 10
    packed = (stream.info.rate << 44) | (stream.info.channels - 1) << 41
    packed |= (stream.info.bits - 1) << 36 | tail.samples
    parts: tuple[Part, ...] = (
        (start, at - start), packed.to_bytes(8, "big"), (at + 8, tail.end - at - 8),
    )  # fmt: skip
    return Link(parts)
