"""GrooveWalls: never noisier than the sum of the walls, nearly the better one where one is worn."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.disc.groove_walls import GrooveWalls
from restorack.testing.signals import clean_music

RATE = 22_050
SECONDS = 5.0


def noise(level_db: float, seed: int) -> np.ndarray:
    """Return white noise of a level over that of the music."""
    size = np.std(music()) * 10 ** (level_db / 20)
    return size * np.random.default_rng(seed).standard_normal(round(RATE * SECONDS))


def music() -> np.ndarray:
    return clean_music(RATE, SECONDS, 1)[0].astype(float)


def snr_db(out: np.ndarray) -> float:
    """Return how far the error is below the music."""
    truth = music()
    return float(10 * np.log10(np.sum(truth**2) / np.sum((out - truth) ** 2)))


def walls(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.stack([music() + left, music() + right]).astype(np.float32)


def test_equal_noise_is_summed_and_an_unequal_wall_is_left_out():
    equal = walls(noise(-30, 1), noise(-30, 2))
    assert snr_db(GrooveWalls().process(equal, RATE)[0]) > 32.8  # the sum has 33.0
    one_worn = walls(noise(-15, 1), noise(-30, 2))
    assert snr_db(GrooveWalls().process(one_worn, RATE)[1]) > 28.2  # the better wall has 30.0
    assert snr_db(GrooveWalls(take="sum").process(one_worn, RATE)[0]) < 21.0


def test_each_band_takes_its_better_wall():
    high = np.diff(noise(-20, 1), prepend=0.0)
    low = np.convolve(noise(-20, 2), np.ones(8) / 8, "same")
    both = walls(high, low)
    assert snr_db(GrooveWalls().process(both, RATE)[0]) > max(map(snr_db, both)) + 3.0
    stage = GrooveWalls()
    stage.process(both, RATE)
    shares = stage.findings()["share_of_left"]
    assert shares[1] > shares[-1] + 0.5


def test_a_click_on_one_wall_is_not_taken():
    left, right = noise(-45, 1), noise(-45, 2)
    random = np.random.default_rng(3)
    for wall in (left, right):
        for at in random.integers(0, len(wall) - 40, 40):
            wall[at : at + 30] += random.uniform(-0.5, 0.5) * np.hanning(30) * np.cos(np.arange(30))
    both = walls(left, right)
    out = snr_db(GrooveWalls().process(both, RATE)[0])
    assert out > snr_db(GrooveWalls(take="sum").process(both, RATE)[0]) + 4.0


@pytest.mark.parametrize("take", ["bands", "better", "sum", "left", "right"])
def test_equal_channels_and_mono_pass_bit_for_bit(take):
    sound = walls(noise(-30, 1), noise(-30, 2))
    for equal in (np.repeat(sound[:1], 2, axis=0), sound[0], np.repeat(sound, 2, axis=0)):
        assert np.array_equal(GrooveWalls(take=take).process(equal, RATE), equal)


def test_the_better_wall_is_found_and_taken_at_its_level():
    both = walls(noise(-30, 1), noise(-20, 2))
    both[1] *= np.float32(10 ** (3 / 20))
    stage = GrooveWalls(take="better")
    stage.prepare([both], RATE)
    out = stage.process(both, RATE)
    found = stage.findings()
    assert found["better"] == "left"
    assert found["balance_db"] == pytest.approx(-3.0, abs=0.1)
    assert np.array_equal(out[0], out[1])
    gain = np.float32(10 ** (-0.5 * stage._balance_db() / 20))
    assert np.allclose(out[0], both[0] * gain)
    assert np.array_equal(GrooveWalls(take="right").process(both, RATE)[0], both[1])


def test_walls_of_unequal_level_are_brought_together():
    both = walls(noise(-30, 1), noise(-30, 2))
    both[0] *= np.float32(10 ** (2 / 20))
    out = GrooveWalls().process(both, RATE)[0] / 10 ** (1 / 20)
    assert snr_db(out) > 32.0
    assert snr_db(GrooveWalls(balance_db=2.0).process(both, RATE)[0] / 10 ** (1 / 20)) > 32.0
