"""Automation: a value meets the sample that it was set for, whatever the stage withholds."""

from __future__ import annotations

import numpy as np
import pytest
from toys import Gain, Withholder

from restorack.core.automation import GRID
from restorack.testing.checks import stream

RATE = 8000


class LateGain(Withholder, Gain):
    """Keep samples back, and multiply those that leave."""

    def _begin(self, sample_rate, channels):
        Withholder._begin(self, sample_rate, channels)

    def _push(self, block):
        return Withholder._push(self, block) * np.float32(10 ** (self.gain_db / 20))

    def _finish(self):
        return self._kept * np.float32(10 ** (self.gain_db / 20))


@pytest.mark.parametrize("withheld", [0, GRID, 10 * GRID, 1000])
@pytest.mark.parametrize("sizes", [[5000], [1], [100, 37]], ids=str)
def test_a_step_is_heard_where_it_was_set(withheld: int, sizes: list[int]) -> None:
    step = 40 * GRID / RATE
    stage = LateGain(samples=withheld)
    stage.automate("gain_db", [(0.0, 0.0), (step - 1e-6, 0.0), (step, -20.0)])
    out = stream(stage, np.ones(5000, np.float32), RATE, sizes)
    heard = int(np.flatnonzero(out < 0.99)[0])
    assert abs(heard - 40 * GRID) < GRID  # parameters move on a grid
    assert np.all(out[:heard] == 1.0)
    assert np.allclose(out[heard:], 0.1)
