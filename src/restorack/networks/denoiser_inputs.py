"""What the denoiser's networks see: ratios to the noise floor, never absolute levels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

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
from restorack.networks.decibels import power_to_db


@dataclass(frozen=True)
class FloorRows:
    """What is known of a noise floor, per bin.

    Parameters
    ----------
    level_db : Tensor, shape (bins,)
        The floor's density.
    confidence : Tensor, shape (bins,)
        From 0 to 1.
    measured : bool
        Whether the noise was heard alone: in a region, a pause or a file.
    kilohertz : Tensor, shape (bins,)
        The bins' frequencies.
    """

    level_db: Tensor
    confidence: Tensor
    measured: bool
    kilohertz: Tensor


def patch_statistics(ratio: Tensor, floor: FloorRows) -> Tensor:
    """Return statistics of patches of 4 frames by 8 bins.

    Means of several orders tell noise from partials and attacks: the geometric mean, and how
    far the arithmetic mean and one of order -1/2 lie from it, scaled to be near 0 for noise.
    Then the floor's shape, its confidence, whether it was measured, and the frequency, linear
    and in octaves.

    Parameters
    ----------
    ratio : Tensor, shape (frames, bins)
        Power over the noise floor's; the number of frames is a multiple of 4.
    floor : FloorRows
        The floor.

    Returns
    -------
    Tensor, shape (8, steps, bands)
    """
    frames, bins = ratio.shape
    steps, bands = frames // FLOOR_STEP, (bins - 1) // BAND
    cells = _banded(ratio.clamp(1e-3, 1e6)).reshape(steps, FLOOR_STEP, bands, BAND)
    geometric = torch.log10(cells).mean((1, 3))
    arithmetic = torch.log10(cells.mean((1, 3)))
    low = -2.0 * torch.log10(cells.rsqrt().mean((1, 3)))

    def every_step(row: Tensor) -> Tensor:
        return row[None].expand(steps, bands)

    level = _band_means(floor.level_db)
    khz = _band_means(floor.kilohertz)
    return torch.stack(
        [
            3.0 * geometric,
            5.0 * (arithmetic - geometric) - 1.5,
            5.0 * (low - geometric) + 1.1,
            every_step(((level - level.max()) / 30.0).clamp(-4.0, 1.0)),
            every_step(_band_means(floor.confidence)),
            torch.full_like(geometric, float(floor.measured)),
            every_step(khz / 11.0 - 1.0),
            every_step(torch.log2(khz / 1.4) / 4.0),
        ]
    )


def patch_doubt(statistics: Tensor) -> Tensor:
    """Return how much of a floor's correction may be made, (batch, 1, steps, bands), 0 to 1.

    Parameters
    ----------
    statistics : Tensor, shape (batch, 8, steps, bands)
        From :func:`patch_statistics`.
    """
    geometric, spread, _, _, confidence, measured, _, _ = statistics.float().unbind(1)
    level_db = 10.0 * (geometric / 3.0 + (spread + 1.5) / 5.0)
    unsure = ((0.8 - confidence) / 0.4).clamp(0.0, 1.0)
    quiet = ((18.0 - level_db) / 6.0).clamp(0.0, 1.0)
    return (unsure * quiet * (1.0 - measured))[:, None]


def with_doubt(more: Tensor, ratio: Tensor, floor: FloorRows) -> Tensor:
    """Return as much of the second network's correction as is made, (frames, bins).

    Less the surer the floor is, since the classical gains are then hard to improve on, and
    nothing in a cell that stands 16 dB out of the floor: an attack is not taken for a crackle.

    Parameters
    ----------
    more : Tensor, shape (frames, bins)
        What the network adds to the gains' logits.
    ratio : Tensor, shape (frames, bins)
        Power over the uncorrected floor's.
    floor : FloorRows
        The floor.
    """
    unsure = ((1.0 - floor.confidence) / 0.4).clamp(0.0, 1.0)
    share = SURE_SHARE + (UNSURE_SHARE - SURE_SHARE) * unsure
    if floor.measured:
        share = torch.full_like(share, MEASURED_SHARE)
    level_db = power_to_db(ratio.clamp(min=1e-3))
    quiet = ((MUSIC_DB - level_db) / (MUSIC_DB - NOISE_DB)).clamp(0.0, 1.0)
    return share * quiet * more


def spread_over_bins(patches: Tensor, frames: int, bins: int) -> Tensor:
    """Return values of patches at every frame and bin, by straight lines.

    Parameters
    ----------
    patches : Tensor, shape (steps, bands)
        Values at the patches' centres.
    frames, bins : int
        The shape wanted.
    """
    bands = patches.shape[1]
    spread = functional.interpolate(
        patches[None, None], size=(frames, bands * BAND), mode="bilinear", align_corners=False
    )[0]
    return functional.pad(spread, (1, bins - 1 - bands * BAND), mode="replicate")[0]


def gain_features(
    ratio: Tensor, gain: Tensor, median: Tensor, correction_db: Tensor, floor: FloorRows
) -> Tensor:
    """Return what the second network sees, four bins in a group.

    Parameters
    ----------
    ratio : Tensor, shape (frames, bins)
        Power over the corrected floor's.
    gain : Tensor, shape (frames, bins)
        The classical gain that follows from it.
    median : Tensor, shape (frames, bins)
        The signal-to-noise ratio of median-filtered powers.
    correction_db : Tensor, shape (frames, bins)
        The first network's.
    floor : FloorRows
        The floor.

    Returns
    -------
    Tensor, shape (19, frames, groups)
    """
    frames, bins = ratio.shape
    groups = -(-bins // FOLD)
    level = torch.log10(ratio.clamp(1e-2, 1e6))
    half = level / 2.0
    each = torch.stack([half, logit(gain) / 4.0, torch.log10(median + 0.1) / 2.0])
    each = _grouped(each).permute(0, 3, 1, 2).reshape(3 * FOLD, frames, groups)
    slow = functional.avg_pool2d(half[None], (1, 9), stride=1, padding=(0, 4))

    def every_frame(row: Tensor) -> Tensor:
        return _grouped(row[None, None]).mean(3).expand(1, frames, groups)

    khz = floor.kilohertz.clamp(min=0.005)
    return torch.cat(
        [
            each,
            _grouped(correction_db[None] / 10.0).mean(3),
            every_frame(floor.confidence),
            torch.full((1, frames, groups), float(floor.measured)),
            every_frame(khz / 11.0 - 1.0),
            every_frame(torch.log2(khz / 1.4) / 4.0),
            level.mean(1)[None, :, None].expand(1, frames, groups),
            _grouped(slow).mean(3),
        ]
    )


def logit(gain: Tensor) -> Tensor:
    """Return the logits of gains, as of gains from -60 dB to -0.01 dB."""
    limited = gain.clamp(SMALLEST_GAIN, 1.0 - SMALLEST_GAIN)
    return torch.log(limited / (1.0 - limited))


def _banded(rows: Tensor) -> Tensor:
    """Return the bins that bands are made of: all but the constant and the odd rest."""
    return rows[..., 1 : 1 + (rows.shape[-1] - 1) // BAND * BAND]


def _band_means(row: Tensor) -> Tensor:
    return _banded(row).reshape(-1, BAND).mean(1)


def _grouped(planes: Tensor) -> Tensor:
    """Return planes (n, frames, bins) as (n, frames, groups, 4), the last bin repeated."""
    count, frames, bins = planes.shape
    missing = -bins % FOLD
    full = functional.pad(planes, (0, missing), mode="replicate")
    return full.reshape(count, frames, -1, FOLD)
