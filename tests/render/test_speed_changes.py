"""A change of speed makes the file longer, and its cue points, regions and chapters follow."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC

from restorack.chains import Chain
from restorack.chains.settings import ChainSettings, OutputSettings
from restorack.errors import RenderError
from restorack.io.marks.chapters import adapt_cue_sheet
from restorack.io.marks.time_map import TimeMap
from restorack.io.metadata import read_metadata
from restorack.io.wave.riff import Chunk, packed
from restorack.plugins.disc.speed_corrector import SpeedCorrector
from restorack.render.api import render

RATE = 44_100
RATIO = 80.0 / 78.26
AT = (0.25, 1.75)


def chain() -> Chain:
    return Chain([SpeedCorrector(rpm_played=80.0, rpm_recorded=78.26)])


@pytest.fixture
def clicks(tmp_path: Path) -> Path:
    """Return two seconds with a click at 0.25 and 1.75 s, a cue point and a region on each."""
    path, sound = tmp_path / "clicks.wav", np.zeros(2 * RATE)
    points, labels = [], []
    for name, seconds in enumerate(AT):
        at = round(seconds * RATE)
        sound[at] = 0.5
        points.append(struct.pack("<II4sIII", name, at, b"data", 0, 0, at))
        labels.append(packed(Chunk(b"labl", struct.pack("<I", name) + b"label\0")))
        region = struct.pack("<II4sHHHH", name, RATE // 10, b"rgn ", 0, 0, 0, 0)
        labels.append(packed(Chunk(b"ltxt", region)))
    soundfile.write(path, sound, RATE, subtype="PCM_24")
    chunks = [
        Chunk(b"cue ", struct.pack("<I", len(AT)) + b"".join(points)),
        Chunk(b"LIST", b"adtl" + b"".join(labels)),
    ]
    data = path.read_bytes() + b"".join(map(packed, chunks))
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    return path


@pytest.mark.parametrize("options", [{}, {"start": 0.2}, {"sample_rate": 48_000}])
def test_cue_points_stay_on_their_sounds(clicks: Path, tmp_path: Path, options) -> None:
    out = tmp_path / "o.wav"
    result = render(clicks, out, chain(), **options)
    assert result.warnings == []
    sound, rate = soundfile.read(out)
    first = options.get("start", 0.0)
    assert len(sound) == pytest.approx((2.0 - first) * rate * RATIO, abs=1)
    chunks = {chunk.name: chunk.data for chunk in read_metadata(out).chunks}
    for name, seconds in enumerate(AT):
        [place] = struct.unpack_from("<I", chunks[b"cue "], 4 + 24 * name + 20)
        assert place / rate == pytest.approx((seconds - first) * RATIO, abs=1e-4)
        near = slice(place - 200, place + 200)
        assert abs(int(np.abs(sound[near]).argmax()) - 200) <= 1
    at = chunks[b"LIST"].index(b"ltxt") + 12
    assert struct.unpack_from("<I", chunks[b"LIST"], at)[0] == pytest.approx(
        0.1 * RATIO * rate, abs=1
    )


def test_chapters_of_a_flac_file_follow(tmp_path: Path) -> None:
    path = tmp_path / "c.flac"
    soundfile.write(path, np.zeros(4 * RATE), RATE)
    tags = FLAC(path)
    tags["CHAPTER001"], tags["CHAPTER002"] = "00:00:00.000", "00:00:03.000"
    tags.save()
    render(path, tmp_path / "o.flac", chain())
    assert FLAC(tmp_path / "o.flac")["CHAPTER002"] == ["00:00:03.067"]


def test_the_indexes_of_a_cue_sheet_follow() -> None:
    time = TimeMap(RATE, None, RATE, RATE, lambda seconds: 2.0 * seconds)
    sheet = "  TRACK 01 AUDIO\n    INDEX 01 00:01:00\n  TRACK 02 AUDIO\n    INDEX 01 00:04:15"
    moved, dropped = adapt_cue_sheet(sheet, time)
    assert dropped == 0
    assert moved.splitlines()[1::2] == ["    INDEX 01 00:00:00", "    INDEX 01 00:06:30"]


def test_a_mix_and_a_difference_are_refused(clicks: Path, tmp_path: Path) -> None:
    mixed = Chain(chain(), settings=ChainSettings(output=OutputSettings(mix=0.5)))
    with pytest.raises(RenderError, match="changes the length"):
        render(clicks, tmp_path / "o.wav", mixed)
    with pytest.raises(RenderError, match="no difference"):
        render(clicks, tmp_path / "o.wav", chain(), difference=tmp_path / "d.wav")


def test_the_length_is_known_after_the_first_pass(tmp_path: Path) -> None:
    time = np.arange(12 * RATE) / RATE
    hum = 0.1 * np.sin(2 * np.pi * 52.0 * time) + 0.05 * np.sin(2 * np.pi * 156.0 * time)
    hum += 0.001 * np.random.default_rng(1).standard_normal(time.size)
    soundfile.write(tmp_path / "hum.wav", hum, RATE)
    render(tmp_path / "hum.wav", tmp_path / "o.wav", Chain([SpeedCorrector(method="hum")]))
    assert soundfile.info(tmp_path / "o.wav").frames / hum.size == pytest.approx(1.04, abs=2e-4)
