"""Who decides what is a click: the classical evidence, a network, or both together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.autoregression import Floats
from restorack.inference.click_classifier import ClickJudge
from restorack.inference.network import Network
from restorack.plugins.declick.candidates import Click

Values = NDArray[np.float32]

RESIDUAL, NETWORK, BOTH = "residual", "network", "both"


@dataclass(frozen=True)
class Selection:
    """What is repaired at once, and what is held back until more is known of its neighbourhood."""

    accepted: list[Click]
    deferred: list[Click]


class ClickClassifier(Protocol):
    """Decides which candidates are clicks."""

    @property
    def threshold(self) -> float:
        """The least strength that a candidate must have to be classified."""

    def select(self, candidates: list[Click], work: Floats, position: int) -> Selection:
        """Sort candidates; those in neither list are no clicks.

        Parameters
        ----------
        candidates : list of Click
            With features, padded; positions count in ``work``.
        work : ndarray, shape (samples,)
            The window that they are in, with the clicks known so far repaired.
        position : int
            Of its first sample in the stream.

        Returns
        -------
        Selection
            With confidence and ``found_by``.
        """


@dataclass(frozen=True)
class ResidualClassifier:
    """A click is what stands out of the residual by a fixed amount."""

    threshold: float

    def select(self, candidates: list[Click], work: Floats, position: int) -> Selection:
        """Accept all: none is weaker. Confidence: the margin, as odds."""
        odds = [click.strength / self.threshold for click in candidates]
        accepted = [
            replace(click, confidence=odd / (1.0 + odd), found_by=RESIDUAL)
            for click, odd in zip(candidates, odds, strict=True)
        ]
        return Selection(accepted, [])


class NetworkClassifier:
    """A click is what a network takes for one, at either time scale.

    Parameters
    ----------
    networks : tuple of CandidateNetwork
        For candidates at the full rate, and at the decimated one.
    min_odds : tuple of float
        Least log odds of what is accepted, at the two scales.
    deferred : float
        How far below them a candidate may lie to be deferred.
    residual : float
        The strength at which the classical evidence alone would take a candidate for a click.
    threshold : float
        Least strength that is classified at all.
    with_evidence : bool
        Whether the network is given the classical evidence.
    """

    def __init__(
        self,
        networks: tuple[CandidateNetwork, CandidateNetwork],
        min_odds: tuple[float, float],
        deferred: float,
        residual: float,
        threshold: float,
        with_evidence: bool,
    ) -> None:
        self.threshold = threshold
        self._networks, self._min_odds, self._deferred = networks, min_odds, deferred
        self._residual, self._with_evidence = residual, with_evidence

    def select(self, candidates: list[Click], work: Floats, position: int) -> Selection:
        """Sort candidates by their odds; confidence is the network's probability."""
        selected = Selection([], [])
        for scale in (0, 1):
            group = [click for click in candidates if click.scale == scale]
            if not group:
                continue
            fused, alone = self._networks[scale].log_odds(group)
            least = self._min_odds[scale]
            odds = fused if self._with_evidence else alone
            for i in np.flatnonzero(odds > least - self._deferred):
                click = group[i]
                by_residual = self._with_evidence and click.strength > self._residual
                finder = NETWORK if not by_residual else BOTH if alone[i] > least else RESIDUAL
                probability = _probability(float(odds[i]))
                kept = selected.accepted if odds[i] > least else selected.deferred
                kept.append(replace(click, confidence=probability, found_by=finder))
        return selected


def _probability(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


class CandidateNetwork:
    """The network of one time scale; one thread at a time.

    Parameters
    ----------
    network : Network
        ``fine`` or ``coarse``.
    """

    def __init__(self, network: Network) -> None:
        self._judge = ClickJudge(network)

    def log_odds(self, clicks: list[Click]) -> tuple[Values, Values]:
        """Return the log odds with the classical evidence and without it."""
        seen = [click.features for click in clicks if click.features is not None]
        wave, levels, facts = (
            np.stack([getattr(features, name) for features in seen])
            for name in ("wave", "levels", "facts")
        )
        return self._judge.log_odds(wave, levels, facts)
