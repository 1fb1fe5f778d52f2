"""Sessions: what stands in the mix, against the same sums made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from restorack.errors import FileError, PresetError, RenderError
from restorack.hosting.stage import vst3
from restorack.render.session import SessionOptions, load_session, planning, render_session
from restorack.render.session.gains import pan_gains
from restorack.render.session.routing import heard_ways

RATE = 44_100
FRAMES = 60_000

EIGHT = """
format: 1
name: eight
tempo: 120
stems:
- {file: a.wav, gain_db: -3, pan: -0.5}
- {file: b.wav, gain_db: -6, pan: 0.5, sends: [{to: room, gain_db: -12}]}
- {file: c.wav, pan: 0.25, output: band}
- file: d.wav
  stages: [{vst3: ZamCompX2, params: {threshold_db: -24}}]
  output: band
- file: e.wav
  stages: [{vst3: ZaMaximX2}]
  gain_db: -4
- {file: f.wav, start: 0.25, automation: {gain_db: [[0.25, -60], [2 beats, 0]]}}
- {file: g.wav, start: 1000 samples, automation: {pan: [[0, -1], [1, 1]]}}
- {file: h.wav, gain_db: -2, sends: [{to: room, gain_db: -9, pre: true}]}
buses:
- {name: band, gain_db: -1.5, pan: 0.1, sends: [{to: room, gain_db: -20}]}
- {name: room, gain_db: -3}
master: {gain_db: -2}
output: {subtype: FLOAT}
"""


def noise(seed: int, channels: int, frames: int = FRAMES) -> Any:
    return 0.2 * np.random.default_rng(seed).standard_normal((channels, frames)).astype(np.float32)


def write(path: Path, rows: Any, rate: int = RATE) -> Path:
    soundfile.write(path, rows.T, rate, subtype="FLOAT")
    return path


def read(path: Path) -> Any:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def put(folder: Path, text: str, name: str = "session.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Any]:
    """Eight stems: a, b and f are mono, d to h are shorter or longer than the others."""
    channels = dict(zip("abcdefgh", (1, 1, 2, 2, 2, 1, 2, 2), strict=True))
    made = {
        name: noise(seed, count, FRAMES - 3000 * (seed % 3))
        for seed, (name, count) in enumerate(channels.items())
    }
    for name, rows in made.items():
        write(tmp_path / f"{name}.wav", rows)
    return made


def side_gains(gain_db: Any, pan: Any, channels: int) -> Any:
    """The formulas of the manual, once more."""
    pan, gain = np.asarray(pan, float), 10 ** (np.asarray(gain_db, float) / 20)
    if channels == 1:
        angle = (pan + 1) * np.pi / 4
        left, right = np.cos(angle), np.sin(angle)
    else:
        left, right = np.minimum(1, 1 - pan), np.minimum(1, 1 + pan)
    return np.stack(np.broadcast_arrays(left * gain, right * gain)).reshape(2, -1)


def at(rows: Any, start: int, frames: int) -> Any:
    out = np.zeros((2, frames))
    out[:, start : start + rows.shape[1]] = rows
    return out


def by_hand(parts: dict[str, Any], frames: int) -> Any:
    """The mix of EIGHT in float64."""
    seconds = np.arange(frames) / RATE
    compressed = vst3("ZamCompX2", threshold_db=-24)(parts["d"], RATE)
    limited = vst3("ZaMaximX2")(parts["e"], RATE)
    x = {name: at(rows, 0, frames) for name, rows in parts.items() if name not in "fg"}
    x |= {"d": at(compressed, 0, frames), "e": at(limited, 0, frames)}
    x |= {"f": at(parts["f"], 11025, frames), "g": at(parts["g"], 1000, frames)}
    ramp = np.interp(seconds, [0.25, 1.0], [-60, 0])
    turn = np.interp(seconds, [0, 1], [-1, 1])
    b = x["b"] * side_gains(-6, 0.5, 1)
    band = (x["c"] * side_gains(0, 0.25, 2) + x["d"]) * side_gains(-1.5, 0.1, 2)
    room = b * 10 ** (-12 / 20) + x["h"] * 10 ** (-9 / 20) + band * 10 ** (-20 / 20)
    mix = x["a"] * side_gains(-3, -0.5, 1) + b + band + room * 10 ** (-3 / 20)
    mix += x["e"] * 10 ** (-4 / 20) + x["f"] * side_gains(ramp, 0, 1)
    mix += x["g"] * side_gains(0, turn, 2) + x["h"] * 10 ** (-2 / 20)
    return mix * 10 ** (-2 / 20)


def decibels(rows: Any) -> float:
    return float(20 * np.log10(np.max(np.abs(rows)) + 1e-30))


def test_eight_stems_render_twice_alike_and_null_against_the_sum_by_hand(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    path = put(tmp_path, EIGHT)
    result = render_session(path, tmp_path / "one")
    again = render_session(path, tmp_path / "two")
    mix = read(result.output)
    assert np.array_equal(mix, read(again.output))
    assert result.engine == "dawdreamer"
    assert result.graphs == 1
    assert mix.shape == (2, FRAMES + 11025 - 3000 * (5 % 3))
    assert decibels(mix) > -12
    assert decibels(mix - by_hand(parts, mix.shape[1])) < -125


def test_graph_and_stream_are_alike_bit_for_bit(tmp_path: Path, parts: dict[str, Any]) -> None:
    path = put(tmp_path, EIGHT)
    graph = render_session(path, tmp_path / "one", SessionOptions(engine="dawdreamer"))
    stream = render_session(path, tmp_path / "two", SessionOptions(engine="stream"))
    assert (graph.graphs, stream.graphs) == (1, 0)
    assert np.array_equal(read(graph.output), read(stream.output))


def test_exports_add_up_to_the_mix(tmp_path: Path, parts: dict[str, Any]) -> None:
    text = EIGHT.replace("master: {gain_db: -2}\n", "")
    result = render_session(put(tmp_path, text), tmp_path / "out", SessionOptions(stems=True))
    names = {
        path.relative_to(tmp_path / "out").as_posix() for path in tmp_path.rglob("out/**/*.wav")
    }
    assert names == {
        "eight.wav", "buses/band.wav", "buses/room.wav", *(f"stems/{n}.wav" for n in "abcdefgh"),
    }  # fmt: skip
    total = sum(
        read(Path(strip.export)).astype(np.float64)
        for strip in result.strips
        if strip.in_sum and strip.export
    )
    mix = read(result.output)
    assert total.shape == mix.shape
    assert decibels(total - mix) < -125
