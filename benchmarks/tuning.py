"""How near a search comes to hidden parameters: an equaliser and a compressor (VST3).

    python benchmarks/tuning.py --music FILES [--seconds 4] [--trials 150] [--metric NAME] [--style]

Every recording goes through a drawn bell (300 to 4,000 Hz, up to 9 dB), a drawn high shelf (up to
6 dB) and ZamCompX2 with a drawn threshold, within 25 dB below the recording's loudest tenth of a
second. restorack.tune searches all four from a flat start, towards the pair by SNR, or with --style
towards how the result sounds. Printed are the errors.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
import pedalboard
import soundfile

from restorack import Chain, TuneOptions, tune, vst3
from restorack.tuning.objectives import read_excerpt

VARY = (
    "peakfilter.cutoff_frequency_hz=200..5000", "peakfilter.gain_db=-12..12",
    "highshelffilter.gain_db=-12..12", "zamcompx2.threshold_db=-60..0",
)  # fmt: skip


def chain_of(hz: float, bell_db: float, shelf_db: float, threshold_db: float) -> Chain:
    """Return the chain with its four parameters."""
    return Chain([
        pedalboard.PeakFilter(hz, bell_db, 1.0),
        pedalboard.HighShelfFilter(6_000, shelf_db),
        vst3("ZamCompX2", threshold_db=threshold_db, ratio=4.0, attack_ms=10.0, release_ms=80.0),
    ])  # fmt: skip


def judge(path: Path, options: argparse.Namespace) -> list[float]:
    """Return the errors: of the bell in octaves and dB, of the shelf in dB, the threshold in dB."""
    rows, rate = read_excerpt(path, options.seconds)
    draw = np.random.default_rng(zlib.crc32(path.stem.encode())).uniform
    tenth = round(rate / 10)
    count = rows.shape[1] // tenth
    powers = np.mean(rows[:, : count * tenth].reshape(len(rows), count, tenth) ** 2, axis=(0, 2))
    loudest_db = float(10.0 * np.log10(powers.max()))
    sign = 1.0 if draw() < 0.5 else -1.0
    true = [300.0 * 13.3 ** draw(), sign * draw(3, 9), draw(-6, 6), loudest_db - draw(5, 25)]
    out = chain_of(*true).process(rows, rate)
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "in.wav", Path(name) / "out.wav"]
        for file, sound in zip(files, (rows, out), strict=True):
            soundfile.write(file, sound.T, round(rate), subtype="FLOAT")
        aims = (
            {"inputs": files[:1], "references": files[1:]}
            if options.style
            else {"pairs": [(files[0], files[1])]}
        )
        chosen = TuneOptions(metric=options.metric, trials=options.trials, seconds=options.seconds)
        flat = chain_of(1_000.0, 0.0, 0.0, loudest_db - 3.0)
        found = tune(flat, Path(name) / "tuned.yaml", VARY, options=chosen, **aims)
    best = found.best.values if found.best is not None else []
    octaves = abs(float(np.log2(best[0] / true[0])))
    return [octaves, *(abs(a - b) for a, b in zip(best[1:], true[1:], strict=True))]


def main() -> None:
    """Judge every recording."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", nargs="+", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--metric", default="snr_db")
    parser.add_argument("--style", action="store_true")
    options = parser.parse_args()
    rows = []
    print("bell octaves, bell dB, shelf dB, threshold dB")
    for path in options.music:
        began = time.monotonic()
        rows.append(judge(path, options))
        print(f"{path.stem}: {_shown(rows[-1])}  {time.monotonic() - began:.0f} s", flush=True)
    print(f"mean of {len(rows)}: {_shown(np.mean(rows, axis=0))}")
    print(f"worst: {_shown(np.max(rows, axis=0))}")


def _shown(row: object) -> str:
    return " ".join(f"{value:5.2f}" for value in np.asarray(row, float).tolist())


if __name__ == "__main__":
    main()
