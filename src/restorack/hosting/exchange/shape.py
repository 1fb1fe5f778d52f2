"""How many samples an answer of the child has to come with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Bounds of what is returned.

    Attributes
    ----------
    channels : int
    least, most : int
        Samples of each.
    """

    channels: int
    least: int
    most: int

    @classmethod
    def exactly(cls, channels: int, samples: int) -> Shape:
        """Return the shape of so many channels and samples, no more and no less."""
        return cls(channels, samples, samples)
