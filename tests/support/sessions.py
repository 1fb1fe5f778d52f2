"""Sessions of noise: files, texts, and what comes out of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from restorack.render.session import SessionOptions, render_session

RATE = 44_100
FRAMES = 60_000

ONE = "format: 1\nname: s\noutput: {subtype: FLOAT}\nstems:\n"


def noise(seed: int, channels: int, frames: int = FRAMES) -> Any:
    return 0.2 * np.random.default_rng(seed).standard_normal((channels, frames)).astype(np.float32)


def write(path: Path, rows: Any, rate: int = RATE) -> Any:
    soundfile.write(path, rows.T, rate, subtype="FLOAT")
    return rows


def read(path: Path) -> Any:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def put(folder: Path, text: str, name: str = "session.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def rendered(folder: Path, text: str, out: str = "out", **options: Any) -> Any:
    result = render_session(put(folder, text), folder / out, SessionOptions(**options))
    return read(result.output)


def decibels(rows: Any) -> float:
    return float(20 * np.log10(np.max(np.abs(rows)) + 1e-30))
