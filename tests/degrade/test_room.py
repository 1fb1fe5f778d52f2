"""Room decays as it says, is as loud as a diffuse field, and leaves the direct sound alone."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.channel.room import DECAY, SOUND_M_PER_S, Room

RATE = 16_000.0


def decay_s(kernel, rate: float = RATE) -> float:
    """Measure the RT60 between -5 and -35 dB of Schroeder's backward integral."""
    energy = np.cumsum(kernel[::-1] ** 2)[::-1]
    level = 10.0 * np.log10(energy / energy[0] + 1e-12)
    span = slice(int(np.argmax(level < -5.0)), int(np.argmax(level < -35.0)))
    slope = np.polyfit(np.arange(level.size)[span] / rate, level[span], 1)[0]
    return float(-60.0 / slope)


@pytest.mark.parametrize("rt60", [0.3, 0.8, 2.5])
def test_reverberation_falls_in_the_time_that_is_set(rt60: float) -> None:
    found = [
        decay_s(Room(rt60_s=rt60, damping=0.0, distance_m=5.0, seed=seed).kernel(RATE, 1)[0])
        for seed in range(8)
    ]
    # One tail is noise and scatters by 5 %; the mean of eight does not.
    assert np.mean(found) == pytest.approx(rt60, rel=0.05)


def test_the_tail_has_the_energy_of_a_diffuse_field() -> None:
    rt60, distance, volume = 1.5, 3.0, 200.0
    expected = 4.0 * np.pi * SOUND_M_PER_S * distance**2 / volume * rt60 / DECAY
    energies = []
    for seed in range(12):
        stage = Room(rt60_s=rt60, distance_m=distance, volume_m3=volume, damping=0.0, seed=seed)
        kernel = stage.kernel(RATE, 1)[0]
        kernel[0] -= 1.0
        energies.append(np.sum(kernel**2))
    # 2 dB: the first reflections are those of one box, not of the mean of all.
    assert 10.0 * np.log10(np.mean(energies) / expected) == pytest.approx(0.0, abs=2.0)


def test_twice_the_distance_is_6_db_more_tail() -> None:
    near, far = (Room(distance_m=d, seed=2).kernel(RATE, 1)[0] for d in (0.5, 1.0))
    late = slice(2_000, 6_000)
    ratio = np.sum(far[late] ** 2) / np.sum(near[late] ** 2)
    assert 10.0 * np.log10(ratio) == pytest.approx(6.02, abs=0.01)


def test_damping_shortens_the_top() -> None:
    kernel = Room(rt60_s=1.0, damping=0.6, distance_m=4.0, seed=1).kernel(44_100.0, 1)[0]
    kernel[:1_000] = 0.0  # without the direct sound, whose ringing runs around
    spectrum = np.fft.rfft(kernel, 1 << 17)
    frequencies = np.fft.rfftfreq(1 << 17, 1.0 / 44_100.0)
    low = np.fft.irfft(np.where(frequencies < 900.0, spectrum, 0.0))
    top = np.fft.irfft(np.where(frequencies > 8_500.0, spectrum, 0.0))
    assert decay_s(low, 44_100.0) == pytest.approx(1.0, rel=0.12)
    assert decay_s(top, 44_100.0) == pytest.approx(0.4, rel=0.2)


def test_the_direct_sound_stays_at_its_time() -> None:
    for seed in range(50):
        kernel = Room(seed=seed).kernel(RATE, 2)
        assert (np.argmax(np.abs(kernel), axis=1) == 0).all()
        assert kernel[:, 0] == pytest.approx([1.0, 1.0], abs=0.3)


def test_channels_hear_the_same_room_with_tails_of_their_own() -> None:
    left, right = Room(rt60_s=0.8, seed=4).kernel(RATE, 2)
    late = slice(3_000, 12_000)
    assert abs(np.corrcoef(left[late], right[late])[0, 1]) < 0.1
    assert decay_s(left) == pytest.approx(decay_s(right), rel=0.2)


def test_a_long_tail_outlives_its_sound() -> None:
    signal = np.zeros((1, 32_000), np.float32)
    signal[0, 100] = 0.5
    out = Room(rt60_s=1.0).process(signal, RATE)[0]
    assert np.abs(out[:100]).max() < 1e-12  # what transforms round to
    assert np.abs(out[9_000:12_000]).max() > 0.0
