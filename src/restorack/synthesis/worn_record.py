"""The demo's record: what cutting on shellac and decades of playing do to the music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.sections import butterworth, filtered

Signal = NDArray[np.float64]

PRESET = "degrade-78rpm-heavy"

MOVING = ("bandlimit", "tracingdistortion", "wowflutter")
"""Stages that change the music itself: without them the clean record stays the reference."""

LEFT = "thumps"
"""Knocks of their own, without a click before them: nothing in the rack takes them off."""

NOISE_DB = -16.0
"""Of the surface noise, below the music: the record then has an SNR of 12 dB."""


def cut(music: Signal, sample_rate: float) -> Signal:
    """Return the music as an electric recording of the twenties holds it: 70 Hz to 6.5 kHz."""
    low = butterworth(2, 70.0, "highpass", sample_rate)
    high = butterworth(6, 6_500.0, "lowpass", sample_rate)
    return filtered(high, filtered(low, music)[0])[0]


def wear(cut_music: Signal, sample_rate: float) -> Signal:
    """Return the record as it plays today; the same at every call.

    Parameters
    ----------
    cut_music : ndarray, shape (samples,)
        What the groove held when it was new, peak about 0.6.
    sample_rate : float
        In Hz.

    Returns
    -------
    ndarray of float64, shape (samples,)
        Within full scale: music plus noise, crackle, clicks, scratches, rumble and hum.
    """
    from restorack.presets import load_preset

    chain = load_preset(PRESET)
    for name in (*MOVING, LEFT):
        chain.bypass(name)
    chain["surfacenoise"].level_db = NOISE_DB
    worn = chain.process(cut_music.astype(np.float32), sample_rate)
    return np.asarray(np.clip(worn.astype(np.float64), -1.0, 1.0))
