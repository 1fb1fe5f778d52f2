#!/usr/bin/env python3
"""Speed and peak memory, restorack beside its peers, on the same audio in one run, on one core.

    python benchmarks/speed.py [--minutes 1] [--rounds 3] [--hour [RACK]] [--long-minutes 60]

Every case runs in a process of its own, pinned to one core with one thread. The audio is
synthesised: music with 25 clicks a second and hiss. Peers that are not installed are named and
left out (``pip install restorack[bench]``; grooveclean needs torch). ``--hour`` also renders one
hour of stereo, or as long as is said, through a preset (78rpm-heavy) or a stage
(``"UNetDenoiser()"``).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from measuring import run, synthesise

STAGE = """
import sys, soundfile, restorack
audio, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
stage = restorack.{stage}
stage(audio[:rate].T, rate)  # compiled code is loaded before the clock starts
import time
began, worked = time.perf_counter(), time.process_time()
stage(audio.T, rate)
print("seconds", time.perf_counter() - began)
print("cpu", time.process_time() - worked)
"""
NOISEREDUCE = """
import sys, soundfile, noisereduce, time
audio, rate = soundfile.read(sys.argv[1], dtype="float32")
noisereduce.reduce_noise(y=audio[:rate], sr=rate, stationary=True)
began, worked = time.perf_counter(), time.process_time()
noisereduce.reduce_noise(y=audio, sr=rate, stationary=True, prop_decrease=0.8)
print("seconds", time.perf_counter() - began)
print("cpu", time.process_time() - worked)
"""
RENDER = """
import sys, time, restorack
rack = sys.argv[3]
if rack.endswith(")"):
    stage, _, settings = rack[:-1].partition("(")
    named = dict(one.split("=") for one in settings.split(",") if one)
    rack = restorack.Chain([getattr(restorack, stage)(**named)])
began = time.perf_counter()
result = restorack.render(sys.argv[1], sys.argv[2], rack, force=True)
print("engine", result.engine)
print("seconds", time.perf_counter() - began)
"""
STAGES = (
    "Declicker()",
    "SpectralDenoiser()",
    "UNetDenoiser()",
    "Dehum()",
    "Derumble()",
    "BandwidthExtender(edge_hz=8000)",
    "BandwidthExtender(edge_hz=8000,mode='classical')",
    "SpectralShaper(air_percent=15)",
    "Loudness(mode='lufs', target=-18)",
)


def cases(file: Path, folder: Path) -> dict[str, list[str]]:
    """Return the commands by name."""
    python = sys.executable
    found = {
        f"restorack {stage.removesuffix('()')}": [
            python,
            "-c",
            STAGE.format(stage=stage),
            str(file),
        ]
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
    parser.add_argument("--hour", nargs="?", const="78rpm-heavy", metavar="RACK")
    parser.add_argument("--long-minutes", type=float, default=60.0)
    parser.add_argument("--only", default="", help="cases whose name holds one of A,B,...")
    options = parser.parse_args()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    print(f"{today}, {platform.machine()}, one core, {options.minutes:g} min mono")
    print("\n| | s per minute | processor s | x real time | peak MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "worn.wav"
        synthesise(file, 60 * options.minutes, 1)
        for label, command in cases(file, folder).items():
            if not any(word in label.lower() for word in options.only.lower().split(",")):
                continue
            runs = [run(command) for _ in range(options.rounds)]
            seconds, memory = min(r.seconds for r in runs), max(r.peak_mb for r in runs)
            worked = min(r.cpu_seconds for r in runs) / options.minutes
            print(
                f"| {label} | {seconds / options.minutes:.2f} | {worked:.2f} "
                f"| {60 / worked:.0f} | {memory:.0f} |",
                flush=True,
            )
        if options.hour:
            length = 60 * options.long_minutes
            synthesise(file, length, 2)
            command = [sys.executable, "-c", RENDER, str(file), str(folder / "out.wav")]
            done = run([*command, options.hour])
            engine = next(
                line.split()[1] for line in done.printed.splitlines() if line.startswith("engine ")
            )
            print(
                f"| {options.long_minutes:g} minutes of stereo, {options.hour}, file to file "
                f"({engine}) | {done.seconds / options.long_minutes:.2f} "
                f"| {done.cpu_seconds / options.long_minutes:.2f} "
                f"| {length / done.cpu_seconds:.0f} | {done.peak_mb:.0f} |"
            )


if __name__ == "__main__":
    main()
