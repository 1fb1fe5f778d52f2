"""Recursive filters: the designs and the samples of scipy.signal, in streams as in one piece."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from restorack.dsp import _core
from restorack.dsp.sections import butterworth, filtered, filtered_both_ways, resting_state

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
NOISE = np.random.default_rng(1).standard_normal((2, 3_000))


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
    largest = np.abs(sosfilt(sections, NOISE)).max()
    assert filtered(sections, NOISE)[0] == pytest.approx(sosfilt(sections, NOISE), rel=1e-12)
    # a state at rest is a quotient of small sums where the edges are low
    assert resting_state(sections) == pytest.approx(sosfilt_zi(sections), abs=1e-9)
    both = filtered_both_ways(sections, NOISE)
    assert both == pytest.approx(sosfiltfilt(sections, NOISE), abs=1e-9 * largest)


def test_both_ways_of_a_few_samples() -> None:
    sections = butterworth(2, 1_000.0, "lowpass", RATE)
    assert filtered_both_ways(sections, np.ones((2, 5))) == pytest.approx(np.ones((2, 5)))


def test_a_stream_is_the_whole() -> None:
    sections = butterworth(4, (300.0, 3_400.0), "bandpass", RATE)
    whole, end = filtered(sections, NOISE)
    parts, state = [], None
    for start, stop in ((0, 1), (1, 1), (1, 700), (700, 3_000)):
        part, state = filtered(sections, NOISE[:, start:stop], state)
        parts.append(part)
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert np.array_equal(state, end)


def test_neither_samples_nor_state_are_written_into() -> None:
    sections = butterworth(2, 1_000.0, "lowpass", RATE)
    samples, state = NOISE[:, :50].copy(), np.full((2, 1, 2), 0.5)
    filtered(sections, samples, state)
    assert np.array_equal(samples, NOISE[:, :50])
    assert (state == 0.5).all()


def test_one_row_and_none() -> None:
    sections = butterworth(2, 1_000.0, "lowpass", RATE)
    alone, _ = filtered(sections, NOISE[0].astype(np.float32))
    both, _ = filtered(sections, NOISE.astype(np.float32))
    assert np.array_equal(alone, both[0])
    assert filtered(sections, np.zeros((0, 9)))[0].shape == (0, 9)


@pytest.mark.parametrize(
    ("sections", "state", "channels"), [((1, 5), 2, 1), ((1, 6), 3, 1), ((1, 6), 4, 3)]
)
def test_what_does_not_fit_is_refused(sections: tuple[int, int], state: int, channels: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        _core.filter_sections(np.zeros(sections), np.zeros(state), np.zeros(8), channels)
