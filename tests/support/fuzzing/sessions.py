"""Sessions: stems, sends, buses and the master damaged."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import soundfile

from fuzzing import command
from fuzzing.law import require
from fuzzing.presets import damaged_yaml
from restorack.render.session import SessionOptions, load_session, render_session

RATE, FRAMES = 8000, 800
BASE = b"""\
format: 1
name: song
tempo: 120
stems:
- {file: a.wav, gain_db: -3, pan: -0.5}
- {file: b.wav, sends: [{to: room, gain_db: -12}], output: band}
- {file: c.wav, start: 0.05, automation: {gain_db: [[0.05, -60], [2 beats, 0]]}}
- file: a.wav
  name: again
  start: 100 samples
  stages: [{pedalboard.HighpassFilter: {cutoff_frequency_hz: 60}}]
  sends: [{to: room, gain_db: -9, pre: true}]
buses:
- {name: band, gain_db: -1.5, pan: 0.1, sends: [{to: room, gain_db: -20}]}
- {name: room, gain_db: -3, stages: [{pedalboard.Gain: {gain_db: -1}}]}
master: {gain_db: -2}
output: {subtype: FLOAT}
"""


def trial(choose: Random, folder: Path) -> None:
    """Load a damaged session; some of those that load are mixed."""
    for number, name in enumerate("abc"):
        sound = np.random.default_rng(number).uniform(-0.2, 0.2, (FRAMES, 1 + number % 2))
        soundfile.write(folder / f"{name}.wav", sound, RATE, subtype="PCM_16")
    file = folder / "session.yaml"
    file.write_bytes(damaged_yaml(BASE, choose))
    if choose.random() < 0.08:
        command.run("session", "check", file)
        return
    session = load_session(file)
    require(session.frames >= 0, "a session of a negative length")
    if choose.random() < 0.15 and session.frames < 10 * RATE and session.sample_rate < 50_000:
        result = render_session(session, folder / "out", SessionOptions(engine="stream"))
        mix, _ = soundfile.read(result.output, always_2d=True)
        require(np.isfinite(mix).all(), "the mix is not finite")
        require(len(mix) == session.frames, f"{len(mix)} samples of {session.frames}")
