"""Recursive filters as second-order sections: Butterworth designs, and streams through them.

What scipy.signal gives, without its import: that takes longer than most files do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Kind = Literal["lowpass", "highpass", "bandpass"]


def butterworth_poles(order: int) -> Complexes:
    """Return the poles of the analogue low-pass, 3 dB down at 1 radian a second."""
    poles: Complexes = -np.exp(1j * np.pi * np.arange(1 - order, order, 2) / (2 * order))
    return poles


@lru_cache(maxsize=64)
def butterworth(
    order: int, edges_hz: float | tuple[float, float], kind: Kind, sample_rate: float
) -> Floats:
    """Return a Butterworth filter, 3 dB down at its edges.

    Parameters
    ----------
    order : int
        1 or more, of each side of a band.
    edges_hz : float or (float, float)
        One edge, two of a bandpass; above 0 and below half the sample rate.
    kind : str
        ``lowpass``, ``highpass`` or ``bandpass``.
    sample_rate : float
        In Hz.

    Returns
    -------
    ndarray of float64, shape (sections, 6)
        ``b0, b1, b2, 1, a1, a2`` of each; read only.

    Notes
    -----
    The analogue filter's poles by the bilinear transform, edges prewarped. The section nearest to
    the unit circle is the last, each with the zeros nearest to its poles.
    """
    poles = butterworth_poles(order)
    warped = 4.0 * np.tan(np.pi * np.asarray(edges_hz, np.float64) / sample_rate)
    at_zero, gain = 0, 1.0  # zeros at a frequency of 0; the others lie at half the rate
    if kind == "bandpass":
        width = float(warped[1] - warped[0])
        half = poles * width / 2.0
        root = np.sqrt(half**2 - float(warped[0] * warped[1]))
        poles, at_zero, gain = np.concatenate([half + root, half - root]), order, width**order
    elif kind == "highpass":
        poles, at_zero = float(warped) / poles, order
    else:
        poles, gain = float(warped) * poles, float(warped) ** order
    gain *= float((4.0**at_zero / np.prod(4.0 - poles)).real)
    sections = _paired((4.0 + poles) / (4.0 - poles), at_zero, gain)
    sections.flags.writeable = False  # it is shared
    return sections


def _paired(poles: Complexes, at_zero: int, gain: float) -> Floats:
    """Return sections of poles, pairs of which are conjugate or real; the gain is the first's."""
    zeros = [1.0] * at_zero + [-1.0] * (len(poles) - at_zero)
    above = [(pole, pole.conjugate()) for pole in poles if pole.imag > 0.0]
    real = sorted((pole for pole in poles if pole.imag == 0.0), key=abs, reverse=True)
    if len(real) % 2:
        real, zeros = [*real, 0j], [*zeros, 0.0]
    pairs = above + list(zip(real[::2], real[1::2], strict=True))
    sections = []
    for one, other in sorted(pairs, key=lambda pair: -abs(pair[0])):
        zeros.sort(key=lambda zero: abs(zero - one))
        (first, second), zeros = zeros[:2], zeros[2:]
        back = [1.0, -(one + other).real, (one * other).real]
        sections.append([1.0, -(first + second), first * second, *back])
    made = np.array(sections[::-1])
    made[0, :3] *= gain
    return made


def filter_sections(sections: Floats, state: Floats, rows: NDArray[np.floating]) -> Floats:
    """Return samples filtered by sections one after another, and leave the state for the next.

    Parameters
    ----------
    sections : ndarray of float64, shape (sections, 6)
        Rows ``b0 b1 b2 1 a1 a2``, as SciPy's ``sos``.
    state : ndarray of float64, shape (channels, sections, 2)
        Zeros to begin with; changed in place.
    rows : ndarray, shape (channels, samples)

    Returns
    -------
    ndarray of float64, shape (channels, samples)
        The same for every split into blocks, to the bit.

    Raises
    ------
    ValueError
        Where the state is not that of the sections and channels.
    """
    out = np.empty(rows.shape)
    if len(rows):
        given = np.ascontiguousarray(rows, np.float64)
        _core.filter_sections(sections, state, given, out, len(rows))
    return out


def filtered(
    sections: Floats, samples: NDArray[np.floating], state: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return samples behind the sections, and the state that the next samples go on from.

    Parameters
    ----------
    sections : ndarray of float64, shape (sections, 6)
        As :func:`butterworth` gives them.
    samples : ndarray, shape (samples,) or (channels, samples)
    state : ndarray of float64, shape (channels, sections, 2), optional
        Of the samples before; not written into. At rest by default.
    """
    rows = samples[np.newaxis] if samples.ndim == 1 else samples
    after = np.zeros((len(rows), len(sections), 2)) if state is None else state.copy()
    out = filter_sections(sections, after, rows)
    return out.reshape(samples.shape), after


def filtered_both_ways(sections: Floats, rows: NDArray[np.floating]) -> Floats:
    """Return rows filtered forwards and backwards: no phase, twice the attenuation.

    Each end goes on as its own reflection through its last value, as in scipy's ``sosfiltfilt``,
    for what the filter needs to settle.
    """
    plain = 2 * len(sections) + 1 - min(_zeros_in(sections, 2), _zeros_in(sections, 5))
    edge = min(3 * plain, rows.shape[1] - 1)
    before = 2.0 * rows[:, :1] - rows[:, edge:0:-1]
    after = 2.0 * rows[:, -1:] - rows[:, -2 : -(edge + 2) : -1]
    out: Floats = np.concatenate([before, rows, after], axis=1)
    rest = resting_state(sections)
    for _ in range(2):
        out = filtered(sections, out, rest * out[:, 0, np.newaxis, np.newaxis])[0][:, ::-1]
    return out[:, edge : out.shape[1] - edge]


def _zeros_in(sections: Floats, column: int) -> int:
    return int((sections[:, column] == 0.0).sum())


def resting_state(sections: Floats) -> Floats:
    """Return the state, shape ``(sections, 2)``, of a filter that has heard 1 for ever."""
    state, level = np.zeros((len(sections), 2)), 1.0
    for row, (b0, b1, b2, _, a1, a2) in zip(state, sections, strict=True):
        settled = level * (b0 + b1 + b2) / (1.0 + a1 + a2)
        row[1] = b2 * level - a2 * settled
        row[0] = b1 * level - a1 * settled + row[1]
        level = settled
    return state
