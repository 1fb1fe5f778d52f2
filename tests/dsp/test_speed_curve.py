"""SpeedCurve and SincReader: inverse of each other, and sines in closed form within -100 dB."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.dsp.speed_curve import SpeedCurve
from restorack.errors import AudioError

RATE = 44_100


@pytest.mark.parametrize("hertz", [50.0, 997.0, 10_007.0, 19_800.0])
def test_a_sine_is_read_between_its_samples(hertz):
    count = RATE // 2
    reader = SincReader(1)
    reader.push(np.sin(2 * np.pi * hertz * np.arange(count) / RATE)[np.newaxis].astype(np.float32))
    positions = HALF + np.sort(np.random.default_rng(1).uniform(0, count - 3 * HALF, 20_000))
    error = reader.read(positions)[0] - np.sin(2 * np.pi * hertz * positions / RATE)
    assert np.abs(error).max() < 10 ** (-100 / 20)


def test_samples_on_their_places_are_those_samples_and_silence_is_around():
    sound = np.random.default_rng(2).standard_normal((2, 1_000)).astype(np.float32)
    reader = SincReader(2)
    for at in range(0, 1_000, 77):
        reader.push(sound[:, at : at + 77])
        reader.forget_before(at - 500)
    reader.end(1_000)
    assert np.array_equal(reader.read(np.arange(500.0, 1_000.0)), sound[:, 500:])
    assert not reader.read(np.array([-400.0, 1_500.0])).any()


def test_places_there_and_back_are_the_same():
    random = np.random.default_rng(3)
    seconds = np.cumsum(random.uniform(0.01, 0.5, 400))
    curve = SpeedCurve(seconds, random.uniform(0.9, 1.1, 400), 0.123)
    places = np.linspace(0.0, seconds[-1] + 5.0, 10_001)
    there = curve.output_seconds(places)
    assert (np.diff(there) > 0.0).all()
    assert np.abs(curve.source_seconds(there) - places).max() < 1e-9
    # The integral of the speed, summed up finely.
    fine = np.linspace(places[1_000], places[9_000], 2_000_001)
    total = np.interp(fine, seconds, curve.speeds)
    area = np.sum(0.5 * (total[1:] + total[:-1])) * (fine[1] - fine[0])
    assert there[9_000] - there[1_000] == pytest.approx(area, abs=1e-7)


@pytest.mark.parametrize(
    ("seconds", "speeds"), [([0.0, 0.0], [1.0, 1.0]), ([], []), ([0.0], [9.0]), ([0.0], [np.nan])]
)
def test_what_is_no_curve_is_refused(seconds, speeds):
    with pytest.raises(AudioError):
        SpeedCurve(np.array(seconds), np.array(speeds))
