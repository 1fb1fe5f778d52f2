"""Try a batch on two machines of Ray, simulated by two raylets, with everything killed once.

A worker, then one of the two raylets, then the command itself, which is started again. Then every
file must be there, equal to the local batch's, and done once.

    python benchmarks/batches/ray_cluster.py [--files 24] [--json figures.json]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil
import soundfile

RATE = 44_100


def sides(folder: Path, count: int, seconds: float) -> None:
    """Write short files of noise."""
    folder.mkdir()
    for number in range(count):
        rows = np.random.default_rng(number).normal(0, 0.1, round(seconds * RATE))
        soundfile.write(folder / f"{number:03d}.wav", rows, RATE, subtype="PCM_16")


def command(inputs: Path, out: Path, log: Path, *more: str) -> list[str]:
    """Return the command line of a batch."""
    return [sys.executable, "-m", "restorack", "batch", str(inputs), "-o", str(out), "--stage",
            "derumble", "--retries", "4", "--log-json", str(log), "--quiet", *more]  # fmt: skip


def wait_for(out: Path, count: int, running: subprocess.Popen[bytes], limit: float = 300) -> int:
    """Wait until so many outputs are there; return how many there are."""
    until = time.monotonic() + limit
    while time.monotonic() < until and running.poll() is None:
        found = len(list(out.glob("*.wav")))
        if found >= count:
            return found
        time.sleep(0.05)
    return len(list(out.glob("*.wav")))


def kill_a_worker() -> int:
    """Kill one process that runs jobs; return its number, 0 where there is none."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if any("ray::Worker.do" in word for word in process.info["cmdline"] or []):
            process.kill()
            return process.pid
    return 0


def events(log: Path) -> list[dict[str, object]]:
    """Return the lines of a log."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def trial(folder: Path, count: int, seconds: float) -> dict[str, object]:
    """Run it; return figures."""
    from ray.cluster_utils import Cluster

    sides(folder / "in", count, seconds)
    began = time.monotonic()
    subprocess.run(command(folder / "in", folder / "local", folder / "local.log"), check=True)
    local = time.monotonic() - began
    began = time.monotonic()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    other = cluster.add_node(num_cpus=2)
    started = time.monotonic() - began
    os.environ |= {"RAY_ADDRESS": cluster.address, "RAY_USAGE_STATS_ENABLED": "0"}
    line = command(folder / "in", folder / "ray", folder / "ray.log", "--executor", "ray")
    began = time.monotonic()
    figures: dict[str, object] = {"files": count, "local_seconds": local, "start_seconds": started}
    running = subprocess.Popen(line, start_new_session=True)
    try:
        wait_for(folder / "ray", count // 6, running)
        figures["worker_killed"] = kill_a_worker() > 0
        wait_for(folder / "ray", count // 3, running)
        cluster.remove_node(other, allow_graceful=False)
        figures["done_when_raylet_was_killed"] = len(list((folder / "ray").glob("*.wav")))
        wait_for(folder / "ray", 2 * count // 3, running)
        figures["done_when_command_was_killed"] = len(list((folder / "ray").glob("*.wav")))
        running.send_signal(signal.SIGKILL)
        running.wait()
        figures["exit_code_of_the_second_run"] = subprocess.run(line, check=False).returncode
    finally:
        if running.poll() is None:
            running.kill()
        cluster.shutdown()
    figures["ray_seconds"] = time.monotonic() - began
    return figures | compared(folder)


def compared(folder: Path) -> dict[str, object]:
    """Return what is wrong with the outputs: nothing, if all is well."""
    names = {path.name for path in (folder / "in").iterdir()}
    made = {path.name for path in (folder / "ray").glob("*.wav")}
    both = [(folder / "ray" / name, folder / "local" / name) for name in sorted(names & made)]
    wrong = [one.name for one, other in both if one.read_bytes() != other.read_bytes()]
    told = events(folder / "ray.log")
    done = Counter(str(one["key"]) for one in told
                   if one["event"] == "file" and one["status"] == "done")  # fmt: skip
    return {
        "missing": sorted(names - made), "others": sorted(made - names), "different": wrong,
        "retries": sum(one["event"] == "retry" for one in told),
        "done_more_than_once": sorted(key for key, times in done.items() if times > 1),
        "not_noted_as_done": sorted(names - set(done)),
    }  # fmt: skip


def main() -> int:
    """Run the trial and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=20.0, help="of sound in each file")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="restorack-ray-") as folder:
        figures = trial(Path(folder), given.files, given.seconds)
    text = json.dumps(figures, indent=2)
    print(text)
    if given.json is not None:
        given.json.write_text(text + "\n")
    wrong = ("missing", "others", "different", "done_more_than_once")
    return int(any(figures[name] for name in wrong))


if __name__ == "__main__":
    sys.exit(main())
