"""How much of each copy is taken, in every band and at every moment.

Aligned and matched, copy ``k`` is ``s + n_k``. With the differences ``d_k = x_1 - x_k``, which are
free of music, the output is ``x_1 - sum_k r_k d_k``. Its noise is least where ``D r = a`` with
``D_jk = <d_j, d_k>`` and ``a_k = <x_1, d_k>``: the copies' own noises set ``r``, and no noise floor
has to be known. Cells count by one over the music's power, since chance makes music correlate with
noise; and what few cells say is drawn to what more of them say, and that to the floors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# By hand, tried on the recordings that docs/guides/disc-transfers.md names.
OVERLAP = 0.25
"""Frames that overlap by three quarters repeat each other, and so do neighbouring bins."""
MUSIC_S = 0.04
"""Time constant of the music's power, by which cells count."""
SHORT_S, LONG_S = 0.15, 4.0
"""Time constants of the two means of moments."""
OF_FLOORS, OF_FILE, OF_LONG = 20.0, 30.0, 60.0
"""Cells at a ratio of one that what is known before counts for: for all of the file the floors,
for the long mean the file, for the short one the long mean."""
FLOOR_QUANTILE = 0.1
"""Of the differences in a band over time: their floor. By hand."""
BEST_QUANTILE, BEST_RISE = 0.2, 1.3
"""Of the differences of copies: what they are where the alignment is best; their mean over it."""
GATE_S = 0.06
"""Time constant of the test whether copies agree."""
AGREES, APART = 0.8, 0.5
"""Shares of the weaker copy's music that is common, from which a copy counts fully, not at all."""
STRAIGHT, TURNED = 0.5, 2.0
"""What music leaves in the difference by its phase, over the floors, up to which a copy counts
fully, and from which it does not."""
ABOVE = 6.0
"""Times the floor from which there is music that can be common."""
DROPPED = 0.06
"""Power over the others' below which a copy has dropped out, -12 dB."""
USUAL_S, QUIETER, LOUDER = 4.0, 0.25, 4.0
"""The others' power is then between these times what it usually is over this time."""
FADE_S = 0.06
"""Time in which a copy is left before it cannot be used."""
DROP_S = 0.012
"""Time constant of that test."""


@dataclass(frozen=True)
class Powers:
    """Sums over bands of aligned copies: products of copies with each other.

    Attributes
    ----------
    products : ndarray of complex, shape (copies, copies, bands, frames)
        Of spectra, the second one conjugated.
    frames_per_s : float
    """

    products: NDArray[np.complex64]
    frames_per_s: float


