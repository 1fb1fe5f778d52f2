"""Levels of clipping: found where they are, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import RATE, rag, tone

from restorack.meters.clipping.clip_levels import ClipLevelFinder, ClipSpan
from restorack.meters.clipping.soft_clipping import find_pile

SECOND = round(RATE)


def spans(signal: np.ndarray, polarity: int = 1) -> list[ClipSpan]:
    rows = np.atleast_2d(signal).astype(np.float32)
    finder = ClipLevelFinder(len(rows))
    finder.push(rows)
    finder.finish()
    return finder.spans(0, polarity)


def chord(seconds: float = 2.0) -> np.ndarray:
    return tone(441.7, seconds) + 0.6 * tone(733.0, seconds)


def quantised(signal: np.ndarray, bits: int) -> np.ndarray:
    return np.round(signal * 2 ** (bits - 1)) / 2 ** (bits - 1)


def test_the_level_of_flat_tops_is_found_exactly() -> None:
    clipped = np.clip(chord(), -0.7, 0.5).astype(np.float32)
    (above,), (below,) = spans(clipped), spans(clipped, -1)
    assert above.limits() == (0.5, 0.5)
    assert below.limits() == (np.float32(0.7), np.float32(0.7))
    runs = np.diff(np.concatenate([[False], clipped == 0.5]).astype(int))
    assert above.tops == pytest.approx(int((runs > 0).sum()), rel=0.3)  # of 3 samples and more


def test_too_few_tops_below_full_scale_are_none() -> None:
    crest = np.clip(1.5 * tone(441.0, 0.002), None, 1.0)  # one clipped crest
    for count, found in ((7, 0), (8, 1)):
        signal = 0.01 * tone(100.0, 1.0)
        for i in range(count):
            signal[4_000 * i + 4_000 :][: len(crest)] += 0.5 * crest
        assert len(spans(np.where(signal > 0.3, np.minimum(signal, 0.49), signal))) == found


def test_two_tops_at_full_scale_are_enough() -> None:
    for count, found in ((1, 0), (2, 1)):
        signal = 0.01 * tone(100.0, 1.0)
        crest = np.clip(1.5 * tone(441.0, 0.001), None, 1.0)
        for i in range(count):
            signal[4_000 * i + 4_000 :][: len(crest)] = crest
        assert len(spans(signal)) == found


@pytest.mark.parametrize("hertz", [31.0, 55.0, 440.0])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_quantised_tones_are_not_clipped(hertz: float, bits: int) -> None:
    signal = quantised(0.9 * tone(hertz, 2.0), bits)
    assert spans(signal) == spans(signal, -1) == []


def test_waves_that_switch_are_flat_by_nature() -> None:
    square = 0.5 * np.sign(tone(110.3, 2.0))
    assert spans(square) == spans(square, -1) == []
    harmonics = sum(tone(110.3 * n, 2.0) / n for n in range(1, 180, 2))  # band-limited
    assert spans(0.5 * harmonics) == []
    assert spans(np.full(SECOND, 0.5)) == []


def test_what_exceeds_the_tops_nearby_makes_them_none() -> None:
    signal = np.clip(chord(), None, 0.5)
    signal[::500] = 0.6
    assert spans(signal) == []


def test_a_steady_note_with_broad_crests_is_none() -> None:
    note = tone(220.0, 3.0) + 0.17 * np.sin(3 * 2 * np.pi * 220.0 * np.arange(3 * SECOND) / RATE)
    assert spans(0.5 * note) == []


@pytest.mark.parametrize("seconds", [3.0])
def test_dither_leaves_the_level_to_be_found(seconds: float) -> None:
    piece = rag()[0, : round(seconds * SECOND)].astype(float)
    piece /= np.abs(piece).max()
    random = np.random.default_rng(3)
    noise = (random.random((2, len(piece))).sum(axis=0) - 1.0) / 2**7  # of 8 bits
    for clipped, found in ((np.clip(piece, -0.3, 0.3), True), (0.3 * piece, False)):
        assert bool(spans(quantised(clipped + noise, 8))) == found


def test_a_pile_lies_at_the_level() -> None:
    piece = rag()[0, : 1 << 16].astype(float)
    piece /= np.abs(piece).max()
    random = np.random.default_rng(4)
    blurred = np.clip(piece, -0.3, 0.3) + 0.003 * random.standard_normal(len(piece))
    pile = find_pile(blurred)
    assert pile is not None
    assert pile.level == pytest.approx(0.3, abs=0.006)
    assert 0.27 < pile.lowest < 0.3
    assert find_pile(piece) is None
    assert find_pile(0.1 * blurred) is None  # below the lowest level
    assert find_pile(tone(441.0, 1.4)) is None


def test_blocks_do_not_matter() -> None:
    signal = np.clip(chord(1.0), -0.7, 0.5).astype(np.float32)[np.newaxis]
    finder = ClipLevelFinder(1)
    for at in range(0, signal.shape[1], 997):
        finder.push(signal[:, at : at + 997])
    finder.finish()
    assert finder.spans(0, 1) == spans(signal)
