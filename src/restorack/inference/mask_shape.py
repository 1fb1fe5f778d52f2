"""The shape of the tiny mask, known without torch."""

from __future__ import annotations

from collections.abc import Sequence

INPUTS = 4
"""Features of a bin: see :mod:`restorack.inference.tiny_features`."""

FOLD = 4
"""Neighbouring bins that share a place in the network, each with channels of its own."""

DILATIONS = (1, 2)
"""In time, of the residual layers."""

FLOOR_DB, LIMIT = -15.0, 8.0
"""The least gain; what log odds stay within, from where gradients can bring them back."""


def mask_reach(dilations: Sequence[int]) -> int:
    """Return how many frames on either side a frame's gains depend on."""
    return sum(dilations) + 2
