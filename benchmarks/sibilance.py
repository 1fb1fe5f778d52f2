#!/usr/bin/env python3
"""How well harsh sibilants are told from a speaker's own: thresholds by leaving speakers out.

    python benchmarks/sibilance.py SPEAKER.wav ... [--below 0.9]

A file a speaker. The first minute is measured as it is, and harsh: 6, 8 and 10 dB more from 5 to
9 kHz, in the sibilants alone or from there upwards all the time. For each speaker the threshold is
the level that ``--below`` of the other speakers' natural recordings lie below.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from restorack.meters.sibilance import HISS_HZ, SHARP_HZ, VOICE_HZ, SibilanceMeter

Floats = NDArray[np.float64]
SECONDS, PASSAGE_S, FRAME = 60, 30, 512
HARSH = [(kind, boost) for kind in ("sibilants", "shelf") for boost in (6.0, 8.0, 10.0)]


def shelf(speech: Floats, rate: int, boost_db: float) -> Floats:
    """Return speech whose treble rises from 3.5 to 5.5 kHz."""
    hertz = np.fft.rfftfreq(len(speech), 1.0 / rate)
    rise = np.clip(np.log(np.maximum(hertz, 1.0) / 3_500.0) / np.log(5_500.0 / 3_500.0), 0.0, 1.0)
    return np.fft.irfft(np.fft.rfft(speech) * 10.0 ** (boost_db * rise / 20.0), len(speech))


def sibilants(speech: Floats, rate: int, boost_db: float) -> Floats:
    """Return speech whose sibilants have more from 5 to 9 kHz."""
    window = np.sin(np.pi * (np.arange(FRAME) + 0.5) / FRAME)
    hertz = np.fft.rfftfreq(FRAME, 1.0 / rate)
    voice, hiss, sharp = ((hertz > low) & (hertz < high) for low, high in
                          (VOICE_HZ, HISS_HZ, SHARP_HZ))  # fmt: skip
    out = speech.copy()
    for at in range(0, len(speech) - FRAME, FRAME // 2):
        spectrum = np.fft.rfft(speech[at : at + FRAME] * window)
        power = np.abs(spectrum) ** 2
        if power[hiss].sum() > power[voice].sum():
            more = spectrum * (10.0 ** (boost_db / 20.0) - 1.0) * sharp
            out[at : at + FRAME] += window * np.fft.irfft(more, FRAME)
    return out


def level(speech: Floats, rate: int) -> float | None:
    """Return what the meter says."""
    meter = SibilanceMeter(rate)
    for at in range(0, len(speech), PASSAGE_S * rate):
        meter.push(speech[np.newaxis, at : at + PASSAGE_S * rate].astype(np.float32))
    return meter.level_db()


def main() -> None:
    """Print every speaker's levels, and how many would be advised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakers", nargs="+", type=Path)
    parser.add_argument("--below", type=float, default=0.9)
    given = parser.parse_args()
    found: list[list[float]] = []
    for path in given.speakers:
        rows, rate = sf.read(path, frames=SECONDS * 48_000, always_2d=True)
        speech = rows.mean(axis=1)
        natural = level(speech, rate)
        if natural is None:
            print(f"{path.stem}: too little voice")
            continue
        made = [(shelf if kind == "shelf" else sibilants)(speech, rate, db) for kind, db in HARSH]
        found.append([natural, *(level(one, rate) or -np.inf for one in made)])
        print(path.stem, " ".join(f"{value:.1f}" for value in found[-1]), flush=True)
    table = np.array(found)
    others = [np.delete(table[:, 0], at) for at in range(len(table))]
    limits = np.array([np.quantile(one, given.below) for one in others])
    print(f"thresholds {limits.min():.1f} to {limits.max():.1f} dB; natural quantiles "
          f"{np.quantile(table[:, 0], [0.1, 0.25, 0.5, 0.75, 0.9]).round(1)}")  # fmt: skip
    for at, name in enumerate(["natural", *(f"{kind} +{db:g} dB" for kind, db in HARSH)]):
        print(f"| {name} | {int(np.sum(table[:, at] >= limits))} of {len(table)} |")


if __name__ == "__main__":
    main()
