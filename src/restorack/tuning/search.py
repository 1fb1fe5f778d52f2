"""Where to look next: CMA-ES, or a grid; both give the same places for the same losses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from restorack.errors import ParameterError

Floats = NDArray[np.float64]

FIRST_STEP = 0.25
"""Standard deviation of the first places, of the range: the whole range lies within two."""
MOST_ON_GRID = 20_000
"""Points of a grid; more take days. By hand."""
CONVERGED = 1e-3
"""Of the range, and of the losses: nearer, and the search has ended."""


class Search(Protocol):
    """Asks for losses at places from 0 to 1."""

    def ask(self) -> list[Floats]:
        """Return the next places; none: the search has ended."""

    def tell(self, places: Sequence[Floats], losses: Sequence[float]) -> None:
        """Take the losses at the places that were asked for."""


class CmaSearch:
    """Covariance matrix adaptation (Hansen 2016, The CMA evolution strategy), by ``cma``.

    Parameters
    ----------
    start : sequence of float
        Places from 0 to 1 to begin around.
    seed : int

    Raises
    ------
    ParameterError
        Where ``cma`` is not installed.
    """

    def __init__(self, start: Sequence[float], seed: int) -> None:
        try:
            import cma
        except ImportError:
            raise ParameterError(
                "cma is not installed", remedy="pip install restorack[tune], or search a grid"
            ) from None
        self._count = len(start)
        # One number alone is searched along with another that changes nothing.
        first = [*start, 0.5] if self._count == 1 else list(start)
        draw = np.random.default_rng(seed).standard_normal
        options: dict[str, Any] = {
            "bounds": [0.0, 1.0], "randn": lambda *shape: draw(shape), "seed": np.nan,
            "verbose": -9, "tolx": CONVERGED, "tolfun": CONVERGED, "tolfunhist": CONVERGED,
        }  # fmt: skip
        self._asked: list[Any] = []
        self._strategy = cma.CMAEvolutionStrategy(first, FIRST_STEP, options)

    def ask(self) -> list[Floats]:
        """Return the next generation."""
        if self._strategy.stop():
            return []
        self._asked = self._strategy.ask()
        return [np.clip(one[: self._count], 0.0, 1.0) for one in self._asked]

    def tell(self, places: Sequence[Floats], losses: Sequence[float]) -> None:
        """Take the losses of the generation that was asked for."""
        del places  # it knows what it asked for
        self._strategy.tell(self._asked, list(losses))


class GridSearch:
    """Every combination of evenly spaced places.

    Parameters
    ----------
    count : int
        Of parameters.
    points : int
        For each, 2 or more.

    Raises
    ------
    ParameterError
        For more combinations than anybody waits for.
    """

    def __init__(self, count: int, points: int) -> None:
        if points < 2 or points**count > MOST_ON_GRID:
            raise ParameterError(
                f"a grid of {points} points for {count} parameters",
                rule=f"2 points or more, {MOST_ON_GRID} combinations at most",
            )
        line = np.linspace(0.0, 1.0, points)
        self._left = [np.array(one) for one in product(line, repeat=count)]

    def ask(self) -> list[Floats]:
        """Return the next points of the grid."""
        group, self._left = self._left[:16], self._left[16:]
        return group

    def tell(self, places: Sequence[Floats], losses: Sequence[float]) -> None:
        """Take losses: a grid goes on as it is."""
