#!/usr/bin/env python3
"""The limiter and the de-esser beside peers': distortion, loudness, peaks, what is left alone.

    python benchmarks/dynamics.py MUSIC.wav ... --speech SPEECH.wav ... [--matchering PYTHON]

The figures of docs/inside/dynamics.md. Files are of 44.1 kHz; the first 12 s of each count. Peers
are ffmpeg's and, by the Python of an environment that has it, matchering's limiter.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from restorack.meters.loudness import LoudnessMeter
from restorack.plugins.dynamics.deesser import DeEsser
from restorack.plugins.dynamics.limiter import Limiter

RATE, SECONDS = 44_100, 12
CEILING_DB = -1.0
DRIVE_DB = 9.0
Rows = NDArray[np.float32]
Tool = Callable[[Rows], Rows]


def by_ffmpeg(filters: str) -> Tool:
    """Return a tool that runs filters of ffmpeg."""

    def run(rows: Rows) -> Rows:
        raw = ["-f", "f32le", "-ar", str(RATE), "-ac", str(len(rows))]
        command = ["ffmpeg", "-v", "error", *raw, "-i", "-", "-af", filters, *raw, "-"]
        given = np.ascontiguousarray(rows.T, np.float32).tobytes()
        out = subprocess.run(command, input=given, capture_output=True, check=True).stdout
        return np.frombuffer(out, np.float32).reshape(-1, len(rows)).T

    return run


HYRAX = """
import sys, numpy, matchering, matchering.limiter
heard = numpy.frombuffer(sys.stdin.buffer.read(), numpy.float32).reshape(-1, 2).astype(float)
config = matchering.Config(threshold=float(sys.argv[1]))
out = matchering.limiter.limit(heard, config)
sys.stdout.buffer.write(out.astype(numpy.float32).tobytes())
"""


def by_matchering(python: Path) -> Tool:
    """Return a tool that runs matchering's limiter, of two channels, in its own environment."""

    def run(rows: Rows) -> Rows:
        given = np.ascontiguousarray(np.broadcast_to(rows, (2, rows.shape[1])).T, np.float32)
        ceiling = f"{10 ** (CEILING_DB / 20)}"
        command = [str(python), "-W", "ignore", "-c", HYRAX, ceiling]
        out = subprocess.run(command, input=given.tobytes(), capture_output=True, check=True).stdout
        return np.frombuffer(out, np.float32).reshape(-1, 2).T[: len(rows)]

    return run


def loudness(rows: Rows) -> float:
    """Return the integrated loudness in LUFS."""
    meter = LoudnessMeter(RATE, len(rows))
    meter.push(rows)
    return meter.integrated() or -np.inf


def over_db(rows: Rows) -> float:
    """Return how far the true peak at 8 times the rate lies above the ceiling."""
    peak = np.abs(resample_poly(rows.astype(float), 8, 1, axis=1)).max()
    return float(20 * np.log10(peak) - CEILING_DB)


def tone(hertz: float, level_db: float) -> Rows:
    """Return 5 s of a sine, so many dB over the ceiling."""
    level = 10 ** ((level_db + CEILING_DB) / 20)
    wave = level * np.sin(2 * np.pi * hertz * np.arange(5 * RATE) / RATE)
    return wave[np.newaxis].astype(np.float32)


def beside(tool: Tool, signal: Rows, hertz: float, reach: float) -> float:
    """Return the power around a tone, or of all else, over the tone's own, in dB."""
    out = tool(signal)[0, 3 * RATE :].astype(float)
    power = np.abs(np.fft.rfft(out * np.hanning(out.size))) ** 2
    place = round(hertz * out.size / RATE)
    first = max(8, round(place - reach * out.size / RATE))
    around = power[first : round(place + reach * out.size / RATE)].sum()
    own = power[place - 4 : place + 5].sum()
    return float(10 * np.log10((around - own) / own))


