"""Say what the bytes are that lie behind a file's sound and are no part of its container."""

from __future__ import annotations

from typing import BinaryIO

from restorack.io.formats.layout import ReadWarning

_IGNORED = 8
"""Zeros up to this many bytes are padding."""

# Bytes of a sample, and samples, that are looked at of what may be very long.
_WINDOW = 1 << 14
_WINDOWS = 64

_TAGS = {
    b"ID3": "an ID3 tag", b"TAG": "an ID3v1 tag", b"APETAGEX": "an APE tag",
    b"LYRICSBEGIN": "a Lyrics3 tag",
}  # fmt: skip
_FILES = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM", b"fLaC", b"OggS", b"caff", b"riff", b".snd")


def warn_of(
    file: BinaryIO, offset: int, size: int, frame: int, rate: float, at: float
) -> list[ReadWarning]:
    """Return what to say of bytes behind the samples; nothing for a little padding.

    Memory and time do not grow with their number: long ones are looked at in places.

    Parameters
    ----------
    file : BinaryIO
    offset, size : int
        The bytes.
    frame : int
        Bytes of a sample of all channels.
    rate : float
        In Hz.
    at : float
        Length of what is read, in seconds.
    """
    if size <= 0:
        return []
    file.seek(offset)
    head = file.read(16)
    for mark, name in _TAGS.items():
        if head.startswith(mark):
            return [_stray(f"{size} bytes lie behind the samples ({name}): left out")]
    if not _has_content(file, offset, size):
        return [] if size <= _IGNORED else [_stray(f"{size} bytes of zeros lie behind the samples")]
    if head.startswith(_FILES):
        return [
            ReadWarning(f"another audio file of {size} bytes is joined on after {at:.3f} s: "
                        "not read; split the file first", None, at)
        ]  # fmt: skip
    if size < max(frame, 1):
        return [_stray(f"{size} bytes lie behind the samples")]
    seconds = size // max(frame, 1) / rate
    return [
        ReadWarning(
            f"{size} bytes that look like samples follow those that the header states: "
            f"{seconds:.3f} s after {at:.3f} s are not read",
            seconds,
            at,
        )
    ]


def _stray(text: str) -> ReadWarning:
    return ReadWarning(text, is_incomplete=False)


def _has_content(file: BinaryIO, offset: int, size: int) -> bool:
    """Return whether a byte is not zero, in windows over the whole span."""
    step = max(_WINDOW, -(-(size - _WINDOW) // _WINDOWS)) if size > _WINDOW else _WINDOW
    places = {*range(offset, offset + size, step), offset + max(size - _WINDOW, 0)}
    for place in sorted(places):
        file.seek(place)
        if any(file.read(min(_WINDOW, offset + size - place))):
            return True
    return False
