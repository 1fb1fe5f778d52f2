"""Where sibilance is in a voice, and how far it stands out: ratios alone, so no level matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.meters.sibilance import PAUSE, SILENCE, certainty

Floats = NDArray[np.float64]

START_HZ = 6_500.0
"""Centre of sibilance until some was heard: between men's and women's (Jongman et al., 2000)."""

BELOW_CENTRE = 0.6
"""The band that is lowered begins at this part of the centre."""

RISE_S, FALL_S, PAUSE_S = 0.15, 3.0, 15.0
"""Time constants of the voice's level: up within a syllable, down over some sentences, and in
pauses, which are what lies 20 dB below it."""
STEADY_S = 1.5
"""Time over which it is counted how much is hiss. By hand."""
RARE, FREQUENT = 0.3, 0.5
"""Hiss that fills less of the time than the first is sibilance, more than the second none: rain."""
TURN_S = 0.1
"""Of the centre of sibilance, counted in time of sibilance."""
RELEASE_S = 0.025
"""Time constant by which a reduction ends, short of the next vowel. By hand."""
SMALLEST_DB = 0.01
"""A reduction below is none."""


class SibilanceFollower:
    """Follow a voice from frame to frame.

    Parameters
    ----------
    frame_s : float
        Seconds from one frame to the next.
    """

    def __init__(self, frame_s: float) -> None:
        times = (RISE_S, FALL_S, PAUSE_S, TURN_S, STEADY_S)
        shares = [1.0 - float(np.exp(-frame_s / seconds)) for seconds in times]
        self._rise, self._fall, self._pause, self._turn, self._steady = shares
        self._keep = float(np.exp(-frame_s / RELEASE_S))
        self._voice = self._frequency = self._reduction = 0.0
        self._octave = float(np.log2(START_HZ))

    @property
    def centre_hz(self) -> float:
        """Centre of sibilance, as heard of late."""
        return float(2.0**self._octave)

    def listen(self, measured: Floats) -> None:
        """Follow the voice's level, and how much of the time is hiss.

        Parameters
        ----------
        measured : ndarray, shape (3,)
            Of :meth:`Bands.measure`; of frames that are yet to be lowered.
        """
        voice, hiss = float(measured[0]), float(measured[1])
        power = voice + hiss
        if power <= SILENCE:
            return
        hissing = certainty(voice, hiss)
        if power > PAUSE * self._voice:
            self._frequency += self._steady * (hissing - self._frequency)
        share = self._rise if power > self._voice else self._fall
        share = share if power > PAUSE * self._voice else self._pause
        self._voice += (1.0 - hissing) * share * (power - self._voice)

    def reduction_db(
        self, measured: Floats, threshold_db: float, amount: float, most_db: float
    ) -> float:
        """Return how far sibilance is lowered in a frame.

        Parameters
        ----------
        measured : ndarray, shape (3,)
            Of :meth:`Bands.measure`.
        threshold_db : float
            Level of sibilance over that of the voice from which it is too much.
        amount : float
            The part of the excess that is taken off, 0 to 1.
        most_db : float
            The most.
        """
        voice, hiss, octave = (float(value) for value in measured)
        hissing = certainty(voice, hiss)
        wanted = 0.0
        if hissing > 0.0 and self._voice > SILENCE:
            self._octave += hissing * self._turn * (octave - self._octave)
            excess = 10.0 * float(np.log10(hiss / self._voice)) - threshold_db
            rare = (FREQUENT - self._frequency) / (FREQUENT - RARE)
            share = hissing * amount * min(1.0, max(0.0, rare))
            wanted = min(most_db, share * max(0.0, excess))
        kept = self._reduction * self._keep
        self._reduction = max(wanted, kept if kept > SMALLEST_DB else 0.0)
        return self._reduction
