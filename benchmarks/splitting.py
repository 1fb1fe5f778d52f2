"""How well borders of tracks are found, on sides made of a folder's recordings.

    python benchmarks/splitting.py --music DIR [--music DIR ...] [--speech DIR] [--sides 12]
                                   [--seed 1] [--kind lp|quiet|tape|speech|78 ...] [--cache DIR]

Every side has 4 to 6 tracks of other recordings (a 78 has one): 15 to 60 s of them, some at the
level of a quiet movement and with rests of 0.3 to 0.8 s inside, none silent for 0.6 s by itself,
some faded out, gaps of 0.5 to 4 s (speech: 1.5 to 4 s), noise of the project's own degradations,
needle drop and lift-off. A border is right where the next track's start is within 0.3 s of the
moment at which it rises out of the noise. Printed, the worst side first: borders, found ones, false
ones, the largest error of starts and of ends.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from restorack.bench.sides import MadeSide, make_side
from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.crackle import Crackle
from restorack.degrade.additive.hiss import Hiss
from restorack.degrade.additive.rumble import Rumble
from restorack.degrade.additive.surface_noise import SurfaceNoise
from restorack.degrade.additive.thumps import Thumps
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.io.audio_files import audio_files
from restorack.io.reader import AudioReader
from restorack.splitting.detection import detect
from restorack.splitting.levels import Levels, measure_levels
from restorack.splitting.options import MIN_GAP_S, MIN_TRACK_S

RATE = 44_100
NOISE_S = 12.0
KINDS = ("lp", "quiet", "tape", "speech", "78")
RIGHT_S = 0.3
# Programme at -20 dBFS RMS; the noise of each kind below that, in dB.
NOISE_DB = {"lp": (-48, -36), "quiet": (-52, -42), "tape": (-52, -40), "speech": (-48, -36),
            "78": (-34, -24)}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A side's levels and truth."""

    name: str
    levels: Levels
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]
    seconds: float


def excerpt(path: Path, random: np.random.Generator) -> Rows:
    """Return an excerpt that is not silent for long in itself, if there is one."""
    for _ in range(5):
        rows = some_of(path, random)
        levels = short_levels(rows)
        silent = np.convolve(levels < 0.1 * db_to_amplitude(-45.0), np.ones(30), "valid") == 30
        if not silent.any():
            break
    return rows


