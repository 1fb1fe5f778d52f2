"""What the denoiser's networks see, and how far they are followed, in numpy.

The same as :mod:`restorack.networks.denoiser_inputs`, which the training differentiates; planes
have their channels last, as the native core takes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.inference.denoiser_grid import (
    BAND,
    FLOOR_STEP,
    FOLD,
    MEASURED_SHARE,
    MUSIC_DB,
    NOISE_DB,
    SMALLEST_GAIN,
    SURE_SHARE,
    UNSURE_SHARE,
)

Values = NDArray[np.float32]

_PER_LOG10 = np.float32(1.0 / np.log(10.0))
_FARTHEST = 80.0
"""From where on a logit's exponential is no float."""


@dataclass(frozen=True)
class FloorRows:
    """What is known of a noise floor, per bin.

    Parameters
    ----------
    level_db : ndarray of float32, shape (bins,)
        The floor's density.
    confidence : ndarray of float32, shape (bins,)
        From 0 to 1.
    measured : bool
        Whether the noise was heard alone: in a region, a pause or a file.
    kilohertz : ndarray of float32, shape (bins,)
        The bins' frequencies.
    """

    level_db: Values
    confidence: Values
    measured: bool
    kilohertz: Values


def patch_statistics(ratio: Values, floor: FloorRows) -> Values:
    """Return statistics of patches of 4 frames by 8 bins.

    Parameters
    ----------
    ratio : ndarray of float32, shape (frames, bins)
        Power over the noise floor's; the number of frames is a multiple of 4.
    floor : FloorRows
        The floor.

    Returns
    -------
    ndarray of float32, shape (steps, bands, 8)
    """
    frames, bins = ratio.shape
    steps, bands = frames // FLOOR_STEP, (bins - 1) // BAND
    cells = np.clip(_banded(ratio), 1e-3, 1e6).reshape(steps, FLOOR_STEP, bands, BAND)
    geometric = log10(cells).mean((1, 3))
    arithmetic = log10(cells.mean((1, 3)))
    low = -2.0 * log10((1.0 / np.sqrt(cells)).mean((1, 3)))
    level, khz = _band_means(floor.level_db), _band_means(floor.kilohertz)
    planes = np.empty((steps, bands, 8), np.float32)
    planes[..., 0] = 3.0 * geometric
    planes[..., 1] = 5.0 * (arithmetic - geometric) - 1.5
    planes[..., 2] = 5.0 * (low - geometric) + 1.1
    planes[..., 3] = np.clip((level - level.max()) / 30.0, -4.0, 1.0)
    planes[..., 4] = _band_means(floor.confidence)
    planes[..., 5] = float(floor.measured)
    planes[..., 6] = khz / 11.0 - 1.0
    planes[..., 7] = np.log2(khz / 1.4) / 4.0
    return planes


def patch_doubt(statistics: Values) -> Values:
    """Return how much of a floor's correction may be made, (steps, bands), 0 to 1.

    Parameters
    ----------
    statistics : ndarray of float32, shape (steps, bands, 8)
        From :func:`patch_statistics`.
    """
    geometric, spread = statistics[..., 0], statistics[..., 1]
    level_db = 10.0 * (geometric / 3.0 + (spread + 1.5) / 5.0)
    unsure = np.clip((0.8 - statistics[..., 4]) / 0.4, 0.0, 1.0)
    quiet = np.clip((18.0 - level_db) / 6.0, 0.0, 1.0)
    return np.asarray(unsure * quiet * (1.0 - statistics[..., 5]))


def with_doubt(more: Values, ratio: Values, floor: FloorRows) -> Values:
    """Return as much of the second network's correction as is made, (frames, bins).

    Less the surer the floor is, since the classical gains are then hard to improve on, and
    nothing in a cell that stands 16 dB out of the floor: an attack is not taken for a crackle.

    Parameters
    ----------
    more : ndarray of float32, shape (frames, bins)
        What the network adds to the gains' logits.
    ratio : ndarray of float32, shape (frames, bins)
        Power over the uncorrected floor's.
    floor : FloorRows
        The floor.
    """
    unsure = np.clip((1.0 - floor.confidence) / 0.4, 0.0, 1.0)
    share = SURE_SHARE + (UNSURE_SHARE - SURE_SHARE) * unsure
    if floor.measured:
        share = np.full_like(share, MEASURED_SHARE)
    level_db = 10.0 * log10(np.maximum(ratio, 1e-3))
    quiet = np.clip((MUSIC_DB - level_db) / (MUSIC_DB - NOISE_DB), 0.0, 1.0)
    return np.asarray(share * quiet * more)


