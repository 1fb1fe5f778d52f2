"""Renders take the memory that their plans say, however long the file is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from restorack.render.memory import LIBRARIES, MAPPED_CHILD, MAPPED_DAWDREAMER

RATE = 44_100

SCRIPT = """
import glob, json, sys
import restorack
from restorack.presets import chain_from_text
from restorack.render.api import render

def status(field, process="self"):
    lines = open(f"/proc/{process}/status").read().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])

source, engine, stage = sys.argv[1:]
preset = "format: 1\\nname: m\\noutput: {subtype: FLOAT}\\nstages:\\n- " + stage
chain = chain_from_text(preset)
before, mapped = status("VmRSS"), -status("RssFile")
result = render(source, source + ".out.wav", chain, engine=engine)
grown = status("VmHWM") - before
mapped += status("RssFile")
for children in glob.glob("/proc/self/task/*/children"):
    for child in open(children).read().split():
        grown += status("VmHWM", child)
        mapped += status("RssFile", child)
print(json.dumps({"own": grown - mapped, "mapped": mapped, "estimate": result.estimated_memory,
                  "engine": result.engine, "stage": result.stages[0].engine}))
"""


def write_noise(path: Path, minutes: float, channels: int) -> Path:
    random, second = np.random.default_rng(1), (RATE, channels)
    with soundfile.SoundFile(path, "w", RATE, channels, "PCM_16") as file:
        block = random.uniform(-0.3, 0.3, second)
        for _ in range(round(60 * minutes)):
            file.write(block)
    return path


def measured(
    folder: Path, minutes: float, channels: int, stage: str, engine: str = "auto"
) -> dict[str, Any]:
    """Render in a process of its own, and return how far its memory grew."""
    source = write_noise(folder / f"{minutes}-{channels}.wav", minutes, channels)
    command = [sys.executable, "-c", SCRIPT, str(source), engine, stage]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def assert_estimated(found: dict[str, Any], mapped: int) -> None:
    # How much of a library's file is in memory depends on the kernel and its page cache.
    assert found["own"] == pytest.approx(found["estimate"] - mapped, rel=0.2)
    assert found["mapped"] < 1.1 * (mapped + LIBRARIES)


GAIN = "pedalboard.Gain: {gain_db: -3}"
FAUST = "faust: {code: 'process = par(i, %d, *(0.5));'}"


@pytest.mark.slow
def test_the_estimate_holds_for_short_and_long_files(tmp_path: Path) -> None:
    short, long = (measured(tmp_path, minutes, 1, GAIN) for minutes in (2, 8))
    for found in (short, long):
        assert found["engine"] == "dawdreamer"
        assert_estimated(found, MAPPED_DAWDREAMER)
    longer = (8 - 2) * 60 * RATE * 4
    assert long["own"] - short["own"] < 0.5 * longer, "memory is flat: not half a copy of it"


@pytest.mark.slow
def test_the_estimate_holds_for_a_stream(tmp_path: Path) -> None:
    found = measured(tmp_path, 0.5, 2, GAIN, "stream")
    assert found["engine"] == "stream"
    assert_estimated(found, 0)


@pytest.mark.slow
def test_the_estimate_holds_for_a_whole_graph_and_its_process(tmp_path: Path) -> None:
    found = measured(tmp_path, 1, 2, FAUST % 2)
    assert found["stage"] == "dawdreamer (child)"
    assert_estimated(found, MAPPED_DAWDREAMER + MAPPED_CHILD)
