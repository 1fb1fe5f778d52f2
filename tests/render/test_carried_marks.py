"""A render of a part, or at another rate, moves what the file says of times."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import soundfile
from toys import Gain

from restorack.chains import Chain
from restorack.core.traits import Trait
from restorack.io.metadata import read_metadata
from restorack.io.wave.riff import Chunk, packed
from restorack.render.api import render

RATE = 44_100


class Stretching(Gain):
    """Says that it changes the length."""

    traits: ClassVar[Any] = frozenset({Trait.CHANGES_LENGTH})


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Return two seconds with cue points at 0.25, 1 and 1.75 s, labelled."""
    path = tmp_path / "marked.wav"
    soundfile.write(path, np.zeros(2 * RATE), RATE)
    points, labels = [], []
    for name, seconds in enumerate((0.25, 1.0, 1.75)):
        at = round(seconds * RATE)
        points.append(struct.pack("<II4sIII", name, at, b"data", 0, 0, at))
        labels.append(packed(Chunk(b"labl", struct.pack("<I", name) + b"label\0")))
    chunks = [
        Chunk(b"cue ", struct.pack("<I", 3) + b"".join(points)),
        Chunk(b"LIST", b"adtl" + b"".join(labels)),
    ]
    data = path.read_bytes() + b"".join(map(packed, chunks))
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    return path


def seconds_of(path: Path) -> dict[int, float]:
    rate = soundfile.info(path).samplerate
    chunks = {chunk.name: chunk.data for chunk in read_metadata(path).chunks}
    data = chunks[b"cue "]
    [count] = struct.unpack_from("<I", data)
    assert chunks[b"LIST"].count(b"labl") == count
    points = [struct.unpack_from("<II4sIII", data, 4 + 24 * at) for at in range(count)]
    return {point[0]: point[5] / rate for point in points}


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({}, {0: 0.25, 1: 1.0, 2: 1.75}),
        ({"stop": 1.5}, {0: 0.25, 1: 1.0}),
        ({"start": 0.5}, {1: 0.5, 2: 1.25}),
        ({"sample_rate": 22_050}, {0: 0.25, 1: 1.0, 2: 1.75}),
        ({"start": 0.5, "stop": 1.5, "sample_rate": 48_000}, {1: 0.5}),
        ({"tail_seconds": 1.0}, {0: 0.25, 1: 1.0, 2: 1.75}),
    ],
)
def test_cue_points_stay_on_their_sounds(marked: Path, tmp_path: Path, options, times) -> None:
    result = render(marked, tmp_path / "o.wav", Chain(), **options)
    assert seconds_of(tmp_path / "o.wav") == pytest.approx(times, abs=1e-4)
    assert len(result.warnings) == (len(times) < 3)


def test_a_stage_that_changes_the_length_leaves_times_with_a_warning(
    marked: Path, tmp_path: Path
) -> None:
    [warning] = render(marked, tmp_path / "o.wav", Chain([Stretching()])).warnings
    assert "keep their times" in warning
    soundfile.write(tmp_path / "plain.wav", np.zeros(100), RATE)
    assert render(tmp_path / "plain.wav", tmp_path / "p.wav", Chain([Stretching()])).warnings == []
