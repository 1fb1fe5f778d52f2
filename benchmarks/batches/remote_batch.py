"""A batch of short files from and to S3, with faults in transfer: all right, or named.

The store is moto's, on this machine; 1 % of the transfers of objects are refused, cut short or
altered by one byte. Then every output is compared with the local batch's.

    python benchmarks/batches/remote_batch.py [--files 2000] [--jobs 2] [--every 100] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from batches import QUIETER, write  # noqa: E402  support modules of the tests
from stores import s3_server  # noqa: E402

from restorack.render.batch.simple import batch  # noqa: E402


def trial(folder: Path, count: int, jobs: int, every: int) -> dict[str, Any]:
    """Render files from and to the store; return figures."""
    import fsspec

    for number in range(count):
        write(folder / "in" / f"{number:05d}.wav", number)
    preset = folder / "quieter.yaml"
    preset.write_text(QUIETER)
    began = time.monotonic()
    batch(folder / "in", folder / "out", preset, jobs=jobs)
    local = time.monotonic() - began
    with s3_server() as (_, faults):
        store = fsspec.filesystem("s3")
        names = [path.name for path in sorted((folder / "in").iterdir())]
        store.put([str(folder / "in" / name) for name in names],
                  [f"sides/in/{name}" for name in names])  # fmt: skip
        faults.every = every
        began = time.monotonic()
        result = batch("s3://sides/in", "s3://sides/out", preset, jobs=jobs)
        remote = time.monotonic() - began
        faults.every = 0
        began = time.monotonic()
        again = batch("s3://sides/in", "s3://sides/out", preset, jobs=jobs)
        second = time.monotonic() - began
        status = {entry.job.source.name: entry for entry in result.entries}
        wrong = [
            name for name in names
            if status[name].status == "done"
            and store.cat_file(f"sides/out/{name}") != (folder / "out" / name).read_bytes()
        ]  # fmt: skip
    unnamed = [name for name, entry in status.items()
               if entry.status != "done" and entry.error is None]  # fmt: skip
    return {
        "files": count, "local_seconds": local, "store_seconds": remote,
        "second_run_seconds": second, "faults": dict(Counter(one[0] for one in faults.done)),
        "statuses": dict(Counter(entry.status for entry in result.entries)),
        "statuses_of_second_run": dict(Counter(entry.status for entry in again.entries)),
        "retried_files": result.counters.retried, "wrong": wrong, "unnamed": unnamed,
        "missing": sorted(set(names) - set(status)),
    }  # fmt: skip


def main() -> int:
    """Run the trial and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=100, help="one fault in so many transfers")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="restorack-remote-") as folder:
        figures = trial(Path(folder), given.files, given.jobs, given.every)
    text = json.dumps(figures, indent=2)
    print(text)
    if given.json is not None:
        given.json.write_text(text + "\n")
    return int(bool(figures["wrong"] or figures["unnamed"] or figures["missing"]))


if __name__ == "__main__":
    sys.exit(main())
