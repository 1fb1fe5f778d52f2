#!/usr/bin/env python3
"""The declicker's speed beside grooveclean's, and its peak memory over the length of a file.

    python benchmarks/declicking.py [--rounds 3] [--memory 5 60]

One minute of music with 25 clicks a second, mono at 44.1 kHz; every case in a process of its own,
on one core with one thread, seconds those of the processor. ``--memory`` renders files of so many
minutes instead.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from measuring import run, synthesise

STAGE = """
import sys, time, soundfile, restorack
audio, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
stage = restorack.Declicker({settings})
stage(audio[:rate].T, rate)  # compiled code is loaded before the clock starts
began = time.process_time()
stage(audio.T, rate)
print("cpu", time.process_time() - began)
"""


def peer() -> str | None:
    """Return the path of the command grooveclean, if it is installed."""
    beside = Path(sys.executable).parent
    return shutil.which("grooveclean", path=f"{beside}:{os.environ['PATH']}")


def command(name: str) -> list[str]:
    """Return the command that renders a file through the Declicker alone."""
    beside = Path(sys.executable).with_name("restorack")
    return [str(beside), "render", name, "--stage", "restorack.Declicker", "--force", "--quiet"]


def speed(folder: Path, rounds: int) -> None:
    """Print seconds of the processor for a minute, the best of the rounds."""
    file = folder / "worn.wav"
    synthesise(file, 60, 1)
    cases = {
        f"the stage, `{settings or 'defaults'}`": (
            [sys.executable, "-c", STAGE.format(settings=settings), str(file)],
            False,
        )
        for settings in ("", "thumps=False")
    }
    cases["`restorack render`, start included"] = (
        [*command(str(file)), "-o", str(folder / "out.wav")],
        True,
    )
    if (found := peer()) is not None:
        theirs = [found, "clean", str(file), "-o", str(folder / "g.wav"), "--device", "cpu"]
        cases["`grooveclean clean`, start included"] = (theirs, True)
    print("| | s per minute | peak MB |\n|---|---|---|")
    for name, (words, with_start) in cases.items():
        runs = [run(words, with_start=with_start) for _ in range(rounds)]
        seconds, memory = min(r.cpu_seconds for r in runs), max(r.peak_mb for r in runs)
        print(f"| {name} | {seconds:.2f} | {memory:.0f} |", flush=True)


def memory(folder: Path, lengths: list[int]) -> None:
    """Print the peak memory of rendering files of several lengths."""
    print("| minutes | peak MB |\n|---|---|")
    for minutes in lengths:
        file = folder / f"{minutes}.wav"
        synthesise(file, 60 * minutes, 1)
        words = [*command(str(file)), "--engine", "stream", "-o", str(folder / "out.wav")]
        done = run(words)
        print(f"| {minutes} | {done.peak_mb:.0f} |", flush=True)


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="+", metavar="MINUTES")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, one core\n")
    with tempfile.TemporaryDirectory() as name:
        if options.memory:
            memory(Path(name), options.memory)
        else:
            speed(Path(name), options.rounds)


if __name__ == "__main__":
    main()
