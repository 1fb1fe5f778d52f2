"""The floor of one passage: bands, lines and swell together, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.meters.noise_floor.abstention import (
    CLEAN_SNR_DB,
    LEAST_SURE,
    UNSURE_LOWERED_DB,
    Evidence,
    lowered_by_doubt,
    middle_bands,
)
from restorack.meters.noise_floor.bands import Bands
from restorack.meters.noise_floor.judgement import Judgement, corroborated
from restorack.meters.noise_floor.lines import steady_lines
from restorack.meters.noise_floor.mixture import (
    mixed_floor,
    of_the_whole,
    with_sure_judgement,
)
from restorack.meters.noise_floor.smoothing import smoothed_db
from restorack.meters.noise_floor.steady_bands import MOVING, steady_bands
from restorack.meters.noise_floor.swell import common_swell
from restorack.meters.noise_floor.white_noise import WhiteNoise

Floats: TypeAlias = NDArray[np.float64]

# Density of no floor; seconds that a line must last, since a held note may be shorter. By hand.
NOTHING_DB = -140.0
SHORTEST_FOR_LINES_S = 5.0
BETTER_SPREAD = 0.8
"""A swell is followed where the bands' spread without it is less than this share of before."""

# Distance of the floor's frequencies above the lines', in their bins; frames whose mean is a
# moment of the whole (0.2 s). By hand.
LEAST_BINS_APART = 8
RANGE_FRAMES = 3


@dataclass(frozen=True)
class Heard:
    """What was measured of a passage.

    Parameters
    ----------
    bands : Bands
        The bands.
    quiet_db, mean_db : ndarray, shape (frames, bands)
        Levels of the quieter bins of each band, and of all.
    frame_seconds : float
        From one frame to the next.
    fine_db : ndarray, shape (spectra, bins)
        Levels of single bins.
    fine_hz : ndarray, shape (bins,)
        Their frequencies.
    sample_rate : float
        In Hz.
    judged : Judgement
        What a network says of the bands.
    expected : bool
        Whether the recording is known to be noisy.
    """

    bands: Bands
    quiet_db: Floats
    mean_db: Floats
    frame_seconds: float
    fine_db: Floats
    fine_hz: Floats
    sample_rate: float
    judged: Judgement
    expected: bool = False


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


def passage_floor(heard: Heard, white: WhiteNoise) -> PassageFloor:
    """Return the floor of a passage, and how sure it is.

    Parameters
    ----------
    heard : Heard
        The passage.
    white : WhiteNoise
        What the same measurement finds in white noise.
    """
    still = _floor(heard, white)
    swell = common_swell(heard.quiet_db, heard.bands.centres_hz, heard.frame_seconds)
    if swell is not None:
        moving = _floor(_without(heard, swell), white)
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


def _floor(heard: Heard, white: WhiteNoise) -> PassageFloor:
    centres = heard.bands.centres_hz
    bands = steady_bands(heard.quiet_db, heard.mean_db, centres, white)
    voting = middle_bands(centres)
    spread = float(np.median(bands.modulation[voting]))
    reach = _range_db(heard)
    steady_snr = _snr_db(heard, db_to_power(bands.floor_db))
    whole = of_the_whole(bands, heard.judged, voting, steady_snr, reach)
    mixed = mixed_floor(bands, heard.judged, centres, whole)
    mixed_snr = _snr_db(heard, db_to_power(mixed))
    mixed = with_sure_judgement(mixed, heard.judged, mixed_snr)
    at_bands = db_to_power(mixed)
    sureness = corroborated(heard.judged.sure)
    judged_sure = float(np.mean(sureness[voting]))
    evidence = Evidence(_snr_db(heard, at_bands), reach, spread, judged_sure, heard.expected)
    frequencies = floor_frequencies(heard.fine_hz, heard.sample_rate)
    broad = np.interp(np.log(frequencies + 1.0), np.log(centres + 1.0), mixed)
    sure = evidence.broadband()
    lowered = lowered_by_doubt(broad, sure)
    floor = np.full(len(frequencies), NOTHING_DB) if lowered is None else lowered
    if len(heard.quiet_db) * heard.frame_seconds >= SHORTEST_FOR_LINES_S and len(heard.fine_db):
        floor, sure_lines = _with_lines(heard, at_bands, broad, floor, evidence)
        sure = max(sure, sure_lines)
    density = _smoothed(floor, heard)
    trust = np.maximum(bands.trust, sureness)
    return PassageFloor(density, trust, sure, evidence, _power(heard), None)


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
    sure = evidence.lines(_snr_db(heard, at_bands, extra))
    if sure <= LEAST_SURE:
        return floor, 0.0
    raised = np.maximum(level - UNSURE_LOWERED_DB * (1.0 - sure), floor[:count])
    floor = floor.copy()
    floor[:count] = np.where(is_line, raised, floor[:count])
    return floor, sure


def _smoothed(floor: Floats, heard: Heard) -> Floats:
    """Return the fine part averaged over neighbours; the coarse part is smooth already."""
    count = len(heard.fine_hz)
    fine = smoothed_db(floor[:count], float(heard.fine_hz[1]))
    return np.concatenate([fine, floor[count:]])


def _range_db(heard: Heard) -> float:
    """Return the range of the whole's level, from the first to the last decile."""
    power = db_to_power(heard.mean_db) @ heard.bands.widths_hz
    frames = min(RANGE_FRAMES, len(power))
    mean = np.convolve(power, np.ones(frames) / frames, "valid")
    low, high = np.quantile(power_to_db(mean + 1e-20), (0.1, 0.9))
    return float(high - low)


def _snr_db(heard: Heard, noise: Floats, more: float = 0.0) -> float:
    """Return the whole's power without noise over the noise's, from 25 Hz on, in dB."""
    whole = _power(heard)
    steady = float(noise @ heard.bands.widths_hz) + more
    return float(power_to_db(max(whole - steady, 1e-3 * whole) / max(steady, 1e-20)))


def _power(heard: Heard) -> float:
    """Return the mean power of the whole, a sum over Hz from 25 Hz on."""
    return float(db_to_power(heard.mean_db).mean(axis=0) @ heard.bands.widths_hz)
