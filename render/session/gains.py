"""Pan laws, and the gains of ways through a session."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_amplitude
from restorack.render.session.model import Track


def pan_gains(
    pan: NDArray[np.float64], law: str, channels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gains of the left and of the right side.

    Parameters
    ----------
    pan : ndarray
        -1 (left) to 1 (right).
    law : {"constant_power", "compromise", "linear"}
        For a mono signal: what each side gets in the middle, -3, -4.5 or -6 dB.
    channels : int
        A stereo signal is balanced instead: the side that it is turned away from is lowered in
        proportion, the other one stays as it is, so that in the middle nothing changes.

    Notes
    -----
    Constant power is the sine and cosine law, ``cos(a)`` and ``sin(a)`` with ``a`` from 0 to
    pi / 2; the compromise is the geometric mean of that and of the linear law.
    """
    if channels == 2:
        return np.minimum(1.0, 1.0 - pan), np.minimum(1.0, 1.0 + pan)
    angle = (pan + 1.0) * (np.pi / 4.0)
    power = np.cos(angle), np.sin(angle)
    linear = (1.0 - pan) / 2.0, (1.0 + pan) / 2.0
    if law == "constant_power":
        return power
    if law == "linear":
        return linear
    left, right = (np.sqrt(np.maximum(p * q, 0.0)) for p, q in zip(power, linear, strict=True))
    return left, right


class Gains:
    """The gains of both sides on a way through the session, from sample to sample.

    Parameters
    ----------
    fader, pan : Track
        In dB; -1 to 1.
    extra_db : float
        A send's gain.
    law : str
    channels : int
        Of the signal, 1 or 2.
    rate : float
        In Hz.
    """

    def __init__(
        self, fader: Track, pan: Track, extra_db: float, law: str, channels: int, rate: float
    ) -> None:
        self._fader, self._pan, self._extra = fader, pan, extra_db
        self._law, self._channels, self._rate = law, channels, rate

    @property
    def is_constant(self) -> bool:
        """Whether neither fader nor pan moves."""
        return self._fader.is_constant and self._pan.is_constant

    def block(self, first: int, count: int) -> NDArray[np.float32]:
        """Return float32 gains, shape (2, count), or (2, 1) where they are constant."""
        decibels = self._fader.values(first, count, self._rate) + self._extra
        sides = pan_gains(self._pan.values(first, count, self._rate), self._law, self._channels)
        gain = db_to_amplitude(decibels)
        return np.stack(np.broadcast_arrays(*(side * gain for side in sides))).astype(np.float32)
