"""What is missing of an MP3: at its beginning, between its frames, at its end."""

from __future__ import annotations

from restorack.io.formats.layout import ReadWarning
from restorack.io.formats.mpeg import Buffer, Walk, needs_bytes_before
from restorack.io.formats.mpeg_streams import Stream

_LOOKED_AT = 1 << 12
"""Bytes at the end that tell what is no frame there."""
_SHOWN = 3
"""Gaps that a warning names; the rest are counted."""

Gap = tuple[int, int]
"""The sample at which frames are lost, and about how many."""


def stream_warnings(
    data: Buffer, stream: Stream, walk: Walk, first: int, done: int
) -> list[ReadWarning]:
    """Return what is missing of a stream.

    Parameters
    ----------
    data : bytes-like
    stream : Stream
    walk : Walk
        With what follows the stream; an empty one where another stream does.
    first : int
        Where the frames of the file may begin.
    done : int
        Samples before the stream.
    """
    gaps = _gaps(data, stream, first)
    if stream.expected is not None:
        return _against_statement(data, stream, walk, gaps, done)
    warnings = []
    if not done and _begins_inside(data, stream, first):
        warnings.append(_lead_warning(stream))
        gaps = [gap for gap in gaps if gap[0]]
    if gaps:
        rate = stream.header.rate
        missing = sum(frames for _, frames in gaps) * stream.header.samples / rate
        text = f"about {missing:.3f} s are missing ({_places(gaps, done, rate)}): lost frames"
        warnings.append(ReadWarning(text, missing, (done + gaps[0][0]) / rate))
    return warnings + _end_warnings(data, stream, walk, done)


def _against_statement(
    data: Buffer, stream: Stream, walk: Walk, gaps: list[Gap], done: int
) -> list[ReadWarning]:
    """Return what is missing by the length that the first frame states."""
    rate, expected = stream.header.rate, stream.expected or 0
    if expected <= stream.delivered:
        if not gaps:
            return _end_warnings(data, stream, walk, done)
        places = _places(gaps, done, rate)
        text = f"bytes between the frames are no frames ({places}); no frame is missing"
        return [ReadWarning(text, is_incomplete=False)]
    missing = (expected - stream.delivered) / rate
    at = (done + (gaps[0][0] if gaps else stream.delivered)) / rate
    place = _places(gaps, done, rate) if gaps else f"at the end, it seems: after {at:.3f} s"
    stated = stream.stated.frames if stream.stated else 0
    text = (
        f"{missing:.3f} s are missing ({place}): the first frame states {stated} frames, "
        f"{stream.frames} are there"
    )
    return [ReadWarning(text, missing, at)]


def _begins_inside(data: Buffer, stream: Stream, first: int) -> bool:
    """Return whether the file's first frame is cut or damaged, or needs bytes from before it."""
    run = stream.runs[0]
    if run.lost and run.start - run.lost == first and any(data[first : run.start]):
        return True
    return bool(stream.stated is None and needs_bytes_before(data[run.start : run.start + 8]))


def _lead_warning(stream: Stream) -> ReadWarning:
    seconds = stream.header.samples / stream.header.rate
    text = (
        f"the file begins inside a frame, or with a damaged one: up to {seconds:.3f} s are missing "
        "at the beginning; no frame states whether more is"
    )
    return ReadWarning(text, seconds, 0.0)


def _gaps(data: Buffer, stream: Stream, first: int) -> list[Gap]:
    """Return where bytes between the frames are none; zeros before the first one are padding."""
    gaps, frames = [], 0
    mean = stream.size / sum(run.frames for run in stream.runs)
    for run in stream.runs:
        is_padding = run.start - run.lost == first and not any(data[first : run.start])
        if run.lost and not is_padding:
            at = frames * stream.header.samples - stream.skipped
            gaps.append((max(at, 0), max(round(run.lost / mean), 1)))
        frames += run.frames
    return gaps


def _places(gaps: list[Gap], done: int, rate: int) -> str:
    places = ", ".join(f"{(done + at) / rate:.3f} s" for at, _ in gaps[:_SHOWN])
    more = f" and {len(gaps) - _SHOWN} more places" if gaps[_SHOWN:] else ""
    return f"damage at {places}{more}"


def _end_warnings(data: Buffer, stream: Stream, walk: Walk, done: int) -> list[ReadWarning]:
    at = (done + stream.delivered) / stream.header.rate
    if walk.partial and stream.expected is None:
        text = (
            f"the file is cut short inside a frame, after {at:.3f} s; no header states how much "
            "is missing"
        )
        return [ReadWarning(text, None, at)]
    end, rest = stream.runs[-1].end, walk.rest or walk.partial
    looked = min(rest, _LOOKED_AT)
    if any(data[end : end + looked]) or any(data[end + rest - looked : end + rest]):
        if stream.expected is None:
            text = f"{rest} bytes after {at:.3f} s are no frames: damaged, or not sound"
            return [ReadWarning(text, None, at)]
        return [ReadWarning(f"{rest} bytes lie behind the last frame", is_incomplete=False)]
    text = f"{rest} bytes of zeros lie behind the last frame"
    return [ReadWarning(text, is_incomplete=False)] if rest > 8 else []
