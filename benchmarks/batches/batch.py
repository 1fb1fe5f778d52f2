#!/usr/bin/env python3
"""Batches: workers against one, what crashes cost, memory over many files.

    python benchmarks/batches/batch.py [--files 48] [--seconds 10] [--rounds 3]
    python benchmarks/batches/batch.py --crashes [--files 200] [--seconds 3]
    python benchmarks/batches/batch.py --memory [--files 500] [--seconds 1]

Every figure is the ratio of runs of the same files in one call, in turn, and the best of the
rounds. The audio is synthesised. ``--crashes`` compiles an LV2 plugin that aborts on loud samples
(gcc) and renders the same files twice: once none of them is loud, once one in twenty. Workers are
pinned to ``--cores`` cores. The machine should have nothing else to do: the load before the run is
printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from native_plugins import lv2_bundle  # noqa: E402  a support module of the tests

from restorack.testing.signals import worn_music  # noqa: E402

RATE = 44_100
LOUD_EVERY = 20

PLAIN = """\
format: 1
name: plain
stages:
  - restorack.Declicker: {}
  - restorack.SpectralDenoiser: {}
"""
HOSTED = """\
format: 1
name: hosted
stages:
  - restorack.Declicker: {}
  - vst3: ZamCompX2
  - restorack.SpectralDenoiser: {}
"""
CRASHING = f"""\
format: 1
name: crashing
stages:
  - restorack.Declicker: {{}}
  - lv2: {lv2_bundle.URI}
    params: {{mode: 4}}
  - restorack.SpectralDenoiser: {{}}
"""


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--crashes", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--files", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{given.cores} cores, load before: {load}")
    folder = Path(tempfile.mkdtemp(prefix="batch-benchmark-"))
    try:
        if given.crashes:
            crashes(folder, given.files or 200, given.seconds or 3.0, given.rounds)
        elif given.memory:
            memory(folder, given.files or 500, given.seconds or 1.0)
        else:
            workers(folder, given.files or 48, given.seconds or 10.0, given.rounds, given.cores)
    finally:
        shutil.rmtree(folder)


def workers(folder: Path, files: int, seconds: float, rounds: int, cores: int) -> None:
    """Print how much faster several workers are than one, with and without plugins."""
    write_files(folder / "in", files, seconds)
    for name, preset in (("without plugins", PLAIN), ("with a VST3", HOSTED)):
        best: dict[int, float] = {}
        batch(folder, "in", preset, 1, files=2)  # compiled code is made before the clock starts
        for _ in range(rounds):
            for count in (1, cores):
                took = batch(folder, "in", preset, count)["seconds"]
                best[count] = min(took, best.get(count, took))
        ratio, audio = best[1] / best[cores], files * seconds
        print(
            f"{name}: 1 worker {best[1]:.1f} s ({audio / best[1]:.1f} x real time), "
            f"{cores} workers {best[cores]:.1f} s ({audio / best[cores]:.1f} x): {ratio:.2f} x"
        )


def crashes(folder: Path, files: int, seconds: float, rounds: int) -> None:
    """Print what it costs that a plugin crashes on one file in twenty."""
    lv2_bundle.install(folder)
    os.environ["HOME"] = str(folder)
    write_files(folder / "calm", files, seconds)
    write_files(folder / "wild", files, seconds, loud_every=LOUD_EVERY)
    best: dict[str, float] = {}
    batch(folder, "calm", CRASHING, 2, files=2)
    for _ in range(rounds):
        for name in ("calm", "wild"):
            document = batch(folder, name, CRASHING, 2)
            rate = document["counts"]["done"] / document["seconds"]
            best[name] = max(rate, best.get(name, rate))
            print(f"{name}: {document['counts']}, {rate:.2f} files/s")
    print(f"with crashes {100 * best['wild'] / best['calm']:.0f} % of the throughput without")


def memory(folder: Path, files: int, seconds: float) -> None:
    """Print what one worker holds after some files and after many."""
    from restorack.presets import chain_from_text
    from restorack.render.batch import (
        LocalPool,
        OutputLayout,
        OutputSpec,
        Pattern,
        make_recipe,
        run_batch,
    )  # fmt: skip
    from restorack.render.plan import RenderOptions

    write_files(folder / "in", files, seconds)
    for engine in ("dawdreamer", "stream"):
        recipe = make_recipe(chain_from_text(HOSTED), "hosted", RenderOptions(engine=engine))
        wanted = OutputSpec(OutputLayout(folder / engine), recipe, Pattern("{stem}", "wav"))
        result = run_batch(
            [folder / "in"], wanted, make_executor=lambda tell: LocalPool(1, on_progress=tell)
        )
        [sizes] = result.memory.values()
        tenth = len(sizes) // 10
        early, late = (
            statistics.median(part) for part in (sizes[tenth : 2 * tenth], sizes[-tenth:])
        )
        print(
            f"{engine}: a worker with its plugins holds {early / 1e6:.0f} MB after "
            f"{tenth} to {2 * tenth} files, {late / 1e6:.0f} MB after the last {tenth} of {files}"
        )


def write_files(folder: Path, count: int, seconds: float, loud_every: int = 0) -> None:
    """Write music, in some files louder than the crashing plugin bears."""
    folder.mkdir()
    music = worn_music(RATE, seconds + 2.0, 2)
    for number in range(count):
        start = 97 * number
        piece = music[:, start : start + round(seconds * RATE)].copy()
        piece *= np.float32(0.6 / np.abs(piece).max())
        if loud_every and number % loud_every == loud_every // 2:
            piece[:, 20_000:24_000] = 0.99
        soundfile.write(folder / f"{number:04}.wav", piece.T, RATE, subtype="PCM_24")


def batch(folder: Path, inputs: str, preset: str, count: int, files: int = 0) -> dict[str, Any]:
    """Render a folder afresh by so many workers and return the summary."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    (folder / "preset.yaml").write_text(preset)
    names = sorted((folder / inputs).iterdir())
    command = [sys.executable, "-m", "restorack.cli.main", "batch", *(names[:files] or names)]
    command += ["-p", folder / "preset.yaml", "-o", out, "-j", count, "--json", "--quiet"]
    began = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    document: dict[str, Any] = json.loads(done.stdout)
    return document | {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    main()
