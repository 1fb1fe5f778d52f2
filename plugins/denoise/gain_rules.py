"""Gains for noisy spectra whose noise floor is known, computed by the native core.

All functions see the a posteriori signal-to-noise ratio of a window of 24 frames, that is the
power over the floor's, and return the gain of the middle 8. The log-spectral gains and what
they are made of take longer windows too, and return the same as for each 8 of their frames.

The default is the log-spectral amplitude estimator [1]_. Its a priori ratio does not come from
the decision-directed recursion, which lags behind attacks and flattens decays, but from block
thresholding [2]_: the plane is cut into macro-blocks of 8 frames by 16 bins, each is divided
into the blocks whose estimated risk is least (long for partials, flat for attacks), and each
block is attenuated by the James-Stein rule. Four cuts, shifted against each other, are averaged.
The ratio that follows is averaged with one from median filters [3]_, whose errors lie elsewhere:
together they leave less trace than either.

References
----------
.. [1] Y. Ephraim, D. Malah, "Speech enhancement using a minimum mean-square error log-spectral
   amplitude estimator", IEEE Trans. Acoust. Speech Signal Process. 33(2), 1985.
.. [2] G. Yu, S. Mallat, E. Bacry, "Audio denoising by time-frequency block thresholding",
   IEEE Trans. Signal Process. 56(5), 2008.
.. [3] D. FitzGerald, "Harmonic/percussive separation using median filtering", Proc. DAFx 2010.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core

Floats: TypeAlias = NDArray[np.floating[Any]]
Exact: TypeAlias = NDArray[np.float64]

GROUP = 8
"""Frames that a gain is returned for at a time, and those before and after that it looks at: the
length of a macro-block, as in [2]_."""
CONTEXT = 3 * GROUP
LARGEST_RATIO = 1e9
"""A posteriori SNR that stands for no noise at all, 90 dB: such bins keep a gain of exactly 1."""
FALSE_ALARMS = 0.01
"""Share of the blocks of noise alone that stand above their threshold. By hand."""
_THRESHOLDS = (
    (1.40120251316, 1.58086616408, 1.83906515845, 2.19023625149, 2.57922463473),
    (1.55767528913, 1.81522766795, 2.19076240314, 2.70836398416, 3.28700536732),
    (1.72786003663, 2.07346177181, 2.58313768819, 3.29177266489, 4.08692190094),
)
"""Quantiles of gamma distributions, whose shapes are the numbers of independent cells in blocks: a
test works them out by scipy, which takes long to load."""


def block_thresholds() -> Floats:
    """Return the threshold of each block size, as a multiple of the floor's power.

    The mean power of a block of noise stays below it with a probability of 99 %. Cells of
    square-root-Hann frames that overlap by three quarters are correlated: their power by
    .57, .10, .002 at one to three frames, and by .25 at the next bin.

    Returns
    -------
    ndarray, shape (3, 5)
        For 8, 4 and 2 frames by 16, 8, 4, 2 and 1 bins.
    """
    return np.array(_THRESHOLDS)


def exponential_integral(x: float) -> float:
    """Return E1(x) for x > 0, within 2e-7."""
    return _core.exponential_integral(x)


def log_mmse_gain(prior: float, posterior: float) -> float:
    """Return the gain of Ephraim & Malah 1985, equation 20, at most 1."""
    gain = np.empty(1)
    _core.log_mmse(np.array([prior]), np.array([posterior]), gain)
    return float(gain[0])


def block_factors(ratio: Floats, thresholds: Floats) -> Floats:
    """Return block-thresholding factors of the middle frames [2]_.

    Parameters
    ----------
    ratio : ndarray, shape (frames + 16, bins)
        A posteriori signal-to-noise ratio; the frames are a multiple of 8.
    thresholds : ndarray, shape (3, 5)
        From :func:`block_thresholds`.

    Returns
    -------
    ndarray, shape (frames, bins)
        From 0 to 1: the mean of four shifted cuts.
    """
    out = _middle(ratio)
    _core.block_factors(_exact(ratio), ratio.shape[1], _exact(thresholds), out)
    return out.astype(ratio.dtype, copy=False)


def median_ratio(ratio: Floats) -> Floats:
    """Return the signal-to-noise ratio of median-filtered powers, shape (frames, bins).

    A median over 7 frames keeps partials, one over 7 bins keeps attacks [3]_; the larger of the
    two is the signal's, since noise stands out in neither: there it is near 1, seldom above 2.
    """
    out = _middle(ratio)
    _core.medians(_exact(ratio), ratio.shape[1], 0.0, out)
    return out.astype(ratio.dtype, copy=False)


class CarriedBlocks:
    """What blocks add to the frames behind those that a gain is returned for.

    With it windows that follow each other, from the first one on or from one after
    :meth:`forget`, compute each block once. The bits are the same.
    """

    def __init__(self) -> None:
        self._sums: Exact | None = None
        self._known = False

    def forget(self) -> None:
        """Let the next window follow none."""
        self._known = False

    def follow(self, bins: int) -> tuple[Exact, bool]:
        """Return the sums, to be added to and replaced, and whether they are known."""
        if self._sums is None:
            self._sums = np.zeros((GROUP, bins))
        was, self._known = self._known, True
        return self._sums, was


def prior_ratio(
    ratio: Floats, median: Floats, thresholds: Floats, carried: CarriedBlocks | None = None
) -> Floats:
    """Return the a priori signal-to-noise ratio of the middle frames, at least -25 dB."""
    return _beside(_core.prior_ratio, ratio, median, thresholds, carried)


def logmmse_beside(
    ratio: Floats, median: Floats, thresholds: Floats, carried: CarriedBlocks | None = None
) -> Floats:
    """Return log-spectral amplitude gains, given :func:`median_ratio`, shape (frames, bins)."""
    return _beside(_core.log_mmse_beside, ratio, median, thresholds, carried)


def logmmse(ratio: Floats, thresholds: Floats, carried: CarriedBlocks | None = None) -> Floats:
    """Return log-spectral amplitude gains, shape (frames, bins)."""
    return logmmse_beside(ratio, median_ratio(ratio), thresholds, carried)


def wiener(ratio: Floats, thresholds: Floats, carried: CarriedBlocks | None = None) -> Floats:
    """Return Wiener gains ``prior / (1 + prior)``, shape (8, bins)."""
    prior = prior_ratio(ratio, median_ratio(ratio), thresholds, carried)
    return np.asarray(prior / (1.0 + prior))


def subtract(ratio: Floats, thresholds: Floats, carried: CarriedBlocks | None = None) -> Floats:
    """Return gains of power subtraction, shape (8, bins).

    Magnitudes are averaged over neighbouring frames (Boll 1979); the oversubtraction falls from
    4 at 0 dB to 1 at 20 dB (Berouti, Schwartz & Makhoul 1979, equation 5), per cell here, since
    music's signal-to-noise ratio differs more between bins than between frames.
    """
    out = _middle(ratio)
    _core.subtract(_exact(ratio), ratio.shape[1], out)
    return out


def gate(ratio: Floats, thresholds: Floats, carried: CarriedBlocks | None = None) -> Floats:
    """Return gains of a spectral gate with soft edges, shape (8, bins).

    A cell is open where the mean of its neighbours (3 frames by 3 bins) exceeds the floor by
    4 dB, half open there, closed 3 dB below; around it the gate opens by the mean over 7 frames
    by 5 bins.
    """
    out = _middle(ratio)
    _core.gate(_exact(ratio), ratio.shape[1], out)
    return out


def median(ratio: Floats, thresholds: Floats, carried: CarriedBlocks | None = None) -> Floats:
    """Return Wiener gains of :func:`median_ratio`, shape (8, bins)."""
    power = median_ratio(ratio)
    return np.asarray(power / (1.0 + power))


def _beside(
    rule: Callable[..., None],
    ratio: Floats,
    median: Floats,
    thresholds: Floats,
    carried: CarriedBlocks | None,
) -> Floats:
    bins, out = ratio.shape[1], _middle(ratio)
    sums, known = carried.follow(bins) if carried is not None else (None, False)
    rule(_exact(ratio), _exact(median), bins, _exact(thresholds), sums, known, out)
    return out.astype(ratio.dtype, copy=False)


def _middle(ratio: Floats) -> Exact:
    return np.empty((ratio.shape[0] - 2 * GROUP, ratio.shape[1]))


def _exact(values: Floats) -> Exact:
    return np.ascontiguousarray(values, np.float64)
