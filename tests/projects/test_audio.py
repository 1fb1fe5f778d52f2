"""Clips put together: sums, channels and rates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sessions
import soxr

from restorack.projects.audio import assembled, media_of
from restorack.projects.model import Clip

RATE = 44_100


def clip(path: Path, start: float, length: float = 0.0, offset: float = 0.0) -> Clip:
    media = media_of(path)
    assert media is not None
    return Clip(media, start, length or media.seconds, offset)


def joined(*clips: Clip, rate: int = 0) -> tuple[Any, int]:
    blocks, channels, made = assembled(clips, rate)
    rows = np.concatenate(list(blocks), axis=1)
    assert rows.shape[0] == channels
    return rows, made


def test_overlaps_add_up(audio: Path) -> None:
    mono = sessions.read(audio / "mono.wav")
    rows, _ = joined(clip(audio / "mono.wav", 0.1), clip(audio / "mono.wav", 0.0))
    wanted = np.zeros((1, 9000 + 4410), np.float32)
    wanted[:, :9000] += mono
    wanted[:, 4410:] += mono
    assert np.array_equal(rows, wanted)


def test_a_mono_clip_beside_a_stereo_one_is_on_both_sides(audio: Path) -> None:
    rows, _ = joined(clip(audio / "mono.wav", 0.0), clip(audio / "stereo.wav", 1.0))
    assert np.array_equal(rows[0, :9000], rows[1, :9000])
    assert np.array_equal(rows[:, RATE:], sessions.read(audio / "stereo.wav"))


def test_other_rates_are_brought_to_the_first_one(audio: Path) -> None:
    rows, rate = joined(clip(audio / "mono.wav", 0.0), clip(audio / "slow.wav", 1.0))
    wanted = soxr.resample(sessions.read(audio / "slow.wav")[0], 32_000, RATE, "VHQ")
    assert rate == RATE
    assert np.max(np.abs(rows[0, RATE : RATE + len(wanted)] - wanted)) < 1e-4
    rows, rate = joined(clip(audio / "slow.wav", 0.0), rate=RATE)
    assert (rate, rows.shape[1]) == (RATE, len(wanted))


@pytest.mark.parametrize(
    ("offset", "shorter", "whole"),
    [(0.0, 0.0, True), (0.0, 0.4, True), (0.0, 1.0, False), (1.0, 0.0, False), (5.0, 5.0, False)],
)
def test_a_whole_clip_is_whole_to_half_a_sample(
    audio: Path, offset: float, shorter: float, whole: bool
) -> None:
    length = (9000 - shorter) / RATE
    assert clip(audio / "mono.wav", 0.0, length, offset / RATE).is_whole is whole
