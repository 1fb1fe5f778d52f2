"""Isolated gains are lowered, partials and attacks are not."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.denoise.musical_noise import MUSICAL_REACH, without_isolated_peaks


def plane():
    return np.full((20 + 2 * MUSICAL_REACH, 50), 0.1, np.float32)


def test_a_cell_alone_falls_to_twice_its_surroundings():
    gain = plane()
    gain[12, 20:22] = 0.9
    out = without_isolated_peaks(gain)
    assert out.shape == (20, 50)
    assert out[12 - MUSICAL_REACH, 20:22] == pytest.approx([0.2, 0.2])
    assert np.count_nonzero(out != np.float32(0.1)) == 2


@pytest.mark.parametrize("cells", [np.s_[:, 20], np.s_[12, :], np.s_[8:12, 20], np.s_[12, 0:4]])
def test_partials_and_attacks_stay(cells):
    gain = plane()
    gain[cells] = 0.9
    inner = gain[MUSICAL_REACH:-MUSICAL_REACH]
    kept = without_isolated_peaks(gain)[inner > 0.5]
    assert kept.max() == pytest.approx(0.9)
