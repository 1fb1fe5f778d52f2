"""What has to change for one recording to sound like another: gains, bounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.meters.profile.level_track import LevelTrack
from restorack.meters.profile.sound_profile import NARROWEST_DB, SoundProfile, k_gains

Floats = NDArray[np.float64]

WIDTH_DB = 9.0
"""Side over mid moves by at most this. By hand: more makes holes in the middle."""
RATIOS = (0.5, 1.6)
"""Of the spread of levels, what a gentle compressor (2:1) and expander do. By hand."""
LEVELS_DB = 6.0
"""Slow and fast level each move by at most this. By hand."""
ABSENT_DB = -60.0
"""Bands so far below the loudest hold noise at most: they are not raised."""
SMOOTHING = (1.0, 2.0, 3.0, 2.0, 1.0)
"""Of differences over neighbouring third octaves, an octave in all: tone is matched, not notes."""
UNHEARD_DB = 0.05
"""Gains below it are left out: a tenth of what can be heard."""


@dataclass(frozen=True)
class BandGains:
    """Gains of the third octaves in dB, for what both channels share and for what differs.

    Attributes
    ----------
    middle_db, side_db : ndarray of float64, shape (30,)
    """

    middle_db: Floats
    side_db: Floats

    @property
    def is_nothing(self) -> bool:
        """Whether nobody hears them."""
        return bool(max(np.abs(self.middle_db).max(), np.abs(self.side_db).max()) < UNHEARD_DB)


def tone_gains(
    own: SoundProfile, reference: SoundProfile, strength: float, max_db: float
) -> Floats:
    """Return the gains that bring the tone towards the reference's, shape (30,), in dB.

    They leave the loudness as it is: their mean, weighted by what each band adds to it, is 0.

    Parameters
    ----------
    own, reference : SoundProfile
    strength : float
        0 to 1.
    max_db : float
        No gain is larger, up or down.
    """
    wanted = _smoothed(reference.tone_db - own.tone_db) * strength
    present = np.nan_to_num(own.tone_db, nan=-np.inf)
    absent = present < present.max() + ABSENT_DB
    weights = np.where(np.isfinite(present), db_to_power(present), 0.0) * k_gains()
    gains, offset = wanted, 0.0
    for _ in range(8):  # a bound that is met shifts the others: settles within a few rounds
        gains = np.clip(wanted - offset, -max_db, max_db)
        gains = np.where(absent, np.minimum(gains, 0.0), gains)
        offset += float(power_to_db(weights @ db_to_power(gains) / weights.sum()))
    return gains


def width_gains(own: SoundProfile, reference: SoundProfile, strength: float) -> BandGains:
    """Return the gains of mid and side that bring the width towards the reference's.

    The power of each band stays. Bands that are mono stay so: there is nothing to widen.
    """
    wanted = _smoothed(reference.width_db - own.width_db) * strength
    ratio_db = np.nan_to_num(own.width_db, nan=NARROWEST_DB)
    change = np.where(ratio_db <= NARROWEST_DB, 0.0, np.clip(wanted, -WIDTH_DB, WIDTH_DB))
    ratio = db_to_power(ratio_db)
    middle = -power_to_db((1.0 + ratio * db_to_power(change)) / (1.0 + ratio))
    return BandGains(middle, middle + change)


def _smoothed(difference_db: Floats) -> Floats:
    """Return differences as means over an octave of the bands that both recordings have."""
    known = np.isfinite(difference_db)
    weights = np.convolve(known, SMOOTHING, "same")
    sums = np.convolve(np.where(known, difference_db, 0.0), SMOOTHING, "same")
    return np.where(known, sums / np.maximum(weights, 1.0), 0.0)


@dataclass(frozen=True)
class LevelLaw:
    """What dynamics are changed by.

    Attributes
    ----------
    slow, fast : float
        Ratio by which the spread of the slow and of the fast level is scaled; 1 leaves it.
    """

    slow: float = 1.0
    fast: float = 1.0

    @property
    def is_nothing(self) -> bool:
        """Whether nobody hears it."""
        return abs(self.slow - 1.0) < 0.01 and abs(self.fast - 1.0) < 0.01

    def gains_db(self, track: LevelTrack) -> Floats:
        """Return a gain in dB for every hop of a recording; its energy stays what it is."""
        slow, fast = track.levels()
        if not slow.size:
            return np.zeros(0)
        anchor = track.gate_db(slow)
        mean = float(power_to_db(np.mean(db_to_power(slow))))
        passages = (self.slow - 1.0) * (np.maximum(slow, anchor) - mean)
        attacks = (self.fast - 1.0) * np.maximum(fast, -LEVELS_DB)
        gains = np.clip(passages, -LEVELS_DB, LEVELS_DB) + np.clip(attacks, -LEVELS_DB, LEVELS_DB)
        power = db_to_power(slow + fast)
        return gains - float(power_to_db(power @ db_to_power(gains) / max(power.sum(), 1e-30)))


def level_law(own: SoundProfile, reference: SoundProfile, strength: float) -> LevelLaw:
    """Return the ratios that bring the spread of the levels towards the reference's."""
    return LevelLaw(
        _ratio(own.spreads.slow_db, reference.spreads.slow_db, strength),
        _ratio(own.spreads.fast_db, reference.spreads.fast_db, strength),
    )


def _ratio(own: float, reference: float, strength: float) -> float:
    if own <= 0.0 or reference <= 0.0:
        return 1.0
    return float(np.clip((reference / own) ** strength, *RATIOS))
