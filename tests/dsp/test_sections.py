"""Second-order sections: SciPy's values, any split, silence, and what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.sections import filter_sections
from restorack.meters.loudness import k_weighting

SECTIONS = k_weighting(44_100.0)
NOISE = np.random.default_rng(3).standard_normal((2, 5_000)).astype(np.float32)


def test_the_values_are_those_of_scipy() -> None:
    signal = pytest.importorskip("scipy.signal")
    wanted = signal.sosfilt(SECTIONS, NOISE.astype(np.float64), axis=1)
    found = filter_sections(SECTIONS, np.zeros((2, 2, 2)), NOISE)
    assert np.abs(found - wanted).max() < 1e-12


@pytest.mark.parametrize("size", [1, 7, 441, 4_999])
def test_blocks_of_any_size_give_the_same_bits(size: int) -> None:
    whole = filter_sections(SECTIONS, np.zeros((2, 2, 2)), NOISE)
    state = np.zeros((2, 2, 2))
    parts = [
        filter_sections(SECTIONS, state, NOISE[:, start : start + size])
        for start in range(0, NOISE.shape[1], size)
    ]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_what_rings_on_into_silence_ends_before_it_is_denormal() -> None:
    state = np.zeros((2, 2, 2))
    filter_sections(SECTIONS, state, NOISE)
    for _ in range(20):  # 1 s each: the high-pass falls by some 2,000 dB a second
        filter_sections(SECTIONS, state, np.zeros((2, 44_100), np.float32))
    assert not state.any()


def test_no_channels_and_no_samples() -> None:
    assert filter_sections(SECTIONS, np.zeros((0, 2, 2)), NOISE[:0]).shape == (0, 5_000)
    assert filter_sections(SECTIONS, np.zeros((2, 2, 2)), NOISE[:, :0]).shape == (2, 0)


def test_a_state_of_other_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        filter_sections(SECTIONS, np.zeros((1, 2, 2)), NOISE)
