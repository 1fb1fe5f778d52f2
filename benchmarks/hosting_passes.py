"""Time a plugin's first passes, and renders of a file one after the other, beside pedalboard.

    python benchmarks/hosting_passes.py [--plugin ZamCompX2] [--seconds 5.0] [--times 3]

Each row is a process of its own; of several times the shortest is given: other programs only add.
``new`` begins with an empty cache, so that all is found out of the plugin for the first time;
``known`` is the next process. pedalboard loads a plugin into its own process, without a sandbox.
The last column is the processor time of the whole process and of those that it starts, which says
more than the others on a busy machine. Bytecode is written first, as installing does.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import soundfile

import restorack
from restorack.hosting.installed import find_vst3
from restorack.testing.signals import worn_music

RATE = 44_100
PASSES = 4

OURS = """
from restorack.chains import Chain
from restorack.hosting.loading import load_plugin
def loaded(path):
    return Chain([load_plugin(path)])
def passed(chain, audio, rate):
    chain(audio, rate)
"""
THEIRS = """
import pedalboard
def loaded(path):
    return pedalboard.Pedalboard([pedalboard.load_plugin(path)])
def passed(board, audio, rate):
    board(audio, rate)
"""
TIMED = """
import json, sys, time
from time import perf_counter
began = perf_counter()
{host}
import soundfile
times = [perf_counter() - began]
audio, rate = soundfile.read(sys.argv[2], dtype="float32")
began = perf_counter()
rack = loaded(sys.argv[1])
times.append(perf_counter() - began)
for index in range({passes}):
    began = perf_counter()
    passed(rack, audio.T, rate)
    times.append(perf_counter() - began)
    # As music would be read or played meanwhile: what goes on beside a pass may end.
    time.sleep(3.0 if index == 1 else 0.0)
print("TIMES", json.dumps(times))
"""
RENDERED = """
import sys, pedalboard, soundfile
audio, rate = soundfile.read(sys.argv[2], dtype="float32")
board = pedalboard.Pedalboard([pedalboard.load_plugin(sys.argv[1])])
soundfile.write(sys.argv[3], board(audio.T, rate).T, rate, "PCM_24")
"""


def main() -> int:
    """Print what each step takes, in seconds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plugin", default="ZamCompX2", help="a VST3 (ZamCompX2)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of worn music (5.0)")
    parser.add_argument("--times", type=int, default=3, help="that each process runs (3)")
    given = parser.parse_args()
    for folder in restorack.__path__:
        compileall.compile_dir(folder, quiet=2)
    rows: dict[str, list[list[float]]] = {}
    for _ in range(given.times):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "in.wav")
            soundfile.write(source, worn_music(RATE, given.seconds, 2).T, RATE, "FLOAT")
            for name, times in round_of(str(find_vst3(given.plugin)), source, Path(folder)):
                rows.setdefault(name, []).append(times)
    names = ["import", "load", *(f"pass {index + 1}" for index in range(PASSES)), "cpu"]
    print(f"{'seconds':28}", *(f"{name:>7}" for name in names))
    for name, found in rows.items():
        shortest = [f"{min(column):7.2f}" for column in zip(*found, strict=True)]
        shortest[-1:-1] = [" " * 7] * (len(names) - len(shortest))
        print(f"{name:28}", *shortest)
    return 0


def round_of(path: str, source: Path, folder: Path) -> list[tuple[str, list[float]]]:
    """Return the times of each process once, the caches of the first ones empty."""
    cache, once, other = folder / "cache", folder / "once", folder / "other"
    target = str(folder / "out.wav")
    render = ["-m", "restorack", "render", str(source), "-o", target, "--force", "--quiet"]
    render += ["--stage", f"vst3={path}"]
    by_pedalboard = ["-c", RENDERED, path, str(source), target]
    return [
        ("restorack, new", passes(OURS, path, source, cache)),
        ("restorack, known", passes(OURS, path, source, cache)),
        ("pedalboard", passes(THEIRS, path, source, cache)),
        ("restorack, once, new", passes(OURS, path, source, once, 1)),
        ("restorack, once, known", passes(OURS, path, source, once, 1)),
        ("restorack render, new", whole(render, other)),
        ("restorack render, known", whole(render, other)),
        ("a file by pedalboard", whole(by_pedalboard, other)),
    ]


def passes(host: str, path: str, source: Path, cache: Path, times: int = PASSES) -> list[float]:
    """Return a process's times to import, to load, of each pass, and its processor time."""
    code = TIMED.format(host=host, passes=times)
    said, cpu = ran(["-c", code, path, str(source)], cache)
    line = next(line for line in said.splitlines() if line.startswith("TIMES "))
    return [*(float(value) for value in json.loads(line.removeprefix("TIMES "))), cpu]


def whole(arguments: list[str], cache: Path) -> list[float]:
    """Return how long a process takes in all, and its processor time."""
    began = perf_counter()
    _, cpu = ran(arguments, cache)
    return [perf_counter() - began, cpu]


def ran(arguments: list[str], cache: Path) -> tuple[str, float]:
    """Run Python with these arguments and a cache; return what it prints, and processor time."""
    given = os.environ | {"XDG_CACHE_HOME": str(cache)}
    before = _processor_seconds()
    ended = subprocess.run(
        [sys.executable, *arguments], env=given, capture_output=True, text=True, check=True
    )
    return ended.stdout, _processor_seconds() - before


def _processor_seconds() -> float:
    """Return what the processes that have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
