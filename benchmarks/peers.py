#!/usr/bin/env python3
"""restorack beside its peers on the same audio in one run: quality, speed and memory.

    python benchmarks/peers.py --clean FOLDER [--noise FOLDER] [--most 8] > docs/inside/peers.md

Makes two benchmark sets of the clean recordings (one begins in mid-music, one with a second of
damage alone, for tools that take a clip of the noise), runs every tool that is installed over the
conditions that it is for, scores them, times each on a minute of worn music in a process of its
own, on one core with one thread, and prints the tables in Markdown. Peers that are not there are
named: ``pip install 'restorack[bench]'``, and ffmpeg and sox from the system.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from measuring import run
from peer_list import CLICKS, NOISE, WORN, Peer, peers, programs
from peer_tables import Results, hosting, speeds

PREFACE = """\
Made by `python benchmarks/peers.py` on {today}, {machine}: {count} recordings of music and speech,
{seconds:g} s of each, seed {seed}; medians over them, the worst item's SI-SDR gain in brackets. The
figures are explained in [metrics](metrics.md). Tools that take a clip of the noise were given the
true one, a second of it before the music; what they made of that second is not scored. All others
heard files that begin in mid-music. "late" and "other length" count the items that a tool moved or
cut; scores are of what is left, aligned to the sample. {programs}."""


def make_sets(options: argparse.Namespace, folder: Path) -> dict[bool, Path]:
    """Make the set with a lead-in and the one without, of the same music."""
    from restorack.bench.conditions import choose_conditions
    from restorack.bench.making import MakeOptions, make_set

    names = [*CLICKS, *NOISE[1:-1], *WORN, *([NOISE[-1]] if options.noise else [])]
    chosen = choose_conditions(names, str(options.noise.resolve()) if options.noise else None)
    sets = {True: folder / "with-clip", False: folder / "mid-music"}
    for clip, path in sets.items():
        lead = 1.0 if clip else 0.0
        make_set(path, options.clean, chosen,
                 MakeOptions(options.seed, options.seconds, lead, options.most))  # fmt: skip
    return sets


def run_over(peer: Peer, source: Path, outputs: Path) -> str:
    """Run a tool over its conditions; return what went wrong."""
    for condition in peer.conditions:
        items = sorted((source / condition).glob("*.wav"))
        pairs = [(item, outputs / condition / item.name) for item in items]
        if pairs:
            (outputs / condition).mkdir(parents=True, exist_ok=True)
        for command in peer.commands(pairs) if peer.commands and pairs else []:
            try:
                run(command)
            except subprocess.CalledProcessError as error:
                return f"failed: {(error.output or str(error)).strip().splitlines()[-1]}"
    return ""


def main() -> None:
    """Make sets, run, score, time and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clean", type=Path, required=True, help="clean recordings")
    parser.add_argument("--noise", type=Path, help="recordings of noise")
    parser.add_argument("--most", type=int, default=8, help="recordings at most")
    parser.add_argument("--seconds", type=float, default=6.0, help="music in each item")
    parser.add_argument("--seed", type=int, default=78)
    parser.add_argument("--only", default="", help="peers whose name holds this word")
    parser.add_argument("--plugin", default="ZamCompX2", help="VST3 plugin for the hosts")
    options = parser.parse_args()
    found = [peer for peer in peers() if options.only.lower() in peer.name.lower()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = make_sets(options, folder)
        results = Results({}, [])
        results.score("input", False, sets[False], sets[False])
        for number, peer in enumerate(found):
            if peer.commands is None:
                results.notes.append(f"- {peer.name}: left out, {peer.missing}")
                continue
            print(peer.name, file=sys.stderr, flush=True)
            outputs = folder / f"out{number}"
            trouble = run_over(peer, sets[peer.clip], outputs)
            if trouble:
                results.notes.append(f"- {peer.name}: {trouble}")
            if outputs.is_dir():
                results.score(peer.name, peer.clip, sets[peer.clip], outputs)
        for line in report(options, results, sets, found, folder):
            print(line, flush=True)


def report(
    options: argparse.Namespace,
    results: Results,
    sets: dict[bool, Path],
    found: Sequence[Peer],
    folder: Path,
) -> Iterator[str]:
    """Yield the page."""
    from restorack.bench.manifest import read_manifest

    made = read_manifest(sets[False])
    yield "# restorack beside its peers\n"
    today, count = f"{datetime.now(UTC):%Y-%m-%d}", len(made.items)
    yield PREFACE.format(
        today=today, machine=platform.machine(), count=count, seconds=options.seconds,
        seed=options.seed, programs=programs(),
    )  # fmt: skip
    if results.notes:
        yield "\nNot measured:\n"
        yield from results.notes
    yield "\n## Quality"
    yield from results.tables(sets[False])
    yield from speeds(found, folder)
    yield from hosting(folder, options.plugin)


if __name__ == "__main__":
    main()
