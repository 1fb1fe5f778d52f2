"""Regular attacks: bursts on a grid have a beat, the same bursts anywhere have none."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.beat import BeatMeter

RATE = 32_000


def bursts(times: np.ndarray, seconds: float = 12.0) -> np.ndarray:
    random = np.random.default_rng(7)
    out = 1e-3 * random.standard_normal(round(seconds * RATE))
    sound = random.standard_normal(4000) * np.exp(-np.arange(4000) / 900)
    for at in (times * RATE).astype(int):
        part = out[at : at + len(sound)]
        part += 0.3 * sound[: len(part)]
    return out[np.newaxis].astype(np.float32)


def regularity(*passages: np.ndarray, rate: float = RATE) -> float:
    meter = BeatMeter(rate)
    for passage in passages:
        meter.push(passage)
    return meter.regularity()


@pytest.mark.parametrize("period", [0.3, 0.5, 0.8])
def test_a_grid_has_a_beat(period: float) -> None:
    assert regularity(bursts(np.arange(0.1, 11.8, period))) > 0.7


def test_passages_add_up() -> None:
    whole = bursts(np.arange(0.1, 11.8, 0.5))
    halves = np.split(whole, 2, axis=1)
    assert regularity(*halves) == pytest.approx(regularity(whole), abs=0.1)


def test_bursts_anywhere_have_none() -> None:
    times = np.sort(np.random.default_rng(3).uniform(0.1, 11.8, 24))
    assert regularity(bursts(times)) < 0.4


def test_steady_sounds_and_silence_have_none() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, 8 * RATE)).astype(np.float32)
    assert regularity(noise) < 0.3
    time = np.arange(8 * RATE) / RATE
    assert regularity(np.sin(2 * np.pi * 440 * time)[np.newaxis].astype(np.float32)) < 0.3
    assert regularity(np.zeros((1, 8 * RATE), np.float32)) == 0.0
    assert regularity() == 0.0


@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_every_rate_is_taken(rate: int) -> None:
    click = np.zeros((1, 6 * rate), np.float32)
    click[0, :: rate // 2] = 0.5
    assert regularity(click, rate=rate) > 0.5
