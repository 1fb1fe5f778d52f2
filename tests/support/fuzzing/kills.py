"""Signals and kills at any moment: of a render, a batch, its workers, the child that hosts."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import psutil
import soundfile

from fuzzing.law import half_written, require

SECONDS = 240.0
RATE, FRAMES, FILES = 8000, 8000, 4
POLITE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PLAIN = (
    "format: 1\nname: plain\nstages:\n- restorack.Derumble: {}\n- pedalboard.Gain: {gain_db: -6}\n"
)
HOSTED = "format: 1\nname: hosted\nstages:\n- vst3: ZamCompX2\n- pedalboard.Gain: {gain_db: -6}\n"


def trial(choose: Random, folder: Path) -> None:
    """Disturb a command at a moment of its life; what is there is whole, what is not is resumed."""
    hosted = Path("/usr/lib/vst3/ZamCompX2.vst3").exists() and choose.random() < 0.5
    calm, usual = _calm(hosted)
    command = _command(folder, hosted)
    _write_inputs(folder)
    process = _start(command, folder)
    family = {process.pid}
    victim = choose.choice(("whole", "polite", "polite", "worker", "child" if hosted else "worker"))
    number = choose.choice(POLITE) if victim == "polite" else signal.SIGKILL
    _wait(process, choose.uniform(0.0, 1.1) * usual, family)
    ready = _answers_signals(process.pid)
    sent = _disturb(process, victim, number, choose)
    said = process.communicate(timeout=SECONDS / 3)[1]
    what = f"{victim} {signal.Signals(number).name}: ended as {process.returncode}: {said}"
    _require_code(process.returncode, victim, number, ready, sent, what)
    _require_gone(family)
    if victim != "whole":
        require(not half_written(folder), f"{what}; left {half_written(folder)}")
    require(_outputs(folder).items() <= calm.items(), f"{what}; an output that is not whole")
    again = subprocess.run(command, env=_env(folder), capture_output=True, text=True, check=False)
    require(again.returncode == 0, f"{what}; then {again.returncode}: {again.stderr}")
    require(_outputs(folder) == calm, f"{what}; then other outputs")
    require(not half_written(folder), f"{what}; then left {half_written(folder)}")


def _command(folder: Path, hosted: bool) -> list[str]:
    preset = folder / "preset.yaml"
    preset.write_text(HOSTED if hosted else PLAIN)
    words = ("batch", folder / "in", "-o", folder / "out", "-p", preset, "-j", 2, "--quiet")
    return [sys.executable, "-m", "restorack", *map(str, words)]


def _env(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return os.environ | {"TMPDIR": str(folder / "tmp"), "HOME": str(folder)}


def _start(command: list[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, env=_env(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _write_inputs(folder: Path) -> None:
    (folder / "in").mkdir()
    for seed in range(FILES):
        sound = np.random.default_rng(seed).uniform(-0.3, 0.3, (FRAMES, 2))
        soundfile.write(folder / "in" / f"{seed}.wav", sound, RATE, subtype="PCM_16")


@functools.cache
def _calm(hosted: bool) -> tuple[dict[str, bytes], float]:
    """Return the outputs of an undisturbed run, and how long it takes once files are cached."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_inputs(folder)
        command = _command(folder, hosted)
        begun = time.monotonic()
        subprocess.run(command, env=_env(folder), check=True, capture_output=True)
        return _outputs(folder), time.monotonic() - begun


def _outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "out").glob("*.wav")}


def _wait(process: Any, seconds: float, family: set[int]) -> None:
    """Let a process live for a while, and note the processes that it starts."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        family |= {one.pid for one in _descendants(process.pid)}
        time.sleep(0.01)


def _descendants(number: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return psutil.Process(number).children(recursive=True)
    return []


def _answers_signals(number: int) -> bool:
    """Return whether a process has its handlers: before, a signal ends it as the system does."""
    with suppress(OSError):
        for line in Path(f"/proc/{number}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def _disturb(process: Any, victim: str, number: int, choose: Random) -> bool:
    """Send the signal; return whether there was anybody to send it to."""
    if victim in ("whole", "polite"):
        if process.poll() is None:
            process.send_signal(number)
            return True
        return False
    modules = {
        "worker": "restorack.render.batch.executors.worker",
        "child": "restorack.hosting.child",
    }
    found = []
    for one in _descendants(process.pid):
        with suppress(psutil.Error):
            if modules[victim] in one.cmdline():
                found.append(one)
    if found:
        with suppress(psutil.Error):
            choose.choice(sorted(found, key=lambda one: one.pid)).send_signal(number)
    return bool(found)


def _require_code(code: int, victim: str, number: int, ready: bool, sent: bool, what: str) -> None:
    if not sent:
        require(code == 0, f"undisturbed, {what}")
    elif victim == "whole":
        require(code in (0, -number), what)
    elif victim == "polite":
        # Its last file may have been done already; before its handlers the system answers.
        require(code in (0, 130) or (not ready and code in (-number, 1)), what)
    else:
        require(code == 0, what)  # the file is done again by another


def _require_gone(family: set[int]) -> None:
    deadline = time.monotonic() + 20
    while (left := [one for one in family if _lives(one)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    require(not left, f"{len(left)} processes outlive their batch")


def _lives(number: int) -> bool:
    with suppress(psutil.Error):
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    return False
