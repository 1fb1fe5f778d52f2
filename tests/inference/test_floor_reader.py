"""What a network's answers mean: levels within bounds, sureness, the mean odds of noise."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.inference.floor_reader import FloorReader


class Answering:
    """A network that gives set answers."""

    def __init__(self, answers):
        self.answers = np.asarray(answers, np.float32)

    def whole(self, signs):
        assert signs.shape[0] == 1
        return (self.answers[np.newaxis],)


def read(answers):
    return FloorReader(Answering(answers))(np.zeros((len(answers), 5), np.float32))


def test_levels_are_tens_of_decibels_within_bounds():
    found = read([[0.3, 0, 0], [-0.5, 0, 0], [9.0, 0, 0], [-9.0, 0, 0]])
    assert found.over_db == pytest.approx([3.0, -5.0, 20.0, -40.0])


def test_odds_become_probabilities_and_all_bands_decide_on_noise():
    found = read([[0, np.log(3.0), 2.0], [0, -np.log(4.0), -2.0], [0, 0, np.log(9.0) * 3]])
    assert found.sure == pytest.approx([0.75, 0.2, 0.5])
    assert found.noisy == pytest.approx(0.9)
