"""The last mix: DawDreamer's pieces give the bits of the whole, and of the same sum here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from restorack.render import mixing
from restorack.render.block_reader import BlockReader
from restorack.render.mixing import PIECE, MixGraph, mix_gains, mix_rows, mixed_blocks

RATES = (8_000.0, 11_025.0, 37_333.0, 44_056.0, 44_100.0, 96_000.0, 192_000.0)


def two_signals(channels: int, samples: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).uniform(-2, 2, (2, channels, samples)).astype(np.float32)


def in_pieces(wet: Any, dry: Any, gains: Any, rate: float, block: int = 1000) -> Any:
    pullers = [BlockReader(iter([rows]), len(rows), np.float32) for rows in (wet, dry)]
    mixer = MixGraph(gains, rate)
    parts = list(mixed_blocks(*pullers, wet.shape[1], block, mixer, gains))
    assert all(part.shape[1] == block for part in parts[:-1]), "blocks, whatever the pieces"
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_pieces_equal_the_sum_here(
    channels: int, rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixing, "PIECE", 4000)
    gains = mix_gains(0.7, -1.3)
    for samples in (1, 511, 3999, 4000, 4001, 8000, 12_345):
        wet, dry = two_signals(channels, samples)
        assert np.array_equal(in_pieces(wet, dry, gains, rate), mix_rows(wet, dry, gains)), samples


@pytest.mark.parametrize("more", [-1, 0, 1, PIECE + 317])
def test_real_pieces_equal_one_render_of_the_whole(more: int) -> None:
    wet, dry = two_signals(1, PIECE + more)
    gains = mix_gains(0.5, 2.0)
    out = in_pieces(wet, dry, gains, 44_100.0, 1 << 16)
    assert np.array_equal(out, MixGraph(gains, 44_100.0).mix(wet, dry)), "one piece: the whole"
    assert np.array_equal(out, mix_rows(wet, dry, gains))


def test_a_short_piece_after_a_long_one_keeps_nothing_of_it() -> None:
    mixer, gains = MixGraph(mix_gains(1.0, 0.0), 44_100.0), mix_gains(1.0, 0.0)
    loud, dry = two_signals(2, 9000)
    mixer.mix(loud, dry)
    quiet = np.zeros((2, 700), np.float32)
    assert not mixer.mix(quiet, quiet).any()
    assert np.array_equal(mixer.mix(loud, dry), mix_rows(loud, dry, gains))


def test_nothing_mixes_to_nothing() -> None:
    empty = np.zeros((2, 0), np.float32)
    assert MixGraph(mix_gains(1.0, 0.0), 44_100.0).mix(empty, empty).shape == (2, 0)