def short_levels(rows: Rows) -> np.ndarray:
    """Return the level of every 20 ms."""
    pieces = rows[:, : rows.shape[1] // 882 * 882].reshape(2, -1, 882)
    return np.sqrt(np.square(pieces).mean((0, 2)))


def some_of(path: Path, random: np.random.Generator) -> Rows:
    """Return 15 to 60 s of a recording, in stereo, at -20 dBFS, that begins with a sound."""
    with AudioReader(path) as reader:
        rate, frames = reader.info.sample_rate, reader.info.frames
        wanted = min(frames, round(random.uniform(15.0, 60.0) * rate))
        start = int(random.integers(0, frames - wanted + 1))
        rows = np.concatenate(list(reader.blocks(65_536, start, start + wanted)), axis=1)
    if rate != RATE:
        rows = np.ascontiguousarray(soxr.resample(rows.T, rate, RATE).T)
    rows = (rows if rows.shape[0] == 2 else np.tile(rows[:1], (2, 1))).astype(np.float32)
    rows *= np.float32(0.1 / max(float(rows.std()), 1e-6))
    loud = np.flatnonzero(short_levels(rows) > 0.1 * db_to_amplitude(-25.0))
    return rows[:, 882 * loud[0] : 882 * (loud[-1] + 1)]


def string_together(paths: list[Path], random: np.random.Generator, kind: str) -> Rows:
    """Return a track: recordings until it is 15 s long, with pauses where they are words."""
    parts: list[Rows] = []
    while sum(part.shape[1] for part in parts) < 15 * RATE:
        parts.append(excerpt(paths[int(random.integers(len(paths)))], random))
        if kind == "speech":
            pause = round(random.uniform(0.15, 0.7) * RATE)
            parts.append(0.1 * db_to_amplitude(-52.0) * random.standard_normal((2, pause)))
    if kind == "speech":
        parts.pop()
    return np.concatenate(parts, axis=1).astype(np.float32)


def finish(track: Rows, random: np.random.Generator, kind: str) -> Rows:
    """Return a track with its level, its rests and its end."""
    rows = track.copy()
    if kind == "quiet":
        for _ in range(2):  # general pauses, with what a hall leaves of them
            at = int(random.uniform(0.2, 0.8) * rows.shape[1])
            pause = round(random.uniform(0.3, 0.8) * RATE)
            decay = np.exp(-np.arange(pause) / (0.12 * RATE)) + db_to_amplitude(-55.0)
            tail = rows[:, at : at + pause][:, ::-1] * decay
            rows = np.concatenate([rows[:, :at], tail, rows[:, at:]], axis=1)
    faded = random.random()
    if faded < 0.3 and kind in ("lp", "tape"):
        length = min(round(random.uniform(3.0, 7.0) * RATE), rows.shape[1] // 2)
        rows[:, -length:] *= np.linspace(1.0, 0.0, length) ** 2
    else:
        length = min(round(random.uniform(0.05, 2.0) * RATE), rows.shape[1] // 2)
        rows[:, -length:] *= 10.0 ** (-2.5 * np.linspace(0.0, 1.0, length))
    level = random.uniform(-18.0, -8.0) if kind == "quiet" and random.random() < 0.6 else 0.0
    return (rows * db_to_amplitude(level)).astype(np.float32)


def noise_of(kind: str, seed: int) -> Rows:
    """Return the noise of a side."""
    random = np.random.default_rng(seed)
    level = float(random.uniform(*NOISE_DB[kind]))
    silence = np.zeros((2, round(NOISE_S * RATE)), np.float32)
    stages = [Hiss(level_db=level, seed=seed)]
    if kind != "tape":
        stages = [
            SurfaceNoise(level_db=level, seed=seed, rpm=78.0 if kind == "78" else 33.333),
            Crackle(level_db=level + 4.0, seed=seed, rate_per_s=float(random.uniform(5.0, 300.0))),
            Clicks(rate_per_s=float(random.uniform(0.3, 4.0)), seed=seed),
            Rumble(level_db=level + 8.0, seed=seed),
            Thumps(rate_per_s=0.15, seed=seed, amplitude_max=0.1),
        ]
    out = silence
    for stage in stages:
        absolute = silence.copy()
        absolute[:, ::2], absolute[:, 1::2] = 1.0, -1.0  # a programme of RMS and peak 1
        out = out + (stage.damage(absolute, RATE).audio - absolute)
    return (0.1 * out).astype(np.float32)


def build(kind: str, number: int, music: list[Path], speech: list[Path], seed: int) -> MadeSide:
    """Return one side."""
    random = np.random.default_rng([seed, number, KINDS.index(kind)])
    paths = speech if kind == "speech" else music
    count = 1 if kind == "78" else int(random.integers(4, 7))
    chosen = random.permutation(len(paths))
    tracks = []
    for place in range(count):
        own = speech if kind == "speech" else [paths[chosen[place % len(paths)]]]
        tracks.append(finish(string_together(own, random, kind), random, kind))
    least = 1.5 if kind == "speech" else 0.5
    gaps = [float(random.uniform(least, 4.0)) for _ in tracks[1:]]
    return make_side(
        tracks, gaps, noise_of(kind, int(random.integers(1 << 30))), RATE,
        lead_in_s=float(random.uniform(0.8, 6.0)), run_out_s=float(random.uniform(0.8, 15.0)),
        outside_s=float(random.uniform(0.0, 3.0)), has_needle=kind != "tape", seed=number,
    )  # fmt: skip


def known_sides(options: argparse.Namespace) -> list[Known]:
    """Return every side's levels and truth, from the cache where they are there."""
    music = [path for folder in options.music for path in audio_files(folder)]
    speech = [path for folder in options.speech for path in audio_files(folder)]
    found = []
    for number in range(options.sides):
        kind = options.kind[number % len(options.kind)]
        name = f"{kind}-{options.seed}-{number}"
        cached = options.cache / f"{name}.npz" if options.cache else None
        if cached is not None and cached.exists():
            found.append(load(name, cached))
            continue
        if kind == "speech" and not speech:
            continue
        began = time.monotonic()
        side = build(kind, number, music, speech, options.seed)
        levels = measure_levels([side.audio], RATE, 2)
        known = Known(name, levels, side.starts_s, side.ends_s, side.audio.shape[1] / RATE)
        if cached is not None:
            save(known, cached)
        print(f"{name}: {known.seconds:.0f} s in {time.monotonic() - began:.0f} s", file=sys.stderr)
        found.append(known)
    return found


def save(known: Known, path: Path) -> None:
    """Keep a side's levels, so that another trial need not make it again."""
    levels = known.levels
    np.savez(
        path, hop=levels.hop_s, edges=levels.edges_hz, db=levels.db, peaks=levels.peaks_db,
        dof=levels.dof, starts=known.starts_s, ends=known.ends_s, seconds=known.seconds,
    )  # fmt: skip


def load(name: str, path: Path) -> Known:
    """Return a kept side."""
    data = np.load(path)
    levels = Levels(float(data["hop"]), data["edges"], data["db"], data["peaks"], data["dof"])
    return Known(name, levels, tuple(data["starts"]), tuple(data["ends"]), float(data["seconds"]))


@dataclass(frozen=True)
class Score:
    """What was found of a side."""

    name: str
    seconds: float
    borders: int
    found: int
    false: int
    start_error_s: float
    end_error_s: float
    ends_found: int

    def line(self) -> str:
        """Return a line of the table."""
        return (
            f"{self.name:14s} {self.seconds:6.0f} {self.borders:8d} {self.found:6d} "
            f"{self.false:6d} {self.start_error_s:12.2f} {self.ends_found:6d} "
            f"{self.end_error_s:10.2f}"
        )


def judge(known: Known, tracks: int | None = None) -> Score:
    """Return what is found of a side; its first start and last end count as borders, too."""
    heard = detect(known.levels, min_gap_s=MIN_GAP_S, min_track_s=MIN_TRACK_S, tracks=tracks)
    hop, gaps = known.levels.hop_s, heard.gaps if heard else []
    starts = np.array([gap.stop * hop for gap in gaps[:-1]])
    ends = np.array([gap.start * hop for gap in gaps[1:]])
    start_errors, end_errors = _errors(known.starts_s, starts), _errors(known.ends_s, ends)
    right = start_errors <= RIGHT_S
    return Score(
        known.name, known.seconds, len(known.starts_s), int(right.sum()),
        len(starts) - int(right.sum()), float(start_errors.max()), float(end_errors.max()),
        int((end_errors <= RIGHT_S).sum()),
    )  # fmt: skip


def _errors(truth: tuple[float, ...], found: np.ndarray) -> np.ndarray:
    """Return how far each true moment is from the nearest one that was found."""
    if not found.size:
        return np.full(len(truth), 99.0)
    return np.abs(np.array(truth)[:, np.newaxis] - found).min(axis=1)


def main() -> None:
    """Make sides and judge what is found in them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", type=Path, action="append", default=[])
    parser.add_argument("--speech", type=Path, action="append", default=[])
    parser.add_argument("--sides", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--told", action="store_true", help="the number of tracks is given")
    options = parser.parse_args()
    known = known_sides(options)
    scores = [judge(one, len(one.starts_s) if options.told else None) for one in known]
    print("side                s  borders  found  false  start error   ends  end error")
    for score in sorted(scores, key=lambda one: (one.found + one.ends_found - 2 * one.borders
                                                 - one.false, -one.start_error_s)):  # fmt: skip
        print(score.line())
    borders, found = sum(s.borders for s in scores), sum(s.found for s in scores)
    ends, false = sum(s.ends_found for s in scores), sum(s.false for s in scores)
    print(
        f"{len(scores)} sides: {found} of {borders} starts within {RIGHT_S} s "
        f"({found / borders:.1%}), {false} false, {ends} of {borders} ends ({ends / borders:.1%})"
    )


if __name__ == "__main__":
    main()
