"""Open audio files for decoding, with help where libsndfile needs it."""

from __future__ import annotations

import os
import shlex
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import soundfile

from restorack.errors import FileError
from restorack.io.formats.joined import JoinedDecoder, Opener
from restorack.io.formats.layout import Layout, Link
from restorack.io.formats.survey import survey
from restorack.io.formats.view import FileView
from restorack.io.uninterrupted import Uninterrupted

UNKNOWN_LENGTH = 1 << 62
"""libsndfile gives at least this many frames where a header does not state the length."""

READABLE = "WAV, RF64, W64, AIFF, CAF, AU, FLAC, OGG Vorbis, OGG Opus, MP3"


_CONTAINERS = (
    b"RIFF", b"RF64", b"BW64", b"FORM", b"fLaC", b"OggS", b"riff", b"caff", b".snd",
)  # fmt: skip


class SequentialFile(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from one sample to the next.

    soundfile seeks to where it is after every read of a seekable file. That makes the Opus decoder
    lose its state, so that samples depend on the size of blocks, and fails at the end of a FLAC
    stream of unknown length. Signals wait while libsndfile works, whose callbacks would lose them.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        with Uninterrupted():
            super().__init__(*arguments, **options)

    def read(self, *arguments: Any, **options: Any) -> Any:
        """Return frames, as soundfile does."""
        with Uninterrupted():
            return super().read(*arguments, **options)

    def seek(self, *arguments: Any, **options: Any) -> Any:
        """Go to a frame, as soundfile does."""
        with Uninterrupted():
            return super().seek(*arguments, **options)

    def close(self) -> None:
        """Close the file."""
        with Uninterrupted():
            super().close()

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
    decoder : SequentialFile or JoinedDecoder
        Positioned at sample 0.
    close : callable
        Closes the decoder and all that feeds it.

    Raises
    ------
    FileError
        Where libsndfile cannot read the file, and for joined streams that differ in kind.
    """
    layout = survey(path)
    try:
        if layout.prefers_file:
            decoder = _opened_alike(path, layout)
            if decoder is not None:
                return decoder, decoder.close
        if len(layout.links) > 1:
            joined = JoinedDecoder([_opener(path, link) for link in layout.links], path)
            return joined, joined.close
        if layout.links:
            return _opener(path, layout.links[0])()
        decoder = SequentialFile(os.fsencode(path))
    except (soundfile.SoundFileError, TypeError) as error:
        raise _not_readable(path, error) from None
    return decoder, decoder.close


def _opened_alike(path: Path, layout: Layout) -> SequentialFile | None:
    """Return the file as libsndfile opens it, where it finds the length that is there."""
    try:
        decoder = SequentialFile(os.fsencode(path))
    except soundfile.SoundFileError:
        return None
    if decoder.frames == layout.frames:
        return decoder
    decoder.close()
    return None


def _opener(path: Path, link: Link) -> Opener:
    if link.streamed:
        return lambda: _open_through_pipe(path, link)
    return lambda: _open_view(path, link)


def _open_through_pipe(path: Path, link: Link) -> tuple[Any, Callable[[], None]]:
    """Decode an MP3 whose length nothing states.

    libsndfile estimates the length of such a file from its first bit rate and then stops there,
    which loses most of a file with a variable rate. Through a pipe it decodes to the real end.
    """
    outlet, inlet = os.pipe()

    def feed() -> None:
        view = FileView(path, link.parts)
        # The reader may stop before the end; a file that cannot be read ends the stream.
        with suppress(OSError), open(inlet, "wb") as sink:
            for block in view.blocks():
                sink.write(block)
        view.close()

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


def _open_view(path: Path, link: Link) -> tuple[Any, Callable[[], None]]:
    view = FileView(path, link.parts)
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
    if magic[:4] in _CONTAINERS:
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
