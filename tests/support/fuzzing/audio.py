"""Audio files: headers, chunks, frames and tags damaged."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import soundfile

from fuzzing import command
from fuzzing.audio_files import damaged_audio
from fuzzing.law import require
from restorack.io.description import describe_file
from restorack.presets import chain_from_text
from restorack.render.api import render

PRESET = "format: 1\nname: quieter\nstages:\n- pedalboard.Gain: {gain_db: -6}\n"


def trial(choose: Random, folder: Path) -> None:
    """Describe and render a damaged file; what comes out can be opened, and is what was said."""
    ending, data = damaged_audio(choose)
    source, output = folder / f"in.{ending}", folder / "out.wav"
    source.write_bytes(data)
    if choose.random() < 0.1:
        command.run(
            "render", source, "--stage", "pedalboard.Gain", "-o", output, "--engine", "stream"
        )
        command.run("info", source)
        return
    describe_file(source)
    chain = chain_from_text(PRESET)
    form = choose.choice((None, None, None, "flac", "aiff", "ogg", "mp3"))
    if form is not None:
        output = folder / f"out.{form}"
    try:
        result = render(source, output, chain, engine="stream", format=form)
    except BaseException:
        require(not output.exists(), "refused, and yet an output")
        raise
    require(source.read_bytes() == data, "the source was written into")
    audio, rate = soundfile.read(output, dtype="float64", always_2d=True)
    require(np.isfinite(audio).all(), "the output is not finite")
    require(rate == result.output_rate, f"{rate} Hz, reported {result.output_rate}")
    require(audio.shape[1] == result.channels, f"{audio.shape[1]} channels of {result.channels}")
    require(result.frames_out == result.frames_in, "another length")
    if form != "mp3":  # whose encoder pads
        require(len(audio) == result.frames_out, f"{len(audio)} samples of {result.frames_out}")
