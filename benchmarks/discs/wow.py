"""What WowCorrector finds in recordings without wow, and leaves in recordings with it.

    python benchmarks/discs/wow.py --music DIR [--seconds 60] [--least 16] [--join N] [--first N]
                             [--depths 0.3 1.0] [--growths 0 0.3] [--drifts] [--seed 1]

Every recording of a folder is heard from its beginning; --join joins N recordings at a time, in an
order drawn by --seed, where they are short. Each is judged as it is, and by made wow of 78.26 turns
a minute: depth in per cent (peak, in the middle), growth as the share of the groove's radius
that is gone at the end. Printed are the score and the disagreement of the halves of the
strongest wave; where it is accepted, the RMS of what is left of the speed's deviation and its
maximum, in per cent; the tuning where one tells. At the end: what thresholds fitted to all other
recordings (halfway between the highest merit without wow and the lowest with it) would have done.

--drifts DEPTH ... judges slow drift instead, of 0.06 to 0.6 Hz and an RMS of DEPTH per cent: the
agreement of every other note with the rest, the RMS of what they share, and what is left.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.dsp.speed_curve import SpeedCurve
from restorack.io.reader import AudioReader
from restorack.meters.speed.drift import find_drift, measure_drift
from restorack.meters.speed.once_around import gain
from restorack.meters.speed.partials import RATE_HZ, SlowSignal, find_partials
from restorack.meters.speed.tuning import find_tuning
from restorack.meters.speed.wow import MOST_DISAGREEMENT, find_wow, strongest_wave

ENDINGS = (".flac", ".wav", ".ogg", ".mp3")
TURNS = 78.26 / 60.0
Samples = NDArray[np.float32]


@dataclass
class Judged:
    """One recording under one wow."""

    name: str
    depth: float
    merit: float
    found: bool


def heard(path: Path, seconds: float) -> Samples:
    """Return the beginning of a recording at 11,025 Hz, its peak at 1."""
    with AudioReader(path) as reader:
        rate = float(reader.info.sample_rate)
        slow = SlowSignal(rate)
        for block in reader.blocks(65_536, 0, min(reader.info.frames, round(seconds * rate))):
            slow.push(block)
    samples = slow.result()[0]
    return samples / max(float(np.abs(samples).max(initial=0.0)), 1e-9)


def pieces(folder: Path, seconds: float, join: int, seed: int) -> dict[str, Samples]:
    """Return what is to be judged, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in ENDINGS)
    if join < 2:
        return {path.stem: heard(path, seconds) for path in paths}
    order = np.random.default_rng(seed).permutation(len(paths))
    found = {}
    for first in range(0, len(paths) - join + 1, join):
        chosen = [paths[at] for at in order[first : first + join]]
        joined = np.concatenate([heard(path, seconds) for path in chosen])
        found[f"{first // join:03d} {chosen[0].stem}"] = joined[: round(seconds * RATE_HZ)]
    return found


def wowed(samples: Samples, depth: float, growth: float) -> tuple[Samples, SpeedCurve]:
    """Return a recording as a disc with its hole off the centre plays it, and the speed."""
    length = len(samples) / RATE_HZ
    at = np.linspace(0.0, length, round(100 * length))
    speed = 1 + depth * gain(at, length, growth) * np.cos(2 * np.pi * TURNS * at + 0.7)
    curve = SpeedCurve(at, speed)
    places = curve.output_seconds(np.arange(len(samples)) / RATE_HZ) * RATE_HZ
    reader = SincReader(1)
    reader.push(samples[np.newaxis])
    reader.end(len(samples) + HALF)
    return reader.read(np.clip(places, 0.0, len(samples) - 1.0))[0], curve


def judge(name: str, samples: Samples, depth: float, growth: float) -> Judged:
    """Print the line of one recording under one wow."""
    played, curve = wowed(samples, depth, growth) if depth else (samples, None)
    wow = find_wow(played, RATE_HZ)
    if wow is not None:
        hertz, score, halves = wow.hertz, wow.score, wow.disagreement
    else:
        strongest = strongest_wave(played, RATE_HZ)
        if strongest is None:
            return Judged(name, depth, 0.0, False)
        hertz, fit = strongest
        score, halves = fit.score, fit.disagreement
    merit = score / (1.0 + (halves / MOST_DISAGREEMENT) ** 2)
    said = f"rpm {60 * hertz:6.2f} score {score:8.1f} halves {halves:5.2f}"
    if wow is not None:
        said += f" depth {100 * wow.depth:.3f} % growth {wow.growth:.2f}"
        if curve is not None:
            left = 100 * (wow.speed(curve.seconds) - curve.speeds)
            said += f" left {np.std(left):.4f} % at most {np.abs(left).max():.3f} %"
    if not depth:
        tuning = find_tuning(find_partials(samples, RATE_HZ))
        said += f" tuning {tuning.a4_hz:.1f} Hz" if tuning else ""
    length = len(samples) / RATE_HZ
    print(f"{name[:28]:28s} {length:4.0f} s wow {100 * depth:.1f}/{growth:.1f}: {said}", flush=True)
    return Judged(name, depth, merit, wow is not None)


