#!/usr/bin/env python3
"""Judge DecoderPeaks, the ticks and the compressor of musicgen-polish on clean recordings.

    benchmarks/generated_music.py FOLDER [--most 6] [--seconds 8]

Damages excerpts in known ways and prints what is left. docs/inside/generated-music.md has figures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restorack
from restorack.io.audio_files import audio_files
from restorack.io.reader import AudioReader
from restorack.presets.finding import shipped_files

Rows = NDArray[np.float32]

COMBS = ((2_000.0, -30.0), (2_000.0, -40.0), (689.0625, -30.0), (689.0625, -40.0))
GAINS_DB = (-20.0, 0.0, 6.0)
TICKS_PER_S = 5
CONSONANTS = 85.0
"""Half of the ticks lie where the level of the top is above this percentile."""


def excerpts(folder: Path, most: int, seconds: float) -> Iterator[tuple[str, Rows, float]]:
    """Yield name, the first channel's beginning, and rate of recordings spread over a folder."""
    paths = list(audio_files(folder))
    for path in paths[:: max(1, len(paths) // most)][:most]:
        with AudioReader(path) as reader:
            rate = float(reader.info.sample_rate)
            parts = list(reader.blocks(1 << 16, 0, min(reader.info.frames, int(seconds * rate))))
        yield path.stem, np.concatenate(parts, axis=1)[:1], rate


def decibels(part: NDArray[Any], whole: NDArray[Any]) -> float:
    """Return the energy of one signal over another's."""
    energies = [float(np.sum(np.square(one, dtype=np.float64))) for one in (part, whole)]
    return float(10.0 * np.log10(max(energies[0], 1e-30) / max(energies[1], 1e-30)))


def above(rows: NDArray[Any], rate: float, hertz: float = 1_000.0) -> NDArray[Any]:
    """Return what lies above a frequency: where the stage works."""
    spectrum = np.fft.rfft(rows, axis=1)
    spectrum[:, np.fft.rfftfreq(rows.shape[1], 1.0 / rate) < hertz] = 0.0
    return np.fft.irfft(spectrum, rows.shape[1], axis=1)


def peaks(clean: Rows, rate: float) -> list[str]:
    """Return for each comb what is left of it, in dB over what it was, or that it was not found."""
    said = []
    for hertz, level in COMBS:
        damage = restorack.DeconvolutionPeaks(fundamental_hz=hertz, level_db=level, seed=1)
        damaged = damage.damage(clean, rate)
        stage = restorack.DecoderPeaks()
        left = above(stage.process(damaged.audio, rate) - clean, rate)
        found = stage.findings()["fundamental_hz"]
        figure = f"{decibels(left, above(damaged.tracks['peaks'], rate)):.1f}"
        said.append("not found" if found is None else figure)
    changed = restorack.DecoderPeaks().process(clean, rate) != clean
    return [*said, "changed" if changed.any() else "untouched"]


def with_ticks(clean: Rows, rate: float) -> tuple[Rows, list[slice]]:
    """Return the music with ticks of 0.05 to 0.3 ms, half of them on its consonants."""
    random = np.random.default_rng(1)
    top = np.convolve(np.abs(np.diff(clean[0], prepend=0.0)), np.ones(int(0.01 * rate)), "same")
    loud = np.flatnonzero(top > np.percentile(top, CONSONANTS))
    damaged, places = clean.copy(), []
    for index in range(round(TICKS_PER_S * clean.shape[1] / rate)):
        anywhere = random.integers(0, clean.shape[1] - int(0.001 * rate))
        at = int(random.choice(loud)) if index % 2 else int(anywhere)
        length = max(2, round(random.uniform(5e-5, 3e-4) * rate))
        place = slice(at, min(at + length, clean.shape[1]))
        shape = np.hanning(length + 2)[1:-1] * np.cos(np.arange(length) * random.uniform(0.3, 2.5))
        peak = random.uniform(0.1, 0.5) * np.abs(clean).max() * random.choice([-1.0, 1.0])
        damaged[0, place] += (peak * shape / np.abs(shape).max())[: place.stop - at]
        places.append(place)
    return damaged, places


def ticks(clean: Rows, rate: float) -> list[str]:
    """Return the share of ticks that lose 6 dB and more, and repairs where there is none."""
    preset = restorack.load_preset(shipped_files()["musicgen-polish"])
    damaged, places = with_ticks(clean, rate)
    declicker = preset["declicker"]
    declicker.process(clean, rate)
    false = declicker.findings()["repairs"]
    left = declicker.process(damaged, rate) - clean
    hits = [decibels(left[:, one], (damaged - clean)[:, one]) < -6.0 for one in places]
    return [f"{np.mean(hits):.2f}", str(false)]


def dynamic_range(rows: Rows, rate: float) -> float:
    """Return the loudest twentieth of all 50 ms over the median, in dB."""
    size = int(0.05 * rate)
    frames = rows[0, : rows.shape[1] // size * size].reshape(-1, size).astype(float)
    levels = 10.0 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    return float(np.quantile(levels, 0.95) - np.median(levels))


def dynamics(clean: Rows, rate: float) -> list[str]:
    """Return the range as it is, and after the compressor at three input levels: before, now."""
    preset = restorack.load_preset(shipped_files()["musicgen-polish"])
    now = restorack.Chain([preset["programme"], preset["compressor"]])
    fixed = restorack.load_preset(shipped_files()["musicgen-polish"])["compressor"]
    fixed.threshold_db = -20.0  # of full scale, as it was
    before = restorack.Chain([fixed])
    said = [f"{dynamic_range(clean, rate):.1f}"]
    for chain in (before, now):
        ranges = [
            dynamic_range(chain.process(clean * np.float32(10 ** (gain / 20)), rate), rate)
            for gain in GAINS_DB
        ]
        said.append(", ".join(f"{one:.1f}" for one in ranges))
    return said


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    combs = " | ".join(f"{hertz:g} Hz, {level:g} dB" for hertz, level in COMBS)
    head = f"| recording | {combs} | clean | ticks found | false repairs | range | before | now |"
    print(head + "\n|" + "---|" * (head.count("|") - 1))
    for name, clean, rate in excerpts(options.folder, options.most, options.seconds):
        row = [name, *peaks(clean, rate), *ticks(clean, rate), *dynamics(clean, rate)]
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
