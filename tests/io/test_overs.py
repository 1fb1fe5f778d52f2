"""Samples beyond full scale are counted before anything cuts them, and told with a remedy."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.quantise import quantise
from restorack.io.overs import OverCounter, beyond_full_scale
from restorack.io.reader import AudioReader
from restorack.io.writer import AudioWriter

RATE = 48_000


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_an_over_is_what_rounding_would_limit(bits: int) -> None:
    step = 2.0 ** (1 - bits)
    near = np.array([1, -1, 1 - step, 1 - step / 4, -1 - step / 4, -1 - step, 0, 3, -3], float)
    rows = np.concatenate([near, np.random.default_rng(bits).normal(0, 1, 1000)])[np.newaxis]
    assert np.count_nonzero(beyond_full_scale(rows, bits)) == quantise(rows, bits)[1]
    held = quantise(rows, bits)[0] * step
    assert np.array_equal(beyond_full_scale(rows, bits), np.abs(held - rows) > step * 0.5)


def test_the_worst_of_all_blocks_is_told() -> None:
    counter = OverCounter(16, RATE)
    rows = np.zeros((2, 4800))
    counter.push(rows, 0)
    assert counter.warning() == []
    rows[0, 10], rows[1, 480], rows[1, 481] = 1.5, -2.0, 1.9
    mask = counter.push(rows, RATE)
    assert (counter.count, mask.sum()) == (3, 3)
    counter.push(rows * 0.6, 2 * RATE)
    assert counter.count == 5
    [text] = counter.warning()
    assert text.startswith("5 samples beyond full scale were cut; the worst is +6.02 dB over, at ")
    assert "1.010 s in channel 1" in text
    assert "Loudness" in text
    single = OverCounter(None, RATE)
    single.push(np.array([[1.0, 1.1]]), 0)
    assert single.warning()[0].startswith("1 sample beyond full scale was cut; the worst is +0.83")


LOUD = (2.0 * np.sin(np.arange(48_000) / 10)[np.newaxis]).astype(np.float32)
BEYOND = int(np.count_nonzero(np.abs(LOUD) > 1.0))


@pytest.mark.parametrize(
    ("name", "subtype", "words"),
    [
        ("a.wav", "PCM_16", "were cut"), ("a.wav", "PCM_U8", "were cut"),
        ("a.wav", "PCM_32", "were cut"), ("a.flac", "PCM_24", "were cut"),
        ("a.aiff", "PCM_16", "were cut"), ("a.w64", "PCM_24", "were cut"),
        ("a.mp3", None, "encoder"), ("a.ogg", None, "encoder"), ("a.opus", None, "encoder"),
        ("a.wav", "FLOAT", ""), ("a.wav", "DOUBLE", ""), ("a.aiff", "FLOAT", ""),
    ],
)  # fmt: skip
def test_every_format_tells_its_overs(tmp_path, name, subtype, words) -> None:
    with AudioWriter(tmp_path / name, RATE, 1, subtype=subtype) as writer:
        for start in range(0, LOUD.shape[1], 999):
            writer.write(LOUD[:, start : start + 999])
    assert writer.clipped == (BEYOND if words else 0)
    assert [words in text for text in writer.warnings] == ([True] if words else [])


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.opus"])
@pytest.mark.parametrize("level", [1e6, 1e12, 1e38])
def test_no_level_ends_an_encoder(tmp_path, name, level) -> None:
    """Assertions of the MP3 encoder ended the process on such samples."""
    rows = (level * np.random.default_rng(1).uniform(-1, 1, (2, 9000))).astype(np.float32)
    with AudioWriter(tmp_path / name, RATE, 2) as writer:
        writer.write(rows)
    assert writer.clipped >= rows.size - 2
    assert AudioReader(tmp_path / name).info.frames == 9000
