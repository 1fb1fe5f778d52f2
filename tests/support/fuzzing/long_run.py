"""Trials with random seeds for a while, in processes of their own: ``scripts/fuzz``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from fuzzing import disks
from fuzzing.law import Trial, attempt, keep

QUICK = ("audio", "presets", "sessions", "repairs", "patterns", "answers", "manifests")
SLOW = ("kills", "disks")
SHARE = 0.15
"""Of the time, for each of the kinds whose trials take seconds."""

CHUNK_SECONDS = 30.0
"""A process tries so long, and another one goes on: what leaks does not add up."""


def main() -> int:
    """Try for a while, print the table; return 1 where something failed."""
    options = _options()
    if options.serve:
        return _serve(options)
    kinds = _kinds(options.kind)
    first = options.seed if options.seed is not None else random.SystemRandom().randrange(10**9)
    keeping = Path(options.keep)
    begun, deadline = time.time(), time.monotonic() + 60 * options.minutes
    with ThreadPoolExecutor(options.jobs) as pool:
        turns = [
            pool.submit(_lane, kinds, first + 10**9 * lane, deadline, keeping, options.once)
            for lane in range(options.jobs)
        ]
        trials = [trial for turn in turns for trial in turn.result()]
    _print_table(trials, kinds, first, (time.time() - begun) / 60, options.jobs)
    failed = [trial for trial in trials if trial.verdict == "failed"]
    for trial in failed[:20]:
        print(f"\n{trial.kind} {trial.seed}: {trial.said.strip()[-600:]}", file=sys.stderr)
    if failed:
        print(f"\nkept in {keeping}", file=sys.stderr)
    return int(bool(failed))


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kind", action="append", choices=(*QUICK, *SLOW))
    parser.add_argument("--seed", type=int, help="of the first trial; random without it")
    parser.add_argument("--keep", default="fuzz-failures", help="folder for inputs that failed")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--once", action="store_true", help="one trial: that of --kind and --seed")
    parser.add_argument("--serve", nargs=2, metavar=("FILE", "SECONDS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        options.jobs, options.minutes = 1, 60.0
    return options


def _kinds(wanted: list[str] | None) -> list[str]:
    kinds = wanted or [*QUICK, *SLOW]
    return [kind for kind in kinds if kind != "disks" or disks.available()]


def _lane(kinds: list[str], seed: int, deadline: float, keeping: Path, once: bool) -> list[Trial]:
    """Try one kind after the other, each with its share of the time."""
    spent = dict.fromkeys(kinds, 0.0)
    trials: list[Trial] = []
    while time.monotonic() < deadline and not (once and trials):
        kind = min(kinds, key=lambda name: spent[name] / (SHARE if name in SLOW else 0.1))
        begun = time.monotonic()
        seconds = min(CHUNK_SECONDS, max(1.0, deadline - begun))
        found = _chunk(kind, seed, 0.0 if once else seconds, keeping)
        trials, seed = trials + found, seed + len(found)
        spent[kind] += time.monotonic() - begun
    return trials


def _chunk(kind: str, seed: int, seconds: float, keeping: Path) -> list[Trial]:
    """Have a process try; the trial that ends the process has failed."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as log:
        command = [sys.executable, "-m", "fuzzing.long_run", "--kind", kind, "--seed", str(seed)]
        command += ["--keep", str(keeping), "--serve", log.name, str(seconds)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in log if line.endswith("\n")]
    trials = [Trial(**line) for line in lines if "verdict" in line]
    if ran.returncode or len(lines) != 2 * len(trials):
        said = f"the process ended as {ran.returncode}: {ran.stderr[-3000:]}"
        trials.append(Trial(kind, seed + len(trials), "failed", said))
    return trials


def _serve(options: Any) -> int:
    """Try one seed after the other for a while; note each before and after."""
    [name], seed = options.kind, options.seed
    kind, (log, seconds) = import_module(f"fuzzing.{name}"), options.serve
    getattr(kind, "warm_up", bool)()
    deadline = time.monotonic() + float(seconds)
    with Path(log).open("a") as notes:
        while True:
            print(json.dumps({"kind": name, "seed": seed}), file=notes, flush=True)
            with tempfile.TemporaryDirectory(prefix="restorack-fuzz-") as folder:
                trial = attempt(kind, seed, Path(folder))
                if trial.verdict == "failed":
                    keep(trial, Path(folder), Path(options.keep))
            print(json.dumps(vars(trial)), file=notes, flush=True)
            seed += 1
            if time.monotonic() >= deadline:
                return 0


def _print_table(
    trials: list[Trial], kinds: list[str], seed: int, minutes: float, jobs: int
) -> None:
    """Print the table of docs/reference/reliability.md."""
    counts = Counter((trial.kind, trial.verdict) for trial in trials)
    rows = [
        [kind, *(counts[kind, verdict] for verdict in ("passed", "refused", "failed"))]
        for kind in kinds
    ]
    rows.append(["all", *(sum(int(row[at]) for row in rows) for at in (1, 2, 3))])
    print("| kind | tried | right | refused by name | failed |")
    print("|---|---:|---:|---:|---:|")
    for kind, passed, refused, failed in rows:
        tried = int(passed) + int(refused) + int(failed)
        print(f"| {kind} | {tried:,} | {passed:,} | {refused:,} | {failed:,} |")
    slowest = max(trials, key=lambda trial: trial.seconds, default=None)
    if slowest is not None:
        print(f"\nSlowest: {slowest.kind} {slowest.seed}, {slowest.seconds:.1f} s.")
    day = time.strftime("%Y-%m-%d")
    print(
        f"`scripts/fuzz --seed {seed}`, {minutes:.0f} minutes by {jobs} processes; {day}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} cores."
    )


if __name__ == "__main__":
    sys.exit(main())
