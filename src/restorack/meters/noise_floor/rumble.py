"""Rumble: steady noise that falls with frequency, told from a bass by frames of 0.74 s.

It is noise of its own: a record may rumble under no hiss. What it needs is to be loud enough to
matter, and a programme that moves above it while it does not.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.meters.noise_floor.abstention import LINES_MOVING_DB, ramp

Floats: TypeAlias = NDArray[np.float64]

LOUD_DB, FAINT_DB = 26.0, 30.0
"""The whole over noise and rumble: up to the first all of it counts, from the last on none."""

HEARD_FROM_HZ = 25.0
"""Rumble below is there, but does not count for how loud it is: nothing of music lies there. By
hand."""


def rumble_share(
    level_db: Floats, frequencies_hz: Floats, whole: float, noise: float, range_db: float
) -> float:
    """Return from 0 to 1 how far a floor is to be raised to the rumble.

    Parameters
    ----------
    level_db, frequencies_hz : ndarray, shape (bins,)
        The rumble's density.
    whole, noise : float
        Power of the whole and of its broadband noise, as sums of density over Hz; the noise is 0
        where none is sure.
    range_db : float
        Of the whole's level.
    """
    heard = frequencies_hz >= HEARD_FROM_HZ
    step = float(frequencies_hz[1])
    rumble = float(np.sum(db_to_power(level_db[heard])) * step)
    over = float(power_to_db(max(whole, 1e-20) / max(rumble + noise, 1e-20)))
    loud = 1.0 - ramp(over, LOUD_DB, FAINT_DB)
    return loud if noise > 0.0 else loud * ramp(range_db, *LINES_MOVING_DB)
