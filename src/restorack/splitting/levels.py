"""Levels of a side in bands, fifty times a second: what its noise and its music are told by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import DensityFrames

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]

HOP_S = 0.02
"""Between frames; by hand."""
FRAME_S = 0.046
"""Of a frame, 2048 samples at 44.1 kHz: a click spoils two or three. By hand."""
LOWEST_HZ, HIGHEST_HZ = 110.0, 16_000.0
"""Rumble and the fundamental of hum lie below."""
BANDS_PER_OCTAVE = 3.0
"""Third octaves, IEC 61260, where they have bins enough."""
LEAST_BINS = 3
"""A band has at least so many: fewer scatter too much."""
LEAST_DB = -140.0
"""Below any recording: digital silence."""
FLAT_HZ = (500.0, 6_000.0)
"""Where peaks of the spectrum are looked for: above most of a hum, below a lossy coder's edge."""

_GROUP = 64  # frames that are transformed at once, by hand


@dataclass(frozen=True)
class Levels:
    """Of a whole side.

    Attributes
    ----------
    hop_s : float
        Seconds between frames; frame ``k`` is centred at ``k * hop_s``.
    edges_hz : ndarray, shape (bands + 1,)
    db : ndarray of float32, shape (channels, frames, bands)
        Mean power densities: white noise of variance 1 has 0 dB in every band.
    peaks_db : ndarray of float32, shape (channels, frames)
        How far the spectrum's peaks stand over its mean level in dB, band by band: 2.5 for noise.
    dof : ndarray, shape (bands,)
        Degrees of freedom of a band's level in one frame.
    """

    hop_s: float
    edges_hz: Floats
    db: Singles
    peaks_db: Singles
    dof: Floats

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self.db.shape[1])

    def at(self, frame: float) -> float:
        """Return the seconds of a frame's middle."""
        return float(frame) * self.hop_s


def measure_levels(blocks: Iterable[Rows], sample_rate: float, channels: int) -> Levels:
    """Return the levels of a stream.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (channels, samples)
    sample_rate : float
        In Hz.
    channels : int

    Returns
    -------
    Levels
        9 kB a second for two channels: 32 MB an hour.
    """
    frame = int(2 ** np.round(np.log2(FRAME_S * sample_rate)))
    hop = samples_per_frame(sample_rate)
    analysis = DensityFrames(channels, frame, hop, _GROUP)
    bins = band_bins(sample_rate, frame)
    flat = (bins[:-1] * sample_rate / frame >= FLAT_HZ[0]) & (
        bins[1:] * sample_rate / frame <= FLAT_HZ[1]
    )
    levels: list[Singles] = []
    peaks: list[Singles] = []
    samples = 0

    def take(block: Rows) -> None:
        for density in analysis.push(block):
            mean, peak = _of_group(density, bins, flat)
            levels.append(mean)
            peaks.append(peak)

    take(np.zeros((channels, frame // 2), np.float32))
    for block in blocks:
        take(block)
        samples += block.shape[1]
    take(np.zeros((channels, frame + _GROUP * hop), np.float32))
    count = samples // hop + 1
    return Levels(
        hop / sample_rate,
        bins * sample_rate / frame,
        np.concatenate(levels, axis=1)[:, :count],
        np.concatenate(peaks, axis=1)[:, :count],
        # A Hann window's neighbouring bins are not independent: two thirds of them count.
        np.maximum(2.0 * np.diff(bins) / 1.5, 2.0),
    )


def samples_per_frame(sample_rate: float) -> int:
    """Return the samples between frames."""
    return round(HOP_S * sample_rate)


def band_bins(sample_rate: float, frame: int) -> NDArray[np.int64]:
    """Return the first bin of every band, and the one after the last."""
    width, top = sample_rate / frame, min(HIGHEST_HZ, 0.45 * sample_rate)
    bins = [round(LOWEST_HZ / width)]
    while True:
        wide = round(bins[-1] * 2.0 ** (1.0 / BANDS_PER_OCTAVE))
        following = max(bins[-1] + LEAST_BINS, wide)
        if following * width > top:
            return np.array(bins, np.int64)
        bins.append(following)


def _of_group(
    density: Floats, bins: NDArray[np.int64], flat: NDArray[np.bool_]
) -> tuple[Singles, Singles]:
    """Return the bands' levels of some frames, and how far peaks stand out."""
    inside = density[:, :, bins[0] : bins[-1]] + 10.0 ** (LEAST_DB / 10.0)
    starts, widths = bins[:-1] - bins[0], np.diff(bins)
    mean = power_to_db(np.add.reduceat(inside, starts, axis=2) / widths)
    logs = np.add.reduceat(power_to_db(inside), starts, axis=2) / widths
    return mean.astype(np.float32), (mean - logs)[:, :, flat].mean(axis=2).astype(np.float32)
