"""One file rendered with one thread and with several, in turns: ``python benchmarks/threads.py``.

Prints wall and processor seconds, cores used, the gain, and whether the files are equal. The gain
counts on a machine that is otherwise idle.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from measuring import synthesise

import restorack


def main() -> int:
    """Render in turns and print the figures; fail where the files differ or the gain is too low."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="78rpm-heavy")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.0, help="Gain below which it fails.")
    given = parser.parse_args()
    best: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "worn.wav"), Path(folder, "out.wav")
        synthesise(source, given.seconds, given.channels)
        chain, contents = restorack.load_preset(given.preset), set()
        restorack.render(source, target, chain, force=True, stop=3.0)  # libraries are loaded
        for threads in (1, given.threads) * given.rounds:
            wall, cpu = time.perf_counter(), time.process_time()
            restorack.render(source, target, chain, force=True, threads=threads)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            contents.add(target.read_bytes())
            best[threads] = min(wall, best.get(threads, wall))
            print(f"threads {threads}: {wall:.2f} s, processor {cpu:.2f} s, {cpu / wall:.2f} cores")
    gain = best[1] / best[given.threads]
    print(f"gain {gain:.2f}, files {'equal' if len(contents) == 1 else 'differ'}")
    return int(len(contents) > 1 or gain < given.least)


if __name__ == "__main__":
    raise SystemExit(main())
