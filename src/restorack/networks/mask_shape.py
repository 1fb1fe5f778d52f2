"""The shape of the tiny mask, known without torch."""

from __future__ import annotations

from collections.abc import Sequence

INPUTS = 4
"""Features of a bin: see :mod:`restorack.networks.tiny_features`."""

FOLD = 4
"""Neighbouring bins that share a place in the network, each with channels of its own."""

DILATIONS = (1, 2)
"""In time, of the residual layers."""


def mask_reach(dilations: Sequence[int]) -> int:
    """Return how many frames on either side a frame's gains depend on."""
    return sum(dilations) + 2
