"""Random excerpts of recordings in a folder, strung together with cross-fades."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats
from restorack.dsp.resampling import resample_blocks
from restorack.errors import FileError
from restorack.io.audio_files import AUDIO_SUFFIXES, audio_files
from restorack.io.reader import AudioReader

CROSSFADE_S = 0.05
"""Of two excerpts: long enough that no seam is heard in noise. By hand."""

SILENT = 1e-7
"""Excerpts quieter than this RMS have no level to bring them to, and stay as they are."""


def recordings(folder: Path) -> list[Path]:
    """Return a folder's audio files and those of its sub-folders, sorted by name.

    Raises
    ------
    FileError
        Where there is no such folder, or no audio file in it.
    """
    if not folder.is_dir():
        raise FileError(
            "no such folder" if not folder.exists() else "not a folder",
            where=str(folder),
            rule="noise is taken from the audio files of a folder",
        )
    found = audio_files(folder)
    if not found:
        raise FileError(
            "no audio file in this folder",
            where=str(folder),
            rule=f"files end in {', '.join(sorted(AUDIO_SUFFIXES))}",
            remedy="put recordings of noise there, or name another folder",
        )
    return found


def crossfade(first: Floats, second: Floats, length: int) -> Floats:
    """Join two signals: the last samples of one fade into the first of the other, power kept."""
    length = min(length, first.shape[1], second.shape[1])
    if length == 0:
        return np.concatenate([first, second], axis=1)
    rise = np.sqrt((np.arange(length) + 0.5) / length)
    cut = first.shape[1] - length
    middle = first[:, cut:] * rise[::-1] + second[:, :length] * rise
    return np.concatenate([first[:, :cut], middle, second[:, length:]], axis=1)


class ExcerptString:
    """Endless noise out of files: one random excerpt after the other, each of RMS 1.

    Parameters
    ----------
    paths : list of Path
        The files to choose from.
    excerpt_s : float
        Length of an excerpt; shorter files are looped with cross-fades.
    seed : int
        Chooses files and places.
    sample_rate, channels : float, int
        Of the stream. Files of other rates are resampled, other channels mixed to mono or taken in
        turn.
    """

    def __init__(
        self, paths: list[Path], excerpt_s: float, seed: int, sample_rate: float, channels: int
    ) -> None:
        self._paths, self._seed = paths, seed
        self._rate, self._channels = sample_rate, channels
        self._fade = max(1, round(CROSSFADE_S * sample_rate))
        self._length = max(2 * self._fade, round(excerpt_s * sample_rate)) + self._fade
        self._index = 0
        self._ready: Floats = self._next_excerpt()

    def next(self, count: int) -> Floats:
        """Return the next samples, shape ``(channels, count)``."""
        while self._ready.shape[1] < count + self._fade:
            self._ready = crossfade(self._ready, self._next_excerpt(), self._fade)
        out, self._ready = self._ready[:, :count], self._ready[:, count:].copy()
        return out

    def _next_excerpt(self) -> Floats:
        random = random_at(self._seed, "NoiseFolder", -1, self._index)
        self._index += 1
        path = self._paths[int(random.integers(len(self._paths)))]
        rows = self._to_channels(self._read(path, float(random.uniform())))
        rows -= rows.mean(axis=1, keepdims=True)
        if rows.shape[1] < self._length:
            rows = np.roll(rows, int(random.integers(max(1, rows.shape[1]))), axis=1)
            rows = self._looped(rows)
        rms = float(np.sqrt(np.mean(rows**2)))
        return rows / rms if rms > SILENT else rows

    def _read(self, path: Path, place: float) -> Rows:
        """Read an excerpt, or the whole of a shorter file, at the stream's rate."""
        with AudioReader(path) as reader:
            info = reader.info
            wanted = int(np.ceil(self._length * info.sample_rate / self._rate)) + 1
            start = int(place * max(0, info.frames - wanted))
            stop = min(info.frames, start + wanted)
            blocks = reader.blocks(start=start, stop=stop)
            parts = list(resample_blocks(blocks, info.sample_rate, self._rate, info.channels))
        if not parts:
            raise FileError("no samples in this file", where=str(path))
        return np.concatenate(parts, axis=1)[:, : self._length]

    def _to_channels(self, rows: Rows) -> Floats:
        exact: Floats = rows.astype(np.float64)
        if self._channels == 1:
            mono: Floats = exact.mean(axis=0, keepdims=True)
            return mono
        chosen: Floats = exact[np.arange(self._channels) % exact.shape[0]]
        return chosen

    def _looped(self, rows: Floats) -> Floats:
        fade = min(self._fade, rows.shape[1] // 2)
        joined = rows
        while joined.shape[1] < self._length:
            joined = crossfade(joined, rows, fade)
        return joined[:, : self._length]
