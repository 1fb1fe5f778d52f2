"""What the denoiser's networks see, and how far they are followed, by the native core.

The same as :mod:`restorack.networks.denoiser_inputs`, which the training differentiates; planes
have their channels last, as the native core takes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
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
    level, khz = _band_means(floor.level_db), _band_means(floor.kilohertz)
    planes = np.empty((steps, bands, 8), np.float32)
    _core.patch_statistics(np.ascontiguousarray(ratio), bins, planes)
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


def masked_gains(planes: Values, said: Values, floor: FloorRows) -> Values:
    """Return gains whose logits the second network has corrected, as far as it is followed.

    Less the surer the floor is, since the classical gains are then hard to improve on, and
    nothing in a cell that stands 16 dB out of the floor: an attack is not taken for a crackle.

    Parameters
    ----------
    planes : ndarray of float32, shape (frames, 4, bins)
        As :func:`gain_features` takes them.
    said : ndarray of float32, shape (frames, bins)
        What the network adds to the gains' logits.
    floor : FloorRows
        The floor of the bins that the network saw.

    Returns
    -------
    ndarray of float32, shape (frames, 2, bins)
        Ratios, and gains; those of bins that the network did not see stay.
    """
    frames, _, bins = planes.shape
    unsure = np.clip((1.0 - floor.confidence) / 0.4, 0.0, 1.0)
    share = SURE_SHARE + (UNSURE_SHARE - SURE_SHARE) * unsure
    if floor.measured:
        share = np.full_like(share, MEASURED_SHARE)
    out = np.empty((frames, 2, bins), np.float32)
    rule = (MUSIC_DB, NOISE_DB, SMALLEST_GAIN)
    single = np.asarray(share, np.float32)
    _core.masked_gains(planes, said, bins, len(share), single, rule, out)
    return out


def spread_over_bins(patches: Values, bins: int, skipped: int = 0) -> Values:
    """Return values of patches at every frame and bin, by straight lines.

    Parameters
    ----------
    patches : ndarray of float32, shape (steps, bands)
    bins : int
        Of a frame.
    skipped : int
        Frames that are left out at the beginning and at the end.

    Returns
    -------
    ndarray of float32, shape (4 * steps - 2 * skipped, bins)
    """
    steps, bands = patches.shape
    out = np.empty((FLOOR_STEP * steps - 2 * skipped, bins), np.float32)
    _core.spread_patches(np.ascontiguousarray(patches), bands, bins, skipped, out)
    return out


def corrected_ratio(ratio: Values, correction_db: Values, largest: float) -> Values:
    """Return ratios to the corrected floor, and the corrections.

    Parameters
    ----------
    ratio, correction_db : ndarray of float32, shape (frames, bins)
    largest : float
        A ratio that stands for no noise at all, and stays.

    Returns
    -------
    ndarray of float32, shape (frames, 2, bins)
    """
    frames, bins = ratio.shape
    out = np.empty((frames, 2, bins), np.float32)
    _core.corrected_ratio(
        np.ascontiguousarray(ratio), np.ascontiguousarray(correction_db), bins, largest, out
    )
    return out


def gain_features(planes: Values, floor: FloorRows) -> Values:
    """Return what the second network sees, four bins in a group.

    Parameters
    ----------
    planes : ndarray of float32, shape (frames, 4, bins)
        The power over the corrected floor's, the classical gain that follows from it, the
        signal-to-noise ratio of median-filtered powers, and the first network's correction in dB.
    floor : FloorRows
        The floor of the bins that the network sees, the lower ones.

    Returns
    -------
    ndarray of float32, shape (frames, groups, 19)
    """
    frames, _, bins = planes.shape
    seen = len(floor.kilohertz)
    khz = np.maximum(floor.kilohertz, np.float32(0.005))
    known = np.empty((-(-seen // FOLD), 4), np.float32)
    known[:, 0] = _group_means(floor.confidence)
    known[:, 1] = float(floor.measured)
    known[:, 2] = _group_means(np.asarray(khz / 11.0 - 1.0, np.float32))
    known[:, 3] = _group_means(np.asarray(np.log2(khz / 1.4) / 4.0, np.float32))
    features = np.empty((frames, len(known), 3 * FOLD + 7), np.float32)
    _core.gain_features(planes, bins, seen, known, SMALLEST_GAIN, features)
    return features


def _banded(row: Values) -> Values:
    """Return the bins that bands are made of: all but the constant and the odd rest."""
    return row[1 : 1 + (len(row) - 1) // BAND * BAND]


def _band_means(row: Values) -> Values:
    return np.asarray(_banded(row).reshape(-1, BAND).mean(1))


def _group_means(row: Values) -> Values:
    """Return means of four bins, the last bin repeated."""
    return np.asarray(np.pad(row, (0, -len(row) % FOLD), mode="edge").reshape(-1, FOLD).mean(1))
