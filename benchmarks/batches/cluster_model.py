"""How long a wall of records takes on a cluster: a formula, and a simulation that checks it.

    python benchmarks/batches/cluster_model.py [--sides 100000] [--cores 32 256 2000]
    python benchmarks/batches/cluster_model.py --measured batch.jsonl  times of a batch's --log-json

The simulation draws sides, machines that are slow or lost, and a store that all share; the formula
has only the means. Both take the measured times of docs/inside/sizing.md, or those of a log.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

SIDE = 210.0
"""Seconds of sound of a side: 3.5 minutes."""


@dataclass(frozen=True)
class Costs:
    """What was measured, and what a cluster is taken to be.

    Attributes
    ----------
    factors : tuple of float
        Processor seconds for a second of sound, of single files: what is drawn from.
    start : float
        Seconds from a worker's start to its first file.
    queue : float
        Seconds that the queue takes to start one worker after the other, for each.
    staging : float
        Seconds of a file that do not depend on its size: requests to the store.
    size_in, size_out : float
        Bytes of a side before and after.
    link : float
        Bytes a second between one worker and the store.
    store : float
        Bytes a second that the store gives all workers together.
    slow : float
        Share of machines that take twice as long.
    losses : float
        Machines lost in a core-hour.
    head : float
        Seconds that one command takes to note a file: manifests, listings.
    """

    factors: tuple[float, ...]
    start: float = 6.0
    queue: float = 0.05
    staging: float = 0.25
    size_in: float = SIDE * 44_100 * 3
    size_out: float = SIDE * 44_100 * 3
    link: float = 60e6
    store: float = 1.25e9
    slow: float = 0.02
    losses: float = 2e-5
    head: float = 0.002

    @property
    def factor(self) -> float:
        """Mean processor seconds for a second of sound."""
        return statistics.fmean(self.factors)


def formula(costs: Costs, sides: int, cores: int) -> dict[str, float]:
    """Return the terms of the time that a batch takes, in seconds, by means alone."""
    render = SIDE * costs.factor
    stage = costs.staging + (costs.size_in + costs.size_out) / costs.link
    slowed = (1 - costs.slow) + costs.slow / 2  # a slow machine does half as many files
    work = sides * (render + stage) / (cores * slowed)
    store = sides * (costs.size_in + costs.size_out) / costs.store
    # At the end each worker has a file in hand: the slowest machines end last.
    longest = max(costs.factors) * SIDE * (2 if cores * costs.slow >= 1 else 1) + stage
    start = costs.start + costs.queue * cores / 2
    lost = costs.losses * work / 3600 * (render / 2 + costs.start)
    return {
        "start": start, "work": max(work, store, sides * costs.head), "straggler": longest / 2,
        "lost": lost, "store alone": store, "head alone": sides * costs.head,
        "total": start + max(work, store, sides * costs.head) + longest / 2 + lost,
    }  # fmt: skip


def simulate(
    costs: Costs, sides: int, cores: int, *, parts: int = 0, seed: int = 0
) -> dict[str, float]:
    """Return how long a batch takes, and the share of time in which workers render.

    Parameters
    ----------
    costs : Costs
    sides, cores : int
    parts : int
        The list is split (``--shard K/N``), and whoever is free begins the next part; 0: whoever
        is free takes the next file.
    seed : int
    """
    random = np.random.default_rng(seed)
    render = SIDE * random.choice(costs.factors, sides)
    slow = np.where(random.random(cores) < costs.slow, 2.0, 1.0)
    lost_in = 3600.0 / costs.losses if costs.losses else math.inf
    stage, share = stage_of(costs, costs.link), (costs.size_in + costs.size_out) / costs.store
    free = [(costs.start + costs.queue * number, number) for number in range(cores)]
    heapq.heapify(free)
    step = parts or 1
    next_of = [sides] * cores  # of each worker's part, which is then at its end
    begun, last, store = 0, 0.0, 0.0
    while free:
        at, worker = heapq.heappop(free)
        if next_of[worker] >= sides:
            if begun >= (parts or sides):
                continue
            at += costs.start if parts and begun >= cores else 0.0
            next_of[worker], begun = begun, begun + 1
        file = next_of[worker]
        next_of[worker] = file + step if parts else sides
        spent = float(render[file]) * slow[worker]
        while random.exponential(lost_in) < spent:  # lost in the middle: elsewhere, again
            at += spent * random.random() + costs.start
        store = max(store, at) + share  # one transfer after the other, as fast as the store can
        at = max(at + stage, store) + spent
        last = max(last, at)
        heapq.heappush(free, (at, worker))
    last = max(last, sides * costs.head)
    return {"total": last, "busy": float(render.sum()) / (last * cores)}


def stage_of(costs: Costs, link: float) -> float:
    """Return the seconds that a file's transfers take at a rate."""
    return costs.staging + (costs.size_in + costs.size_out) / link


def measured(log: Path) -> tuple[float, ...]:
    """Return the seconds for a second of sound of every file that a batch's log has."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    done = [one for one in lines if one.get("status") == "done" and one["audio_seconds"]]
    return tuple(one["seconds"] / one["audio_seconds"] for one in done)


def table(costs: Costs, sides: int, cores: Sequence[int]) -> list[dict[str, float]]:
    """Return a row for each number of cores: formula, simulation, and what limits it."""
    rows = []
    for count in cores:
        told = formula(costs, sides, count)
        runs = [simulate(costs, sides, count, seed=seed)["total"] for seed in range(3)]
        parts = {times: simulate(costs, sides, count, parts=times * count)["total"] / 3600
                 for times in (1, 8)}  # fmt: skip
        rows.append({
            "cores": count, "formula hours": told["total"] / 3600,
            "simulated hours": statistics.fmean(runs) / 3600,
            "a part a core, h": parts[1], "8 parts a core, h": parts[8],
            "error %": 100 * (told["total"] / statistics.fmean(runs) - 1),
            "start s": told["start"], "straggler s": told["straggler"], "lost s": told["lost"],
            "store alone hours": told["store alone"] / 3600,
            "head alone hours": told["head alone"] / 3600,
        })  # fmt: skip
    return rows


FACTORS = (0.167, 0.172, 0.175, 0.182, 0.186, 0.196, 0.196, 0.200, 0.209)
"""Processor seconds for a second of mono at 44.1 kHz through the preset 78rpm, of nine files."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--sides", type=int, default=100_000)
    parser.add_argument("--cores", type=int, nargs="+", default=[32, 256, 2000])
    parser.add_argument("--measured", type=Path, metavar="LOG")
    parser.add_argument("--store", type=float, help="bytes a second of the store")
    parser.add_argument("--samples", type=float, default=1.0,
                        help="of a side, as a multiple of mono at 44.1 kHz")  # fmt: skip
    given = parser.parse_args()
    costs = Costs(measured(given.measured) if given.measured else FACTORS)
    costs = replace(
        costs, factors=tuple(given.samples * one for one in costs.factors),
        size_in=given.samples * costs.size_in, size_out=given.samples * costs.size_out,
    )  # fmt: skip
    if given.store:
        costs = replace(costs, store=given.store)
    rows = table(costs, given.sides, given.cores)
    for name in rows[0]:
        print(f"{name:20}", *(f"{row[name]:10.2f}" for row in rows))


if __name__ == "__main__":
    main()
