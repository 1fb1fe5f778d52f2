"""Dither: what it leaves alone, what it shortens, and that its noise has a place."""

import numpy as np
import pytest

from restorack.dsp.dither import dither_rows, on_grid
from restorack.plugins.dither import SHORTEST_RUN, Dither
from restorack.testing.checks import stream

RATE = 44_100
STEP_16 = 2.0**-15


def words(samples: int, seed: int = 0) -> np.ndarray:
    """Return samples that lie on the 16-bit grid."""
    steps = np.random.default_rng(seed).integers(-9000, 9000, (1, samples))
    return (steps * STEP_16).astype(np.float32)


def floats(samples: int, seed: int = 0) -> np.ndarray:
    """Return samples that lie nowhere near the 16-bit grid."""
    return words(samples, seed) + np.float32(0.37 * STEP_16)


def test_equals_the_plain_function_where_nothing_is_on_the_grid():
    rows = np.concatenate([floats(3000), floats(3000, 1)])
    out = Dither(subtype="PCM_16", seed=4)(rows, RATE)
    np.testing.assert_array_equal(out, dither_rows(rows, 16, seed=4))


def test_a_file_that_has_the_word_stays_as_it_is():
    rows = words(5000)
    for subtype in ("PCM_16", "PCM_24"):
        np.testing.assert_array_equal(Dither(subtype=subtype)(rows, RATE), rows)
    shortened = Dither(subtype="PCM_U8")(rows, RATE)
    assert on_grid(shortened, 8).all()
    assert (shortened != rows).any()


def test_only_the_repaired_stretch_of_a_file_is_dithered():
    rows = words(5000)
    rows[:, 2000:2100] = floats(100, 3)
    stage = Dither(subtype="PCM_16")
    out = stage(rows, RATE)
    np.testing.assert_array_equal(out[:, :2000], rows[:, :2000])
    np.testing.assert_array_equal(out[:, 2100:], rows[:, 2100:])
    np.testing.assert_array_equal(out[:, 2000:2100], dither_rows(rows, 16)[:, 2000:2100])
    assert stage.findings() == {
        "shortened_samples": 100,
        "untouched_samples": 4900,
        "clipped_samples": 0,
    }


def test_runs_on_the_grid_count_from_their_length_on():
    for run, stays in ((SHORTEST_RUN - 1, False), (SHORTEST_RUN, True)):
        rows = np.concatenate([floats(500), words(run, 7), floats(500, 2)], axis=1)
        out = Dither(subtype="PCM_16")(rows, RATE)
        within = slice(500, 500 + run)
        assert np.array_equal(out[:, within], rows[:, within]) is stays
        assert on_grid(out, 16).all()


def test_a_halved_file_gets_dither_on_its_even_samples_too():
    rows = words(20_000) * np.float32(0.5)  # every second sample is on the grid by accident
    out = Dither(subtype="PCM_16")(rows, RATE)
    error = (out[on_grid(rows, 16)] - rows[on_grid(rows, 16)]) / STEP_16
    # On the grid the error is -1, 0 or 1 with probabilities 1/8, 3/4, 1/8: variance 1/4.
    assert error.size > 9000
    assert error.var() == pytest.approx(0.25, abs=0.02)


def test_silence_within_music_stays_silent():
    rows = floats(3000)
    rows[:, 1000:1500] = 0.0
    out = Dither(subtype="PCM_16")(rows, RATE)
    assert not out[:, 1000:1500].any()
    assert not Dither(subtype="PCM_16")(np.zeros((2, 5), np.float32), RATE).any()


def test_channels_are_judged_on_their_own():
    rows = np.concatenate([words(800), floats(800)])
    out = Dither(subtype="PCM_16")(rows, RATE)
    np.testing.assert_array_equal(out[0], rows[0])
    assert (out[1] != rows[1]).all()


def test_type_none_rounds_halves_to_even_and_withholds_nothing():
    steps = np.array([[0.5, 1.5, -0.5, -2.5, 3.2, 40_000.0]])
    stage = Dither(type="none", subtype="PCM_16")
    out = stage((steps * STEP_16).astype(np.float32), RATE)
    np.testing.assert_array_equal(out / STEP_16, [[0.0, 2.0, 0.0, -2.0, 3.0, 32_767.0]])
    assert stage.latency_samples == 0
    assert stage.findings()["clipped_samples"] == 1


def test_another_seed_is_other_noise():
    rows = floats(2000)
    first, second = (Dither(subtype="PCM_16", seed=seed)(rows, RATE) for seed in (0, 1))
    assert (first != second).any()


@pytest.mark.parametrize("shape", ["light", "strong"])
def test_shaped_noise_leaves_alone_what_the_word_holds(shape):
    rows = floats(4000)
    rows[:, 1000:1500] = 0.0
    rows[:, 2500:3000] = words(500, 5)
    stage = Dither(subtype="PCM_16", shape=shape)
    out = stage(rows, RATE)
    assert not out[:, 1000:1500].any()
    np.testing.assert_array_equal(out[:, 2500:3000], rows[:, 2500:3000])
    assert on_grid(out, 16).all()
    assert stage.findings()["untouched_samples"] == 1000
    assert f", {shape} noise shaping" in stage.summary()
    assert not Dither(subtype="PCM_16", shape=shape)(np.zeros((2, 500), np.float32), RATE).any()


@pytest.mark.parametrize("kind", ["triangular", "none"])
def test_shaped_noise_is_the_same_for_every_split(kind):
    rows = np.concatenate([floats(3000), floats(3000, 1)])
    rows[:, 500:600] = 0.0
    whole = Dither(subtype="PCM_16", shape="strong", type=kind)(rows, RATE)
    for sizes in ([1], [700, 64, 33]):
        parts = stream(Dither(subtype="PCM_16", shape="strong", type=kind), rows, RATE, sizes)
        np.testing.assert_array_equal(parts, whole)
    assert (whole != Dither(subtype="PCM_16", type=kind)(rows, RATE)).any()
