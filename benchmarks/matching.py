"""What is left between a recording and its known master: restorack.match and matchering.

    python benchmarks/matching.py --music FILES [--seconds 30] [--same]

Each recording is mastered by a drawn equaliser (two shelves, two bells), a compressor, a width and
a gain. The reference is the master of another part of the recording (with --same of the part
itself); what comes out is held against the master of the part, which neither has heard. Printed are
the means over third octaves of the differences of tone and of width, the difference of the spreads
of slow and fast levels, of peak to loudness and of loudness: untouched | restorack | matchering.
matchering (the extra `bench`) is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pedalboard
import soundfile
import soxr

from restorack import match
from restorack.dsp.arrays import Rows
from restorack.errors import RestorackError
from restorack.io.reader import AudioReader
from restorack.meters.profile.sound_profile import SoundProfile, measure_profile

RATE = 44_100
# Peaks of targets and of masters: the first as mixes are left, the second as masters are.
MIX_PEAK, MASTER_PEAK = 0.5, 0.89


def heard(path: Path, seconds: float, start: float) -> Rows:
    """Return a part of a recording in stereo at 44.1 kHz."""
    with AudioReader(path) as reader:
        rate = float(reader.info.sample_rate)
        first = min(round(start * rate), reader.info.frames)
        stop = min(reader.info.frames, first + round(seconds * rate))
        rows = np.concatenate(list(reader.blocks(65_536, first, stop)), axis=1)
    rows = rows if rate == RATE else soxr.resample(rows.T, rate, RATE).T
    return np.ascontiguousarray(np.broadcast_to(rows[:2], (2, rows.shape[1])), np.float32)


def mastered(rows: Rows, seed: int) -> Rows:
    """Return a master by drawn settings; the same for every part of a recording."""
    draw = np.random.default_rng(seed).uniform
    board = pedalboard.Pedalboard([
        pedalboard.LowShelfFilter(draw(80, 200), draw(-5, 5)),
        pedalboard.PeakFilter(draw(250, 800), draw(-4, 4), draw(0.5, 1.2)),
        pedalboard.PeakFilter(draw(1_500, 4_000), draw(-4, 4), draw(0.5, 1.2)),
        pedalboard.HighShelfFilter(draw(5_000, 9_000), draw(-5, 5)),
        pedalboard.Compressor(-24, draw(1.5, 2.5), 10, 150),
    ])  # fmt: skip
    out = board(rows, RATE)
    width = 10.0 ** (draw(-4, 4) / 20.0)
    middle, side = 0.5 * (out[0] + out[1]), 0.5 * width * (out[0] - out[1])
    return np.stack([middle + side, middle - side]).astype(np.float32)


def profile(rows: Rows) -> SoundProfile:
    """Return how a signal sounds."""
    return measure_profile([rows], RATE)


def distances(rows: Rows, truth: SoundProfile) -> list[float]:
    """Return how far a signal is from the true master."""
    own = profile(rows)
    return [
        float(np.nanmean(np.abs(own.tone_db - truth.tone_db))),
        float(np.nanmean(np.abs(own.width_db - truth.width_db))),
        abs(own.spreads.slow_db - truth.spreads.slow_db),
        abs(own.spreads.fast_db - truth.spreads.fast_db),
        abs(own.peak_to_loudness_db - truth.peak_to_loudness_db),
        abs(own.loudness_lufs - truth.loudness_lufs),
    ]


def by_matchering(target: Path, reference: Path, output: Path) -> bool:
    """Match with matchering; False where it is not installed."""
    if importlib.util.find_spec("matchering") is None:
        return False
    import matchering

    matchering.process(str(target), str(reference), [matchering.Result(str(output), "FLOAT")])
    return True


def judge(path: Path, options: argparse.Namespace) -> list[list[float]]:
    """Return the distances of one recording's target and of both results."""
    seed = zlib.crc32(path.stem.encode())  # a recording's settings, whatever others there are
    part = heard(path, options.seconds, 0.0)
    other = part if options.same else heard(path, options.seconds, options.seconds)
    target, truth, reference = part, mastered(part, seed), mastered(other, seed)
    peak = np.abs(reference).max()
    truth, reference = truth * (MASTER_PEAK / peak), reference * (MASTER_PEAK / peak)
    target = target * (MIX_PEAK / np.abs(target).max())
    wanted = profile(truth)
    found = [distances(target, wanted)]
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / f"{one}.wav" for one in ("target", "reference", "ours", "theirs")]
        for file, rows in zip(files, (target, reference), strict=False):
            soundfile.write(file, rows.T, RATE, subtype="FLOAT")
        match(files[0], files[2], [files[1]])
        done = [files[2]]
        if by_matchering(files[0], files[1], files[3]):
            done.append(files[3])
        found += [distances(soundfile.read(one, dtype="float32")[0].T, wanted) for one in done]
    return found


def main() -> None:
    """Judge every recording."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", nargs="+", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--same", action="store_true")
    options = parser.parse_args()
    rows = []
    print("tone dB, width dB, slow dB, fast dB, peak to loudness dB, loudness LU")
    for path in options.music:
        try:
            rows.append(judge(path, options))
        except (RestorackError, ValueError) as error:
            print(f"{path.stem}: left out, {error}")
            continue
        print(f"{path.stem}: {_shown(rows[-1])}", flush=True)
    print(f"mean of {len(rows)}: {_shown(np.mean(rows, axis=0))}")
    print(f"worst: {_shown(np.max(rows, axis=0))}")


def _shown(rows: object) -> str:
    parts = np.asarray(rows, float).tolist()
    return " | ".join(" ".join(f"{one:5.2f}" for one in part) for part in parts)


if __name__ == "__main__":
    main()
