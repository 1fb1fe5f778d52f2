"""Decibels: there and back, and the levels that everybody knows."""

import numpy as np
import pytest

from restorack.dsp.decibels import (
    amplitude_to_db,
    db_to_amplitude,
    db_to_power,
    level_or_none,
    power_to_db,
)


@pytest.mark.parametrize("db", [-120.0, -6.0, 0.0, 20.0, np.array([-3.0, 40.0])])
def test_there_and_back(db):
    np.testing.assert_allclose(amplitude_to_db(db_to_amplitude(db)), db, atol=1e-12)
    np.testing.assert_allclose(power_to_db(db_to_power(db)), db, atol=1e-12)


def test_known_levels():
    assert db_to_amplitude(20.0) == 10.0
    assert db_to_power(20.0) == 100.0
    assert level_or_none(0.0) is None
    assert level_or_none(0.5) == pytest.approx(-6.0206, abs=1e-4)
