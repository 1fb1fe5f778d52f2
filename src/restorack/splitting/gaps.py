"""How likely a run of noise is a gap between tracks, and no rest within one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GAP_DENSITY = 0.25
"""Of gaps per second of their length: as likely at every length from half a second to four, and
beyond, where no rest is as long."""
SHORT_S, SHORT_SPREAD = 0.5, 0.3
"""Shorter gaps are rarer: the standard deviation of their logarithm. By hand."""
TRACK_S = 200.0
"""A gap is expected so often, and one at least."""
REST_S, RESTS_PER_S = 0.07, 1.0 / 200.0
"""What rests are expected to be like before any was heard: their scale beyond the shortest one,
and how often they come."""
PRIOR_RESTS = 4.0
"""That expectation weighs like so many rests that were heard."""
SHORTEST_S = 0.2
"""Shorter runs are not looked at."""
ROUNDS = 4
"""How often rests and gaps are told apart anew."""
MOST_ODDS = 12.0
"""Natural logarithm of the odds: beyond it nothing gets surer."""


def log_odds(lengths_s: Floats, side_s: float) -> Floats:
    """Return for every run the logarithm of the odds that it is a gap.

    Rests become rarer exponentially with their length, as fast as the side's own do; gaps are as
    likely at every length from half a second on.

    Parameters
    ----------
    lengths_s : ndarray, shape (runs,)
        In seconds.
    side_s : float
        Length of the side.
    """
    # At first none is taken for a rest: a gap among them would tell a wrong scale.
    odds = np.ones(lengths_s.size)
    for _ in range(ROUNDS):
        odds = _odds(lengths_s, lengths_s[odds <= 0.0], side_s)
    return odds


def _odds(lengths_s: Floats, rests_s: Floats, side_s: float) -> Floats:
    count = PRIOR_RESTS + rests_s.size
    beyond = np.maximum(rests_s - SHORTEST_S, 0.0)
    scale = (PRIOR_RESTS * REST_S + beyond.sum()) / count
    rate = (RESTS_PER_S * side_s + rests_s.size) / (1.0 + 1.0)
    rest = np.log(rate / scale) - (lengths_s - SHORTEST_S) / scale
    short = np.minimum(np.log(lengths_s / SHORT_S), 0.0) / SHORT_SPREAD
    gap = np.log(max(side_s / TRACK_S, 1.0) * GAP_DENSITY) - 0.5 * short**2
    return np.asarray(np.clip(gap - rest, -MOST_ODDS, MOST_ODDS))
