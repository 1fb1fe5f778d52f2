"""Read audio files as blocks of rows, any number of times, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike, stat_result
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from restorack.dsp.arrays import MAX_CHANNELS, Rows, check_sample_rate
from restorack.errors import AudioError, FileError, RestorackError
from restorack.io.channel_order import wave_from_ogg
from restorack.io.checksums import wave_checksum
from restorack.io.closing import Closing
from restorack.io.decoder import (
    UNKNOWN_LENGTH,
    check_source,
    ffmpeg_line,
    open_decoder,
)
from restorack.io.formats.layout import ReadWarning
from restorack.io.formats.survey import survey

DoubleRows: TypeAlias = NDArray[np.float64]
"""Audio as ``(channels, samples)`` float64, exact for every file format."""

DEFAULT_BLOCK = 65_536
"""Samples, 1.5 s at 44.1 kHz: neither calls nor memory cost anything that shows. By hand."""

_BITS = {
    "PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64,
    "ALAC_16": 16, "ALAC_20": 20, "ALAC_24": 24, "ALAC_32": 32,
    "DWVW_12": 12, "DWVW_16": 16, "DWVW_24": 24,
}  # fmt: skip

_STATING = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF")
_PLAIN = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_UNCHECKED = ReadWarning(
    "the header is damaged: what the decoder makes of it is read, and nothing can say whether "
    "more is missing"
)


@dataclass(frozen=True)
class AudioInfo:
    """What a file holds.

    Attributes
    ----------
    path : Path
    format, subtype : str
        libsndfile's names, such as ``WAV`` and ``PCM_24``.
    sample_rate : int
        In Hz.
    channels : int
    frames : int
        Samples per channel: as many as the reader really delivers.
    duration : float
        In seconds.
    is_lossy : bool
        True where the coding does not keep every bit of its samples.
    bits : int or None
        Width of a sample, None where the coding has none.
    warnings : tuple of ReadWarning
        What is missing of the file, or seems to be, and what lies behind its sound.
    """

    path: Path
    format: str
    subtype: str
    sample_rate: int
    channels: int
    frames: int
    duration: float
    is_lossy: bool
    bits: int | None
    warnings: tuple[ReadWarning, ...] = ()

    @property
    def incomplete(self) -> list[str]:
        """Return the warnings of sound that is missing, or may be."""
        return [warning.text for warning in self.warnings if warning.is_incomplete]

    @property
    def missing_seconds(self) -> float | None:
        """Return how much sound is known to be missing; None where some is and nobody can tell."""
        missing = [warning.missing_seconds for warning in self.warnings if warning.is_incomplete]
        known = [seconds for seconds in missing if seconds is not None]
        return sum(known) if known or not missing else None

    def require_complete(self) -> None:
        """Refuse a file of which sound is missing, or may be.

        Raises
        ------
        FileError
        """
        if self.incomplete:
            raise FileError(
                "; ".join(self.incomplete),
                where=str(self.path),
                rule="read strictly: all of a file's sound is there",
                remedy="fetch the file again, or read what is there without strictness",
            )


class AudioReader(Closing):
    """A file as blocks of samples.

    Every call of :meth:`blocks` opens the file anew, so that several passes, also at the same
    time, see the same samples. Leaving the context closes whatever is still open.

    Parameters
    ----------
    path : path-like
        WAV, RF64, W64, AIFF, CAF, AU, FLAC, OGG Vorbis or Opus, MP3.
    strict : bool
        Refuse a file of which sound is missing, or may be, instead of warning in ``info``.

    Raises
    ------
    FileError
        A file that is missing, a folder, empty, damaged or not audio.
    AudioError
        A sample rate or a number of channels that restorack does not process.
    """

    def __init__(self, path: str | PathLike[str], *, strict: bool = False) -> None:
        self._path = Path(path)
        self._status = check_source(self._path)
        self._open: dict[int, Callable[[], None]] = {}
        self._is_verified = False
        self.info = self._inspect()
        if strict:
            self.info.require_complete()

    def close(self) -> None:
        """Close every pass that is still open; the reader can be used again."""
        while self._open:
            self._open.popitem()[1]()

    def blocks(
        self, size: int = DEFAULT_BLOCK, start: int = 0, stop: int | None = None
    ) -> Iterator[Rows]:
        """Open the file anew and return its samples as float32.

        Parameters
        ----------
        size : int
            Samples per block; the last one may have fewer.
        start, stop : int
            First sample, and the one after the last; see :meth:`span` for seconds.

        Returns
        -------
        iterator of ndarray of float32, shape (channels, samples)
            Contiguous, and the caller's own.

        Raises
        ------
        AudioError
            For NaN and infinity, with channel and position in the file.
        FileError
            For data that cannot be decoded, and for a file that changed since it was opened.
        ChecksumError
            At the first pass, where the file's ``MD5 `` chunk is not that of its samples.
        """
        return self._to_single(self.blocks64(size, start, stop), start)

    def blocks64(
        self, size: int = DEFAULT_BLOCK, start: int = 0, stop: int | None = None
    ) -> Iterator[DoubleRows]:
        """Open the file anew and return its samples as float64, exact also for 32-bit integers.

        Parameters and errors as in :meth:`blocks`.
        """
        stop = self.info.frames if stop is None else stop
        if not 0 <= start <= stop <= self.info.frames or size < 1:
            raise AudioError(
                f"samples {start} to {stop} in blocks of {size}",
                where=str(self._path),
                rule=f"a span within 0 to {self.info.frames}, blocks of 1 sample or more",
            )
        self._verify_once()
        return self._decode(size, start, stop)

    def _verify_once(self) -> None:
        if not self._is_verified and self.info.format in ("WAV", "WAVEX", "RF64"):
            found = wave_checksum(self._path)
            if found is not None and not found.holds:
                raise found.error(self._path)
        self._is_verified = True

    def span(self, start: float | None = None, stop: float | None = None) -> tuple[int, int]:
        """Return the first sample and the one after the last of a span in seconds.

        Parameters
        ----------
        start, stop : float, optional
            In seconds from the beginning; the whole file where they are not given.

        Returns
        -------
        tuple of int

        Raises
        ------
        AudioError
            Where the span is empty or does not lie within the file.
        """
        duration = self.info.duration
        begin, end = start or 0.0, duration if stop is None else stop
        # Half a sample of tolerance: people copy the rounded duration from a listing.
        tolerance = 0.5 / self.info.sample_rate
        inside = 0 <= begin <= end <= duration + tolerance  # false also for NaN
        if not inside or (begin == end and duration > 0):
            raise AudioError(
                f"the span from {begin:g} s to {end:g} s",
                where=str(self._path),
                rule=f"the file has 0 to {duration:g} s, and a span is not empty",
                remedy="give start and stop in seconds within the file",
            )
        rate = self.info.sample_rate
        last = self.info.frames if stop is None else min(round(end * rate), self.info.frames)
        return min(round(begin * rate), last), last

    def _inspect(self) -> AudioInfo:
        layout = survey(self._path)
        decoder, close = open_decoder(self._path)
        try:
            kind, subtype = layout.form or decoder.format, decoder.subtype
            rate, channels, stated = decoder.samplerate, decoder.channels, decoder.frames
            bits = _BITS.get(subtype)
            # A FLAC that was streamed into a pipe does not state its length.
            self._seeks = bits is not None and stated < UNKNOWN_LENGTH
            is_counted = layout.is_counted or kind == "MP3" or stated >= UNKNOWN_LENGTH
            frames = self._count(decoder) if is_counted else stated
        finally:
            close()
        if not 1 <= channels <= MAX_CHANNELS:
            raise AudioError(
                f"{channels} channels", where=str(self._path), rule=f"1 to {MAX_CHANNELS} channels"
            )
        try:
            check_sample_rate(rate)
        except RestorackError as error:
            raise error.at(str(self._path)) from None
        warnings = list(layout.warnings)
        is_checked = layout.frames is not None or layout.links
        if not is_checked and (kind == "MP3" or (kind in _STATING and subtype in _PLAIN)):
            warnings.append(_UNCHECKED)
        expected = stated if layout.frames is None else layout.frames
        if layout.seconds is not None:
            expected = round(layout.seconds * rate)
        if frames < expected < UNKNOWN_LENGTH:
            warnings.append(_undecoded(expected, frames, rate))
        info = AudioInfo(
            self._path, kind, subtype, rate, channels, frames, frames / rate, bits is None, bits,
            tuple(warnings),
        )  # fmt: skip
        if not frames and (info.incomplete or layout.frames != 0):
            raise self._nothing_left(info)
        return info

    def _nothing_left(self, info: AudioInfo) -> FileError:
        return FileError(
            "; ".join(["not one sample is found", *info.incomplete]),
            where=str(self._path),
            rule="a file without samples states that it has none",
            remedy=f"fetch the file again, or let ffmpeg try: {ffmpeg_line(self._path)}",
        )

    def _count(self, decoder: Any) -> int:
        """Count what the decoder delivers: an MP3's header is an estimate, or wrong."""
        count = 0
        while got := len(self._read(decoder, DEFAULT_BLOCK, count)):
            count += got
        return count

    def _decode(self, size: int, start: int, stop: int) -> Iterator[DoubleRows]:
        self._require_unchanged()
        decoder, close = open_decoder(self._path)
        key = id(decoder)
        self._open[key] = close
        try:
            position = self._go_to(decoder, start)
            while position < stop:
                frames = self._read(decoder, min(size, stop - position), position)
                if not len(frames):
                    raise self._cut_short(position)
                block = np.ascontiguousarray(self._in_wave_order(frames).T)
                self._require_finite(block, position)
                position += len(frames)
                yield block
        finally:
            if self._open.pop(key, None):
                close()

    def _in_wave_order(self, frames: DoubleRows) -> DoubleRows:
        if self.info.format != "OGG":
            return frames
        return frames[:, wave_from_ogg(self.info.channels)]

    def _to_single(self, blocks: Iterator[DoubleRows], position: int) -> Iterator[Rows]:
        for block in blocks:
            with np.errstate(over="ignore"):
                single = block.astype(np.float32)
            self._require_finite(single, position)
            position += single.shape[1]
            yield single

    def _go_to(self, decoder: Any, start: int) -> int:
        if self._seeks:
            try:
                decoder.seek(start)
            except soundfile.SoundFileError as error:
                raise self._damaged(start, error) from None
            return start
        # A lossy decoder's samples depend on those before: only decoding gives the same again.
        position = 0
        while position < start:
            frames = self._read(decoder, min(DEFAULT_BLOCK, start - position), position)
            if not len(frames):
                raise self._cut_short(position)
            position += len(frames)
        return position

    def _read(self, decoder: Any, count: int, position: int) -> DoubleRows:
        if decoder.closed:
            raise FileError("was closed while it was being read", where=str(self._path))
        try:
            frames: DoubleRows = decoder.read(count, dtype="float64", always_2d=True)
        except soundfile.SoundFileError as error:
            raise self._damaged(position, error) from None
        return frames

    def _damaged(self, position: int, error: Exception) -> FileError:
        return FileError(
            f"the data is damaged near sample {position} ({error})".replace(" ()", ""),
            where=str(self._path),
            rule="every sample must decode",
            remedy=f"fetch the file again, or save what ffmpeg can: {ffmpeg_line(self._path)}",
        )

    def _cut_short(self, position: int) -> FileError:
        return FileError(
            f"ends at sample {position} of {self.info.frames}",
            where=str(self._path),
            rule="every sample that the header promises must be there",
            remedy=f"fetch the file again, or save what is there: {ffmpeg_line(self._path)}",
        )

    def _require_unchanged(self) -> None:
        now: stat_result = check_source(self._path)
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (
            self._status.st_ino,
            self._status.st_size,
            self._status.st_mtime_ns,
        ):
            raise FileError(
                "changed since it was opened",
                where=str(self._path),
                rule="every pass must see the same samples",
                remedy="start again once nothing else writes it",
            )

    def _require_finite(self, rows: NDArray[np.floating[Any]], start: int) -> None:
        finite = np.isfinite(rows)
        if finite.all():
            return
        # The first in time, not the first in the array.
        position, channel = (int(index) for index in np.argwhere(~finite.T)[0])
        value, seconds = rows[channel, position], (start + position) / self.info.sample_rate
        raise AudioError(
            f"sample {start + position} ({seconds:.6f} s) of channel {channel} is {value}",
            where=str(self._path),
            rule="every sample is a finite number",
            remedy="repair the file first, for example with numpy.nan_to_num",
        )


def _undecoded(expected: int, frames: int, rate: int) -> ReadWarning:
    missing = (expected - frames) / rate
    return ReadWarning(
        f"{missing:.3f} s are missing: {frames} of {expected} samples can be decoded", missing
    )
