"""Resampling in blocks equals resampling whole, keeps time, and has a length known beforehand."""

import numpy as np
import pytest
import soxr

from restorack.dsp.resampling import StreamResampler, resample_blocks, resampled_length
from restorack.errors import AudioError

RATES = [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (8_000, 192_000), (78_260, 78_000)]


def noise(channels, frames):
    return np.random.default_rng(0).normal(0, 0.1, (channels, frames)).astype(np.float32)


def cut(rows, size):
    return [rows[:, start : start + size] for start in range(0, rows.shape[1], size)]


def joined(blocks, channels):
    return np.concatenate([np.empty((channels, 0), np.float32), *blocks], axis=1)


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_blocks_equal_the_whole_bit_for_bit(rate_in, rate_out, channels):
    rows = noise(channels, 30_011)
    whole = soxr.resample(rows.T, rate_in, rate_out, quality="VHQ").T
    for size in (1, 997, 1 << 20):
        part = rows[:, :2000] if size == 1 else rows
        expected = soxr.resample(part.T, rate_in, rate_out, quality="VHQ").T if size == 1 else whole
        got = joined(resample_blocks(cut(part, size), rate_in, rate_out, channels), channels)
        assert got.dtype == np.float32
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(("rate_in", "rate_out"), [*RATES, (88_200, 44_100), (48_000, 32_000)])
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 101, 100_003])
def test_length_is_known_beforehand(rate_in, rate_out, frames):
    got = joined(resample_blocks(cut(noise(1, frames), 4096), rate_in, rate_out, 1), 1)
    assert got.shape[1] == resampled_length(frames, rate_in, rate_out)
    assert abs(got.shape[1] - frames * rate_out / rate_in) <= 0.5


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_a_tone_stays_where_it_is_in_time(rate_in, rate_out):
    """A tone far below both Nyquist rates; 1e-6 is -120 dB, float32 and VHQ reach it."""
    time_in, time_out = np.arange(rate_in) / rate_in, np.arange(rate_out) / rate_out
    rows = 0.5 * np.sin(2 * np.pi * 997 * time_in).astype(np.float32)[np.newaxis]
    got = joined(resample_blocks(cut(rows, 1000), rate_in, rate_out, 1), 1)[0]
    inner = slice(rate_out // 4, 3 * rate_out // 4)
    assert np.abs(got - 0.5 * np.sin(2 * np.pi * 997 * time_out))[inner].max() < 1e-6


def test_equal_rates_pass_bit_for_bit_and_do_not_alias():
    rows = noise(2, 5000)
    resampler = StreamResampler(44_100, 44_100, 2)
    got = resampler.push(rows)
    np.testing.assert_array_equal(got, rows)
    assert not np.shares_memory(got, rows)
    assert resampler.finish().shape == (2, 0)


def test_counts_of_samples():
    resampler = StreamResampler(44_100, 48_000, 1)
    resampler.push(noise(1, 44_100))
    resampler.finish()
    assert (resampler.taken, resampler.returned) == (44_100, 48_000)


def test_wrong_use_is_refused():
    resampler = StreamResampler(44_100, 48_000, 2)
    with pytest.raises(AudioError, match="shape"):
        resampler.push(noise(1, 10))
    resampler.finish()
    assert resampler.finish().shape == (2, 0)
    with pytest.raises(AudioError, match="after the end"):
        resampler.push(noise(2, 10))
    with pytest.raises(AudioError, match="sample rate"):
        StreamResampler(44_100, 10, 2)
