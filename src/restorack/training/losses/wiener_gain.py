"""What a Wiener filter over bands would gain by a noise floor, in dB, as something to maximise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from restorack.dsp.decibels import db_to_amplitude
from restorack.networks.decibels import db_to_power, power_to_db

# By hand, as the denoisers are: share of a band's bins that are its quieter ones; how deep the
# filter goes; how far the floor is raised before. The least power, of the whole's, that counts.
QUIET_SHARE = 0.6
DEEPEST_DB = -15.0
OVERSUBTRACTION = 1.3
LEAST = 1e-9

# By hand: gains of this size and more count less and less; losses count at most this; what a clean
# recording loses by each dB of change above the level of none.
GAIN_SCALE_DB = 10.0
MOST_LOST_DB = 15.0
TOUCHED_WEIGHT, UNTOUCHED_DB = 0.06, -60.0


@dataclass(frozen=True)
class BandCells:
    """Power densities of cells of passages, relative to each passage's mean.

    Parameters
    ----------
    whole : Tensor, shape (batch, frames, bands, 2)
        Of a band's quieter bins, and of the others.
    noise : Tensor, shape (batch, frames, bands)
        Of the noise in it.
    widths : Tensor, shape (bands,)
        What bands stand for, in Hz.
    """

    whole: Tensor
    noise: Tensor
    widths: Tensor


def wiener_gain(cells: BandCells, floor_db: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gain, and how far what is wrong then lies below the whole, in dB, (batch,).

    Parameters
    ----------
    cells : BandCells
        Of the passages.
    floor_db : Tensor, shape (batch, bands)
        The floors, relative to each passage's mean density.
    """
    floor = OVERSUBTRACTION * db_to_power(floor_db[:, None, :, None])
    whole = cells.whole + LEAST
    gain = ((whole - floor) / whole).clamp(min=db_to_amplitude(DEEPEST_DB))
    noise = torch.minimum(cells.noise[..., None], whole)
    shares = torch.tensor([QUIET_SHARE, 1.0 - QUIET_SHARE], device=floor.device)
    size = (cells.widths / cells.widths.sum())[None, None, :, None] * shares
    wrong = (((1.0 - gain) ** 2 * (whole - noise) + gain**2 * noise) * size).sum((1, 2, 3))
    total, before = (whole * size).sum((1, 2, 3)), (noise * size).sum((1, 2, 3))
    gained = power_to_db((before + LEAST * total) / (wrong + LEAST * total))
    changed = power_to_db(wrong / total + 10.0 ** (UNTOUCHED_DB / 10.0))
    return gained, changed


def worth(gained_db: Tensor, changed_db: Tensor, clean: Tensor, harm: Tensor) -> Tensor:
    """Return what a gain is worth, (batch,): losses count more, clean recordings stay as found.

    Parameters
    ----------
    gained_db, changed_db : Tensor, shape (batch,)
        Of :func:`wiener_gain`.
    clean : Tensor of bool, shape (batch,)
        Which recordings have no noise.
    harm : Tensor, shape (batch,)
        What a dB of loss counts.
    """
    better = GAIN_SCALE_DB * (1.0 - torch.exp(-gained_db.clamp(min=0.0) / GAIN_SCALE_DB))
    worse = harm * gained_db.clamp(min=-MOST_LOST_DB, max=0.0)
    return torch.where(clean, TOUCHED_WEIGHT * (UNTOUCHED_DB - changed_db), better + worse)
