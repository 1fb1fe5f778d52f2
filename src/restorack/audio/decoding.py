"""Open audio files for decoding, with help where libsndfile needs it."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import soundfile

from restorack.audio.riff import PlainWave, is_long_wave
from restorack.errors import FileError

UNKNOWN_LENGTH = 1 << 62
"""libsndfile gives at least this many frames where a header does not state the length."""

READABLE = "WAV, RF64, W64, AIFF, CAF, AU, FLAC, OGG Vorbis, OGG Opus, MP3"

_ID3_HEADER = 10
_PROBE_BYTES = 4096


class SequentialFile(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from one sample to the next.

    soundfile seeks to where it is after every read of a seekable file. That makes the Opus decoder
    lose its state, so that samples depend on the size of blocks, and fails at the end of a FLAC
    stream of unknown length.
    """

    def seekable(self) -> bool:
        """Return False, so that reading does not seek; :meth:`seek` itself still works."""
        return False


def ffmpeg_line(path: Path) -> str:
    """Return the command that makes a readable file of anything that ffmpeg knows."""
    source = str(path) if path.is_absolute() else f"./{path}"
    target = f"./{path.stem}.converted.wav"
    return f"ffmpeg -i {shlex.quote(source)} -c:a pcm_s24le {shlex.quote(target)}"


def check_source(path: Path) -> os.stat_result:
    """Return the status of a file that can be read, or raise :class:`FileError`."""
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its writer
            path.open("rb").close()
    except FileNotFoundError:
        raise FileError(
            "there is no such file", where=str(path), remedy="check the spelling of the path"
        ) from None
    except OSError as error:
        raise FileError(
            f"cannot be read ({error.strerror})", where=str(path), rule="the file must be readable"
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise FileError(
            "is a folder", where=str(path), rule="one audio file", remedy="name the files in it"
        )
    if not stat.S_ISREG(status.st_mode):
        raise FileError(
            "is not a regular file",
            where=str(path),
            rule="files are read more than once, so pipes and devices are not taken",
            remedy="write it to a file first",
        )
    if status.st_size == 0:
        raise FileError(
            "is empty (0 bytes)",
            where=str(path),
            rule="an audio file has a header, even with no samples in it",
            remedy="fetch or copy the file again",
        )
    return status


def open_decoder(path: Path) -> tuple[Any, Callable[[], None]]:
    """Open a file at its first sample.

    Parameters
    ----------
    path : Path
        A file that :func:`check_source` has passed.

    Returns
    -------
    decoder : SequentialFile
        Positioned at sample 0.
    close : callable
        Closes the decoder and all that feeds it.

    Raises
    ------
    FileError
        Where libsndfile cannot read the file.
    """
    try:
        if lacks_length_frame(path):
            return _open_through_pipe(path)
        if is_long_wave(path):
            return _open_long_wave(path)
        decoder = SequentialFile(os.fsencode(path))
    except (soundfile.SoundFileError, TypeError) as error:
        raise _not_readable(path, error) from None
    return decoder, decoder.close


def lacks_length_frame(path: Path) -> bool:
    """Tell whether a file is an MP3 without the Xing, Info or VBRI frame that states its length.

    libsndfile estimates the length of such a file from its first bit rate and then stops there,
    which loses most of a file with a variable rate. Through a pipe it decodes to the real end.
    """
    with path.open("rb") as file:
        head = file.read(_ID3_HEADER)
        if head[:3] == b"ID3" and len(head) == _ID3_HEADER:
            # The tag's size has seven bits in each of four bytes.
            size = sum(
                (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
            )
            file.seek(_ID3_HEADER + size)
        else:
            file.seek(0)
        start = file.read(_PROBE_BYTES)
    is_mpeg = len(start) > 3 and start[0] == 0xFF and start[1] & 0xE6 in (0xE2, 0xE4)
    return is_mpeg and not any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def _open_through_pipe(path: Path) -> tuple[Any, Callable[[], None]]:
    outlet, inlet = os.pipe()

    def feed() -> None:
        # The reader may stop before the end; a file that cannot be read ends the stream.
        with suppress(OSError), open(inlet, "wb") as sink, path.open("rb") as source:
            shutil.copyfileobj(source, sink)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        decoder = SequentialFile(outlet, closefd=True)
    except BaseException:
        with suppress(OSError):  # libsndfile may have closed it already
            os.close(outlet)
        feeder.join()
        raise

    def close() -> None:
        decoder.close()
        feeder.join()

    return decoder, close


def _open_long_wave(path: Path) -> tuple[Any, Callable[[], None]]:
    view = PlainWave(path)
    try:
        decoder = SequentialFile(view)
    except BaseException:
        view.close()
        raise

    def close() -> None:
        decoder.close()
        view.close()

    return decoder, close


def _not_readable(path: Path, error: Exception) -> FileError:
    cause = str(error).rsplit(": ", 1)[-1].strip().rstrip(".") or "unknown reason"
    with path.open("rb") as file:
        magic = file.read(16)
    if magic[:4] in (b"RIFF", b"RF64", b"BW64", b"FORM", b"fLaC", b"OggS", b"riff"):
        return FileError(
            f"the header is damaged or cut short ({cause})",
            where=str(path),
            rule="a complete header",
            remedy=f"fetch the file again, or let ffmpeg try: {ffmpeg_line(path)}",
        )
    return FileError(
        f"is not audio that can be read here ({cause})",
        where=str(path),
        rule=f"one of: {READABLE}",
        remedy=f"convert it first: {ffmpeg_line(path)}",
    )
