#!/usr/bin/env python3
"""The declipper beside ffmpeg's adeclip and a textbook SPADE, on recordings of your own.

    python benchmarks/declipping.py FOLDER... [--seconds 3] [--sdr 5 10 15] [--methods ...]
    python benchmarks/declipping.py FOLDER --sdr 10 --picture declip.png

The middle of each recording, one channel, is clipped symmetrically so that its SDR is that of
``--sdr``, and restored. SDR gains are of the clipped samples alone, in dB; every method's other
samples are left out. ``adeclip`` has its defaults. SPADE is analysis
SPADE (Kitic, Bertin, Gribonval 2015): frames of 1024 with 75 % overlap, twice redundant.
The last lines have the Declipper's speed where 1 % of the samples are clipped.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from restorack.plugins.declip.declipper import Declipper

Floats = NDArray[np.float64]
METHODS = ["Declipper", "adeclip", "SPADE"]
SUFFIXES = {".flac", ".wav", ".ogg", ".opus", ".mp3"}


def clip_to(music: Floats, sdr_db: float) -> Floats:
    """Return music clipped at the level that leaves it an SDR."""
    low, high = 1e-4, 1.0
    for _ in range(50):
        level = np.sqrt(low * high)
        lost = music - np.clip(music, -level, level)
        worse = 10 * np.log10((music @ music) / max(lost @ lost, 1e-30)) < sdr_db
        low, high = (level, high) if worse else (low, level)
    return np.clip(music, -level, level)


def at_share(music: Floats, share: float) -> Floats:
    """Return music of which a share of the samples is clipped."""
    level = float(np.quantile(np.abs(music), 1.0 - share))
    return np.clip(music, -level, level)


def spade(heard: Floats, above: NDArray[np.bool_], below: NDArray[np.bool_]) -> Floats:
    """Return what A-SPADE restores: each step a larger number of coefficients is kept."""
    size, hop, bins = 1024, 256, 1024 + 1
    count = (len(heard) + 2 * size) // hop
    tail = (count - 1) * hop - len(heard)
    places = np.arange(size) + hop * np.arange(count)[:, np.newaxis]
    window = np.sqrt(np.hanning(size + 1)[:size])
    frames = np.pad(heard, (size, tail))[places] * window
    up, down = np.pad(above, (size, tail))[places], np.pad(below, (size, tail))[places]
    at = np.flatnonzero((up | down).any(axis=1))
    given, up, down, x = frames[at], up[at], down[at], frames[at].copy()
    dual = np.zeros((len(at), bins), complex)
    for kept in range(1, bins):
        wanted = np.fft.rfft(x, 2 * size, norm="ortho") + dual
        least = np.partition(np.abs(wanted), -kept, axis=1)[:, -kept, np.newaxis]
        sparse = np.where(np.abs(wanted) >= least, wanted, 0.0)
        x = np.fft.irfft(sparse - dual, 2 * size, norm="ortho")[:, :size]
        x = np.where(up, np.maximum(x, given), np.where(down, np.minimum(x, given), given))
        miss = np.fft.rfft(x, 2 * size, norm="ortho") - sparse
        dual += miss
        ends = np.sqrt(2.0) * np.linalg.norm(miss, axis=1) <= 0.1
        frames[at[ends]] = x[ends]
        at, given, up, down, x, dual = (part[~ends] for part in (at, given, up, down, x, dual))
        if not len(at):
            break
    frames[at] = x
    out = np.zeros(size + len(heard) + tail)
    np.add.at(out, places, frames * window / 2.0)  # squares of the window add up to 2
    return out[size : size + len(heard)]


def adeclip(heard: Floats, rate: int) -> Floats:
    """Return what ffmpeg's filter makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.wav", Path(folder) / "made.wav"
        sf.write(given, heard, rate, subtype="FLOAT")
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(given)]
        command += ["-af", "adeclip", "-c:a", "pcm_f32le", str(made)]
        subprocess.run(command, check=True)
        out, _ = sf.read(made)
    return np.pad(out, (0, max(0, len(heard) - len(out))))[: len(heard)]


def ours(heard: Floats, rate: int) -> Floats:
    """Return what the Declipper makes of it, which finds the level by itself."""
    return Declipper()(heard.astype(np.float32), rate).astype(float)


