"""Second-order sections: SciPy's designs and values, any split, silence, what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from restorack.dsp.sections import (
    butterworth,
    filter_sections,
    filtered,
    filtered_both_ways,
    resting_state,
)
from restorack.meters.loudness import k_weighting

SECTIONS = k_weighting(44_100.0)
NOISE = np.random.default_rng(3).standard_normal((2, 5_000)).astype(np.float32)


def test_the_values_are_those_of_scipy() -> None:
    from scipy import signal

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


RATE = 44_100.0
DESIGNS: list[tuple[int, Any, Any]] = [
    (1, 2_200.0, "lowpass"),
    (3, 500.0, "lowpass"),
    (6, 6_500.0, "lowpass"),
    (2, 70.0, "highpass"),
    (5, 500.0, "highpass"),
    (2, (5.0, 80.0), "bandpass"),
    (3, (100.0, 18_000.0), "bandpass"),  # so wide that some of its poles are real
    (4, (300.0, 3_400.0), "bandpass"),
]
LONG = np.random.default_rng(1).standard_normal((2, 3_000))


def of_scipy(order: int, edges: Any, kind: str) -> np.ndarray:
    from scipy.signal import butter

    return np.asarray(butter(order, edges, kind, fs=RATE, output="sos"))


@pytest.mark.parametrize(("order", "edges", "kind"), DESIGNS)
def test_designs_are_those_of_scipy(order: int, edges: Any, kind: Any) -> None:
    ours, theirs = butterworth(order, edges, kind, RATE), of_scipy(order, edges, kind)
    assert ours.shape == theirs.shape
    assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-14)


def test_a_design_is_shared_and_read_only() -> None:
    made = butterworth(2, 1_000.0, "lowpass", RATE)
    assert butterworth(2, 1_000.0, "lowpass", RATE) is made
    with pytest.raises(ValueError, match="read-only"):
        made[0, 0] = 0.0


@pytest.mark.parametrize(("order", "edges", "kind"), DESIGNS)
def test_samples_are_those_of_scipy(order: int, edges: Any, kind: Any) -> None:
    from scipy.signal import sosfilt, sosfilt_zi, sosfiltfilt

    sections = of_scipy(order, edges, kind)
    largest = np.abs(sosfilt(sections, LONG)).max()
    assert filtered(sections, LONG)[0] == pytest.approx(sosfilt(sections, LONG), rel=1e-12)
    # a state at rest is a quotient of small sums where the edges are low
    assert resting_state(sections) == pytest.approx(sosfilt_zi(sections), abs=1e-9)
    both = filtered_both_ways(sections, LONG)
    assert both == pytest.approx(sosfiltfilt(sections, LONG), abs=1e-9 * largest)


def test_both_ways_of_a_few_samples() -> None:
    sections = butterworth(2, 1_000.0, "lowpass", RATE)
    assert filtered_both_ways(sections, np.ones((2, 5))) == pytest.approx(np.ones((2, 5)))


def test_a_stream_is_the_whole() -> None:
    sections = butterworth(4, (300.0, 3_400.0), "bandpass", RATE)
    whole, end = filtered(sections, LONG)
    parts, state = [], None
    for start, stop in ((0, 1), (1, 1), (1, 700), (700, 3_000)):
        part, state = filtered(sections, LONG[:, start:stop], state)
        parts.append(part)
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert np.array_equal(state, end)


def test_neither_samples_nor_state_are_written_into() -> None:
    sections = butterworth(2, 1_000.0, "lowpass", RATE)
    samples, state = LONG[:, :50].copy(), np.full((2, 1, 2), 0.5)
    filtered(sections, samples, state)
    assert np.array_equal(samples, LONG[:, :50])
    assert (state == 0.5).all()


def test_one_row_and_none() -> None:
    sections = butterworth(2, 1_000.0, "lowpass", RATE)
    alone, _ = filtered(sections, LONG[0].astype(np.float32))
    both, _ = filtered(sections, LONG.astype(np.float32))
    assert np.array_equal(alone, both[0])
    assert filtered(sections, np.zeros((0, 9)))[0].shape == (0, 9)
