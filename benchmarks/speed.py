#!/usr/bin/env python3
"""Speed and peak memory, restorack beside its peers, on the same audio in one run, on one core.

    python benchmarks/speed.py [--minutes 1] [--hour] [--rounds 3]

Every case runs in a process of its own, pinned to one core with one thread. The audio is
synthesised: music with 25 clicks a second and hiss. Peers that are not installed are named and
left out (``pip install restorack[bench]``; grooveclean needs torch). ``--hour`` also renders one
hour of stereo through the preset 78rpm-heavy.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

RATE = 44_100
THREADS = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

STAGE = """
import sys, soundfile, restorack
audio, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
stage = restorack.{stage}
stage(audio[:rate].T, rate)  # compiled code is loaded before the clock starts
import time
began = time.perf_counter()
stage(audio.T, rate)
print("seconds", time.perf_counter() - began)
"""
NOISEREDUCE = """
import sys, soundfile, noisereduce, time
audio, rate = soundfile.read(sys.argv[1], dtype="float32")
noisereduce.reduce_noise(y=audio[:rate], sr=rate, stationary=True)
began = time.perf_counter()
noisereduce.reduce_noise(y=audio, sr=rate, stationary=True, prop_decrease=0.8)
print("seconds", time.perf_counter() - began)
"""
RENDER = """
import sys, time, restorack
began = time.perf_counter()
result = restorack.render(sys.argv[1], sys.argv[2], "78rpm-heavy", force=True)
print("engine", result.engine)
print("seconds", time.perf_counter() - began)
"""
STAGES = (
    "Declicker()",
    "SpectralDenoiser()",
    "Dehum()",
    "Derumble()",
    "BandwidthExtender()",
    "SpectralShaper(air_percent=15)",
    "Loudness(mode='lufs', target=-18)",
)


def synthesise(path: Path, seconds: float, channels: int) -> None:
    """Write worn music of any length, made minute by minute."""
    import numpy as np
    import soundfile

    from restorack.contract.signals import worn_music

    piece = worn_music(float(RATE), min(60.0, seconds), channels)
    random = np.random.default_rng(7)
    for at in random.integers(0, piece.shape[1] - 40, int(13 * piece.shape[1] / RATE)):
        piece[:, at : at + 30] += np.float32(0.4) * np.hanning(30) * random.choice([-1, 1])
    piece *= 0.9 / np.abs(piece).max()
    with soundfile.SoundFile(path, "w", RATE, channels, "PCM_24", format="RF64") as file:
        for _ in range(max(1, round(seconds / 60))):
            file.write(piece.T)


def run(command: list[str]) -> tuple[float, float, str]:
    """Run a command on one core; return its seconds, its peak memory in MB and what it printed."""
    read, write = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        os.dup2(write, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.execvpe(command[0], command, {**os.environ, **THREADS})  # noqa: S606
    os.close(write)
    with os.fdopen(read) as pipe:
        printed = pipe.read()
    _, status, usage = os.wait4(child, 0)
    elapsed = time.perf_counter() - began
    if status:
        raise subprocess.CalledProcessError(status, command)
    for line in printed.splitlines():
        if line.startswith("seconds "):
            elapsed = float(line.split()[1])
    return elapsed, usage.ru_maxrss / 1024, printed


def cases(file: Path, folder: Path) -> dict[str, list[str]]:
    """Return the commands by name."""
    python = sys.executable
    found = {
        f"restorack {stage.partition('(')[0]}": [python, "-c", STAGE.format(stage=stage), str(file)]
        for stage in STAGES
    }
    grooveclean = shutil.which("grooveclean", path=f"{Path(python).parent}:{os.environ['PATH']}")
    if grooveclean is not None:
        found["grooveclean (declick)"] = [
            grooveclean, "clean", str(file), "-o", str(folder / "g.wav"),
            "--device", "cpu", "--sensitivity", "0.5",
        ]  # fmt: skip
    if importlib.util.find_spec("noisereduce"):
        found["noisereduce (stationary)"] = [python, "-c", NOISEREDUCE, str(file)]
    return found


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hour", action="store_true")
    parser.add_argument("--only", default="", help="cases whose name holds this word")
    options = parser.parse_args()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    print(f"{today}, {platform.machine()}, one core, {options.minutes:g} min mono")
    print("\n| | s per minute | x real time | peak MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "worn.wav"
        synthesise(file, 60 * options.minutes, 1)
        for label, command in cases(file, folder).items():
            if options.only.lower() not in label.lower():
                continue
            runs = [run(command) for _ in range(options.rounds)]
            seconds, memory = min(r[0] for r in runs), max(r[1] for r in runs)
            per_minute = seconds / options.minutes
            print(
                f"| {label} | {per_minute:.2f} | {60 / per_minute:.0f} | {memory:.0f} |", flush=True
            )
        if options.hour:
            synthesise(file, 3600, 2)
            command = [sys.executable, "-c", RENDER, str(file), str(folder / "out.wav")]
            seconds, memory, printed = run(command)
            engine = printed.split()[1]
            print(
                f"| one hour of stereo through 78rpm-heavy, file to file ({engine}) "
                f"| {seconds / 60:.2f} | {3600 / seconds:.1f} | {memory:.0f} |"
            )


if __name__ == "__main__":
    main()
