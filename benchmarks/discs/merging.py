"""What a merge of two simulated transfers is worth, recording by recording.

    python benchmarks/discs/merging.py --music DIR [--seconds 30] [--least 2] [--first N]
                                 [--skip NAMES] [--noise -30] [--wow 0.3] [--flutter 0]
                                 [--speed 1.0] [--lead-in 0] [--copies 2] [--hiss]

Every recording of a folder becomes transfers with wow, surface noise (or hiss) and 8 clicks a
second of their own; --speed, --lead-in and --flutter apply to all but the first, which is the
reference. Printed, the worst item first, are the share of the reference's clicks that are gone, of
the other transfer's clicks that were kept out, the noise over that of the better transfer, the
largest deviation of the music's level in any band, and what the report says of the alignment.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from restorack.bench.transfers import MergeFigures, judge_merge, simulate_transfer
from restorack.dsp.arrays import Rows
from restorack.errors import RestorackError
from restorack.io.audio_files import audio_files
from restorack.io.reader import AudioReader
from restorack.merging.merge import merge


def heard(path: Path, seconds: float) -> tuple[Rows, float]:
    """Return the beginning of a recording, its peak at 0.5."""
    with AudioReader(path) as reader:
        rate = float(reader.info.sample_rate)
        stop = min(reader.info.frames, round(seconds * rate))
        rows = np.concatenate(list(reader.blocks(65_536, 0, stop)), axis=1)
    return (rows * (0.5 / max(float(np.abs(rows).max()), 1e-9))).astype(np.float32), rate


def judge(path: Path, options: argparse.Namespace) -> tuple[MergeFigures, str] | None:
    """Return the figures of one recording and what the report says; None: it was refused."""
    clean, rate = heard(path, options.seconds)
    shared = {"wow_percent": options.wow, "noise_db": options.noise, "is_hiss": options.hiss}
    others = {
        "flutter_percent": options.flutter,
        "speed": options.speed,
        "lead_in_s": options.lead_in,
        "gain": options.gain,
    }
    transfers = [
        simulate_transfer(
            clean, rate, options.seed + number, **shared, **(others if number else {})
        )
        for number in range(options.copies)
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"copy{number}.wav" for number in range(options.copies)]
        for file, transfer in zip(files, transfers, strict=True):
            soundfile.write(file, transfer.audio.T, int(rate), subtype="FLOAT")
        began = time.monotonic()
        try:
            report = merge(files, Path(folder) / "out.wav", subtype="FLOAT")
        except RestorackError as error:
            print(f"{path.stem}: {error.what}", file=sys.stderr)
            return None
        took = time.monotonic() - began
        merged = soundfile.read(Path(folder) / "out.wav", dtype="float32", always_2d=True)[0].T
    copy = report.copies[1]
    said = (
        f"off by {copy.deviation_samples:.3f}, sure {copy.aligned_share:.2f}, coherence "
        f"{copy.coherence:.2f}, {clean.shape[1] / rate:.0f} s in {took:.0f} s"
    )
    return judge_merge(merged, transfers[0], transfers[1]), said


def main() -> None:
    """Judge every recording of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--least", type=float, default=5.0, help="shorter ones are left out")
    parser.add_argument("--first", type=int, default=None, help="only so many recordings")
    parser.add_argument("--skip", nargs="*", default=[], help="names of recordings")
    parser.add_argument("--noise", type=float, default=-30.0)
    parser.add_argument("--wow", type=float, default=0.3)
    parser.add_argument("--flutter", type=float, default=0.0)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--lead-in", type=float, default=0.0)
    parser.add_argument("--gain", type=float, default=1.0)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--hiss", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found, refused = [], []
    paths = [path for path in audio_files(options.music) if path.stem not in options.skip]
    for path in paths[: options.first]:
        if soundfile.info(path).duration < options.least:
            continue
        judged = judge(path, options)
        if judged is None:
            refused.append(path.stem)
            continue
        found.append((*judged, path.stem))
        print(_line(*found[-1]), file=sys.stderr, flush=True)
    print("recording                    hit  kept out  noise dB  ripple dB  level dB")
    for each in sorted(found, key=lambda item: -_badness(item[0])):
        print(_line(*each))
    print(f"refused: {', '.join(refused) or 'none'}")


def _badness(figures: MergeFigures) -> float:
    """Return how far the worst figure is from its aim."""
    misses = (
        (0.98 - figures.clicks_hit) / 0.02,
        (figures.noise_db + 2.5) / 0.5,
        (figures.ripple_db - 0.5) / 0.5,
    )
    return max(misses)


def _line(figures: MergeFigures, said: str, name: str) -> str:
    return (
        f"{name[:26]:26s} {figures.clicks_hit:5.3f} {figures.clicks_kept_out:9.3f} "
        f"{figures.noise_db:9.2f} {figures.ripple_db:10.3f} {figures.level_db:9.3f}  {said}"
    )


if __name__ == "__main__":
    main()
