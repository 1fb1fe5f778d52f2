"""SNR and SI-SDR against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.reports.agreement import si_sdr_db, snr_db

TIME = np.arange(4_410) / 44_100
TRUTH = np.sin(2 * np.pi * 1_000 * TIME)  # whole periods: orthogonal to the cosine, and to 2 kHz
OTHER = np.cos(2 * np.pi * 1_000 * TIME)


@pytest.mark.parametrize("level", [1.0, 0.1, 0.003])
def test_both_are_the_ratio_of_energies(level: float) -> None:
    expected = -20 * np.log10(level)
    assert snr_db(TRUTH, TRUTH + level * OTHER) == pytest.approx(expected, abs=1e-9)
    assert si_sdr_db(TRUTH, TRUTH + level * OTHER) == pytest.approx(expected, abs=1e-9)


def test_only_one_of_them_hears_a_gain() -> None:
    heard = 0.5 * (TRUTH + 0.1 * OTHER)
    assert si_sdr_db(TRUTH, heard) == pytest.approx(20.0, abs=1e-9)
    assert snr_db(TRUTH, heard) == pytest.approx(-10 * np.log10(0.25 + 0.0025), abs=1e-9)
    assert si_sdr_db(TRUTH, -heard) == pytest.approx(20.0, abs=1e-9)


def test_the_ends_of_the_scale() -> None:
    assert snr_db(TRUTH, TRUTH) == np.inf
    assert si_sdr_db(TRUTH, OTHER) < -200
    assert snr_db(0 * TRUTH, OTHER) == -np.inf


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="shapes"):
        snr_db(TRUTH, TRUTH[1:])
