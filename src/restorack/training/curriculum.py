"""From easy to hard: signal-to-noise ratios, with clean sound among them."""

from __future__ import annotations

import math

import numpy as np
from pydantic import Field

from restorack.training.task import Settings


class Curriculum(Settings):
    """Which signal-to-noise ratios a network meets, and when.

    Attributes
    ----------
    lowest_db, highest_db : float
        Between them ratios are drawn evenly once the curriculum is over.
    start_db : float
        Where the lowest ratio begins; it falls to ``lowest_db`` in equal steps.
    scenes : int
        Over so many scenes.
    clean_share : float
        Share of scenes without any noise, from the first one on: a network has to learn to leave
        good sound alone.
    """

    lowest_db: float = Field(0.0, ge=-30, le=80, description="a ratio from -30 to 80 dB")
    highest_db: float = Field(40.0, ge=-30, le=80, description="a ratio from -30 to 80 dB")
    start_db: float = Field(15.0, ge=-30, le=80, description="a ratio from -30 to 80 dB")
    scenes: int = Field(200, ge=0, description="a whole number of scenes from 0")
    clean_share: float = Field(0.1, ge=0, le=1, description="a share from 0 to 1")

    def bounds(self, scene: int) -> tuple[float, float]:
        """Return the lowest and the highest ratio in dB at a scene."""
        done = min(1.0, scene / self.scenes) if self.scenes else 1.0
        lowest = self.start_db + (self.lowest_db - self.start_db) * done
        return min(lowest, self.highest_db), self.highest_db

    def draw(self, rng: np.random.Generator, scene: int) -> float:
        """Return a scene's ratio in dB, infinite for clean sound."""
        clean, place = rng.random(2)
        if clean < self.clean_share:
            return math.inf
        lowest, highest = self.bounds(scene)
        return float(lowest + (highest - lowest) * place)
