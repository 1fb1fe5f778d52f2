"""The changing part of the U-Net denoiser: floor, gains, networks, in blocks with context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.core.crew import InTurn, current_crew
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.stft import Spectra
from restorack.inference.denoiser import FloorStream, MaskStream
from restorack.inference.denoiser_features import FloorRows, corrected_ratio, masked_gains
from restorack.inference.denoiser_grid import BLOCK, FLOOR_LATE, MASK_LATE, PEAK_BLOCK
from restorack.inference.network import Network
from restorack.meters.histogram_floor.estimate import NoiseFloor
from restorack.plugins.denoise import gain_rules as spectral_gain
from restorack.plugins.denoise.engine import posterior_ratio
from restorack.plugins.denoise.frame_windows import FrameWindows, LateFrames
from restorack.plugins.denoise.gain_rules import GROUP, LARGEST_RATIO
from restorack.plugins.denoise.musical_noise import MUSICAL_REACH, without_isolated_peaks

HIGHEST_HZ = 24_000.0
"""Bins above are not shown to the networks: beyond hearing, and beyond the Nyquist of 48 kHz."""

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Limits:
    """How far gains may go.

    Parameters
    ----------
    strength : float
        Share of the change, 0 to 1.
    attenuation_db : float
        The deepest attenuation.
    reduce_musical_noise : bool
        Whether gains that stand out alone are lowered.
    """

    strength: float
    attenuation_db: float
    reduce_musical_noise: bool


class NetworkWindow:
    """Take groups of spectra, return what to add to those about three seconds before.

    Parameters
    ----------
    networks : mapping of str to Network
        Both stages, ``floor`` and ``mask``.
    channels : int
        Rows of the spectra; they share one gain.
    frequencies_hz : ndarray, shape (bins,)
        Of the bins; those above 24 kHz get the classical gain.
    limits : Limits
        How far gains may go.

    Notes
    -----
    Four steps: the first network corrects the floor, classical gains follow (of 8 frames,
    knowing 8 on either side), the second network corrects them, and gains that stand out alone
    are lowered. All blocks are counted from the first frame, so that a result never depends on
    the caller's blocks.
    """

    def __init__(
        self,
        networks: Mapping[str, Network],
        channels: int,
        frequencies_hz: NDArray[np.float64],
        limits: Limits,
    ) -> None:
        self._limits = limits
        bins = len(frequencies_hz)
        self._seen = int(np.searchsorted(frequencies_hz, HIGHEST_HZ, side="right"))
        self._floors = FloorStream(networks["floor"], self._seen)
        self._masks = MaskStream(networks["mask"], self._seen)
        # It takes as long as all the rest: a crew has a thread for it.
        self._second = InTurn(self._said, current_crew())
        self._frequencies = frequencies_hz
        self._thresholds = spectral_gain.block_thresholds().astype(np.float32)
        self._for_floor = FrameWindows(BLOCK, 0, (bins,))
        self._after_floor = LateFrames(FLOOR_LATE, (bins,))
        self._for_gain = FrameWindows(BLOCK, GROUP, (2, bins))
        self._after_mask = LateFrames(MASK_LATE, (4, bins))
        self._for_peaks = FrameWindows(PEAK_BLOCK, MUSICAL_REACH, (2, bins))
        self._waiting: list[Spectra] = []
        self._empty = np.zeros((channels, 0, bins), np.complex128)
        self._rows: FloorRows | None = None

    def know(self, floor: NoiseFloor | None) -> None:
        """Take the floor that is known from now on."""
        self._rows = self._described(floor) if floor is not None else None

    def change(self, spectra: Spectra, density: NDArray[np.float64] | None) -> Spectra:
        """Take a group of frames, return the spectra to add to some frames before.

        Parameters
        ----------
        spectra : ndarray of complex, shape (channels, 8, bins)
            The newest frames.
        density : ndarray, shape (bins,), or None
            The noise floor's power density there; None where none is known.
        """
        self._waiting.append(spectra)
        parts = []
        for ratio in self._for_floor.push(self._ratio(spectra, density)):
            for around in self._for_gain.push(self._corrected(ratio)):
                for said in self._second.push(self._classical(around), self._rows):
                    for window in self._for_peaks.push(self._masked(*said)):
                        change = self._change_of(window)
                        parts.append(change * self._oldest(len(change)))
        return np.concatenate(parts, axis=1) if parts else self._empty

    def _oldest(self, frames: int) -> Spectra:
        count = frames // GROUP
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return np.concatenate(taken, axis=1)

    def _ratio(self, spectra: Spectra, density: NDArray[np.float64] | None) -> Plane:
        if density is None:
            return np.full(spectra.shape[1:], LARGEST_RATIO, np.float32)
        return posterior_ratio(spectra, density).astype(np.float32)

    def _corrected(self, ratio: Plane) -> Plane:
        """Return ratios to the corrected floor, and the corrections, (frames, 2, bins)."""
        said = np.zeros_like(ratio)
        # A measured floor is not corrected.
        rows = None if self._rows is None or self._rows.measured else self._rows
        if rows is not None and bool((ratio < LARGEST_RATIO).any()):
            said[:, : self._seen] = self._floors.push(ratio[:, : self._seen], rows)
            said[:, self._seen :] = said[:, self._seen - 1 : self._seen]
        ratio, said = self._after_floor.pair(ratio, said)
        return corrected_ratio(ratio, said, LARGEST_RATIO)

    def _classical(self, around: Plane) -> Plane:
        """Return ratio, gain, median ratio and correction of the middle frames, (64, 4, bins)."""
        ratio = np.ascontiguousarray(around[:, 0])
        median = spectral_gain.median_ratio(ratio)
        gain = spectral_gain.logmmse_beside(ratio, median, self._thresholds)
        middle = around[GROUP:-GROUP]
        return np.stack([middle[:, 0], gain, median, middle[:, 1]], axis=1)

    def _said(self, planes: Plane, rows: FloorRows | None) -> tuple[Plane, Plane, FloorRows | None]:
        """Return frames, what the second network says of some before them, and their floor."""
        said = np.zeros_like(planes[:, 0])
        if rows is not None and bool((planes[:, 0] < LARGEST_RATIO).any()):
            said[:, : self._seen] = self._masks.push(planes, rows)
        return planes, said, rows

    def _masked(self, planes: Plane, said: Plane, rows: FloorRows | None) -> Plane:
        """Return ratio and gain of the frames of which the second network has spoken."""
        planes, said = self._after_mask.pair(planes, said)
        if rows is None:
            return np.ascontiguousarray(planes[:, :2])
        return masked_gains(planes, said, rows)

    def _change_of(self, window: Plane) -> Plane:
        """Return what the spectra are to be multiplied with and added, (frames, bins)."""
        inner = slice(MUSICAL_REACH, -MUSICAL_REACH)
        gain = np.ascontiguousarray(window[:, 1])
        gain = without_isolated_peaks(gain) if self._limits.reduce_musical_noise else gain[inner]
        lowest = np.float32(db_to_amplitude(-self._limits.attenuation_db))
        change = np.float32(self._limits.strength) * (np.maximum(gain, lowest) - 1.0)
        # A bin without noise to take off stays as it is.
        change[window[inner, 0] >= LARGEST_RATIO] = 0.0
        return np.asarray(change)

    def _described(self, floor: NoiseFloor) -> FloorRows:
        frequencies = self._frequencies[: self._seen]
        level = np.interp(frequencies, floor.frequencies_hz, floor.density_db.mean(axis=0))
        if len(floor.confidence) == len(floor.frequencies_hz):
            sure = np.interp(frequencies, floor.frequencies_hz, floor.confidence)
        else:
            sure = np.full(len(frequencies), floor.confidence.mean())
        return FloorRows(
            _single(level), _single(sure), floor.source != "music", _single(frequencies / 1000.0)
        )


def _single(row: NDArray[np.float64]) -> Plane:
    return row.astype(np.float32)
