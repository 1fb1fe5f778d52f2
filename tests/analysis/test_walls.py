"""Two channels of a groove: delay, balance, which wall is better, and stereo told from mono."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.analysis.walls import WallMeter, Walls
from restorack.degrade.additive.hiss import Hiss
from restorack.testing.signals import clean_music

RATE = 44_100


def heard(rows: np.ndarray, block: int = 1 << 16) -> Walls:
    meter = WallMeter(RATE, len(rows))
    for start in range(0, rows.shape[1], block):
        meter.push(rows[:, start : start + block].astype(np.float32))
    return meter.result()


def walls(left_db: float, right_db: float, late: int = 0, gain: float = 1.0) -> np.ndarray:
    """Return music on two walls, each with noise of its own, in dB of the music."""
    music = clean_music(RATE, 12.0, 1)[0]
    random = np.random.default_rng(2)
    noise = [np.std(music) * 10 ** (db / 20) * random.standard_normal(music.size)
             for db in (left_db, right_db)]  # fmt: skip
    return np.stack([music + noise[0], gain * (np.roll(music, late) + noise[1])])


@pytest.mark.parametrize(
    ("left", "right", "best"), [(-25.0, -25.0, "sum"), (-15.0, -25.0, "right"),
                                (-25.0, -15.0, "left")]
)  # fmt: skip
def test_the_wall_with_less_noise_is_named(left, right, best):
    found = heard(walls(left, right, late=1, gain=0.8))
    assert found.best == best
    assert found.noise_db is not None
    # The levels differ by 10 dB in all octaves or in none.
    assert list(found.noise_db.values()) == pytest.approx(
        [left - right] * len(found.noise_db), abs=2.5
    )
    assert found.delay_samples == pytest.approx(1.0, abs=0.02)
    assert found.balance_db == pytest.approx(-20 * np.log10(0.8), abs=0.1)
    assert found.follows_music is not None
    assert found.follows_music < 0.45


def test_walls_that_are_worn_in_different_bands_ask_for_both():
    music = walls(-60.0, -60.0)
    hiss = np.diff(Hiss(level_db=-15.0, seed=1)(music, RATE) - music, axis=1, prepend=0.0)
    low = np.cumsum(Hiss(level_db=-25.0, seed=2)(music, RATE) - music, axis=1)
    found = heard(music + np.stack([hiss[0], low[1] - low[1].mean()]))
    assert found.best == "bands"


def test_the_difference_of_stereo_follows_its_music():
    music = clean_music(RATE, 12.0, 1)[0]
    echo = 0.2 * np.roll(music, 700)
    found = heard(np.stack([music + echo, music - echo]))
    assert found.follows_music is not None
    assert found.follows_music > 0.6


def test_vertical_rumble_is_measured():
    rows = walls(-60.0, -60.0)
    time = np.arange(rows.shape[1]) / RATE
    rumble = np.sin(2 * np.pi * 35.0 * time)
    rumble *= 10 ** (-30 / 20) * np.std(rows.mean(axis=0)) / np.std(rumble)
    found = heard(rows + np.stack([rumble, -rumble]))
    # Of the half difference, over the half sum.
    assert found.vertical_low_db == pytest.approx(-30.0, abs=0.5)


def test_any_split_gives_the_same():
    rows = walls(-20.0, -25.0)[:, : 4 * RATE]
    assert heard(rows, 777) == heard(rows)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_silence_and_other_channels_tell_nothing(channels):
    assert heard(np.zeros((channels, 3 * RATE))).best is None
    assert heard(np.zeros((channels, 0))) == Walls()