def drifting(samples: Samples, depth: float, seed: int) -> tuple[Samples, SpeedCurve]:
    """Return a recording whose speed drifts, and the speed."""
    random, length = np.random.default_rng(seed), len(samples) / RATE_HZ
    at = np.linspace(0.0, length, round(20 * length))
    waves = np.zeros(at.size)
    for hertz in random.uniform(0.06, 0.6, 8):
        size = random.normal() / np.sqrt(hertz)
        waves += size * np.cos(2 * np.pi * hertz * at + random.uniform(0.0, 2 * np.pi))
    curve = SpeedCurve(at, 1.0 + depth * (waves - waves.mean()) / waves.std())
    places = curve.output_seconds(np.arange(len(samples)) / RATE_HZ) * RATE_HZ
    reader = SincReader(1)
    reader.push(samples[np.newaxis])
    reader.end(len(samples) + HALF)
    return reader.read(np.clip(places, 0.0, len(samples) - 1.0))[0], curve


def judge_drift(name: str, samples: Samples, depth: float, seed: int) -> None:
    """Print the line of one recording under one drift."""
    played, curve = drifting(samples, depth, seed) if depth else (samples, None)
    found = measure_drift(played, RATE_HZ)
    said = "too little"
    if found is not None:
        said = f"agreement {found.agreement:+.2f} shared {100 * found.depth:.3f} %"
        sure = find_drift(played, RATE_HZ)
        said += " accepted" if sure is not None else ""
        if sure is not None and curve is not None:
            true = np.log(np.interp(sure.seconds, curve.seconds, curve.speeds))
            said += f" left {100 * np.std(sure.logarithms - true):.3f} %"
    print(
        f"{name[:28]:28s} {len(samples) / RATE_HZ:4.0f} s drift {100 * depth:.1f}: {said}",
        flush=True,
    )


def left_out(judged: list[Judged]) -> None:
    """Print what thresholds would have done that were fitted without the recording."""
    wrong = []
    for name in dict.fromkeys(one.name for one in judged):
        others = [one for one in judged if one.name != name]
        without = [one.merit for one in others if not one.depth]
        with_wow = [one.merit for one in others if one.depth]
        if not (without and with_wow):
            return
        threshold = np.sqrt(max(*without, 1.0) * max(min(with_wow), 1.0))
        wrong += [
            f"{name} at {100 * one.depth:.1f} %"
            for one in judged
            if one.name == name and (one.merit >= threshold) != bool(one.depth)
        ]
    print(f"left out: {len(wrong)} of {len(judged)} misjudged: {', '.join(wrong) or 'none'}")


def main() -> None:
    """Judge every recording of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--least", type=float, default=16.0, help="shorter ones are left out")
    parser.add_argument("--join", type=int, default=1)
    parser.add_argument("--first", type=int, default=None)
    parser.add_argument("--depths", type=float, nargs="*", default=[0.3, 1.0])
    parser.add_argument("--growths", type=float, nargs="*", default=[0.0, 0.3])
    parser.add_argument("--drifts", type=float, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    judged = []
    found = pieces(options.music, options.seconds, options.join, options.seed)
    for name, samples in list(found.items())[: options.first]:
        if len(samples) < options.least * RATE_HZ:
            continue
        for depth in options.drifts:
            judge_drift(name, samples, depth / 100, options.seed)
        if options.drifts:
            continue
        judged.append(judge(name, samples, 0.0, 0.0))
        for depth in options.depths:
            judged += [judge(name, samples, depth / 100, growth) for growth in options.growths]
    if options.drifts:
        return
    false = [one.name for one in judged if one.found and not one.depth]
    missed = [one.name for one in judged if one.depth and not one.found]
    print(f"found without wow: {len(false)} ({', '.join(false) or 'none'})")
    print(f"missed: {len(missed)} of {sum(one.depth > 0 for one in judged)}")
    left_out(judged)


if __name__ == "__main__":
    main()
