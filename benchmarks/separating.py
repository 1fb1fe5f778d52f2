"""How well made mixes are separated: SDR of each part, recording by recording.

    python benchmarks/separating.py --tonal FILES --drums FILES --voices FILES [--seconds 11]

Every tonal recording is mixed with one of drums and one of a voice, in turn, all at one level;
short ones are repeated. Printed is, for every mix, the SDR in dB of each part: of the mix taken for
the part, of single median filtering (Fitzgerald 2010, no voice), and of restorack.separate, with
the time that it took.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import soxr

from restorack.dsp.arrays import Rows
from restorack.io.reader import AudioReader
from restorack.separation.cascade import estimate
from restorack.separation.medians import MedianSplit

RATE = 44_100.0
# RMS of every part, so that no mix clips.
LEVEL = 0.08
# As in the paper: frames of 93 ms, medians of 17 frames and 17 bins.
PLAIN = MedianSplit(frame_s=0.093, along_s=0.2, across_hz=300.0, bias=1.0)


def heard(path: Path, seconds: float) -> Rows:
    """Return a recording in stereo at 44.1 kHz, as long as asked, at the level of all."""
    with AudioReader(path) as reader:
        rate = float(reader.info.sample_rate)
        stop = min(reader.info.frames, round(seconds * rate))
        rows = np.concatenate(list(reader.blocks(65_536, 0, stop)), axis=1)
    rows = soxr.resample(rows.T, rate, RATE).T if rate != RATE else rows
    rows = _filled(rows, round(seconds * RATE))
    return (rows * (LEVEL / np.sqrt(np.mean(rows**2)))).astype(np.float32)


def _filled(rows: Rows, samples: int) -> Rows:
    stereo = np.broadcast_to(rows[:2], (2, rows.shape[1]))
    return np.tile(stereo, -(-samples // rows.shape[1]))[:, :samples]


def sdr_db(true: Rows, found: Rows) -> float:
    """Return the ratio of a part to the error of its estimate, in dB; 0 for silence."""
    return float(10.0 * np.log10(np.sum(true**2) / np.sum((true - found) ** 2)))


def main() -> None:
    """Judge every mix."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    for name in ("tonal", "drums", "voices"):
        parser.add_argument(f"--{name}", nargs="+", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=11.0)
    options = parser.parse_args()
    sums, took = [], 0.0
    print("SDR in dB of harmonic, percussive, voice: of the mix | one median split | separate")
    for number, path in enumerate(options.tonal):
        drum = options.drums[number % len(options.drums)]
        # Shifted after every round, so that drums and voices meet in other pairs.
        voice = options.voices[(number + number // len(options.drums)) % len(options.voices)]
        true = [heard(one, options.seconds) for one in (path, drum, voice)]
        mix = np.sum(true, axis=0, dtype=np.float32)
        plain = PLAIN.tones_of(mix, RATE)
        began = time.monotonic()
        found = estimate(mix, RATE)
        took += time.monotonic() - began
        estimates = [
            [mix, mix, mix],
            [plain, mix - plain, np.zeros_like(mix)],
            [found.harmonic, mix - found.harmonic - found.voice, found.voice],
        ]
        figures = [[sdr_db(t, e) for t, e in zip(true, row, strict=True)] for row in estimates]
        sums.append(figures)
        print(f"{path.stem} + {drum.stem} + {voice.stem}: {_shown(figures)}", flush=True)
    print(f"mean: {_shown(np.mean(sums, axis=0))}")
    print(f"{took:.1f} s for {len(sums) * options.seconds:.0f} s")


def _shown(figures: object) -> str:
    rows = np.asarray(figures, float).tolist()
    return " | ".join(" ".join(f"{value:5.1f}" for value in row) for row in rows)


if __name__ == "__main__":
    main()
