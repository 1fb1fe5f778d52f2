"""Disks that run full: a small file system that a render or a batch fills at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import soundfile

from fuzzing.law import LawError, half_written, require
from restorack.errors import DiskFullError

SECONDS = 120.0
RATE, FRAMES = 8000, 16_000

# In a mount namespace of its own, which needs no rights of root on most systems.
SCRIPT = """\
mount -t tmpfs -o "size=${1}k" tmpfs "$2" || exit 99
where=$2 copy=$3; shift 3
"$@"; code=$?
cp -a "$where/." "$copy/"
exit $code
"""
ALONE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh")


def available() -> bool:
    """Return whether this system lets a small disk be made."""
    words = (*ALONE[:4], "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def trial(choose: Random, folder: Path) -> None:
    """Run a command whose outputs, report or messages may not fit; what is there is whole."""
    given, disk, copy = folder / "in", folder / "disk", folder / "copy"
    for one in (given, disk, copy):
        one.mkdir()
    for seed in range(3):
        sound = np.random.default_rng(seed).uniform(-0.3, 0.3, (FRAMES, 2))
        soundfile.write(given / f"{seed}.wav", sound, RATE, subtype="PCM_16")
    size = choose.choice((4, 40, 80, 150, 300, 600))  # all outputs take about 300 kB and more
    command = _command(choose, given, disk)
    env = os.environ | {"HOME": str(folder)}
    if choose.random() < 0.3:
        env["TMPDIR"] = str(disk)  # where stages keep their first passes
    ran = subprocess.run(
        [*ALONE, str(size), str(disk), str(copy), *command],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    what = f"{size} kB, {' '.join(command[3:])}: exit code {ran.returncode}: {ran.stderr[-1500:]}"
    require(ran.returncode in (0, 1, 5), what)
    require("Traceback" not in ran.stderr, what)
    for journal in copy.rglob("*-wal"):  # SQLite's: without space it cannot be worked in
        journal.unlink()
    left = half_written(copy)
    require(not left, f"{what}; left {left}")  # SQLite keeps its log where it finds no room
    for output in copy.rglob("*.wav"):
        try:
            frames = soundfile.info(output).frames
        except soundfile.LibsndfileError as error:
            raise LawError(f"{what}; {output.name}: {error}") from None
        require(frames == FRAMES, f"{what}; {output.name} has {frames} samples")
    if ran.returncode:
        require("error:" in ran.stderr, what)
        raise DiskFullError(ran.stderr.strip()[-1000:])


def _command(choose: Random, given: Path, disk: Path) -> list[str]:
    stage = choose.choice(("pedalboard.Gain", "restorack.Derumble", "restorack.Loudness"))
    words = [sys.executable, "-m", "restorack"]
    if choose.random() < 0.5:
        words += ["batch", str(given), "-o", str(disk / "out"), "-j", "1"]
        words += choose.choice(([], ["--reports"], ["--differences"]))
    else:
        words += ["render", *(str(given / f"{seed}.wav") for seed in range(3)), "-o", str(disk)]
        words += choose.choice(([], ["--report", str(disk / "report.json")]))
    return [*words, "--stage", stage]
