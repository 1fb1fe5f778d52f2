"""From mode and sensitivity to a judge: the shipped network and its calibrated thresholds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.plugins.declick.classifier import (
    CandidateNetwork,
    ClickClassifier,
    NetworkClassifier,
    ResidualClassifier,
)

MIDDLE_DB, SPAN_DB = 14.0, 18.0
"""Strength that is asked of a click at a sensitivity of one half, and between 0 and 1."""

THRESHOLD_DB = 4.0
"""Strength from which on a network is asked."""

LOW_CONFIDENCE_MARGIN = 0.5
"""A click is sure, and needs no other near it, if so much less sensitivity would find it too."""

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
    networks, min_odds = load_networks()
    of_mode = min_odds[int(mode == "neural")]
    least, high_confidence = (
        tuple(float(np.interp(at, SENSITIVITIES, of_scale)) for of_scale in of_mode)
        for at in (sensitivity, sensitivity - LOW_CONFIDENCE_MARGIN)
    )
    return NetworkClassifier(
        networks,
        (least[0], least[1]),
        (high_confidence[0], high_confidence[1]),
        residual,
        _power(threshold_db),
        mode == "dual",
    )


def _power(decibels: float) -> float:
    return float(10.0 ** (decibels / 10.0))


def load_networks() -> tuple[tuple[CandidateNetwork, CandidateNetwork], NDArray[np.float32]]:
    """Return the networks of both scales, and their calibrated least log odds."""
    from restorack.weights.store import load_tensors

    tensors, _ = load_tensors(WEIGHTS)

    def part(name: str) -> CandidateNetwork:
        head = f"{name}."
        return CandidateNetwork(
            {key[len(head) :]: value for key, value in tensors.items() if key.startswith(head)}
        )

    return (part("fine"), part("coarse")), tensors["least_odds"]
