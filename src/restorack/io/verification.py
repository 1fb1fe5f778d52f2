"""A file that was written is read back before it appears under its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from restorack.errors import FileError, RestorackError
from restorack.io.reader import AudioReader
from restorack.io.wave.riff import chunk_places, is_wave

_FIRST_CHUNK, _CHUNK_HEADER = 12, 8
"""Bytes of the header of RIFF and RF64, and of each chunk's: its name and size."""


@dataclass(frozen=True)
class Promised:
    """What a file must turn out to be.

    Attributes
    ----------
    format, subtype : str
        libsndfile's names.
    sample_rate : int
        In Hz.
    channels : int
    frames : int
        Samples per channel.
    """

    format: str
    subtype: str
    sample_rate: int
    channels: int
    frames: int


def verify_audio(part: Path, promised: Promised, shown: Path) -> None:
    """Open a finished file again and compare it with what was written into it.

    Headers say how long a file is, and the last sample is decoded, which costs no time; a format
    whose headers do not say it (MP3) is decoded and counted.

    Parameters
    ----------
    part : Path
        The file, under its temporary name.
    promised : Promised
    shown : Path
        Its final name, for the error.

    Raises
    ------
    FileError
        Where it does not open, or is of another kind or length.
    """
    try:
        with AudioReader(part) as reader:
            info = reader.info
            if info.frames and not info.is_lossy:  # whose header may promise what is not there
                _ = [*reader.blocks64(1, info.frames - 1)]
        if is_wave(part):
            _require_whole_wave(part)
    except (RestorackError, soundfile.SoundFileError) as error:
        reason = error.what if isinstance(error, RestorackError) else error
        raise _unlike(f"it does not open again: {reason}", shown) from None
    found: dict[str, Any] = {
        "channels": info.channels, "sample_rate": info.sample_rate, "frames": info.frames,
    }  # fmt: skip
    for name, value in found.items():
        wanted = getattr(promised, name)
        if value != wanted:
            words = name.replace("_", " ")
            raise _unlike(f"{words} {value} where {wanted} was written", shown)


def _require_whole_wave(part: Path) -> None:
    """Walk over the chunks, which must follow each other and end where the file does."""
    end, size = _FIRST_CHUNK, part.stat().st_size
    with part.open("rb") as file:
        for place in chunk_places(file):
            if place.offset != end + _CHUNK_HEADER:
                raise FileError(f"{place.offset - _CHUNK_HEADER - end} bytes are no chunk")
            end = place.offset + place.size + place.size % 2
            if end > size:
                raise FileError(f"chunk {place.name!r} reaches beyond the file")
    if end != size:
        raise FileError(f"{size - end} bytes are no chunk")


def _unlike(what: str, shown: Path) -> FileError:
    return FileError(
        f"what was written is not what was meant ({what})",
        where=str(shown),
        rule="a file is read back before it appears, and must have its length, channels and rate",
        remedy="write another format; nothing was left here",
    )
