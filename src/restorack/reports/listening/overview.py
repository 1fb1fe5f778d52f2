"""A track at a glance: loudness, peaks and levels of the whole, for the page to draw at once."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db, power_to_db
from restorack.meters.loudness import LoudnessMeter, TruePeakMeter
from restorack.reports.listening.sound import Sound

PEAK_COLUMNS, COLUMNS, BANDS = 2000, 600, 128
"""Of the first waveform, and of the first spectrogram: about what a screen shows. By hand."""
SIZE = 2048
"""Samples of a frame."""
MOST_FRAMES = 8
"""Of a column: of long files a part is looked at."""
FLOOR_DB, STEP_DB = -140.0, 0.6
"""Of a byte of the spectrogram: 255 steps reach to 13 dB."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Overview:
    """What the page knows of a track before its audio is decoded.

    Attributes
    ----------
    lufs, range_lu, true_peak_dbtp : float or None
        Loudness by ITU-R BS.1770, loudness range, true peak; None for silence.
    rms_db : float or None
        RMS of all channels and samples, dBFS.
    peaks : ndarray of int8, shape (columns, 2)
        Lowest and highest sample of each column; 127 is full scale.
    levels : ndarray of uint8, shape (columns, bands)
        Level in steps of ``STEP_DB`` above ``FLOOR_DB``; a full-scale sine has 0 dB.
    top_hz : float
        Upper end of the bands, which are evenly spaced on the mel scale.
    """

    lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    rms_db: float | None
    peaks: NDArray[np.int8]
    levels: NDArray[np.uint8]
    top_hz: float

    def to_dict(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        return {
            "lufs": _rounded(self.lufs),
            "peaks": _base64(self.peaks),
            "spectrum": {
                "columns": len(self.levels), "bands": BANDS, "floor_db": FLOOR_DB,
                "step_db": STEP_DB, "top_hz": self.top_hz, "levels": _base64(self.levels),
            },
        }  # fmt: skip


def look_over(sound: Sound, seconds: float) -> Overview:
    """Measure a track in one pass.

    Parameters
    ----------
    sound : Sound
    seconds : float
        What the columns stretch over: the length of the page's time axis.
    """
    rate, channels, _ = sound.shape()
    loudness, peak = LoudnessMeter(rate, channels), TruePeakMeter(rate, channels)
    frames = max(1, round(seconds * rate))
    peaks, levels = _Peaks(frames), _Levels(frames, rate)
    energy = count = 0.0
    for block in sound.blocks():
        loudness.push(block)
        peak.push(block)
        peaks.push(block)
        levels.push(block.mean(axis=0, dtype=np.float64))
        energy += float(np.square(block, dtype=np.float64).sum())
        count += block.size
    measured, top = loudness.result(), float(np.max(peak.result(), initial=0.0))
    return Overview(
        measured.integrated_lufs,
        measured.range_lu,
        float(amplitude_to_db(top)) if top > 0.0 else None,
        float(power_to_db(energy / count)) if energy > 0.0 else None,
        peaks.quantised(),
        levels.quantised(),
        rate / 2.0,
    )


class _Peaks:
    """Lowest and highest sample of each column."""

    def __init__(self, frames: int) -> None:
        self._frames, self._at = frames, 0
        self._low, self._high = np.zeros(PEAK_COLUMNS), np.zeros(PEAK_COLUMNS)

    def push(self, block: Rows) -> None:
        """Take samples."""
        places = np.arange(self._at, self._at + block.shape[1], dtype=np.int64)
        columns = np.minimum(places * PEAK_COLUMNS // self._frames, PEAK_COLUMNS - 1)
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        where = columns[starts]
        lowest = np.minimum.reduceat(block.min(axis=0), starts)
        highest = np.maximum.reduceat(block.max(axis=0), starts)
        self._low[where] = np.minimum(self._low[where], lowest)
        self._high[where] = np.maximum(self._high[where], highest)
        self._at += block.shape[1]

    def quantised(self) -> NDArray[np.int8]:
        """Return them as bytes."""
        pairs = np.stack([self._low, self._high], axis=1)
        return np.round(127.0 * np.clip(pairs, -1.0, 1.0)).astype(np.int8)


class _Levels:
    """Mean level of the frames in each column, in bands."""

    def __init__(self, frames: int, rate: float) -> None:
        self._per_column = max(1.0, frames / COLUMNS)
        self._hop = max(SIZE // 4, int(self._per_column / MOST_FRAMES))
        self._window = np.hanning(SIZE)
        self._matrix = (2.0 / self._window.sum()) ** 2 * band_matrix(rate)
        self._power, self._counts = np.zeros((COLUMNS, BANDS)), np.zeros(COLUMNS)
        self._waiting, self._first, self._next = np.zeros(SIZE // 2), -(SIZE // 2), -(SIZE // 2)

    def push(self, samples: Floats) -> None:
        """Take samples of one channel."""
        joined = np.concatenate([self._waiting, samples])
        while self._next - self._first + SIZE <= len(joined):
            frame = joined[self._next - self._first :][:SIZE]
            power = np.abs(np.fft.rfft(frame * self._window)) ** 2
            column = min(COLUMNS - 1, int((self._next + SIZE // 2) / self._per_column))
            self._power[column] += self._matrix @ power
            self._counts[column] += 1.0
            self._next += self._hop
        gone = min(len(joined), max(0, self._next - self._first))
        self._waiting, self._first = joined[gone:], self._first + gone

    def quantised(self) -> NDArray[np.uint8]:
        """Return the levels as bytes; a column without a frame is as the one before it."""
        self.push(np.zeros(SIZE // 2))
        power = self._power / np.maximum(self._counts, 1.0)[:, np.newaxis]
        for column in np.flatnonzero(self._counts == 0.0).tolist():
            power[column] = power[max(0, column - 1)]
        steps = (10.0 * np.log10(power + 1e-14) - FLOOR_DB) / STEP_DB
        return np.clip(np.round(steps), 0, 255).astype(np.uint8)


def band_matrix(rate: float) -> Floats:
    """Return the share of each bin of a frame in each band, shape (bands, bins); rows sum to 1."""
    bins = SIZE // 2 + 1
    top = _mel(rate / 2.0)
    places = _mel(np.arange(bins) * rate / SIZE) / top * BANDS - 0.5  # of each bin, in bands
    matrix = np.zeros((BANDS, bins))
    for band in range(BANDS):
        inside = np.flatnonzero(np.abs(places - band) < 0.5)
        if len(inside):
            matrix[band, inside] = 1.0 / len(inside)
        else:  # narrower than a bin: between its two neighbours
            above = int(np.clip(np.searchsorted(places, band), 1, bins - 1))
            span = places[above] - places[above - 1]
            share = float(np.clip((band - places[above - 1]) / span, 0.0, 1.0))
            matrix[band, above - 1], matrix[band, above] = 1.0 - share, share
    return matrix


def _mel(hertz: Any) -> Any:
    return np.log10(1.0 + hertz / 700.0)


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