def gains(music: Floats, rate: int, sdr_db: float, methods: list[str]) -> tuple[float, list[float]]:
    """Return the share of clipped samples in %, and every method's gain."""
    heard = clip_to(music, sdr_db).astype(np.float32).astype(float)
    level = np.abs(heard).max()
    above, below = heard >= level, heard <= -level
    cut = above | below
    tools = {
        "Declipper": lambda: ours(heard, rate),
        "adeclip": lambda: adeclip(heard, rate),
        "SPADE": lambda: spade(heard, above, below),
    }
    found = [tools[name]() for name in methods]
    lost = np.sum((heard - music)[cut] ** 2)
    left = [np.sum((out - music)[cut] ** 2) for out in found]
    return 100 * float(cut.mean()), [float(10 * np.log10(lost / max(one, 1e-20))) for one in left]


def excerpt(path: Path, seconds: float) -> tuple[Floats, int]:
    """Return the middle of a recording's first channel, peak 1."""
    info = sf.info(path)
    count = min(info.frames, round(seconds * info.samplerate))
    rows, rate = sf.read(path, start=(info.frames - count) // 2, frames=count, always_2d=True)
    music = rows[:, 0]
    return music / max(float(np.abs(music).max()), 1e-9), rate


def speed(excerpts: list[tuple[Floats, int]]) -> None:
    """Print how many times faster than real time a channel with 1 % of clipped samples is."""
    took = heard = 0.0
    for music, rate in excerpts:
        clipped = at_share(music, 0.01)
        began = time.process_time()
        ours(clipped, rate)
        took += time.process_time() - began
        heard += len(music) / rate
    print(
        f"\n1 % clipped: {heard / took:.1f} x real time, one channel, one core, first pass included"
    )


def draw(music: Floats, rate: int, sdr_db: float, picture: Path) -> None:
    """Draw 15 ms around the largest loss: as it was, clipped, restored."""
    from matplotlib.figure import Figure

    heard = clip_to(music, sdr_db)
    out, level = ours(heard, rate), np.abs(heard).max()
    middle = int(np.argmax(np.abs(music - heard)))
    first = int(np.clip(middle - 0.0075 * rate, 0, max(0, len(music) - 0.015 * rate)))
    part = slice(first, first + round(0.015 * rate))
    time = 1000.0 * np.arange(part.stop - part.start)[: len(music[part])] / rate
    figure = Figure(figsize=(9, 6), layout="constrained", dpi=110)
    above, below = figure.subplots(2, 1, sharex=True, sharey=True)
    for axes, wave, colour, said in ((above, heard, "tab:red", f"clipped, SDR {sdr_db:g} dB"),
                                     (below, out, "tab:blue", "Declipper")):  # fmt: skip
        axes.axhspan(-level, level, color="0.93")
        axes.plot(time, music[part], color="0.55", lw=3.0, label="as it was")
        axes.plot(time, wave[part], color=colour, lw=1.2, label=said)
        axes.set_ylabel("amplitude")
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False)
    below.set_xlabel("milliseconds")
    figure.savefig(picture)


def main() -> None:
    """Print a table a level of clipping, and the worst recordings first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--sdr", nargs="+", type=float, default=[5.0, 10.0, 15.0])
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--picture", type=Path, help="draw the first recording, and no more")
    given = parser.parse_args()
    paths = sorted(
        path for folder in given.folders for path in folder.rglob("*") if path.suffix in SUFFIXES
    )
    if len(paths) > given.most:
        paths = [paths[i] for i in np.linspace(0, len(paths) - 1, given.most).astype(int)]
    excerpts = [excerpt(path, given.seconds) for path in paths]
    if given.picture is not None:
        draw(*excerpts[0], given.sdr[0], given.picture)
        return
    names = given.methods
    for sdr in given.sdr:
        rows = []
        for path, (music, rate) in zip(paths, excerpts, strict=True):
            share, found = gains(music, rate, sdr, names)
            rows.append((path.stem, share, found))
        rows.sort(key=lambda row: row[2][0])
        print(f"\nSDR {sdr:g} dB: gain in dB on clipped samples\n\n| | cut | {' | '.join(names)} |")
        print("|---" * (len(names) + 2) + "|")
        for name, share, found in rows:
            print(
                f"| {name} | {share:.1f} % | {' | '.join(f'{one:.1f}' for one in found)} |",
                flush=True,
            )
        every = np.array([found for _, _, found in rows])
        print(f"| mean | | {' | '.join(f'{one:.1f}' for one in every.mean(axis=0))} |")
        print(
            f"| median | | {' | '.join(f'{one:.1f}' for one in np.median(every, axis=0))} |",
            flush=True,
        )
    speed(excerpts)


if __name__ == "__main__":
    main()
