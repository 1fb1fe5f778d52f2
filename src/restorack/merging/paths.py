"""The best path through a table of lags: monotone, smooth, with leaps where they pay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def best_path(
    table: NDArray[np.floating], steps: int, slope_cost: float, leap: float | None = None
) -> NDArray[np.int_]:
    """Return the column of each row on the path with the highest sum.

    Parameters
    ----------
    table : ndarray, shape (rows, columns)
        How good each lag is at each moment.
    steps : int
        Columns that the path may move from row to row.
    slope_cost : float
        What a move costs, times the square of its columns.
    leap : float, optional
        What a move to any column costs; None: there are none.

    Returns
    -------
    ndarray of int, shape (rows,)
    """
    rows, columns = table.shape
    moves = np.arange(-steps, steps + 1)
    costs = slope_cost * moves.astype(float) ** 2
    came = np.zeros((rows, columns), np.int32)
    score = np.asarray(table[0], np.float64).copy()
    own = np.arange(columns)
    for row in range(1, rows):
        padded = np.pad(score, steps, constant_values=-np.inf)
        choices = np.lib.stride_tricks.sliding_window_view(padded, 2 * steps + 1) - costs
        pick = np.argmax(choices, axis=1)
        best = choices[own, pick]
        came[row] = own + moves[pick]
        if leap is not None:
            top = int(np.argmax(score))
            far = score[top] - leap > best
            best = np.where(far, score[top] - leap, best)
            came[row] = np.where(far, top, came[row])
        score = best + table[row]
    path = np.zeros(rows, int)
    path[-1] = int(np.argmax(score))
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
