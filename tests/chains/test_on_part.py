"""A stage on one part of the signal: what it leaves alone stays, what it does reaches the part."""

from __future__ import annotations

import numpy as np
import pytest

from restorack import Air, Chain, Declicker, SpeedCorrector, dump_preset, load_preset
from restorack.errors import ParameterError, PresetError
from restorack.separation.stream import EstimateStream, estimate_latency

RATE = 8_000


@pytest.fixture(scope="module")
def music():
    rng = np.random.default_rng(3)
    at = np.arange(2 * RATE) / RATE
    since = np.arange(at.size) % 2_000 / RATE
    rows = 0.2 * np.sin(2 * np.pi * 500 * at) + rng.standard_normal(at.size) * np.exp(-since / 0.01)
    return np.stack([rows, 0.5 * rows]).astype(np.float32)


def parts_of(rows):
    stream = EstimateStream(len(rows), RATE)
    both = np.concatenate([stream.push(rows), stream.finish()], axis=1)
    return both[: len(rows)], both[len(rows) :]


def on(part, stage):
    chain = Chain([stage])
    chain.slots[0].on = part
    return chain


@pytest.mark.parametrize("part", ["harmonic", "percussive", "voice"])
def test_what_a_stage_does_to_a_part_is_added_to_the_input(music, part):
    import pedalboard

    harmonic, voice = parts_of(music)
    true = {"harmonic": harmonic, "voice": voice, "percussive": music - harmonic - voice}[part]
    out = on(part, pedalboard.Gain(-120.0))(music, RATE)
    assert np.abs(out - (music - true)).max() < 1e-5
    assert np.abs(true).max() > 1e-3


def test_a_stage_that_changes_nothing_leaves_the_input_bit_for_bit(music):
    signed = np.where(music > 0.1, music, np.float32(-0.0))
    for rows in (music, signed):
        out = on("percussive", Air(mix=0.0))(rows, RATE)
        assert np.array_equal(out.view(np.int32), rows.view(np.int32))


def test_a_stream_gives_the_same_and_withholds_what_was_predicted(music):
    chain = on("voice", Declicker())
    whole = chain(music, RATE)
    parts, most, taken = [], 0, 0
    chain.prepare(lambda: iter([music]), RATE)
    for at in range(0, music.shape[1], 3_001):
        block = music[:, at : at + 3_001]
        parts.append(chain.process(block, RATE, reset=False))
        taken += block.shape[1]
        most = max(most, taken - sum(p.shape[1] for p in parts))
    parts.append(chain.flush())
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert most <= chain.predict_latency(RATE)
    assert chain.predict_latency(RATE) >= estimate_latency(RATE)


def test_a_preset_says_on_and_keeps_it(tmp_path):
    text = (
        "format: 1\nname: drums\nstages:\n- stage: restorack.Declicker\n  params: {sensitivity: "
        "0.25}\n  on: percussive\n- restorack.Air: {}\n"
    )
    file = tmp_path / "drums.yaml"
    file.write_text(text)
    chain = load_preset(file)
    assert [slot.on for slot in chain.slots] == ["percussive", None]
    assert [run.names for run in chain.runs()] == [["declicker"], ["air"]]
    again = tmp_path / "again.yaml"
    again.write_text(dump_preset(chain))
    assert dump_preset(load_preset(again)) == dump_preset(chain)
    assert load_preset(again).slots[0].on == "percussive"


def test_mistakes_are_named(tmp_path, music):
    with pytest.raises(ParameterError, match="harmonic, percussive, voice"):
        on("drums", Air())
    with pytest.raises(ParameterError, match="length"):
        on("voice", SpeedCorrector(rpm_recorded=76.0))(music, RATE)
    file = tmp_path / "wrong.yaml"
    file.write_text("format: 1\nname: x\nstages:\n- {stage: restorack.Air, on: drums}\n")
    with pytest.raises(PresetError, match="yaml:4:"):
        load_preset(file)
