"""Where a training stands, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingProgress:
    """Where a training stands.

    Attributes
    ----------
    step : int
        Steps that are done.
    fraction : float
        Share of the budget that is spent.
    seconds : float
        Of training, over all its sessions.
    loss, learning_rate : float
    score, best : float or None
        Of the latest validation, and the largest so far.
    doing : str
        ``training`` or ``validating``.
    """

    step: int
    fraction: float
    seconds: float
    loss: float
    learning_rate: float
    score: float | None
    best: float | None
    doing: str


OnTraining = Callable[[TrainingProgress], None]
