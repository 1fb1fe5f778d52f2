"""Who decides what is a click: the classical evidence, a network, or both together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.features import EVIDENCE

Values = NDArray[np.float32]

WAVE_STRIDES, LEVEL_STRIDES = (4, 2, 2, 2), (2, 2)
"""Of the convolutions; the other sizes are those of the weights."""

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
    """The network of :mod:`restorack.networks.click_classifier`, evaluated without torch.

    Loading torch takes longer than declicking a minute of music; and candidates come a few at a
    time, so that calls would cost more than sums.

    Parameters
    ----------
    weights : mapping of str to ndarray
        The tensors, by their names in the torch module.
    """

    def __init__(self, weights: Mapping[str, Values]) -> None:
        def layers(name: str, count: int) -> list[tuple[Values, Values]]:
            parts = [
                (weights[f"{name}.{2 * i}.weight"], weights[f"{name}.{2 * i}.bias"])
                for i in range(count)
            ]
            return [
                (np.ascontiguousarray(weight.transpose(2, 1, 0)), bias) for weight, bias in parts
            ]

        self._wave = layers("wave", len(WAVE_STRIDES))
        self._levels = layers("levels", len(LEVEL_STRIDES))
        self._linear = {
            name: (weights[f"{name}.weight"], weights[f"{name}.bias"])
            for name in ("wave_joint", "level_joint", "joint", "verdict")
        }

    def log_odds(self, clicks: list[Click]) -> tuple[Values, Values]:
        """Return the log odds with the classical evidence and without it."""
        with_features = [click.features for click in clicks if click.features is not None]
        wave = np.stack([features.wave for features in with_features])
        levels = np.stack([features.levels for features in with_features])
        seen = self._dense("wave_joint", _convolved(wave, self._wave, WAVE_STRIDES))
        heard = self._dense("level_joint", _convolved(levels, self._levels, LEVEL_STRIDES))
        facts = np.stack([np.append(p.facts, np.float32(1.0)) for p in with_features])
        hidden = facts.copy()
        hidden[:, :EVIDENCE] = 0.0
        hidden[:, -1] = 0.0
        return self._classify(seen, heard, facts), self._classify(seen, heard, hidden)

    def _classify(self, seen: Values, heard: Values, facts: Values) -> Values:
        joined = self._dense("joint", np.concatenate([seen, heard, facts], axis=1))
        weight, bias = self._linear["verdict"]
        odds: Values = (joined @ weight.T + bias)[:, 0]
        return odds

    def _dense(self, name: str, values: Values) -> Values:
        weight, bias = self._linear[name]
        out: Values = np.maximum(values @ weight.T + bias, 0.0)
        return out


def _convolved(
    values: Values, layers: list[tuple[Values, Values]], strides: tuple[int, ...]
) -> Values:
    """Return strided convolutions, each rectified, of ``(candidates, channels, length)``; flat."""
    rows = np.ascontiguousarray(values.transpose(0, 2, 1))
    for (weight, bias), stride in zip(layers, strides, strict=True):
        rows = _convolve(rows, weight, bias, stride)
    return rows.transpose(0, 2, 1).reshape(len(rows), -1)


@numba.njit(cache=True)
def _convolve(rows: Values, weight: Values, bias: Values, stride: int) -> Values:
    """Return a rectified convolution; ``weight`` has taps, channels and outputs, in this order.

    The innermost loop runs along the outputs, and nothing is added for what an earlier
    rectification made zero, which is half of it.
    """
    count, length, channels = rows.shape
    taps, width = len(weight), weight.shape[2]
    out = np.empty((count, (length - 1) // stride + 1, width), np.float32)
    for i in range(count):
        for at in range(out.shape[1]):
            total = out[i, at]
            total[:] = bias
            first = at * stride - taps // 2
            for tap in range(max(0, -first), min(taps, length - first)):
                for channel in range(channels):
                    value = rows[i, first + tap, channel]
                    if value != 0.0:
                        weights = weight[tap, channel]
                        for k in range(width):
                            total[k] += value * weights[k]
            for k in range(width):
                total[k] = max(total[k], np.float32(0.0))
    return out
