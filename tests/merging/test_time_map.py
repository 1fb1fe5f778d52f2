"""Smooth curves through what was measured: their deviation is that of the whole matrix."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.merging.refinement import _where_it_sounded
from restorack.merging.time_map import LEAST_KNOWN, THIRD, deviation_of

POINTS = 60


def covariance(information, breaks, roughness):
    """Return the covariance by definition, from rows of third differences."""
    precision = np.diag(information + LEAST_KNOWN)
    for start in range(POINTS - 3):
        if not breaks[start : start + 3].any():
            row = np.zeros(POINTS)
            row[start : start + 4] = THIRD
            precision += np.outer(row, row) / roughness**2
    return np.linalg.inv(precision)


@pytest.mark.parametrize("roughness", [0.01, 0.3])
def test_the_deviation_is_the_root_of_the_covariance(roughness: float) -> None:
    random = np.random.default_rng(1)
    information = random.exponential(1.0, POINTS) * (random.random(POINTS) < 0.4)
    breaks = np.zeros(POINTS - 1, bool)
    breaks[20] = True
    wanted = np.sqrt(np.diag(covariance(information, breaks, roughness)))
    assert deviation_of(information, breaks, roughness) == pytest.approx(wanted, rel=1e-6)


def test_the_deviation_grows_into_a_rest() -> None:
    information = np.full(300, 1e4)
    information[100:200] = 0.0
    deviation = deviation_of(information, np.zeros(299, bool), 0.01)
    assert deviation[50] < 0.02
    assert deviation[150] > 1.0
    assert np.all(np.diff(deviation[100:145]) > 0.0)


def test_what_frames_around_an_attack_measure_counts_where_it_is() -> None:
    late = np.array([3.0, 2.0, 1.0, 0.0, -1.0, -2.0, 0.0, 0.0])
    information = np.array([1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 0.0, 5.0])
    delays, known = _where_it_sounded(np.array([1.0] * 7 + [9.0]), information, late)
    assert known.tolist() == [0.0, 0.0, 0.0, 15.0, 0.0, 0.0, 0.0, 5.0]
    assert delays[[3, 7]].tolist() == [1.0, 9.0]
