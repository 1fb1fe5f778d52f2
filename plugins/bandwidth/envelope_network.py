"""The trained envelope that comes with the package."""

from __future__ import annotations

from restorack.inference.band_envelope import EnvelopeStream
from restorack.weights.native import load_native

WEIGHTS = "bandwidth"
"""Name of the weights that come with the package."""


def trained_envelope() -> EnvelopeStream:
    """Return the envelope that comes with the package, at the beginning of a stream."""
    return EnvelopeStream(load_native(WEIGHTS).network("envelope"))


def trained_delay() -> int:
    """Return its delay in frames."""
    return trained_envelope().delay
