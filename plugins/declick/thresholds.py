"""From mode and sensitivity to a classifier: the shipped network, its calibrated thresholds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.plugins.declick.classifier import (
    CandidateNetwork,
    ClickClassifier,
    NetworkClassifier,
    ResidualClassifier,
)
from restorack.plugins.declick.support import MOST_SUPPORT, SupportRule

MIDDLE_DB, SPAN_DB = 14.0, 18.0
"""Strength that is asked of a click at a sensitivity of one half, and between 0 and 1."""

THRESHOLD_DB = 4.0
"""Strength from which on a network is asked."""

WEIGHTS = "declick"
SENSITIVITIES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""For which the weights say the least odds: those of 0.16, 0.8, 4, 20 and 100 false repairs a
minute on the hard undamaged music that they were calibrated on."""


def make_classifier(
    mode: str, sensitivity: float, threshold_db: float = THRESHOLD_DB
) -> ClickClassifier:
    """Return who decides.

    Parameters
    ----------
    mode : {"dual", "neural", "analytical"}
    sensitivity : float
        From 0 to 1.
    threshold_db : float
        Strength from which on a network is asked.
    """
    residual = _power(MIDDLE_DB + SPAN_DB * (0.5 - sensitivity))
    if mode == "analytical":
        return ResidualClassifier(residual)
    networks, _ = load_networks()
    return NetworkClassifier(
        networks,
        min_odds(mode, sensitivity),
        MOST_SUPPORT,
        residual,
        _power(threshold_db),
        mode == "dual",
    )


def make_rule(mode: str, sensitivity: float, sample_rate: float, pad: int) -> SupportRule:
    """Return what says how many clear clicks a network's candidate needs near it.

    Parameters
    ----------
    mode : {"dual", "neural"}
    sensitivity : float
        From 0 to 1.
    sample_rate : float
        In Hz.
    pad : int
        Samples that runs are widened by, on each side.
    """
    return SupportRule(min_odds(mode, sensitivity), sample_rate, pad)


def min_odds(mode: str, sensitivity: float) -> tuple[float, float]:
    """Return the least log odds of the fine and of the coarse scale at a sensitivity."""
    _, calibrated = load_networks()
    fine, coarse = (
        float(np.interp(sensitivity, SENSITIVITIES, of_scale))
        for of_scale in calibrated[int(mode == "neural")]
    )
    return fine, coarse


def _power(decibels: float) -> float:
    return float(10.0 ** (decibels / 10.0))


def load_networks() -> tuple[tuple[CandidateNetwork, CandidateNetwork], NDArray[np.float32]]:
    """Return the networks of both scales, and their calibrated least log odds."""
    from restorack.weights.native import load_native

    native = load_native(WEIGHTS)
    fine, coarse = (CandidateNetwork(native.network(name)) for name in ("fine", "coarse"))
    return (fine, coarse), native.tensor("least_odds")
