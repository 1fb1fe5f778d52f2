"""Write audio files that appear whole under their final name, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile

from restorack.dsp.arrays import Rows
from restorack.dsp.quantise import quantise
from restorack.errors import AudioError, FileError
from restorack.io.atomic import AtomicFile, write_error
from restorack.io.checksums import md5_chunk
from restorack.io.marks.time_map import Warp
from restorack.io.metadata import Metadata, Target
from restorack.io.output_formats import (
    OUTPUT_FORMATS,
    PCM_BITS,
    WAVE_FORMATS,
    check_target,
    choose_format,
    require_checksum_format,
)
from restorack.io.overs import OverCounter
from restorack.io.reproducible import without_clock
from restorack.io.sinks import LOSSY_SUBTYPES, AnyRows, LibrarySink, PcmWaveSink, Sink
from restorack.io.verification import Promised, verify_audio
from restorack.io.wave.bext import BroadcastLoudness, complete_bext, history_line
from restorack.io.wave.foreign_chunks import FlacForm
from restorack.io.wave.riff import Chunk
from restorack.system import files
from restorack.version import __version__

DEFAULT_QUALITY = 0.9
"""Of lossy formats, from 0 to 1 as libsndfile has it. By hand: near the top."""


class AudioWriter:
    """A file that is written block by block and appears when the context ends without an error.

    Until then the samples go to a hidden sibling of the target, which is removed after an error,
    and after a kill by the next writer of the same target. Before it appears it is opened again:
    length, channels and rate must be what was written.

    Parameters
    ----------
    path : path-like
        The target, in a folder that exists.
    sample_rate : float
        In Hz, a whole number.
    channels : int
    format : str, optional
        WAV (RF64 beyond 4 GiB), RF64, W64, AIFF, FLAC, OGG or MP3; by default what the extension
        says.
    subtype : str, optional
        PCM_16, PCM_24, PCM_32, FLOAT, DOUBLE, VORBIS, OPUS, MPEG and what else the format holds;
        by default PCM_24 where the format has it.
    force : bool
        Replace a target that exists.
    sources : iterable of path-like
        Files that must not be overwritten under any name, also with ``force``.
    quality : float
        0 to 1, for the lossy formats.
    metadata : Metadata, optional
        What :func:`~restorack.io.metadata.read_metadata` found in the source; as much of it as
        the format can hold is written, made true of the new file.
    start : int
        First sample of the source that is written, at the source's rate: times that the metadata
        states move with it.
    stop : int, optional
        The sample of the source after the last one, where its end is left out: what the metadata
        says of it is left out too.
    warp : callable, optional
        Where the speed was changed: takes seconds from ``start`` on and returns those of the
        output, and the times that the metadata states move with it.
    md5 : bool
        Write the MD5 of the samples: a chunk of WAV and RF64; FLAC has it in any case.
    process : str
        What was done, for the coding history, such as a preset with its hash.

    Attributes
    ----------
    path : Path
    format, subtype : str
        As chosen, by libsndfile's names.
    metadata : Metadata or None
        As given.
    bits : int or None
        Width of the integers that are written, None for floats and lossy formats.
    frames : int
        Samples per channel taken so far.
    overs : OverCounter
        Samples beyond full scale. PCM cuts them; lossy coders get them, and most players cut what
        they make of them; formats of floats hold them, and count none. Who quantises samples
        before they are written counts them here.
    loudness : BroadcastLoudness or None
        Of the finished file, to be set before :meth:`finish`: the broadcast extension states it.
    warnings : list of str
        Overs, and what of the metadata could not be carried; complete after :meth:`finish`.

    Raises
    ------
    FileError
        At once for what the format cannot hold; on entry for a target that exists, is a source or
        cannot be written; later where the disk is full.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        sample_rate: float,
        channels: int,
        *,
        format: str | None = None,  # noqa: A002  the name that soundfile and pedalboard use
        subtype: str | None = None,
        force: bool = False,
        sources: Iterable[str | PathLike[str]] = (),
        quality: float = DEFAULT_QUALITY,
        metadata: Metadata | None = None,
        start: int = 0,
        stop: int | None = None,
        warp: Warp | None = None,
        md5: bool = False,
        process: str = "",
    ) -> None:
        self.path = Path(path)
        self.format, self.subtype = choose_format(self.path, format, subtype)
        self.sample_rate = check_target(self.path, self.format, self.subtype, sample_rate, channels)
        if not 0.0 <= quality <= 1.0:
            raise FileError(f"quality {quality!r}", where=str(self.path), rule="0 to 1")
        if md5:
            require_checksum_format(self.path, self.format)
        self.channels, self.bits = channels, PCM_BITS.get(self.subtype)
        self._md5, self._process = md5, process
        self._chunks: list[Chunk] = []
        self.loudness: BroadcastLoudness | None = None
        self._quality, self.metadata = quality, metadata
        self._span, self._warp = (start, stop), warp
        self.warnings: list[str] = []
        self.frames = 0
        self.overs = OverCounter(self.bits, self.sample_rate)
        self._is_lossy, self._is_finished = self.subtype in LOSSY_SUBTYPES, False
        self._target = AtomicFile(path, force=force, sources=sources)
        self._sink: Sink | None = None

    def __enter__(self) -> Self:
        """Check the target and create the hidden file."""
        self._target.__enter__()
        try:
            self._sink = self._open_sink()
        except BaseException as error:
            self._target.__exit__(type(error), error, error.__traceback__)
            if isinstance(error, OSError):
                raise write_error(error, self.path) from None
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file and let it appear; after an error leave nothing."""
        sink, self._sink = self._sink, None
        if sink is None:
            return
        if error is not None:
            sink.abandon()
            self._target.__exit__(kind, error, trace)
            return
        try:
            self._finish(sink)
        except BaseException as problem:
            sink.abandon()
            self._target.__exit__(type(problem), problem, problem.__traceback__)
            raise
        self._target.__exit__(None, None, None)

    @property
    def clipped(self) -> int:
        """How many of the samples were cut, or will be by players of a lossy file."""
        return self.overs.count

    def finish(self) -> None:
        """Write what is left, and read the file back; leaving the context then only names it.

        Files that are to appear together are all finished before the first of them is left.

        Raises
        ------
        FileError
            Where the disk is full, or the file does not open again as what was written.
        """
        if self._sink is not None:
            self._finish(self._sink)

    def write(self, rows: AnyRows) -> None:
        """Append samples.

        Parameters
        ----------
        rows : ndarray, shape (channels, samples)
            Floats with full scale -1 to 1, which PCM rounds by
            :func:`~restorack.dsp.quantise.quantise`; or int32 already quantised to
            :attr:`bits`, for PCM only, which are kept bit for bit.

        Raises
        ------
        AudioError
            For another shape, NaN, infinity, or integers that the width does not hold.
        FileError
            Where the disk is full.
        """
        if self._sink is None or self._is_finished:
            raise FileError(
                "is not open", where=str(self.path), rule="write within the writer's context"
            )
        samples = self._checked(rows)
        try:
            self._sink.write(samples)
        except OSError as error:
            raise write_error(error, self.path) from None
        self.frames += samples.shape[1]

    def _open_sink(self) -> Sink:
        descriptor = self._target.descriptor
        if self.format in WAVE_FORMATS:
            said = self.metadata or Metadata(self.sample_rate)
            self._chunks, self.warnings = said.wave_chunks(self._described())
            checksum = [md5_chunk(bytes(16))] if self._md5 else []
            return PcmWaveSink(
                descriptor,
                self.format,
                self.subtype,
                rate=self.sample_rate,
                channels=self.channels,
                chunks=[*self._chunks, *checksum],
                mask=self._mask(),
            )
        try:
            return LibrarySink(
                descriptor,
                self.format,
                self.subtype,
                rate=self.sample_rate,
                channels=self.channels,
                quality=self._quality,
            )
        except soundfile.SoundFileError as error:
            raise FileError(
                f"{self.channels} channels of {self.sample_rate} Hz in {self.format} "
                f"{self.subtype} ({error})",
                where=str(self.path),
                remedy="write WAV",
            ) from None

    def _finish(self, sink: Sink) -> None:
        if self._is_finished:
            return
        if not self.frames and not OUTPUT_FORMATS[self.format].holds_no_samples:
            raise FileError(
                f"there is no sample to write, and {self.format} cannot hold none",
                where=str(self.path),
                remedy="write WAV",
            )
        try:
            if isinstance(sink, PcmWaveSink):
                self._complete(sink)
            sink.finish()
            if self.metadata and self.format not in WAVE_FORMATS:
                described = self._described()
                self.warnings = self.metadata.write_into(self._target.part, described)
            without_clock(self._target.part, self.format)
            files.sync(self._target.descriptor)
        except OSError as error:
            raise write_error(error, self.path) from None
        promised = Promised(self.format, self.subtype, self.sample_rate, self.channels, self.frames)
        verify_audio(self._target.part, promised, self.path)
        done = "go to the encoder; most players cut them" if self._is_lossy else "were cut"
        self.warnings += self.overs.warning(done)
        self._is_finished = True

    def _complete(self, sink: PcmWaveSink) -> None:
        """Write into the chunks what is known after the last sample."""
        for chunk in self._chunks:
            if chunk.name == b"bext":
                data = complete_bext(chunk.data, self.loudness, sink.digest.hex())
                sink.replace(Chunk(b"bext", data))
                break
        if self._md5:
            sink.replace(md5_chunk(sink.digest))

    def _described(self) -> Target:
        coding = "PCM" if self.subtype not in LOSSY_SUBTYPES else self.subtype
        bits = self.bits or {"FLOAT": 32, "DOUBLE": 64}.get(self.subtype)
        line = history_line(
            coding, self.sample_rate, bits, self.channels, __version__, self._process
        )
        flac = None
        if self.format == "FLAC" and self.bits is not None:
            flac = FlacForm(self.sample_rate, self.channels, self.bits, self.frames, self._mask())
        return Target(
            self.format, self.subtype, self.sample_rate, *self._span, line, self._warp,
            self.loudness, flac,
        )  # fmt: skip

    def _mask(self) -> int | None:
        """Return the source's speakers, where there are still as many channels."""
        mask = self.metadata.channel_mask if self.metadata else None
        return mask if mask is not None and mask.bit_count() in (0, self.channels) else None

    def _checked(self, rows: AnyRows) -> AnyRows:
        if rows.ndim != 2 or rows.shape[0] != self.channels:
            raise AudioError(
                f"block of shape {rows.shape}",
                where=str(self.path),
                rule=f"({self.channels}, samples)",
            )
        if rows.dtype.kind in "iu":
            return self._checked_integers(rows)
        self._require_finite(rows)
        if self.bits is not None or self._is_lossy:
            self.overs.push(rows, self.frames)
        if self.bits is not None:
            return quantise(rows, self.bits)[0]
        if self.subtype == "DOUBLE":
            return rows.astype(np.float64, copy=False)
        with np.errstate(over="ignore"):
            single: Rows = rows.astype(np.float32, copy=False)
        self._require_finite(single)
        return single

    def _checked_integers(self, rows: AnyRows) -> AnyRows:
        if self.bits is None:
            raise AudioError(
                f"{rows.dtype} samples for {self.subtype}",
                where=str(self.path),
                rule="integers are written as PCM only",
                remedy="give floats, or choose a PCM subtype",
            )
        top = 1 << (self.bits - 1)
        if rows.size and (int(rows.min()) < -top or int(rows.max()) >= top):
            raise AudioError(
                f"integers from {rows.min()} to {rows.max()}",
                where=str(self.path),
                rule=f"{self.bits} bits hold {-top} to {top - 1}",
                remedy="quantise to the width of the file",
            )
        return rows.astype(np.int32, copy=False)

    def _require_finite(self, rows: AnyRows) -> None:
        finite = np.isfinite(rows)
        if finite.all():
            return
        position, channel = (int(index) for index in np.argwhere(~finite.T)[0])
        raise AudioError(
            f"sample {self.frames + position} of channel {channel} is {rows[channel, position]}",
            where=str(self.path),
            rule="every sample that is written is a finite number",
        )
