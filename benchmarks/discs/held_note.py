"""The longest held note of a recording on the spectrogram: as it is, with made wow, and corrected.

    python benchmarks/discs/held_note.py FILE OUT.png [--seconds 60] [--depth 0.6] [--growth 0.3]

Printed are what WowCorrector finds in either, and how far the strongest frequency near the note's
swings in each, peak to peak in per cent; the picture shows the three below each other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.signal import stft
from wow import Samples, heard, wowed

from restorack.meters.speed.partials import RATE_HZ, find_partials
from restorack.meters.speed.wow import dewarped, find_wow

LOWEST_HZ = 400.0
"""Of the partial that is shown: lower ones swing by less than the picture resolves. By hand."""
WINDOW, HOP, PADDED = 1024, 64, 16_384
"""Of the spectrogram, in samples of 11,025 Hz: 93 ms every 6 ms, bins of 0.7 Hz. By hand."""
AROUND = 0.04
"""Share of the frequency that is shown on either side: less than a semitone. By hand."""


def held(samples: Samples) -> tuple[float, float, float]:
    """Return begin and end in seconds, and the frequency in Hz, of the longest partial."""
    found = find_partials(samples, RATE_HZ)
    longest = (0.0, 0.0, 0.0)
    for start, end in zip(found.starts, found.ends, strict=True):
        hertz = float(np.exp(np.median(found.pitches[start:end])))
        begin, stop = float(found.seconds[start]), float(found.seconds[end - 1])
        if hertz >= LOWEST_HZ and stop - begin > longest[1] - longest[0]:
            longest = (begin, stop, hertz)
    return longest


def spectrogram(
    samples: Samples, note: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies, seconds and levels in dB about a note."""
    begin, end, hertz = note
    first = max(0, round((begin * RATE_HZ) - WINDOW))
    part = samples[first : round(end * RATE_HZ) + WINDOW]
    frequencies, seconds, bins = stft(
        part, RATE_HZ, nperseg=WINDOW, noverlap=WINDOW - HOP, nfft=PADDED, boundary=None
    )
    near = np.abs(frequencies / hertz - 1.0) <= AROUND
    seconds = seconds + first / RATE_HZ
    inside = (seconds >= begin) & (seconds <= end)
    levels = 20.0 * np.log10(np.abs(bins[near][:, inside]) + 1e-9)
    return frequencies[near], seconds[inside], levels


def drawn(axes: Axes, samples: Samples, note: tuple[float, float, float], title: str) -> float:
    """Draw a note; return how far its strongest frequency swings, in per cent."""
    frequencies, seconds, levels = spectrogram(samples, note)
    axes.pcolormesh(seconds, frequencies, levels, vmin=levels.max() - 40.0, cmap="magma")
    line = frequencies[np.argmax(levels, axis=0)]
    swing = 100.0 * float(np.ptp(line)) / note[2]
    axes.set_title(f"{title}: {swing:.2f} % peak to peak")
    axes.set_ylabel("Hz")
    return swing


def main() -> None:
    """Judge one recording and draw its note."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--depth", type=float, default=0.6)
    parser.add_argument("--growth", type=float, default=0.3)
    options = parser.parse_args()
    samples = heard(options.file, options.seconds)
    note = held(samples)
    print(f"note of {note[2]:.1f} Hz from {note[0]:.2f} to {note[1]:.2f} s")
    print(f"as it is: {find_wow(samples, RATE_HZ) or 'no wow'}")
    played, curve = wowed(samples, 0.01 * options.depth, options.growth)
    wow = find_wow(played, RATE_HZ)
    print(f"with made wow: {wow or 'no wow'}")
    shown = {"as it is": samples, f"wow of {options.depth} %": played}
    if wow is not None:
        left = 100.0 * float(np.std(wow.speed(curve.seconds) - curve.speeds))
        print(f"left: {left:.4f} % RMS")
        shown["corrected"] = dewarped(played, RATE_HZ, wow.curve())
    figure = Figure(figsize=(9, 9), layout="constrained", dpi=100)
    for axes, (title, each) in zip(figure.subplots(len(shown), 1), shown.items(), strict=True):
        print(f"{title}: {drawn(axes, each, note, title):.2f} % peak to peak")
    figure.savefig(options.picture)


if __name__ == "__main__":
    main()
