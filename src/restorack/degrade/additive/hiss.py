"""Hiss: steady broadband noise."""

from __future__ import annotations

from restorack.degrade.additive.noise import ColouredNoiseDegradation
from restorack.degrade.additive.shaped_noise import ShapedNoise
from restorack.degrade.additive.stage import Chunk, DamageSource


class Hiss(ColouredNoiseDegradation):
    """Add steady Gaussian noise with a set spectrum: tape, amplifiers, microphones.

    Notes
    -----
    White noise through a filter of 46 ms, so that the spectrum is resolved to about 60 Hz. Below
    50 Hz the tilt is flat.
    """

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        return _HissSource(
            ShapedNoise(self.seed, "Hiss", sample_rate, channels, self.colour(), self.width)
        )


class _HissSource(DamageSource):
    def __init__(self, noise: ShapedNoise) -> None:
        self._noise = noise

    def next_chunk(self) -> Chunk:
        """Return the next noise."""
        (noise,) = self._noise.next_chunk()
        return Chunk({"noise": noise})
