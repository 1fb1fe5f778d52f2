"""Residuals of pieces of any length."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.merging.voting import _residuals


@pytest.mark.parametrize("samples", [1500, 4999, 6011, 8192])
def test_residuals_are_as_long_as_the_piece(samples):
    rows = np.random.default_rng(1).standard_normal((2, samples))
    found = _residuals(rows, rows[0], 16, 44_100.0)
    assert found.shape == rows.shape
    assert np.isfinite(found).all()
