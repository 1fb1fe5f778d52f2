"""Sessions: what stands in the mix, against the same sums made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sessions import FRAMES, ONE, RATE, decibels, noise, put, read, rendered, write

from restorack.errors import RenderError
from restorack.hosting.stage import vst3
from restorack.render.session import SessionOptions, planning, render_session

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


@pytest.mark.parametrize("engine", ["dawdreamer", "stream"])
def test_a_latent_plugin_in_one_branch_nulls(tmp_path: Path, engine: Any) -> None:
    """ZaMaximX2 reports 480 samples; the dry path, a longer one and its curve wait for it."""
    x, y = noise(1, 2), noise(2, 2)
    write(tmp_path / "x.wav", x)
    write(tmp_path / "y.wav", y)
    text = ONE + (
        "- {file: x.wav, sends: [{to: limit, gain_db: 0}]}\n"
        "- {file: y.wav, automation: {gain_db: [[0, -20], [1, 0]]}}\n"
        "buses:\n"
        "- {name: after, automation: {pan: [[0, -1], [1, 1]]}}\n"
        "- {name: limit, stages: [{vst3: ZaMaximX2}], output: after, gain_db: -6}\n"
    )
    mix = rendered(tmp_path, text, engine=engine)
    seconds = np.arange(FRAMES) / RATE
    limited = vst3("ZaMaximX2")(x, RATE) * 10 ** (-6 / 20)
    hand = x + y * 10 ** (np.interp(seconds, [0, 1], [-20, 0]) / 20)
    hand = hand + limited * side_gains(0, np.interp(seconds, [0, 1], [-1, 1]), 2)
    assert decibels(mix - hand) < -125
    assert decibels(mix - hand + limited) > -30, "the branch is in the mix"


def test_latencies_of_paths_are_reported(tmp_path: Path) -> None:
    write(tmp_path / "x.wav", noise(1, 2))
    text = ONE + "- {file: x.wav, output: one}\nbuses:\n"
    text += "- {name: one, stages: [{vst3: ZaMaximX2}], output: two}\n"
    text += "- {name: two, stages: [{vst3: ZaMaximX2}]}\n"
    result = render_session(put(tmp_path, text), tmp_path / "out")
    found = {s.name: (s.latency_samples, s.path_latency_samples) for s in result.strips}
    assert found == {"x": (0, 0), "one": (480, 480), "two": (480, 960), "master": (0, 960)}


def test_stages_of_ours_between_plugins_cut_the_graph_and_change_nothing(tmp_path: Path) -> None:
    write(tmp_path / "x.wav", noise(1, 2))
    text = ONE + "- {file: x.wav, output: one, sends: [{to: two}]}\nbuses:\n"
    text += "- {name: one, stages: [{vst3: ZaMaximX2}, {pedalboard.Gain: {gain_db: -3}}]}\n"
    text += "- {name: two, stages: [{faust: {code: 'process = *(0.5), *(0.25);'}}]}\n"
    text += "master: {stages: [{pedalboard.Gain: {gain_db: 6}}], gain_db: -6}\n"
    result = render_session(put(tmp_path, text), tmp_path / "out")
    x = read(tmp_path / "x.wav")
    hand = vst3("ZaMaximX2")(x, RATE) * 10 ** (-3 / 20) + x * [[0.5], [0.25]]
    assert result.graphs == 2
    assert decibels(read(result.output) - hand) < -125


def test_rates_are_unified(tmp_path: Path) -> None:
    seconds = np.arange(RATE) / RATE
    write(tmp_path / "low.wav", np.sin(2 * np.pi * 1000 * seconds)[None] * 0.5)
    higher = np.arange(96_000) / 96_000
    write(tmp_path / "high.wav", np.sin(2 * np.pi * 1000 * higher)[None] * 0.5, 96_000)
    text = ONE.replace("stems:", "sample_rate: 48000\nstems:")
    text += "- {file: low.wav}\n- {file: high.wav, gain_db: 0}\n"
    mix = rendered(tmp_path, text)
    assert mix.shape == (2, 48_000)
    hand = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000) * 0.5**0.5
    assert decibels((mix - hand)[:, 2000:-2000]) < -90


def test_overrides_reach_a_presets_stages(tmp_path: Path) -> None:
    x = noise(5, 2)
    write(tmp_path / "x.wav", x)
    preset = "format: 1\nname: p\nstages:\n- pedalboard.Gain: {gain_db: -40}\n"
    put(tmp_path, preset + "- pedalboard.Distortion: {drive_db: 40}\n", "p.yaml")
    text = ONE + (
        "- {file: x.wav, preset: ./p.yaml, set: {gain.gain_db: -6}, bypass: [distortion]}\n"
    )
    assert decibels(rendered(tmp_path, text) - x * 10 ** (-6 / 20)) < -125


def test_beyond_the_budget_sessions_stream_and_what_cannot_is_refused(
    tmp_path: Path, parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, EIGHT)
    within = render_session(path, tmp_path / "one")
    monkeypatch.setattr(planning, "MEMORY_BUDGET", 1_000_000)
    beyond = render_session(path, tmp_path / "two")
    assert beyond.engine == "stream"
    assert beyond.estimated_memory > 1_000_000
    assert np.array_equal(read(within.output), read(beyond.output))
    text = ONE + "- {file: c.wav, stages: [{faust: {code: 'process = _, _;'}}]}\n"
    with pytest.raises(RenderError, match=r"cannot be streamed"):
        render_session(put(tmp_path, text), tmp_path / "three")
    assert not (tmp_path / "three").exists()
