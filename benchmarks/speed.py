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
            seconds, memory = min(r.seconds for r in runs), max(r.peak_mb for r in runs)
            per_minute = seconds / options.minutes
            print(
                f"| {label} | {per_minute:.2f} | {60 / per_minute:.0f} | {memory:.0f} |", flush=True
            )
        if options.hour:
            synthesise(file, 3600, 2)
            command = [sys.executable, "-c", RENDER, str(file), str(folder / "out.wav")]
            done = run(command)
            seconds, memory = done.seconds, done.peak_mb
            engine = next(
                line.split()[1] for line in done.printed.splitlines() if line.startswith("engine ")
            )
            print(
                f"| one hour of stereo through 78rpm-heavy, file to file ({engine}) "
                f"| {seconds / 60:.2f} | {3600 / seconds:.1f} | {memory:.0f} |"
            )


if __name__ == "__main__":
    main()