class BinSpreader:
    """Gives values of patches at every frame and bin, by straight lines.

    Parameters
    ----------
    bands, bins : int
        Of a row of patches; of a frame.
    """

    def __init__(self, bands: int, bins: int) -> None:
        self._bands, self._bins = bands, bins
        self._across = _lines(bands, BAND)

    def __call__(self, patches: Values) -> Values:
        """Return shape (4 * steps, bins), of patches of shape (steps, bands)."""
        lower, upper, part = self._across
        wide = patches[:, lower] * (1.0 - part) + patches[:, upper] * part
        before, after, late = _lines(len(patches), FLOOR_STEP)
        spread = wide[before] * (1.0 - late[:, np.newaxis]) + wide[after] * late[:, np.newaxis]
        rest = self._bins - 1 - self._bands * BAND
        return np.pad(spread, ((0, 0), (1, rest)), mode="edge")


def gain_features(
    ratio: Values, gain: Values, median: Values, correction_db: Values, floor: FloorRows
) -> Values:
    """Return what the second network sees, four bins in a group.

    Parameters
    ----------
    ratio : ndarray of float32, shape (frames, bins)
        Power over the corrected floor's.
    gain : ndarray of float32, shape (frames, bins)
        The classical gain that follows from it.
    median : ndarray of float32, shape (frames, bins)
        The signal-to-noise ratio of median-filtered powers.
    correction_db : ndarray of float32, shape (frames, bins)
        The first network's.
    floor : FloorRows
        The floor.

    Returns
    -------
    ndarray of float32, shape (frames, groups, 19)
    """
    frames, bins = ratio.shape
    groups = -(-bins // FOLD)
    planes = np.empty((frames, groups, 3 * FOLD + 7), np.float32)
    level = log10(np.clip(ratio, 1e-2, 1e6))
    half = 0.5 * level
    planes[..., 0:FOLD] = _grouped(half)
    planes[..., FOLD : 2 * FOLD] = _grouped(logit(gain) / 4.0)
    planes[..., 2 * FOLD : 3 * FOLD] = _grouped(log10(median + 0.1) / 2.0)
    khz = np.maximum(floor.kilohertz, np.float32(0.005))
    linear = np.asarray(khz / 11.0 - 1.0, np.float32)
    octaves = np.asarray(np.log2(khz / 1.4) / 4.0, np.float32)
    rows = (
        _grouped(correction_db / 10.0).mean(2),
        _grouped(floor.confidence[np.newaxis]).mean(2),
        float(floor.measured),
        _grouped(linear[np.newaxis]).mean(2),
        _grouped(octaves[np.newaxis]).mean(2),
        level.mean(1)[:, np.newaxis],
        _grouped(_mean_of_nine(half)).mean(2),
    )
    for place, row in enumerate(rows, 3 * FOLD):
        planes[..., place] = row
    return planes


def logit(gain: Values) -> Values:
    """Return the logits of gains, as of gains from -60 dB to -0.01 dB."""
    limited = np.clip(gain, SMALLEST_GAIN, 1.0 - SMALLEST_GAIN)
    return np.asarray(np.log(limited / (1.0 - limited)))


def sigmoid(logits: Values) -> Values:
    """Return the gains of logits."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -_FARTHEST, _FARTHEST))))


def log10(values: Values) -> Values:
    """Return common logarithms; numpy has vectors for natural ones alone."""
    return np.log(values) * _PER_LOG10


def _lines(count: int, times: int) -> tuple[NDArray[np.int_], NDArray[np.int_], Values]:
    """Return between which of so many centres each of ``times`` as many places lies, and where."""
    place = np.maximum((np.arange(count * times) + 0.5) / times - 0.5, 0.0)
    lower = place.astype(int)
    return lower, np.minimum(lower + 1, count - 1), (place - lower).astype(np.float32)


def _mean_of_nine(rows: Values) -> Values:
    """Return means of nine neighbours in each row; zeros lie beyond its ends."""
    padded = np.pad(rows, ((0, 0), (4, 4)))
    total = padded[:, :-8].copy()
    for shift in range(1, 9):
        total += padded[:, shift : shift + rows.shape[1]]
    return total / np.float32(9.0)


def _banded(rows: Values) -> Values:
    """Return the bins that bands are made of: all but the constant and the odd rest."""
    return rows[..., 1 : 1 + (rows.shape[-1] - 1) // BAND * BAND]


def _band_means(row: Values) -> Values:
    return np.asarray(_banded(row).reshape(-1, BAND).mean(1))


def _grouped(rows: Values) -> Values:
    """Return rows (frames, bins) as (frames, groups, 4), the last bin repeated."""
    frames, bins = rows.shape
    full = np.pad(rows, ((0, 0), (0, -bins % FOLD)), mode="edge")
    return full.reshape(frames, -1, FOLD)
