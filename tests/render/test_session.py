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
from restorack.render.session.routing import active_routes

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


ONE = "format: 1\nname: s\noutput: {subtype: FLOAT}\nstems:\n"


def rendered(folder: Path, text: str, out: str = "out", **options: Any) -> Any:
    result = render_session(put(folder, text), folder / out, SessionOptions(**options))
    return read(result.output)


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


def test_automation_of_gain_is_the_line_in_decibels_at_every_sample(tmp_path: Path) -> None:
    write(tmp_path / "one.wav", np.ones((2, FRAMES), np.float32))
    text = ONE.replace("stems:", "tempo: 90\nstems:")
    text += "- {file: one.wav, automation: {gain_db: [[100 samples, 0], [1 beats, -40]]}}\n"
    mix = rendered(tmp_path, text)
    samples = np.arange(FRAMES)
    end = 60 / 90 * RATE
    line = -40 * np.clip((samples - 100) / (end - 100), 0, 1)
    assert np.max(np.abs(20 * np.log10(mix[0]) - line)) < 1e-5
    assert np.array_equal(mix[0], mix[1])


def test_automation_of_a_stage_follows_the_session_not_the_stem(tmp_path: Path) -> None:
    write(tmp_path / "one.wav", np.full((2, FRAMES), 0.5, np.float32))
    text = ONE + (
        "- file: one.wav\n  start: 44100 samples\n"
        "  stages: [{pedalboard.Gain: {gain_db: 0}}]\n"
        "  automation: {gain.gain_db: [[0, 0], [2, -40]]}\n"
    )
    mix = rendered(tmp_path, text)
    assert mix.shape[1] == FRAMES + RATE
    assert not mix[:, :RATE].any()
    cells = np.arange(FRAMES) // 64 * 64 / RATE
    line = np.clip(-20 - 20 * cells, -40, 0)
    level = 20 * np.log10(mix[0, RATE:] / 0.5)
    assert np.max(np.abs(level - line)) < 0.1


def test_automation_of_a_plugin_in_the_graph_equals_that_in_a_chain(tmp_path: Path) -> None:
    x = noise(3, 2)
    write(tmp_path / "x.wav", x)
    text = ONE + (
        "- {file: x.wav, output: bus}\nbuses:\n- name: bus\n"
        "  stages: [{vst3: ZaMaximX2}, {vst3: ZamCompX2, params: {makeup_db: 0}}]\n"
        "  automation: {zamcompx2.threshold_db: [[0, 0], [1, -40]]}\n"
    )
    graph = rendered(tmp_path, text, "one", engine="dawdreamer")
    stream = rendered(tmp_path, text, "two", engine="stream")
    assert np.array_equal(graph, stream)
    still = text.replace("  automation: {zamcompx2.threshold_db: [[0, 0], [1, -40]]}\n", "")
    assert decibels(graph - rendered(tmp_path, still, "three")) > -40


@pytest.mark.parametrize(
    ("law", "middle"), [("constant_power", 0.5**0.5), ("compromise", 0.5**0.75), ("linear", 0.5)]
)
def test_pan_laws(law: str, middle: float) -> None:
    ends = np.array([-1.0, 0.0, 1.0])
    left, right = pan_gains(ends, law, 1)
    assert np.allclose(left, [1, middle, 0], atol=1e-12)
    assert np.allclose(right, [0, middle, 1], atol=1e-12)
    left, right = pan_gains(ends, law, 2)
    assert np.array_equal(left, [1, 1, 0])
    assert np.array_equal(right, [0, 1, 1])


def test_mono_goes_to_both_sides_by_the_law_and_channels_stay_apart(tmp_path: Path) -> None:
    x = noise(4, 1)
    write(tmp_path / "x.wav", x)
    for law, gain in (("constant_power", 0.5**0.5), ("linear", 0.5)):
        text = ONE.replace("stems:", f"pan_law: {law}\nstems:") + "- {file: x.wav}\n"
        mix = rendered(tmp_path, text, law)
        assert np.array_equal(mix[0], mix[1])
        assert decibels(mix - x * gain) < -140


ROUTED = """
format: 1
name: routed
stems:
- {file: a.wav, output: X, SOLOa}
- {file: b.wav, output: X, sends: [{to: Y, pre: true}], SOLOb}
- {file: c.wav, SOLOc}
buses:
- {name: X, SOLOX}
- {name: Y, SOLOY}
"""


