"""The learning rate over time: a straight warm-up, then half a cosine."""

from __future__ import annotations

import math


def rate_factor(step: int, progress: float, *, warmup_steps: int, final_fraction: float) -> float:
    """Return what the learning rate is multiplied with.

    Parameters
    ----------
    step : int
        From 0.
    progress : float
        Share of the budget that is spent, 0 to 1.
    warmup_steps : int
        The factor rises in this many equal steps, the first one above 0.
    final_fraction : float
        What is left at the end.

    Returns
    -------
    float
        ``min(1, (step + 1) / warmup) * (final + (1 - final) * (1 + cos(pi * progress)) / 2)``.

    References
    ----------
    I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """
    rising = min(1.0, (step + 1) / warmup_steps) if warmup_steps else 1.0
    falling = 0.5 * (1.0 + math.cos(math.pi * min(1.0, max(0.0, progress))))
    return rising * (final_fraction + (1.0 - final_fraction) * falling)