def mean_over_time(values: Floats, frames: float) -> Floats:
    """Return Gaussian means over the last axis."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, max(frames, 0.3), axis=-1, mode="nearest"))


@dataclass(frozen=True)
class Certainty:
    """What is known of the copies' alignment.

    Attributes
    ----------
    present : ndarray of bool, shape (copies, frames)
        Where a copy has samples.
    aligned : ndarray, shape (copies, bands, frames)
        0 to 1: how sure the time is, for the frequency of a band.
    """

    present: NDArray[np.bool_]
    aligned: Floats


def weigh(powers: Powers, certain: Certainty, dropped: NDArray[np.bool_] | None = None) -> Floats:
    """Return the weight of each copy, shape (copies, bands, frames); they sum up to 1.

    Parameters
    ----------
    powers : Powers
    certain : Certainty
    dropped : ndarray of bool, shape (copies, frames)
        Where copies have dropped out, as :func:`find_dropouts` says.
    """
    from scipy.ndimage import minimum_filter1d

    rate, products = powers.frames_per_s, powers.products
    power = np.real(np.einsum("kkbt->kbt", products)).astype(np.float64)
    there = certain.present & ~dropped if dropped is not None else certain.present
    floors = _floors(products, power, there, rate)
    weights = _least_noise(products, floors, there, rate)
    share = _agreeing(products, power, floors, certain, rate) * there[:, np.newaxis, :]
    wide = round(FADE_S * rate)
    share = mean_over_time(minimum_filter1d(share, 2 * wide + 1, axis=2), wide / 3.0)
    weights = weights * share * there[:, np.newaxis, :]
    # Where nothing is left, the first copy that is there is taken.
    first = np.zeros_like(weights)
    first[np.argmax(there, axis=0), :, np.arange(first.shape[2])] = 1e-3
    weights = weights + first
    return np.asarray(weights / weights.sum(axis=0))


def _floors(
    products: NDArray[np.complex64], power: Floats, there: NDArray[np.bool_], rate: float
) -> Floats:
    """Return the noise floors of the copies, shape (copies, bands)."""
    sound = there.all(axis=0) & (power.sum(axis=1).min(axis=0) > 0.0)
    if not sound.any():
        return np.asarray(power.mean(axis=2) + 1e-20)
    low = np.quantile(power[:, :, sound], FLOOR_QUANTILE, axis=2)
    # Music may never be quiet; but where copies lie best on each other, they differ by noise alone.
    for copy in range(1, len(power)):
        apart = power[0] + power[copy] - 2.0 * np.real(products[0, copy])
        apart = mean_over_time(apart, GATE_S * rate)[:, sound]
        least = BEST_RISE * np.quantile(np.maximum(apart, 0.0), BEST_QUANTILE, axis=1)
        low[copy] = np.minimum(low[copy], least)
        low[0] = np.minimum(low[0], least)
    return np.asarray(low + 1e-20)


def _least_noise(
    products: NDArray[np.complex64], floors: Floats, there: NDArray[np.bool_], rate: float
) -> Floats:
    """Return the weights with the least noise, for copies that all have the music."""
    copies, bands, frames = products.shape[1:]
    music = np.abs(products[0, 1:]).astype(np.float64).mean(axis=0)
    music = mean_over_time(music, MUSIC_S * rate) + floors.mean(axis=0)[:, np.newaxis]
    count = OVERLAP * there.all(axis=0) / music
    real = np.real(products).astype(np.float64)
    # <d_j, d_k> and <x_1, d_k> from the products of the copies.
    among = real[0, 0] - real[0, 1:, np.newaxis] - real[0, np.newaxis, 1:] + real[1:, 1:]
    own = real[0, 0] - real[0, 1:]
    among, own = among * count, own * count
    inverse = 1.0 / floors
    share = (inverse / inverse.sum(axis=0))[1:]
    shape = floors[0] + np.eye(copies - 1)[:, :, np.newaxis] * floors[1:, np.newaxis]
    shape /= np.einsum("kkb->b", shape) / (copies - 1)
    known = np.repeat(share[:, :, np.newaxis], frames, axis=2)
    for window, trust in ((None, OF_FLOORS), (LONG_S, OF_FILE), (SHORT_S, OF_LONG)):
        if window is None:
            d = among.sum(axis=-1, keepdims=True)
            a = own.sum(axis=-1, keepdims=True)
        else:
            # A Gaussian mean times the cells that it spans.
            cells = 3.545 * window * rate
            d = cells * mean_over_time(among, window * rate)
            a = cells * mean_over_time(own, window * rate)
        prior = trust * shape[..., np.newaxis]
        a = a + np.einsum("jkb,kbt->jbt", trust * shape, known)
        d = d + prior
        aim = np.moveaxis(a, 0, 2)[..., np.newaxis]
        found = np.linalg.solve(np.moveaxis(d, (0, 1), (2, 3)), aim)[..., 0]
        known = _allowed(np.moveaxis(found, 2, 0))
        known = np.broadcast_to(known, (copies - 1, bands, frames))
    return np.concatenate([1.0 - known.sum(axis=0, keepdims=True), known])


def _allowed(shares: Floats) -> Floats:
    """Return shares that are not negative, and sum up to one at most."""
    shares = np.maximum(shares, 0.0)
    return np.asarray(shares / np.maximum(shares.sum(axis=0), 1.0))


def _agreeing(
    products: NDArray[np.complex64], power: Floats, floors: Floats, certain: Certainty, rate: float
) -> Floats:
    """Return how far copies agree with the reference, 0 to 1; noise alone needs no agreement."""
    wide = GATE_S * rate
    mean = mean_over_time(power, wide)
    floors = floors[:, :, np.newaxis]
    quiet = mean < ABOVE * floors
    out = np.ones_like(power)
    for copy in range(1, len(power)):
        common = mean_over_time(np.real(products[0, copy]).astype(np.float64), wide)
        weaker = np.minimum(mean[0] - floors[0], mean[copy] - floors[copy])
        share = common / np.maximum(weaker, 1e-20)
        agrees = np.clip((share - APART) / (AGREES - APART), 0.0, 1.0)
        # Music that is late by a phase leaves its sine in the difference; noise has any phase.
        turned = mean_over_time(np.imag(products[0, copy]).astype(np.float64), wide) ** 2
        turned /= np.maximum(np.abs(common), 1e-20) * (floors[0] + floors[copy])
        agrees *= np.clip((TURNED - turned) / (TURNED - STRAIGHT), 0.0, 1.0)
        out[copy] = np.where(quiet[0] | quiet[copy], 1.0, certain.aligned[copy] * agrees)
    return out


def find_dropouts(powers: list[Powers], present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return in which frames a copy has lost the music that another one has.

    Parameters
    ----------
    powers : list of Powers
        Of each channel.
    present : ndarray of bool, shape (copies, frames)
    """
    from scipy.ndimage import maximum_filter1d, percentile_filter

    rate = powers[0].frames_per_s
    power = sum(np.real(np.einsum("kkbt->kt", each.products)) for each in powers)
    level = mean_over_time(np.asarray(power, np.float64), DROP_S * rate)
    wide = 2 * round(USUAL_S * rate / 8.0) + 1
    usual = percentile_filter(level[:, ::8], 70, (1, wide))
    usual = np.repeat(usual, 8, axis=1)[:, : level.shape[1]]
    is_usual = (level > QUIETER * usual) & (level < LOUDER * usual)
    best = np.max(np.where(present & is_usual, level, 0.0), axis=0)
    lost = level < DROPPED * best
    # Frames that reach into the gap are no better.
    near = maximum_filter1d(lost.astype(np.uint8), 5, axis=1) > 0
    return np.asarray(near & ~near.all(axis=0))
