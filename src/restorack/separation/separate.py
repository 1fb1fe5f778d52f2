"""Separate a file into three files that add up to it, and a session that mixes them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

from restorack.dsp.arrays import Rows, bounded
from restorack.dsp.decibels import power_to_db
from restorack.io.atomic import AtomicFile, write_all
from restorack.io.file_names import fitting_name
from restorack.io.metadata import read_metadata
from restorack.io.reader import AudioInfo, AudioReader, DoubleRows
from restorack.io.writer import AudioWriter
from restorack.separation.cascade import PARTS
from restorack.separation.exact import Floats, exact_parts
from restorack.separation.report import PartEntry, SeparationReport
from restorack.separation.session import MOST_CHANNELS, session_text
from restorack.separation.stream import EstimateStream

SESSION = "session.yaml"
MASTER = "master-dynamic"

OnShare = Callable[[float], None]


def separate(
    source: str | PathLike[str],
    folder: str | PathLike[str],
    *,
    master: str = MASTER,
    force: bool = False,
    strict: bool = False,
    on_share: OnShare | None = None,
) -> SeparationReport:
    """Separate a recording into a harmonic part, a percussive part and the voice.

    The parts are 64-bit float WAVs that, added in float64, are the decoded source exactly; the
    percussive part is what the two others leave. Beside them a session is written that mixes them
    again, through a preset for masters. The file is read once, block by block.

    Parameters
    ----------
    source : path-like
        An audio file.
    folder : path-like
        Where the parts go: ``NAME.harmonic.wav``, ``NAME.percussive.wav``, ``NAME.voice.wav`` and
        ``session.yaml``, which appear together. It exists.
    master : str
        The preset of the session's master.
    force : bool
        Replace files that exist; the source is never replaced.
    strict : bool
        Refuse a source of which sound is missing, or may be.
    on_share : callable, optional
        Is called with the share that has been written, 0 to 1.

    Returns
    -------
    SeparationReport

    Raises
    ------
    AudioError
        For audio that cannot be processed.
    FileError
        For files that cannot be read or written, or exist.
    """
    home = Path(folder)
    with AudioReader(source, strict=strict) as reader, ExitStack() as stack:
        info = reader.info
        files = {part: fitting_name(info.path.stem, f".{part}.wav") for part in PARTS}
        has_session = info.channels <= MOST_CHANNELS
        if has_session:
            session = AtomicFile(home / SESSION, force=force, sources=[info.path])
            text = session_text(info.path.stem, files, channels=info.channels, master=master)
            write_all(stack.enter_context(session).descriptor, text.encode())
        writers = _open_writers(info, [home / file for file in files.values()], force, stack)
        energies, inexact = _write(reader, writers, on_share or (lambda _: None))
        carried = [text for writer in writers for text in writer.warnings]
        if not has_session:
            carried.append(f"no session: its stems have 1 or 2 channels, not {info.channels}")
        if inexact:
            carried.append(
                f"{inexact} samples of the sum miss the source by their last bits: no three "
                "64-bit floats add up to them"
            )
        return SeparationReport(
            source=str(info.path), sample_rate_hz=info.sample_rate, channels=info.channels,
            frames=info.frames, parts=_described(writers, energies, info),
            session=str(home / SESSION) if has_session else None, inexact_samples=inexact,
            warnings=list(dict.fromkeys([*info.incomplete, *carried])),
        )  # fmt: skip


def _open_writers(
    info: AudioInfo, paths: list[Path], force: bool, stack: ExitStack
) -> list[AudioWriter]:
    metadata = read_metadata(info.path)
    return [
        stack.enter_context(
            AudioWriter(
                path, info.sample_rate, info.channels, format="WAV", subtype="DOUBLE",
                force=force, sources=[info.path], metadata=metadata, process=f"separated: {part}",
            )
        )
        for part, path in zip(PARTS, paths, strict=True)
    ]  # fmt: skip


def _write(
    reader: AudioReader, writers: list[AudioWriter], on_share: OnShare
) -> tuple[Floats, int]:
    """Write the parts and finish their files; return their energies and what is not exact."""
    energies, inexact, done = np.zeros(len(writers)), 0, 0
    for decoded, harmonic, voice in _separated(reader):
        parts, missed = exact_parts(decoded, harmonic, voice)
        for writer, part in zip(writers, parts, strict=True):
            writer.write(part)
        energies += [float(np.sum(part**2)) for part in parts]
        inexact, done = inexact + missed, done + decoded.shape[1]
        on_share(done / reader.info.frames)
    for writer in writers:
        writer.finish()
    return energies, inexact


def _separated(reader: AudioReader) -> Iterator[tuple[DoubleRows, Rows, Rows]]:
    """Yield the source with the estimates of two parts, block by block."""
    channels = reader.info.channels
    stream = EstimateStream(channels, float(reader.info.sample_rate))
    waiting = np.zeros((channels, 0))
    for block in chain(reader.blocks64(), [None]):
        if block is not None:
            waiting = np.concatenate([waiting, block], axis=1)
        single = None if block is None else bounded(block.astype(np.float32))
        both = stream.finish() if single is None else stream.push(single)
        count = both.shape[1]
        if count:
            yield waiting[:, :count], both[:channels], both[channels:]
            waiting = waiting[:, count:]


def _described(writers: list[AudioWriter], energies: Floats, info: AudioInfo) -> list[PartEntry]:
    total = max(float(energies.sum()), float(np.finfo(np.float64).tiny))
    count = max(info.frames * info.channels, 1)
    return [
        PartEntry(
            name=part,
            file=str(writer.path),
            level_dbfs=float(power_to_db(energy / count)) if energy > 0.0 else None,
            share=float(energy / total),
        )
        for part, writer, energy in zip(PARTS, writers, energies, strict=True)
    ]
