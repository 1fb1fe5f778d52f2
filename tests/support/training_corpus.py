"""A corpus of synthetic notes, small enough to train on within a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from restorack.corpus.catalogue import Piece, add_to_catalogue


def make_corpus(folder: Path, *, pieces: int = 4, seconds: float = 4.0, rate: int = 44_100) -> Path:
    """Write a corpus: every second piece is for validation."""
    (folder / "audio").mkdir(parents=True)
    for number in range(pieces):
        name = f"audio/{number}.wav"
        soundfile.write(folder / name, notes(number, seconds, rate), rate, subtype="PCM_24")
        add_to_catalogue(folder, piece(name, number, round(seconds * rate), rate))
    return folder


def piece(name: str, number: int, frames: int, rate: int, **changed: Any) -> Piece:
    facts = {
        "file": name,
        "key": f"notes/{number}",
        "kind": "notes" if number < 2 else "music",
        "split": "validation" if number % 2 else "train",
        "sample_rate": rate,
        "channels": 1,
        "frames": frames,
        "wall_hz": rate / 2,
        "source": "synthetic notes",
        "licence": "CC0",
        "attribution": "the tests",
    }
    return Piece(**{**facts, **changed})


def notes(seed: int, seconds: float, rate: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    out = np.zeros_like(time)
    for onset in np.arange(0.0, seconds, 0.4):
        tone = rng.uniform(150, 900)
        since = np.maximum(time - onset, 0.0)
        wave = sum(np.sin(2 * np.pi * k * tone * since) / k for k in range(1, 6))
        out += wave * np.exp(-since * 5.0) * (time >= onset)
    return (0.5 * out / np.abs(out).max()).astype(np.float32)
