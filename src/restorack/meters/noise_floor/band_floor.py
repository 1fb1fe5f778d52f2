"""What a way of finding floors says of a passage's bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.meters.noise_floor.abstention import Evidence
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.white_noise import WhiteNoise

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class BandFloor:
    """Where the broadband noise of a passage lies, and how sure that is.

    Parameters
    ----------
    level_db : ndarray, shape (bands,)
        Power density of the noise.
    trust : ndarray, shape (bands,)
        How sure each band's level is, 0 to 1.
    sure : float
        How sure it is that there is such noise, 0 to 1.
    lowered_db : float or None
        What doubt lowers the floor by; None: nothing is to be taken off.
    evidence : Evidence
        What spoke for it.
    """

    level_db: Floats
    trust: Floats
    sure: float
    lowered_db: float | None
    evidence: Evidence


class BandFloors(Protocol):
    """A way of finding floors."""

    def __call__(self, heard: Heard, white: WhiteNoise, /) -> BandFloor:
        """Return the floor of a passage's bands."""
