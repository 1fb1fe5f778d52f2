"""Linear-phase filters: designs against their magnitude, streams against direct convolution."""

import pickle

import numpy as np
import pytest

from restorack.dsp.fir import (
    LinearPhaseFilter,
    PartitionedFilter,
    linear_phase_taps,
    minimum_phase_taps,
    partition_length,
)
from restorack.errors import RestorackError

RATE = 48_000.0


def symmetric_taps(half: int, seed: int = 3) -> np.ndarray:
    right = np.random.default_rng(seed).standard_normal(half + 1)
    return np.concatenate([right[:0:-1], right])


def noise(channels: int, samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((channels, samples)).astype(np.float32)


def run(filt: LinearPhaseFilter, signal: np.ndarray, sizes: list[int]) -> np.ndarray:
    parts, at, turn = [], 0, 0
    while at < signal.shape[1]:
        size = sizes[turn % len(sizes)]
        parts.append(filt.push(signal[:, at : at + size]))
        at, turn = at + size, turn + 1
    parts.append(filt.finish())
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("half", [0, 1, 77, 512, 1500])
@pytest.mark.parametrize("samples", [1, 400, 5000])
def test_equals_direct_convolution_aligned_with_its_input(half, samples):
    taps, signal = symmetric_taps(half), noise(2, samples)
    out = run(LinearPhaseFilter(2, taps), signal, [samples])
    wanted = [np.convolve(row.astype(np.float64), taps)[half : half + samples] for row in signal]
    # Transforms round at 1e-16 of the signal's energy in a partition.
    np.testing.assert_allclose(out, wanted, atol=1e-12 * np.sqrt(2 * half + 1))


def test_every_split_gives_the_same_bits():
    taps, signal = symmetric_taps(700), noise(2, 4000)
    whole = run(LinearPhaseFilter(2, taps), signal, [4000])
    for sizes in ([1], [7, 512, 0, 33], [1023], [2048]):
        np.testing.assert_array_equal(run(LinearPhaseFilter(2, taps), signal, sizes), whole)


def test_channels_do_not_touch_each_other():
    taps, signal = symmetric_taps(100), noise(3, 3000)
    together = run(LinearPhaseFilter(3, taps), signal, [500])
    for row in range(3):
        alone = run(LinearPhaseFilter(1, taps), signal[row : row + 1], [500])
        np.testing.assert_array_equal(alone[0], together[row])


@pytest.mark.parametrize("half", [10, 900, 3000])
def test_latency_is_the_most_that_is_ever_withheld(half):
    filt = LinearPhaseFilter(1, symmetric_taps(half))
    sample, withheld, most = np.zeros((1, 1), np.float32), 0, 0
    for _ in range(2 * (partition_length(half) + half) + 5):
        withheld += 1 - filt.push(sample).shape[1]
        most = max(most, withheld)
    assert most == LinearPhaseFilter.latency_of(half)
    assert filt.finish().shape[1] == withheld


def test_a_pickled_filter_goes_on_where_it_was():
    taps, signal = symmetric_taps(300), noise(1, 3000)
    filt = LinearPhaseFilter(1, taps)
    first = filt.push(signal[:, :1500])
    rest = run(pickle.loads(pickle.dumps(filt)), signal[:, 1500:], [1500])  # noqa: S301
    whole = run(LinearPhaseFilter(1, taps), signal, [3000])
    np.testing.assert_array_equal(np.concatenate([first, rest], axis=1), whole)


def test_silence_stays_exactly_silent_and_empty_stays_empty():
    filt = LinearPhaseFilter(2, symmetric_taps(50))
    assert not run(filt, np.zeros((2, 3000), np.float32), [100]).any()
    assert LinearPhaseFilter(2, symmetric_taps(50)).finish().shape == (2, 0)


def test_taps_that_are_not_symmetric_are_refused():
    with pytest.raises(RestorackError, match="symmetric"):
        LinearPhaseFilter(1, np.array([1.0, 2.0, 3.0]))
    with pytest.raises(RestorackError, match="odd"):
        LinearPhaseFilter(1, np.array([1.0, 1.0]))


def test_design_meets_a_smooth_magnitude():
    def magnitude(frequencies: np.ndarray) -> np.ndarray:
        return 1.0 + 0.5 * np.cos(2 * np.pi * frequencies / RATE)

    taps = linear_phase_taps(magnitude, RATE, 64)
    # The closed form has three taps: a half cosine is a quarter at plus and minus one sample,
    # times the window there, which is 1 - beta / (4 half^2) and less: within 0.1 %.
    np.testing.assert_allclose(taps[63:66], [0.25, 1.0, 0.25], rtol=1e-3)
    assert np.abs(np.delete(taps, [63, 64, 65])).max() < 1e-12


def test_design_of_an_edge_passes_and_stops():
    half = 512
    taps = linear_phase_taps(lambda f: (f < 6000.0).astype(np.float64), RATE, half)
    size = 16_384
    gain = np.abs(np.fft.rfft(taps, size))
    frequencies = np.arange(gain.size) * RATE / size
    reach = 2.8 * RATE / (2 * half + 1)
    # Ripple of a Kaiser window with beta 8: near -80 dB on both sides of the edge.
    assert np.abs(gain[frequencies < 6000 - reach] - 1).max() < 2e-4
    assert gain[frequencies > 6000 + reach].max() < 2e-4
    np.testing.assert_array_equal(taps, taps[::-1])


@pytest.mark.parametrize("lead", [0, 37])
def test_any_kernel_is_convolved_and_its_lead_taken_out(lead: int) -> None:
    rng = np.random.default_rng(4)
    kernels, signal = rng.standard_normal((2, 1_500)), rng.standard_normal((2, 4_000))
    engine = PartitionedFilter(2, kernels, lead)
    blocks = [
        engine.push(signal[:, at : at + 333].astype(np.float32)) for at in range(0, 4_000, 333)
    ]
    out = np.concatenate([*blocks, engine.finish()], axis=1)
    single = signal.astype(np.float32).astype(float)
    whole = [np.convolve(row, kernel) for row, kernel in zip(single, kernels, strict=True)]
    assert out == pytest.approx(np.array(whole)[:, lead : lead + 4_000], abs=1e-9)


def test_minimum_phase_has_the_magnitude_and_the_poles_of_its_circuit() -> None:
    """A low-pass of the first order is of minimum phase: its response is known."""
    cutoff, rate = 1_000.0, 48_000.0

    def magnitude(frequencies):
        z = np.exp(-2j * np.pi * frequencies / rate)
        pole = np.exp(-2.0 * np.pi * cutoff / rate)
        return np.abs((1.0 - pole) / (1.0 - pole * z))

    taps = minimum_phase_taps(magnitude, rate, 400)
    pole = np.exp(-2.0 * np.pi * cutoff / rate)
    assert taps[:300] == pytest.approx((1.0 - pole) * pole ** np.arange(300), abs=1e-9)
