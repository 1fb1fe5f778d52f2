"""What a survey of a file says: the streams to decode, their lengths, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from restorack.errors import FileError

Part: TypeAlias = bytes | tuple[int, int]
"""Bytes as they are, or ``(offset, size)`` of the file."""


@dataclass(frozen=True)
class ReadWarning:
    """What a reader warns of.

    Attributes
    ----------
    text : str
        One sentence, without the file's name.
    missing_seconds : float or None
        Sound that is known to be missing; None where nothing is, or where nobody can tell.
    at_seconds : float or None
        Where it is missing, in what is delivered.
    is_incomplete : bool
        Sound is missing, or may be: strict reading refuses the file.
    """

    text: str
    missing_seconds: float | None = None
    at_seconds: float | None = None
    is_incomplete: bool = True


@dataclass(frozen=True)
class Link:
    """One stream that a decoder reads from its beginning to its end.

    Attributes
    ----------
    parts : tuple
        What the decoder gets to see of the file, in order.
    streamed : bool
        Decode through a pipe: to the real end, whatever length the decoder would estimate.
    """

    parts: tuple[Part, ...]
    streamed: bool = False


@dataclass(frozen=True)
class Layout:
    """How a file is decoded.

    Attributes
    ----------
    links : tuple of Link
        One after another; none: the decoder opens the file itself.
    warnings : tuple of ReadWarning
    is_counted : bool
        The length is what decoding delivers, not what a header says.
    frames : int or None
        Samples per channel by the container's own arithmetic; None where it has none.
    seconds : float or None
        The length by the container's own clock, where the decoder does not know it.
    form : str or None
        The container's name, where the decoder sees only what is in it.
    prefers_file : bool
        The decoder opens the file itself where it then finds the same length.
    """

    links: tuple[Link, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()
    is_counted: bool = False
    frames: int | None = None
    seconds: float | None = None
    form: str | None = None
    prefers_file: bool = False


def cut_short(stated: int, there: int, rate: float, what: str = "samples") -> ReadWarning:
    """Return the warning of a file that ends before its header says.

    Parameters
    ----------
    stated, there : int
        Samples per channel, or bytes.
    rate : float
        Of them in a second.
    what : str
        Of what the numbers are.
    """
    missing, at = (stated - there) / rate, there / rate
    return ReadWarning(
        f"the file is cut short: {there} of {stated} {what} are there, "
        f"{missing:.3f} s are missing after {at:.3f} s",
        missing,
        at,
    )


PLACEHOLDERS = frozenset((
    0x7F000000, 0x7FFFF000, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xFFFFF000, 0xFFFFFFDB, 0xFFFFFFFE,
    0xFFFFFFFF,
))  # fmt: skip
"""Sizes that writers put into the header of a stream, whose length they do not know."""


def no_length() -> ReadWarning:
    """Return the warning of a header whose length was never filled in."""
    return ReadWarning(
        "the header states no length (the file was streamed, or its writer was stopped): read to "
        "the end of the file; whether more is missing cannot be told"
    )


def ends_inside() -> ReadWarning:
    """Return the warning of a file without a stated length that ends inside a sample."""
    return ReadWarning(
        "the file is cut short: it ends inside a sample, and states no length that would tell how "
        "much is missing"
    )


@dataclass(frozen=True)
class PlainSamples:
    """Samples of a fixed number of bytes, as a container states them.

    Attributes
    ----------
    offset : int
        Of the first one in the file.
    stated : int or None
        Bytes that the header states; None where it states none, which is legal.
    room : int
        Bytes from the first sample to the end of the file.
    frame : int
        Bytes of a sample of all channels.
    rate : float
        In Hz.
    is_empty : bool
        A length of 0 is meant: chunks follow at once.
    """

    offset: int
    stated: int | None
    room: int
    frame: int
    rate: float
    is_empty: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a length should be stated and is not."""
        if self.stated is None or self.is_empty or not self.room:
            return False
        return self.stated == 0 or (self.stated in PLACEHOLDERS and self.stated > self.room)

    @property
    def there(self) -> int:
        """Bytes of whole samples that are in the file."""
        bytes_there = self.room if self.stated is None or self.is_open else self.stated
        return min(bytes_there, self.room) // self.frame * self.frame

    @property
    def frames(self) -> int:
        """Samples per channel that are in the file."""
        return self.there // self.frame

    @property
    def end(self) -> int:
        """Where the samples end in the file."""
        if self.stated is None or self.is_open:
            return self.offset + self.room
        return self.offset + min(self.stated, self.room)

    def warnings(self) -> list[ReadWarning]:
        """Return what is missing."""
        if self.is_open:
            return [no_length()]
        if self.stated is None:
            return [ends_inside()] if self.room % self.frame else []
        stated = self.stated // self.frame
        return [cut_short(stated, self.frames, self.rate)] if stated > self.frames else []


def joined_unlike(path: Path, kinds: Iterable[tuple[int, int]]) -> FileError:
    """Return the error of a file that is joined of streams which differ.

    Parameters
    ----------
    path : Path
    kinds : iterable of (int, int)
        Rate in Hz and number of channels of each stream.
    """
    words = list(dict.fromkeys(f"{rate} Hz with {count} channels" for rate, count in kinds))
    return FileError(
        f"joined of streams that differ: {', then '.join(words)}",
        where=str(path),
        rule="streams in one file have one rate and one number of channels",
        remedy="split the file at its joints, and convert the parts to one kind",
    )
