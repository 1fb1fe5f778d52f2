"""What moves in a session: a line in decibels at every sample, alike in graph and stream."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sessions import FRAMES, ONE, RATE, decibels, noise, rendered, write


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
