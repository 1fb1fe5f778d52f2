"""Learning a noise floor from what a noise profile names: the music, a region, a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import MeanDensity
from restorack.errors import AudioError
from restorack.meters.histogram_floor.estimate import NoiseFloor, NoiseFloorEstimator
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.plugins.denoise.noise_profile import (
    FileProfile,
    RegionProfile,
    parse_noise_profile,
    read_noise_file,
)
from restorack.plugins.denoise.noise_psd import (
    blind_floor,
    neural_noise_psd,
    read_floor_estimator,
)

FRAME_S, SHORTEST_FRAME_S = 0.186, 0.046
"""Frames of a profile, in s; 186 ms gained .24 dB on held-out film noise, .08 on hiss, over 46."""
SMOOTHED_SHARE, NARROWEST_BINS, WIDEST_HZ = 0.12, 2.5, 54.0
"""Half the width of what is averaged: of the frequency, of bins, and at most."""

DIGITAL_SILENCE = 1e-14
"""Mean power, -140 dBFS: up to 9 dB above the rounding of 24 bits nothing is taken for noise."""


class NoiseLearner(Protocol):
    """What hears a recording and knows a noise floor."""

    def push(self, block: Rows) -> None:
        """Take samples."""

    def floor(self) -> NoiseFloor | None:
        """Return the floor that is known so far."""

    def conclude(self) -> NoiseFloor | None:
        """Return the floor at the recording's end."""


@dataclass(frozen=True)
class NoiseQuestion:
    """What a denoiser is asked to learn.

    Parameters
    ----------
    noise_profile : str
        ``auto``, ``START-END`` in seconds, or a file.
    floor_estimate : str
        ``steady``, ``read``, ``learned`` or ``gathered``: how the floor of music is found.
    expect_noise : bool
        Whether the recording is known to be noisy.
    """

    noise_profile: str
    floor_estimate: str
    expect_noise: bool


def learner_for(asked: NoiseQuestion, sample_rate: float, channels: int) -> NoiseLearner:
    """Return the learner that a noise profile asks for.

    Parameters
    ----------
    asked : NoiseQuestion
        What is to be learned, from what.
    sample_rate : float
        In Hz.
    channels : int
        Rows.
    """
    profile = parse_noise_profile(asked.noise_profile)
    if isinstance(profile, RegionProfile):
        return RegionLearner(profile, sample_rate, channels)
    if isinstance(profile, FileProfile):
        return FileLearner(profile, sample_rate)
    ways = {"steady": blind_floor, "read": read_floor_estimator}
    if asked.floor_estimate in ways:
        find = ways[asked.floor_estimate]
        return MusicLearner(find(sample_rate, channels, asked.expect_noise))
    judge = neural_noise_psd() if asked.floor_estimate == "learned" else None
    return MusicLearner(NoiseFloorEstimator(sample_rate, channels, judge))


class MusicLearner:
    """The floor is estimated from the music.

    Parameters
    ----------
    estimator : NoiseFloorEstimator or SteadyFloorEstimator
        How.
    """

    def __init__(self, estimator: NoiseFloorEstimator | SteadyFloorEstimator) -> None:
        self._estimator = estimator

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._estimator.push(block)

    def floor(self) -> NoiseFloor | None:
        """Return the floor that is known so far."""
        return self._estimator.estimate()

    conclude = floor


class FileLearner:
    """The floor is the mean density of a file."""

    def __init__(self, profile: FileProfile, sample_rate: float) -> None:
        noise = read_noise_file(profile.path, sample_rate)
        frame = profile_frame(sample_rate, noise.shape[1] / sample_rate)
        measured = MeanDensity(noise.shape[0], frame)
        measured.push(noise)
        self._floor = measured_floor(measured.mean(), sample_rate, "file", None)

    def push(self, block: Rows) -> None:
        """Take samples, which tell nothing here."""

    def floor(self) -> NoiseFloor | None:
        """Return the floor."""
        return self._floor

    conclude = floor


class RegionLearner:
    """The floor is the mean density of a region of the recording."""

    def __init__(self, profile: RegionProfile, sample_rate: float, channels: int) -> None:
        self._profile = profile
        self._rate = sample_rate
        self._start = round(profile.start_s * sample_rate)
        self._end = round(profile.end_s * sample_rate)
        self._taken = 0
        frame = profile_frame(sample_rate, profile.end_s - profile.start_s)
        self._measured = MeanDensity(channels, frame)
        self._power = 0.0

    def push(self, block: Rows) -> None:
        """Take samples."""
        begin = min(block.shape[1], max(0, self._start - self._taken))
        end = min(block.shape[1], max(0, self._end - self._taken))
        if end > begin:
            self._measured.push(block[:, begin:end])
        self._power += float(np.sum(block.astype(np.float64) ** 2)) / block.shape[0]
        self._taken += block.shape[1]

    def floor(self) -> NoiseFloor | None:
        """Return the floor if the region has been heard to its end."""
        if self._taken < self._end:
            return None
        power = self._power / self._taken
        return measured_floor(self._measured.mean(), self._rate, "region", power)

    def conclude(self) -> NoiseFloor | None:
        """Return the floor; raise :class:`AudioError` where the recording is too short."""
        if self._taken < self._end:
            raise AudioError(
                f"noise_profile {self._profile.start_s:g}-{self._profile.end_s:g} s in a "
                f"recording of {self._taken / self._rate:.2f} s",
                rule="the region lies within the recording",
                remedy="give a region of noise alone, or auto",
            )
        return self.floor()


def profile_frame(sample_rate: float, seconds: float) -> int:
    """Return the frame of a profile in samples: even, about 186 ms, shorter for short profiles."""
    frame_s = max(SHORTEST_FRAME_S, min(FRAME_S, 0.25 * seconds))
    return 2 * round(frame_s * sample_rate / 2)


def measured_floor(
    density: NDArray[np.float64], sample_rate: float, source: str, power: float | None
) -> NoiseFloor | None:
    """Return a measured density as a floor, None for digital silence.

    Parameters
    ----------
    density : ndarray, shape (bins,)
        Of noise alone.
    sample_rate : float
        In Hz.
    source : str
        ``region`` or ``file``.
    power : float, optional
        Mean power of the recording, noise included.
    """
    noise = float(density.mean())
    if noise < DIGITAL_SILENCE:
        return None
    frequencies = np.linspace(0.0, sample_rate / 2.0, len(density))
    level = power_to_db(_smooth(density, frequencies) + 1e-20)
    snr = None
    if power is not None:
        snr = float(power_to_db(max(power - noise, 1e-3 * noise) / noise))
    return NoiseFloor(frequencies, np.zeros(1), level[None], np.ones(1), source, snr)


def _smooth(
    density: NDArray[np.float64], frequencies_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return means over neighbours: few in the lowest octaves, where rumble is steep."""
    step = frequencies_hz[1]
    half = np.clip(SMOOTHED_SHARE * frequencies_hz, NARROWEST_BINS * step, None)
    side = np.round(np.minimum(half, max(WIDEST_HZ, NARROWEST_BINS * step)) / step).astype(int)
    bins = np.arange(len(density))
    first, end = np.maximum(bins - side, 0), np.minimum(bins + side + 1, len(density))
    # A running sum would drown the faintest densities in the rounding of the loudest.
    return np.array([density[i:j].mean() for i, j in zip(first, end, strict=True)])
