"""What is heard between the stages of a render is what each of them gives alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pedalboard import Gain

import restorack
from restorack.dsp.arrays import Rows
from restorack.testing.signals import worn_music

RATE = 44_100


@pytest.mark.parametrize("threads", [1, 2])
def test_each_stage_is_heard_once_and_in_time(tmp_path: Path, threads: int) -> None:
    source = tmp_path / "in.wav"
    soundfile.write(source, worn_music(RATE, 1.0, 2).T, RATE, "FLOAT")
    heard: list[tuple[list[str], float, list[Rows]]] = []

    def listen(names: Sequence[str], rate: float) -> Callable[[Rows], None]:
        blocks: list[Rows] = []
        heard.append((list(names), rate, blocks))
        return lambda rows: blocks.append(rows.copy())

    # Dehum learns from what comes out of the gain, and holds samples back.
    stages = [Gain(-6), restorack.Dehum(mains="50"), restorack.Derumble()]
    restorack.render(source, tmp_path / "out.wav", stages, on_stage=listen, threads=threads)
    assert [(names, rate) for names, rate, _ in heard] == [(["gain"], RATE), (["dehum"], RATE)]
    before = soundfile.read(source, dtype="float32")[0].T
    gained, dehummed = (np.concatenate(blocks, axis=1) for *_, blocks in heard)
    assert np.array_equal(gained, Gain(-6)(before, RATE))
    assert np.array_equal(dehummed, restorack.Dehum(mains="50")(gained, RATE))


def test_nobody_need_listen(tmp_path: Path) -> None:
    source = tmp_path / "in.wav"
    soundfile.write(source, np.zeros(4000), RATE)
    stages = [restorack.Dehum(), restorack.Derumble()]
    result = restorack.render(
        source, tmp_path / "out.wav", stages, on_stage=lambda names, rate: None
    )
    assert result.frames_out == 4000
