"""Where encoded samples go: our own WAV, or libsndfile for every other format."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, BinaryIO, Protocol, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from restorack.io.channel_order import ogg_from_wave
from restorack.io.output_formats import PCM_BITS
from restorack.io.uninterrupted import Uninterrupted
from restorack.io.wave.riff import Chunk, WaveSink, format_chunk

AnyRows: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.floating[Any]]

LOSSY_SUBTYPES = frozenset({"VORBIS", "OPUS", "MPEG_LAYER_III"})

# libvorbis keeps the whole of one write on its stack, so that long ones crash the process.
_LIBRARY_BLOCK = 4096

LOUDEST_MP3 = 100.0
"""Of full scale: the MP3 encoder ends the process by an assertion on samples from 1e6 on."""


class Sink(Protocol):
    """Takes rows of int32 (PCM) or of floats, and ends with :meth:`finish`."""

    def write(self, rows: AnyRows) -> None:
        """Append rows ``(channels, samples)``."""

    def finish(self) -> None:
        """Write what is left, and the header's sizes."""

    def abandon(self) -> None:
        """Release what is held without caring for the file."""


class PcmWaveSink:
    """WAV and RF64 by :class:`~restorack.io.wave.riff.WaveSink`, integers kept bit for bit."""

    def __init__(
        self,
        descriptor: int,
        name: str,
        subtype: str,
        *,
        rate: int,
        channels: int,
        chunks: list[Chunk],
        mask: int | None,
    ) -> None:
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=1 << 20, closefd=False)
        self._bits = PCM_BITS.get(subtype, 64 if subtype == "DOUBLE" else 32)
        self._is_float = subtype not in PCM_BITS
        layout = format_chunk(rate, channels, self._bits, self._is_float, mask)
        self._sink = WaveSink(self._file, layout, chunks, always_64=name == "RF64")

    def write(self, rows: AnyRows) -> None:
        """Append rows in the file's own form."""
        frames = np.ascontiguousarray(rows.T)
        if self._is_float:
            data = frames.astype(f"<f{self._bits // 8}").tobytes()
        elif self._bits == 8:
            data = (frames + 128).astype(np.uint8).tobytes()
        else:
            # The low bytes of a little-endian 32-bit integer are the narrower integer.
            wide = frames.astype("<i4").view(np.uint8).reshape(-1, 4)
            data = wide[:, : self._bits // 8].tobytes()
        self._sink.write(data)

    @property
    def digest(self) -> bytes:
        """The MD5 of the samples, as of :class:`~restorack.io.wave.riff.WaveSink`."""
        return self._sink.digest

    def replace(self, chunk: Chunk) -> None:
        """Write a chunk anew, after the last sample and before the end; it keeps its size."""
        self._sink.replace(chunk)

    def finish(self) -> None:
        """Write the header's sizes."""
        self._sink.finish()
        self._file.close()

    def abandon(self) -> None:
        """Drop what is buffered."""
        with suppress(OSError):  # the reason is already on its way to the caller
            self._file.close()


class _Recorder:
    """A file for libsndfile's callbacks, that remembers why a write failed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.failure:
            return 0
        view, done = memoryview(data), 0
        try:
            while done < len(view):
                done += os.write(self._descriptor, view[done:])
        except OSError as error:
            self.failure = error
        return done

    def read(self, count: int) -> bytes:
        return os.read(self._descriptor, count)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def tell(self) -> int:
        return os.lseek(self._descriptor, 0, os.SEEK_CUR)


class LibrarySink:
    """Every other format by libsndfile; integers are handed over left-justified in 32 bits.

    Parameters
    ----------
    descriptor : int
        Open for reading and writing.
    name, subtype : str
        libsndfile's names.
    rate, channels : int
    quality : float
        0 to 1, for lossy formats.
    """

    def __init__(
        self, descriptor: int, name: str, subtype: str, *, rate: int, channels: int, quality: float
    ) -> None:
        self._recorder = _Recorder(descriptor)
        self._order = ogg_from_wave(channels) if name == "OGG" else list(range(channels))
        self._shift = 32 - PCM_BITS.get(subtype, 32)
        # libsndfile counts the other way round, and refuses a level of exactly 1 for MP3.
        level = min(1.0 - quality, 0.999) if subtype in LOSSY_SUBTYPES else None
        with Uninterrupted():
            self._encoder = soundfile.SoundFile(
                self._recorder,
                "w",
                rate,
                channels,
                subtype=subtype,
                format=name,
                compression_level=level,
            )

    def write(self, rows: AnyRows) -> None:
        """Append rows."""
        frames = np.ascontiguousarray(rows[self._order].T)
        if frames.dtype == np.int32:
            frames = np.left_shift(frames, self._shift)
        elif self._encoder.format == "MP3":
            frames = np.clip(frames, -LOUDEST_MP3, LOUDEST_MP3)
        for start in range(0, len(frames), _LIBRARY_BLOCK):
            piece = frames[start : start + _LIBRARY_BLOCK]
            try:
                with Uninterrupted():
                    self._encoder.write(piece)
            except (AssertionError, soundfile.SoundFileError) as error:
                # soundfile asserts that all was written, and never says why it was not.
                raise self._recorder.failure or OSError(str(error)) from None
            self._raise_failure()

    def finish(self) -> None:
        """Let the encoder write the rest and its header."""
        try:
            with Uninterrupted():
                self._encoder.close()
        except soundfile.SoundFileError as error:
            raise self._recorder.failure or OSError(str(error)) from None
        self._raise_failure()

    def abandon(self) -> None:
        """Close the encoder."""
        with suppress(soundfile.SoundFileError), Uninterrupted():  # the reason is on its way
            self._encoder.close()

    def _raise_failure(self) -> None:
        if self._recorder.failure:
            raise self._recorder.failure
