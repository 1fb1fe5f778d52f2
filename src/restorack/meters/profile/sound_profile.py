"""How a recording sounds: its tone, width and dynamics in figures that can be matched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import MeanDensity
from restorack.errors import AudioError
from restorack.meters.loudness import LoudnessMeter, TruePeakMeter, k_weighting
from restorack.meters.profile.level_track import LevelTrack, Spreads

Floats = NDArray[np.float64]

CENTRES_HZ: Floats = 25.0 * 2.0 ** (np.arange(30) / 3.0)
"""Third octaves of IEC 61260, 25 Hz to 20 kHz."""
FRAME_S = 0.37
"""Of the spectra: two bins in the lowest band."""

NARROWEST_DB, WIDEST_DB = -40.0, 20.0
"""Side over mid beyond which a band counts as mono, or as nothing but difference. By hand."""


@dataclass(frozen=True)
class SoundProfile:
    """What is matched of a recording.

    Attributes
    ----------
    tone_db : ndarray of float64, shape (30,)
        Level of each third octave over the loudness of all; NaN beyond half the rate.
    width_db : ndarray of float64, shape (30,)
        Side over mid in each, -40 to 20; NaN beyond half the rate, and in all where there are not
        two channels.
    loudness_lufs : float
        Integrated, ITU-R BS.1770-5.
    loudness_range_lu : float or None
        EBU Tech 3342; None for less than 3 s.
    peak_to_loudness_db : float
        True peak over integrated loudness.
    spreads : Spreads
        Of the slow and the fast level.
    """

    tone_db: Floats
    width_db: Floats
    loudness_lufs: float
    loudness_range_lu: float | None
    peak_to_loudness_db: float
    spreads: Spreads


class ProfileMeter:
    """Measure a stream; memory is 0.8 kB a second.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._rate, self._channels = sample_rate, channels
        self.levels = LevelTrack(sample_rate)
        self._loudness = LoudnessMeter(sample_rate, channels)
        self._peak = TruePeakMeter(sample_rate, channels)
        self._frame = int(2 ** np.round(np.log2(FRAME_S * sample_rate)))
        self._densities = [MeanDensity(1, self._frame) for _ in range(2)]

    def push(self, block: Rows) -> None:
        """Take samples, shape (channels, samples)."""
        self.levels.push(block)
        self._loudness.push(block)
        self._peak.push(block)
        if self._channels == 2:
            half = np.float32(0.5)
            middle, side = half * (block[:1] + block[1:]), half * (block[:1] - block[1:])
        else:
            middle, side = block.mean(axis=0, keepdims=True), block[:0]
        for density, rows in zip(self._densities, (middle, side), strict=True):
            if len(rows):
                density.push(np.asarray(rows, np.float32))

    def band_powers(self) -> tuple[Floats, Floats]:
        """Return the power of mid and side in each third octave, NaN beyond half the rate."""
        hz = np.arange(self._frame // 2 + 1) * (self._rate / self._frame)
        edges = CENTRES_HZ * 2.0 ** (1.0 / 6.0), CENTRES_HZ * 2.0 ** (-1.0 / 6.0)
        inside = (hz >= edges[1][:, np.newaxis]) & (hz < edges[0][:, np.newaxis])
        powers = [inside @ density.mean() for density in self._densities]
        for power in powers:
            power[edges[0] > self._rate / 2.0] = np.nan
        return powers[0], powers[1]

    def result(self) -> SoundProfile:
        """Return the figures.

        Raises
        ------
        AudioError
            For silence, and for less than half a second.
        """
        loudness = self._loudness.result()
        middle, side = self.band_powers()
        total = middle + side
        if loudness.integrated_lufs is None or not np.nansum(total) > 0.0:
            raise AudioError(
                "nothing to match: shorter than half a second, or nothing above -70 LUFS"
            )
        weighted = power_to_db(np.nansum(total * k_gains()))
        ratio = power_to_db((side + 1e-30) / (middle + 1e-30))
        width = np.clip(ratio, NARROWEST_DB, WIDEST_DB)
        peak_db = 20.0 * np.log10(max(float(self._peak.result().max()), 1e-12))
        return SoundProfile(
            power_to_db(total + 1e-30) - weighted,
            width if self._channels == 2 else np.full_like(width, np.nan),
            loudness.integrated_lufs, loudness.range_lu,
            peak_db - loudness.integrated_lufs, self.levels.spreads(),
        )  # fmt: skip


def measure_profile(blocks: Iterable[Rows], sample_rate: float) -> SoundProfile:
    """Return the profile of a stream of blocks, shape (channels, samples)."""
    meter: ProfileMeter | None = None
    for block in blocks:
        meter = meter or ProfileMeter(sample_rate, len(block))
        meter.push(block)
    if meter is None:
        raise AudioError("nothing to match: no samples")
    return meter.result()


def mean_profile(profiles: Sequence[SoundProfile]) -> SoundProfile:
    """Return the mean of several profiles, in dB; bands that some have not are the others'."""
    ranges = [one.loudness_range_lu for one in profiles if one.loudness_range_lu is not None]
    return SoundProfile(
        _mean([one.tone_db for one in profiles]),
        _mean([one.width_db for one in profiles]),
        float(np.mean([one.loudness_lufs for one in profiles])),
        float(np.mean(ranges)) if ranges else None,
        float(np.mean([one.peak_to_loudness_db for one in profiles])),
        Spreads(
            float(np.mean([one.spreads.slow_db for one in profiles])),
            float(np.mean([one.spreads.fast_db for one in profiles])),
        ),
    )


def _mean(rows: Sequence[Floats]) -> Floats:
    stacked = np.stack(rows)
    known = np.isfinite(stacked)
    sums = np.where(known, stacked, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


def k_gains() -> Floats:
    """Return the K weighting's gain of power at the third octaves, by its form for 48 kHz."""
    delay = np.exp(-2j * np.pi * CENTRES_HZ / 48_000.0)
    powers = np.stack([delay**0, delay, delay**2])
    response = np.prod([(s[:3] @ powers) / (s[3:] @ powers) for s in k_weighting(48_000.0)], axis=0)
    return np.asarray(np.abs(response) ** 2)