@pytest.mark.parametrize(
    ("flags", "heard"),
    [
        ({}, {"aX", "bX", "bY", "cmaster", "Xmaster", "Ymaster"}),
        ({"b": "mute: true"}, {"aX", "cmaster", "Xmaster"}),
        ({"X": "mute: true"}, {"bY", "cmaster", "Ymaster"}),
        ({"a": "solo: true"}, {"aX", "Xmaster"}),
        ({"X": "solo: true"}, {"aX", "bX", "Xmaster"}),
        ({"Y": "solo: true"}, {"bY", "Ymaster"}),
        ({"a": "solo: true", "c": "solo: true"}, {"aX", "Xmaster", "cmaster"}),
        ({"b": "solo: true, mute: true"}, set()),
    ],
)
def test_mute_and_solo(
    tmp_path: Path, parts: dict[str, Any], flags: dict[str, str], heard: set[str]
) -> None:
    text = ROUTED
    for name in "abcXY":
        text = text.replace(f"SOLO{name}", flags.get(name, ""))
    ways = active_routes(load_session(put(tmp_path, text)))
    assert {way.source + way.target for way in ways} == heard


def test_a_session_of_which_nothing_is_heard_is_silent(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    mix = rendered(tmp_path, ONE + "- {file: a.wav, mute: true}\n")
    assert mix.shape == (2, parts["a"].shape[1])
    assert not mix.any()


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {file: none.wav}\n", "none.wav"),
        ("- {fil: x.wav}\n", "'file' is missing"),
        ("- {file: x.wav, gian_db: 3}\n", "did you mean 'gain_db'"),
        ("- {file: x.wav, gain_db: loud}\n", "from -120 to 60 dB"),
        ("- {file: x.wav, pan: 2}\n", "from -1 (left) to 1 (right)"),
        ("- {file: x.wav, output: rom}\nbuses: [{name: room}]\n", "did you mean 'room'"),
        ("- {file: x.wav, sends: [{to: rom}]}\nbuses: [{name: room}]\n", "did you mean 'room'"),
        ("- {file: x.wav}\n- {file: x.wav}\n", "unique"),
        ("- {file: x.wav, name: master}\n", "none is 'master'"),
        ("- {file: x.wav, start: 2 beats}\n", "without a tempo"),
        ("- {file: x.wav, start: soon}\n", "a time is"),
        ("- {file: x.wav, preset: vinil}\n", "did you mean 'vinyl'"),
        ("- {file: x.wav, stages: [{restorack.Declick: {}}]}\n", "restorack.Declicker"),
        ("- {file: x.wav, stages: [{vst3: ZamCompX9}]}\n", "ZamCompX"),
        ("- {file: x.wav, stages: [{vst3: ZamCompX2, params: {treshold_db: 1}}]}\n", "threshold"),
        ("- {file: x.wav, automation: {pann: [[0, 1]]}}\n", "STAGE.PARAMETER"),
        ("- {file: x.wav, automation: {pan: [[1, 1], [0, 1]]}}\n", "rising"),
        ("- {file: x.wav, automation: {pan: [[0, 3]]}}\n", "from -1 to 1"),
        ("- {file: x.wav, automation: {gain.db: [[0, 3]]}}\n", "no stage 'gain'"),
        ("- {file: x.wav, set: {gain.db: 1}}\n", "no stage 'gain'"),
        (
            "- {file: x.wav}\nbuses: [{name: p, output: q}, {name: q, sends: [{to: p}]}]\n",
            "in a circle",
        ),
        ("- {file: x.wav}\nmaster: {pan: 1}\n", "unknown key 'pan'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path / "x.wav", noise(1, 1, 100))
    with pytest.raises((PresetError, FileError)) as caught:
        render_session(put(tmp_path, ONE + text), tmp_path / "out")
    assert said in str(caught.value)
    assert "session.yaml:" in str(caught.value)
    assert not (tmp_path / "out").exists()


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


def test_outputs_that_exist_are_refused_before_the_work(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    text = ONE + "- {file: a.wav}\n"
    rendered(tmp_path, text)
    with pytest.raises(FileError, match="exists"):
        rendered(tmp_path, text)
    rendered(tmp_path, text, force=True)
    inside = ONE.replace("name: s", "name: a") + "- {file: a.wav}\n"
    with pytest.raises(FileError, match="source"):
        render_session(put(tmp_path, inside), tmp_path, SessionOptions(force=True))


def test_a_plugin_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """ZamEQ2 makes NaN at 11,025 Hz."""
    write(tmp_path / "x.wav", noise(1, 2, 5000), 11_025)
    text = ONE + "- {file: x.wav, output: bus}\nbuses:\n- {name: bus, stages: [{vst3: ZamEQ2}]}\n"
    with pytest.raises(Exception, match="bus bus"):
        render_session(put(tmp_path, text), tmp_path / "out")
    assert not (tmp_path / "out").exists()
