"""Stored outputs of every stage and preset, and how near one must come to them.

Of each output a piece is stored, and of all of it the sums of short runs under random signs. The
energy of a difference of such sums is, in the mean, that of the difference itself: they stand for
the whole output in a 64th of the space.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from signals.frozen_signals import SIGNALS

from restorack import load_preset
from restorack.core.processor import Processor
from restorack.core.registry import processor_class, processor_names
from restorack.presets.finding import shipped_files

FOLDER = Path(__file__).parent.parent / "goldens"
FILES = {"stage": FOLDER / "stages.npz", "preset": FOLDER / "presets.npz"}

BOUND_DB = -100.0
"""Processors add in other orders, which shows at -140 dB; a change that is meant, far above."""

RATE, SECONDS = 44_100, 2.5
PIECE = slice(40_000, 42_048)
RUN = 64

SETTINGS: dict[str, dict[str, Any]] = {
    "restorack.Dither": {"subtype": "PCM_16"},
    "restorack.Azimuth": {"delay_ms": 0.05},
    "restorack.Declipper": {"threshold_db": -10.0},
    "restorack.Limiter": {"gain_db": 12.0},
    "restorack.SpeedCorrector": {"rpm_recorded": 76.59},
}
TWO_WALLS = {"restorack.Azimuth", "restorack.GrooveWalls", "restorack.MonoBelow"}
"""Other stages have their defaults; dither of 24 bits would lie below the bound."""

EXTENDING = ("restorack.BandwidthExtender", "musicgen-polish", "phone-to-studio")
"""They work where the top is missing, which clicks would fill."""

Stored = dict[str, NDArray[np.float32]]


def names(kind: str) -> list[str]:
    """Return the items of a kind: stages by registered name, or shipped presets."""
    return processor_names() if kind == "stage" else sorted(shipped_files())


def rendered(kind: str, name: str) -> Stored:
    """Process a signal and return what is stored of the output; stages have their defaults."""
    audio = given(kind, name)
    made = _stage(name) if kind == "stage" else load_preset(shipped_files()[name])
    out = made.process(audio, RATE)
    return {"piece": out[:, PIECE].copy(), "sums": signed_sums(out)}


def _stage(name: str) -> Processor:
    return processor_class(name)(**SETTINGS.get(name, {}))


def given(kind: str, name: str) -> NDArray[np.float32]:
    """Return the signal that an item processes: presets, and stages for two walls, get stereo."""
    channels = 1 if kind == "stage" and name not in TWO_WALLS else 2
    if name == "restorack.DecoderPeaks":
        return _signal("decoded", channels)
    return _signal("dull" if name.startswith(EXTENDING) else "worn", channels)


@lru_cache
def _signal(name: str, channels: int) -> NDArray[np.float32]:
    return SIGNALS[name](RATE, SECONDS, channels)


def signed_sums(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sums of runs of 64 samples under random signs, shape (channels, runs)."""
    signs = np.random.default_rng(64).choice([-1.0, 1.0], rows.shape[1])
    runs = np.arange(0, rows.shape[1], RUN)
    return np.add.reduceat(rows * signs, runs, axis=1).astype(np.float32)


def difference_db(stored: Stored, now: Stored) -> float:
    """Return the energy of the difference over that of what is stored; the worse of both parts."""
    worst = -np.inf
    for part, was in stored.items():
        if was.shape != now[part].shape:
            return np.inf
        change = float(np.sum((now[part].astype(float) - was) ** 2))
        energy = float(np.sum(was.astype(float) ** 2))
        if change:
            worst = max(worst, 10 * np.log10(change / max(energy, 1e-20)))
    return worst


def stored(kind: str) -> dict[str, Stored]:
    """Return what is stored, by item."""
    found: dict[str, Stored] = {}
    if FILES[kind].is_file():
        with np.load(FILES[kind], allow_pickle=False) as archive:
            for key in archive.files:
                name, part = key.rsplit("/", 1)
                found.setdefault(name, {})[part] = archive[key]
    return found
