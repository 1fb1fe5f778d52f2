"""The noise picture: every patch once, at its level, and any part of the recording again."""

from __future__ import annotations

import numpy as np

from restorack.meters.histogram_floor.level_histogram import (
    LEVELS,
    LIKENESS,
    LOWEST_DB,
    LevelHistogram,
)
from restorack.meters.histogram_floor.meter import PatchMeter

RATE = 44_100.0
SIZES = np.array([64, 128, 320])
NOISE_RATIOS_DB = np.full(3, 7.3)


def pictured(audio):
    meter = PatchMeter(RATE, audio.shape[0])
    picture = LevelHistogram(meter.sizes)
    for patch in meter.push(audio):
        picture.add(patch.levels_db, patch.ratios_db)
    return picture


def white(seconds, seed=3):
    random = np.random.default_rng(seed)
    return (0.01 * random.standard_normal((1, round(seconds * RATE)))).astype(np.float32)


def test_every_patch_is_counted_once_at_its_level():
    picture = LevelHistogram(SIZES)
    picture.add(np.array([-60.5, -12.0, 3.2]), NOISE_RATIOS_DB)
    assert picture.patches == 1
    assert picture.total.sum() == 3
    levels = np.nonzero(picture.total.sum(0))[1] + LOWEST_DB
    assert levels.tolist() == [-61, -12, 3]


def test_digital_silence_is_not_counted():
    picture = LevelHistogram(SIZES)
    picture.add(np.full(3, -200.0), NOISE_RATIOS_DB)
    assert picture.patches == 1
    assert picture.total.sum() == 0


def test_levels_beyond_the_picture_are_kept_at_its_edges():
    picture = LevelHistogram(SIZES)
    picture.add(np.array([1e3, -159.0, 39.9]), NOISE_RATIOS_DB)
    assert np.nonzero(picture.total.sum(0))[1].tolist() == [LEVELS - 1, 21, LEVELS - 1]


def test_parts_add_up_to_the_whole():
    picture = pictured(white(6.0))
    parts = [picture.counts(0, 5), picture.counts(5, 9), picture.counts(9, picture.patches)]
    assert np.array_equal(sum(parts), picture.total)
    assert picture.counts(4, 4).sum() == 0


def test_a_change_of_level_is_another_kind_than_a_steady_one():
    steady, jumping = LevelHistogram(SIZES), LevelHistogram(SIZES)
    for number in range(10):
        steady.add(np.full(3, -40.0), NOISE_RATIOS_DB)
        jumping.add(np.full(3, -40.0 - 15.0 * (number % 2)), NOISE_RATIOS_DB)
    assert steady.total[1::2].sum() == 30
    assert jumping.total[0::2].sum() == 27  # the first patch has none before it


def test_noise_and_tones_are_of_different_kinds():
    time = np.arange(round(6 * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * hz * time) for hz in np.arange(300.0, 20_000.0, 313.0))
    noise = pictured(white(6.0)).total.sum((1, 2))
    music = pictured((0.01 * tones)[None].astype(np.float32)).total.sum((1, 2))
    like_noise = slice(0, LIKENESS)
    assert noise[like_noise].sum() / noise.sum() > 0.9
    assert music[like_noise].sum() / music.sum() < 0.5
