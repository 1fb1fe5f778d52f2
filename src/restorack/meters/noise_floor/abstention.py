"""Whether what is steady is noise, or the sound itself: an organ, a pad, applause, a drone.

Two things are asked. Does the programme move? Under music with its notes and rests the level of the
whole changes, that of noise does not; where nothing moves the steady part is the programme, unless
it lies far below. And what is faint may be the bottom of a clean recording, its room or its last
notes: of that the network must be sure, or whoever asks must expect noise. Where it is all but
certain, nothing else is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

LEAST_SNR_DB, SNR_WIDTH_DB = 4.0, 1.5
"""SNR from which on a floor counts, and the width of the step; on the pairs of
docs/inside/noise-floor.md."""
MOVING_DB, SNR_PER_STILL_DB, MOST_FOR_STILL_DB = 6.0, 4.0, 18.0
"""Each dB that the level's range falls short of the first asks for more SNR, up to the last."""
LOUD_SNR_DB, FAINT_SNR_DB = 24.0, 30.0
"""Between them noise becomes faint, of which the network must be sure; ibid."""
UNSURE_JUDGE, SURE_JUDGE = 0.45, 0.55
"""Noise fainter than this may be the bottom of a clean recording: the network must be so sure."""

NEARLY_CERTAIN, CERTAIN = 0.75, 0.85
"""Where the network is so sure over all bands neither movement nor SNR is asked for."""

BARE_SNR_DB, CLEAN_SNR_DB = 45.0, 50.0
"""Noise fainter than the first is left more and more."""

LINES_SNR_DB = 4.5
"""SNR from which on lines count; from the trial in docs/inside/noise-floor.md."""
LINES_MOVING_DB = (5.0, 7.0)
"""Lines under a programme whose level has this range are hum, not a held note."""

LINES_FAINT_DB = (35.0, 40.0)
"""Of the whole over the broadband floor: lines in what is that clean are left more and more."""

# dB that a floor of no certainty is lowered by; sureness from which down there is none. By hand.
UNSURE_LOWERED_DB = 20.0
LEAST_SURE = 0.02


@dataclass(frozen=True)
class Evidence:
    """What speaks for noise in a passage.

    Parameters
    ----------
    snr_db : float
        Of the whole over the steady part.
    range_db : float
        Of the whole's level, from the first to the last decile.
    spread : float
        Median over the bands of the spread of low levels over white noise's.
    judged : float
        Mean over the bands of how sure the network is, 0 to 1.
    expected : bool
        Whether the recording is known to be noisy, as an old record is.
    """

    snr_db: float
    range_db: float
    spread: float
    judged: float
    expected: bool = False

    def broadband(self) -> float:
        """Return from 0 to 1 how surely there is broadband noise."""
        enough = max(self.heard_over_noise(), ramp(self.judged, NEARLY_CERTAIN, CERTAIN))
        faint = 0.0 if self.expected else ramp(self.snr_db, LOUD_SNR_DB, FAINT_SNR_DB)
        told = 1.0 - faint * (1.0 - ramp(self.judged, UNSURE_JUDGE, SURE_JUDGE))
        return enough * told * (1.0 - ramp(self.snr_db, BARE_SNR_DB, CLEAN_SNR_DB))

    def heard_over_noise(self) -> float:
        """Return from 0 to 1 how surely there is more than noise; what hardly moves needs more."""
        still = max(0.0, MOVING_DB - self.range_db)
        needed = LEAST_SNR_DB + min(MOST_FOR_STILL_DB, SNR_PER_STILL_DB * still)
        return ramp(self.snr_db, needed, needed + SNR_WIDTH_DB)

    def lines(self, snr_db: float) -> float:
        """Return from 0 to 1 how surely steady lines are hum; the SNR is that with them."""
        enough = ramp(snr_db, LINES_SNR_DB, LINES_SNR_DB + SNR_WIDTH_DB)
        heard = 1.0 - ramp(self.snr_db, *LINES_FAINT_DB)
        return enough * heard * ramp(self.range_db, *LINES_MOVING_DB)


def ramp(value: float, low: float, high: float) -> float:
    """Return 0 below ``low``, 1 above ``high``, a straight line between."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def lowered_by(sure: float) -> float | None:
    """Return by how many dB doubt lowers a floor, up to 20, None where nothing is sure."""
    return None if sure <= LEAST_SURE else UNSURE_LOWERED_DB * (1.0 - sure)
