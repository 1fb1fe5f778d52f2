"""The floor of one passage: bands, lines and swell together, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power
from restorack.meters.noise_floor.abstention import (
    CLEAN_SNR_DB,
    LEAST_SURE,
    Evidence,
    lowered_by,
)
from restorack.meters.noise_floor.band_floor import BandFloors
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.lines import steady_lines
from restorack.meters.noise_floor.smoothing import smoothed_db
from restorack.meters.noise_floor.steady_bands import MOVING
from restorack.meters.noise_floor.swell import common_swell
from restorack.meters.noise_floor.white_noise import WhiteNoise

Floats: TypeAlias = NDArray[np.float64]

# Density of no floor; seconds that a line must last, since a held note may be shorter. By hand.
NOTHING_DB = -140.0
SHORTEST_FOR_LINES_S = 5.0
BETTER_SPREAD = 0.8
"""A swell is followed where the bands' spread without it is less than this share of before."""

LEAST_BINS_APART = 8
"""Distance of the floor's frequencies above the lines', in their bins. By hand."""


@dataclass(frozen=True)
class PassageFloor:
    """What a passage's noise is.

    Parameters
    ----------
    density_db : ndarray, shape (bins,)
        At :func:`floor_frequencies`; far down where nothing is to be taken off.
    trust : ndarray, shape (bands,)
        How surely each band's own level is noise, 0 to 1.
    sure : float
        How surely there is noise, 0 to 1.
    evidence : Evidence
        What spoke for it.
    power : float
        Of the whole: the sum of its density over Hz, from 25 Hz on.
    swell_db : ndarray, shape (frames,), or None
        By how much noise lies above ``density_db``, frame by frame.
    """

    density_db: Floats
    trust: Floats
    sure: float
    evidence: Evidence
    power: float
    swell_db: Floats | None

    @property
    def found(self) -> bool:
        """Whether there is anything to take off."""
        return self.sure > LEAST_SURE and self.evidence.snr_db < CLEAN_SNR_DB


def floor_frequencies(fine_hz: Floats, sample_rate: float) -> Floats:
    """Return where floors are given: every bin as far as lines go, every eighth above."""
    step = float(fine_hz[1])
    above = np.arange(fine_hz[-1] + step, sample_rate / 2.0 + step, LEAST_BINS_APART * step)
    return np.concatenate([fine_hz, above])


def passage_floor(heard: Heard, white: WhiteNoise, find_bands: BandFloors) -> PassageFloor:
    """Return the floor of a passage, and how sure it is.

    Parameters
    ----------
    heard : Heard
        The passage.
    white : WhiteNoise
        What the same measurement finds in white noise.
    find_bands : BandFloors
        Finds the floors of bands.
    """
    still = _floor(heard, white, find_bands)
    swell = common_swell(heard.quiet_db, heard.bands.centres_hz, heard.frame_seconds)
    if swell is not None:
        moving = _floor(_without(heard, swell), white, find_bands)
        # Without its swell noise is steady; an orchestra that grows and fades still is not.
        if moving.evidence.spread < min(MOVING, BETTER_SPREAD * still.evidence.spread):
            return replace(moving, power=still.power, swell_db=swell)
    return still


def _without(heard: Heard, swell_db: Floats) -> Heard:
    """Return a passage with its swell taken out of all levels."""
    frames = np.linspace(0.0, len(swell_db) - 1.0, max(1, len(heard.fine_db)))
    fine = heard.fine_db - np.interp(frames, np.arange(len(swell_db)), swell_db)[:, None]
    swell = swell_db[:, None]
    return replace(
        heard,
        quiet_db=heard.quiet_db - swell,
        mean_db=heard.mean_db - swell,
        fine_db=fine if len(heard.fine_db) else heard.fine_db,
    )


def _floor(heard: Heard, white: WhiteNoise, find_bands: BandFloors) -> PassageFloor:
    found, centres = find_bands(heard, white), heard.bands.centres_hz
    frequencies = floor_frequencies(heard.fine_hz, heard.sample_rate)
    broad = np.interp(np.log(frequencies + 1.0), np.log(centres + 1.0), found.level_db)
    floor = np.full(len(frequencies), NOTHING_DB)
    if found.lowered_db is not None:
        floor = broad - found.lowered_db
    sure, evidence = found.sure, found.evidence
    if len(heard.quiet_db) * heard.frame_seconds >= SHORTEST_FOR_LINES_S and len(heard.fine_db):
        at_bands = db_to_power(found.level_db)
        floor, sure_lines = _with_lines(heard, at_bands, broad, floor, evidence)
        sure = max(sure, sure_lines)
    density = _smoothed(floor, heard)
    return PassageFloor(density, found.trust, sure, evidence, heard.power, None)


def _with_lines(
    heard: Heard, at_bands: Floats, broad: Floats, floor: Floats, evidence: Evidence
) -> tuple[Floats, float]:
    """Return the floor raised to steady lines, and how sure these are; they have their own gate."""
    count = len(heard.fine_hz)
    is_line, level = steady_lines(heard.fine_db, broad[:count])
    if not is_line.any():
        return floor, 0.0
    step = float(heard.fine_hz[1])
    # Hum of which the broadband floor holds a part already would count twice.
    extra = float(np.sum(db_to_power(level[is_line])) * step)
    sure = evidence.lines(heard.snr_db(at_bands, extra))
    lowered = lowered_by(sure)
    if lowered is None:
        return floor, 0.0
    raised = np.maximum(level - lowered, floor[:count])
    floor = floor.copy()
    floor[:count] = np.where(is_line, raised, floor[:count])
    return floor, sure


def _smoothed(floor: Floats, heard: Heard) -> Floats:
    """Return the fine part averaged over neighbours; the coarse part is smooth already."""
    count = len(heard.fine_hz)
    fine = smoothed_db(floor[:count], float(heard.fine_hz[1]))
    return np.concatenate([fine, floor[count:]])