def limiters(music: list[Rows], matchering: Path | None) -> None:
    """Print the limiters' figures."""
    limit = f"alimiter=limit={10 ** (CEILING_DB / 20)}:level=false:latency=true"
    tools: dict[str, Tool] = {
        "Limiter": lambda rows: Limiter().process(rows, RATE),
        "ffmpeg alimiter": by_ffmpeg(limit),
        "ffmpeg alimiter, 8 x": by_ffmpeg(f"aresample={8 * RATE},{limit},aresample={RATE}"),
    }
    if matchering is not None:
        tools["matchering"] = by_matchering(matchering)
    pair = (tone(60, 6) + tone(4000, -6)).astype(np.float32)
    for name, tool in tools.items():
        bass = beside(tool, tone(50, 6), 50, RATE / 2 - 100)
        sides = beside(tool, pair, 4000, 200)
        driven = [(rows * 10 ** (DRIVE_DB / 20)).astype(np.float32) for rows in music]
        out = [tool(rows) for rows in driven]
        gained = np.mean([loudness(y) - loudness(x) for x, y in zip(music, out, strict=True)])
        over = max(map(over_db, out))
        print(f"{name:24s} THD {bass:6.1f}  IM {sides:6.1f}  {gained:+.2f} LU  over {over:+.2f} dB")


def harshened(rows: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Return speech whose sibilants are 8 dB louder above 4.5 kHz, and where."""
    size = 512
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    starts = np.arange(0, rows.shape[1] - size, size // 2)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    out, marks = rows.astype(float).copy(), np.zeros(rows.shape[1], np.bool_)
    for at in starts:
        spectrum = np.fft.rfft(rows[0, at : at + size] * window)
        power = np.abs(spectrum) ** 2
        if power[hertz > 4500].sum() > power[hertz < 2500].sum() and power.sum() > 0.01:
            gain = 10 ** (8 / 20) - 1
            out[0, at : at + size] += window * np.fft.irfft(spectrum * gain * (hertz > 4500))
            marks[at : at + size] = True
    return out.astype(np.float32), marks


def deessers(speech: list[Rows]) -> None:
    """Print the de-essers' figures."""
    tools: dict[str, Tool] = {
        "DeEsser": lambda rows: DeEsser().process(rows, RATE),
        "ffmpeg deesser i=0.5": by_ffmpeg("deesser=i=0.5"),
        "ffmpeg deesser i=1": by_ffmpeg("deesser=i=1"),
    }
    for name, tool in tools.items():
        for scale_db in (0, -20):
            left, elsewhere = [], []
            for rows in speech:
                harsh, marks = harshened(rows)
                scale = np.float32(10 ** (scale_db / 20))
                out = tool(harsh * scale)[:, : rows.shape[1]] / scale
                level = [10 * np.log10(np.mean(x[0, marks] ** 2)) for x in (out, rows)]
                left.append(level[0] - level[1])
                change = np.mean((out - harsh)[0, ~marks] ** 2) / np.mean(harsh[0, ~marks] ** 2)
                elsewhere.append(10 * np.log10(change + 1e-20))
            print(
                f"{name:24s} input {scale_db:3d} dB: sibilants {np.mean(left):+.1f} dB over the "
                f"natural ones, change elsewhere {np.mean(elsewhere):.0f} dB"
            )


def read(path: Path) -> Rows:
    """Return the first seconds of a file, its peak at full scale."""
    rows, rate = soundfile.read(path, frames=SECONDS * RATE, dtype="float32", always_2d=True)
    if rate != RATE:
        raise SystemExit(f"{path}: {rate} Hz, not {RATE}")
    return np.ascontiguousarray(rows.T / np.abs(rows).max())


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("music", nargs="*", type=Path)
    parser.add_argument("--speech", nargs="*", type=Path, default=[])
    parser.add_argument("--matchering", type=Path, metavar="PYTHON")
    options = parser.parse_args()
    if options.music:
        limiters([read(path) for path in options.music], options.matchering)
    if options.speech:
        deessers([read(path)[:1] for path in options.speech])


if __name__ == "__main__":
    main()
