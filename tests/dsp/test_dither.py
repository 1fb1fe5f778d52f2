"""Triangular dither: its statistics against theory, its noise by position, its grid."""

import numpy as np
import pytest

from restorack.dsp.dither import dither_rows, on_grid, round_rows, triangular_noise

COUNT = 200_000
STEP_16 = 2.0**-15


def errors_in_steps(rows: np.ndarray, bits: int = 16, **options: int) -> np.ndarray:
    out = dither_rows(rows, bits, **options)
    return (out.astype(np.float64) - rows) * 2 ** (bits - 1)


def test_noise_has_triangular_density():
    noise = triangular_noise(1, 0, COUNT, seed=5)[0]
    assert abs(noise).max() < 1.0
    assert noise.mean() == pytest.approx(0.0, abs=5 * np.sqrt(1 / 6 / COUNT))
    # The fourth moment of this density is 1/15: the variance is known to sqrt((1/15 - 1/36) / n).
    assert noise.var() == pytest.approx(1 / 6, abs=5 * np.sqrt((1 / 15 - 1 / 36) / COUNT))
    edges = np.linspace(-1, 1, 21)
    found, _ = np.histogram(noise, edges)
    wanted = np.diff(np.where(edges < 0, (1 + edges) ** 2 / 2, 1 - (1 - edges) ** 2 / 2))
    assert np.all(np.abs(found - wanted * COUNT) < 5 * np.sqrt(wanted * COUNT))


def test_noise_is_white_and_differs_between_channels_and_seeds():
    noise = triangular_noise(2, 0, COUNT, seed=1)
    other = triangular_noise(1, 0, COUNT, seed=2)
    five_sigma = 5 / np.sqrt(COUNT)
    assert abs(np.corrcoef(noise)[0, 1]) < five_sigma
    assert abs(np.corrcoef(noise[0], other[0])[0, 1]) < five_sigma
    for lag in range(1, 9):
        assert abs(np.corrcoef(noise[0, lag:], noise[0, :-lag])[0, 1]) < five_sigma


def test_noise_depends_on_its_position_alone():
    whole = triangular_noise(2, 0, 5000, seed=9)
    for start in (1, 2, 3, 4, 4093):
        np.testing.assert_array_equal(
            triangular_noise(2, start, 77, seed=9), whole[:, start:][:, :77]
        )
    np.testing.assert_array_equal(triangular_noise(1, 10**12, 0, 0), np.zeros((1, 0)))


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.25, 0.5, 0.77])
def test_total_error_has_mean_zero_and_a_quarter_step_squared_whatever_the_signal(fraction):
    rows = np.full((1, COUNT), (100 + fraction) * STEP_16, np.float32)
    error = errors_in_steps(rows)[0]
    assert error.mean() == pytest.approx(0.0, abs=5 * np.sqrt(0.25 / COUNT))
    # 1/12 of rounding plus 2/12 of dither; |error| <= 1.5 bounds what the estimate can miss.
    assert error.var() == pytest.approx(0.25, abs=5 * 1.5 / np.sqrt(COUNT))


def test_a_sine_below_the_last_bit_survives_as_one_line():
    count, cycles = 1 << 18, 1357
    amplitude = 10 ** (-100 / 20)  # a third of a 16-bit step
    sine = amplitude * np.sin(2 * np.pi * cycles * np.arange(count) / count)
    rows = sine.astype(np.float32)[np.newaxis]
    assert not round_rows(rows, 16).any()  # rounding alone loses it
    lines = np.abs(np.fft.rfft(dither_rows(rows, 16)[0])) * 2 / count
    noise = 0.5 * STEP_16 * 2 / np.sqrt(count)  # half a step RMS, in one line
    assert lines[cycles] == pytest.approx(amplitude, abs=4 * noise)
    assert lines[2 * cycles : 20 * cycles : cycles].max() < 4 * noise


def test_rounding_alone_makes_the_harmonics_that_dither_prevents():
    count, cycles = 1 << 18, 1357
    sine = 1.2 * STEP_16 * np.sin(2 * np.pi * cycles * np.arange(count) / count)
    rows = sine.astype(np.float32)[np.newaxis]
    noise = 0.5 * STEP_16 * 2 / np.sqrt(count)
    plain = np.abs(np.fft.rfft(round_rows(rows, 16)[0])) * 2 / count
    dithered = np.abs(np.fft.rfft(dither_rows(rows, 16)[0])) * 2 / count
    assert plain[3 * cycles] > 20 * noise
    assert dithered[3 * cycles] < 4 * noise


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_output_lies_on_the_grid_and_within_its_range(bits):
    rows = (np.random.default_rng(0).standard_normal((2, 5000)) * 0.6).astype(np.float32)
    out = dither_rows(rows, bits)
    assert out.dtype == np.float32
    assert on_grid(out, bits).all()
    highest = 1.0 - 2.0 ** (1 - bits)
    assert out.max() == np.float32(highest)
    assert out.min() == -1.0
    inside = np.abs(rows) < 0.95
    assert np.abs(out - rows)[inside].max() <= 1.5 * 2.0 ** (1 - bits) + 1e-7


def test_blocks_join_without_a_trace():
    rows = (np.random.default_rng(1).standard_normal((2, 3000)) * 0.1).astype(np.float32)
    whole = dither_rows(rows, 16, seed=3)
    for cut in (1, 1023, 1502):
        second = dither_rows(rows[:, cut:], 16, start_position=cut, seed=3)
        np.testing.assert_array_equal(second, whole[:, cut:])


def test_unchanged_samples_pass_only_where_the_word_holds_them():
    rng = np.random.default_rng(2)
    rows = (rng.integers(-9000, 9000, (1, 4000)) * STEP_16).astype(np.float32)
    rows[0, 1000:2000] += np.float32(0.3 * STEP_16)
    unchanged = np.ones(rows.shape, bool)
    unchanged[0, 3000:] = False
    out = dither_rows(rows, 16, unchanged_mask=unchanged)
    np.testing.assert_array_equal(out[0, :1000], rows[0, :1000])
    np.testing.assert_array_equal(out[0, 2000:3000], rows[0, 2000:3000])
    np.testing.assert_array_equal(out[0, 1000:2000], dither_rows(rows, 16)[0, 1000:2000])
    np.testing.assert_array_equal(out[0, 3000:], dither_rows(rows, 16)[0, 3000:])
    assert (out[0, 3000:] != rows[0, 3000:]).any()


def test_words_that_float32_cannot_hold_are_left_alone():
    rows = np.array([[0.1, 0.2]], np.float32)
    assert dither_rows(rows, 32) is rows


def test_full_scale_itself_is_outside_the_word():
    assert not on_grid(np.array([[1.0, -1.00001]], np.float32), 16).any()
    assert on_grid(np.array([[-1.0, 0.0, 1 - STEP_16]], np.float32), 16).all()
