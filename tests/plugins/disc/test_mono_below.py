"""MonoBelow: the difference of the channels is gone below, untouched above, and moved nowhere."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.disc.mono_below import MonoBelow


def side_response(stage: MonoBelow, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies and what becomes of the difference of the channels."""
    count = 2 * rate
    impulse = np.zeros((2, count), np.float32)
    impulse[0, count // 2], impulse[1, count // 2] = 0.5, -0.5
    out = stage.process(impulse, rate).astype(float)
    side = np.fft.rfft(np.roll(out[0] - out[1], -(count // 2)))
    return np.fft.rfftfreq(count, 1 / rate), side


@pytest.mark.parametrize(("below", "rate"), [(150.0, 44_100), (1_000.0, 8_000), (1_000.0, 96_000)])
def test_what_is_vertical_goes_below_and_stays_above(below, rate):
    hertz, side = side_response(MonoBelow(below_hz=below), rate)
    assert np.abs(side[hertz <= below * 2**-0.5]).max() < 10 ** (-79 / 20)
    assert np.abs(side[hertz >= 1.3 * below] - 1.0).max() < 2e-4
    middle = np.interp(below, hertz, np.abs(side))
    assert 20 * np.log10(middle) == pytest.approx(-6.0, abs=0.3)


def test_the_sum_stays_and_equal_channels_pass_bit_for_bit():
    sound = 0.1 * np.random.default_rng(1).standard_normal((2, 40_000)).astype(np.float32)
    out = MonoBelow(below_hz=300.0).process(sound, 44_100)
    assert np.abs(out.astype(float).sum(axis=0) - sound.astype(float).sum(axis=0)).max() < 1e-7
    for equal in (np.repeat(sound[:1], 2, axis=0), sound[0], np.repeat(sound, 3, axis=0)):
        assert np.array_equal(MonoBelow().process(equal, 44_100), equal)


def test_findings_say_how_much_went():
    time = np.arange(44_100) / 44_100
    lateral, vertical = np.sin(2 * np.pi * 400 * time), 0.1 * np.sin(2 * np.pi * 40 * time)
    stage = MonoBelow()
    assert stage.findings() == {"removed_db": None}
    stage.process(0.2 * np.stack([lateral + vertical, lateral - vertical]), 44_100)
    assert stage.findings()["removed_db"] == pytest.approx(-20.0, abs=0.2)
