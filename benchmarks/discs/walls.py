"""What GrooveWalls and Azimuth make of two simulated walls of one groove.

    python benchmarks/discs/walls.py --music DIR [--seconds 8] [--first N]

Each recording is made mono and put on two walls, each with noise of its own: equally loud, 10 dB
louder on one, high on one and low on the other, or clicks on both. Printed is the signal-to-noise
ratio in dB of the better wall, of the walls' sum and of GrooveWalls; then how far Azimuth misses a
delay that drifts, in samples (RMS), in noise of -30 dB, and what it finds in stereo recordings.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.io.reader import AudioReader
from restorack.plugins.disc.azimuth import Azimuth
from restorack.plugins.disc.groove_walls import GrooveWalls

Floats = NDArray[np.float64]
ENDINGS = (".flac", ".wav", ".ogg")


def snr_db(truth: Floats, heard: Floats) -> float:
    """Return the ratio of a signal and its error."""
    return float(10 * np.log10(np.sum(truth**2) / np.sum((heard - truth) ** 2)))


def clicks(random: np.random.Generator, count: int, rate: float) -> Floats:
    """Return eight clicks a second, up to half of full scale."""
    out = np.zeros(count)
    shape = np.hanning(40) * np.cos(np.arange(40))
    for at in random.integers(0, count - 60, int(8 * count / rate)):
        out[at : at + 40] += random.uniform(-0.5, 0.5) * shape
    return out


def noises(truth: Floats, rate: float) -> dict[str, tuple[Floats, Floats]]:
    """Return the noise of both walls in each case."""
    random, level = np.random.default_rng(3), np.std(truth)

    def hiss(db: float) -> Floats:
        return np.asarray(level * 10 ** (db / 20) * random.standard_normal(truth.size))

    low = np.convolve(hiss(-20), np.ones(8) / 8, "same")
    clicked = [hiss(-40) + clicks(random, truth.size, rate) for _ in range(2)]
    return {
        "equal": (hiss(-30), hiss(-30)),
        "one worn": (hiss(-20), hiss(-30)),
        "high and low": (np.diff(hiss(-20), prepend=0.0), low),
        "clicks": (clicked[0], clicked[1]),
    }


def drift_error(truth: Floats, rate: float) -> float | None:
    """Return the RMS error of the delay that is found; None where none is believed."""
    count = truth.size
    time = np.arange(count) / rate
    delay = 1.3 + 0.5 * np.sin(2 * np.pi * time / 60) + 0.02 * time
    reader = SincReader(1)
    reader.push(truth[np.newaxis].astype(np.float32))
    reader.end(count + HALF)
    late = reader.read(np.maximum(np.arange(count) - delay, 0.0))[0]
    random = np.random.default_rng(4)
    hiss = np.std(truth) * 10 ** (-30 / 20) * random.standard_normal((2, count))
    stage = Azimuth()
    stage.prepare([(np.stack([truth, late]) + hiss).astype(np.float32)], rate)
    found = stage.findings()
    if not found["corrected"]:
        return None
    measured = np.interp(time, found["at_s"], found["delay_samples"])
    return float(np.sqrt(np.mean((measured - delay) ** 2)))


def judge(path: Path, seconds: float) -> None:
    """Print the line of one recording."""
    with AudioReader(path) as reader:
        rate = float(reader.info.sample_rate)
        stop = min(reader.info.frames, round(seconds * rate))
        rows = np.concatenate(list(reader.blocks(65_536, 0, stop)), axis=1).astype(float)
    truth = rows.mean(axis=0)
    truth /= 2 * np.abs(truth).max()
    parts = []
    for name, both in noises(truth, rate).items():
        walls = np.stack([truth + both[0], truth + both[1]]).astype(np.float32)
        taken = GrooveWalls().process(walls, rate)[0]
        best = max(snr_db(truth, wall) for wall in walls)
        figures = (best, snr_db(truth, walls.mean(axis=0)), snr_db(truth, taken))
        parts.append(name + " " + " ".join(f"{figure:5.1f}" for figure in figures))
    error = drift_error(truth, rate)
    parts.append("azimuth " + ("-" if error is None else f"{error:.4f}"))
    if len(rows) == 2:
        stage = Azimuth()
        stage.prepare([rows], rate)
        parts.append(f"stereo {stage.findings().get('delay_samples', 'untouched')}")
    print(f"{path.stem:28s} " + " | ".join(parts))


def main() -> None:
    """Judge every recording of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--first", type=int, default=None, help="only so many recordings")
    options = parser.parse_args()
    found = sorted(path for path in options.music.iterdir() if path.suffix in ENDINGS)
    for path in found[: options.first]:
        judge(path, options.seconds)


if __name__ == "__main__":
    main()
