"""HornResonance has the resonances that it says, and keeps loudness and time."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.channel.horn_resonance import HIGHEST_HZ, LOWEST_HZ, HornResonance
from restorack.degrade.channel.resonances import Resonance, equal_loudness_gain, ring
from restorack.errors import ParameterError

RATE = 44_100.0


def response_db(kernel):
    spectrum = np.fft.rfft(kernel, 1 << 18)
    return np.fft.rfftfreq(1 << 18, 1.0 / RATE), 20.0 * np.log10(np.abs(spectrum))


def test_a_peak_has_its_height_and_its_width() -> None:
    pulse = np.zeros(40_000)
    pulse[0] = 1.0
    frequencies, gain = response_db(ring(pulse, [Resonance(1_000.0, 12.0, 5.0)], RATE))
    assert np.interp(1_000.0, frequencies, gain) == pytest.approx(12.0, abs=0.01)
    above = frequencies[gain >= 6.0]  # half of the height, in dB, is the bandwidth of the cookbook
    assert np.ptp(above) == pytest.approx(1_000.0 / 5.0, rel=0.05)
    assert np.interp(10_000.0, frequencies, gain) == pytest.approx(0.0, abs=0.05)


def test_set_frequencies_are_where_the_peaks_are() -> None:
    stage = HornResonance(frequencies_hz="500 1100 2300", quality=15.0, cone_m=0.0, room=0.0)
    frequencies, gain = response_db(stage.kernel(RATE, 1))
    for wanted in (500.0, 1_100.0, 2_300.0):
        near = (frequencies > 0.9 * wanted) & (frequencies < 1.1 * wanted)
        assert frequencies[near][np.argmax(gain[near])] == pytest.approx(wanted, rel=0.01)


def test_drawn_resonances_lie_apart_and_in_their_range() -> None:
    for seed in range(200):
        found = np.sort([p.frequency_hz for p in HornResonance(seed=seed, resonances=6).peaks()])
        assert found.size == 6
        assert found[0] >= LOWEST_HZ
        assert found[-1] <= HIGHEST_HZ * 1.0001
        assert (found[1:] / found[:-1] >= 1.2499).all()


def test_the_strongest_has_the_strength_that_is_set() -> None:
    for seed in range(20):
        gains = [peak.gain_db for peak in HornResonance(seed=seed, strength_db=14.0).peaks()]
        assert max(gains) == 14.0
        assert min(gains) >= 7.0


@pytest.mark.parametrize("seed", range(8))
def test_pink_noise_keeps_its_level(seed: int) -> None:
    kernel = HornResonance(seed=seed).kernel(RATE, 1)
    assert equal_loudness_gain(kernel, RATE, 200.0, 4_000.0) == pytest.approx(1.0)


def test_the_direct_sound_comes_first_and_is_the_strongest() -> None:
    for seed in range(50):
        kernel = HornResonance(seed=seed).kernel(RATE, 1)
        assert np.argmax(np.abs(kernel)) == 0


def test_words_are_no_frequencies() -> None:
    with pytest.raises(ParameterError, match="frequencies in Hz"):
        HornResonance(frequencies_hz="low high")
    with pytest.raises(ParameterError, match="20 to 20000"):
        HornResonance(frequencies_hz="500 50000")
