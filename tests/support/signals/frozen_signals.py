"""Test signals of the frozen sound: numpy alone, the same bits on every machine.

Samples are multiples of 2**-26, so that processors that round a sine differently agree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GRID = 2.0**26
NOTES_HZ = (220.7, 331.3, 277.9, 441.1, 173.3)

Rows = NDArray[np.float32]


def clean_signal(rate: int, seconds: float, channels: int) -> Rows:
    """Return notes with nothing wrong in them; each ends in digital silence."""
    return _rounded(_notes(rate, seconds, channels))


def worn_signal(rate: int, seconds: float, channels: int) -> Rows:
    """Return the same notes with hiss, hum, rumble, clicks, a thump and crackle."""
    out = _notes(rate, seconds, channels)
    count = out.shape[1]
    random = np.random.default_rng(1929)
    time = np.arange(count) / rate
    out += 0.006 * random.standard_normal((channels, count))
    out += 0.02 * np.sin(2 * np.pi * 50.0 * time) + 0.01 * np.sin(2 * np.pi * 13.0 * time)
    for at in random.integers(0, count, round(150 * seconds)):  # crackle
        out[:, at : at + 3] += random.uniform(-0.06, 0.06)
    width = round(0.0005 * rate)
    shape = np.hanning(width + 2)[1:-1] * np.cos(np.arange(width) * 1.3)
    for at in random.integers(0, count - width, round(9 * seconds)):  # clicks, one wall louder
        out[:, at : at + width] += random.uniform(0.2, 0.5) * shape
        out[0, at : at + width] += 0.1 * shape
    swing = np.arange(round(0.08 * rate)) / rate
    at = round(0.6 * seconds * rate)
    tail = 0.15 * np.sin(2 * np.pi * 21.0 * swing) * np.exp(-30.0 * swing)
    out[:, at : at + len(tail)] += tail[: count - at]
    return _rounded(out)


def dull_signal(rate: int, seconds: float, channels: int) -> Rows:
    """Return the same notes with a little hiss, and nothing above 11 kHz."""
    out = _notes(rate, seconds, channels)
    count = out.shape[1]
    out += 0.003 * np.random.default_rng(1948).standard_normal((channels, count))
    spectrum = np.fft.rfft(out)
    spectrum[:, round(11_000 * count / rate) :] = 0.0
    return _rounded(np.fft.irfft(spectrum, count))


def decoded_signal(rate: int, seconds: float, channels: int) -> Rows:
    """Return the same notes with a little hiss and a decoder's peaks every 2 kHz."""
    out = _notes(rate, seconds, channels)
    count = out.shape[1]
    out += 0.0005 * np.random.default_rng(2023).standard_normal((channels, count))
    time = np.arange(count) / rate
    for order in range(1, 8):
        out += 0.004 / order * np.sin(2 * np.pi * 2_000.0 * order * time + order)
    return _rounded(out)


SIGNALS = {
    "worn": worn_signal,
    "clean": clean_signal,
    "dull": dull_signal,
    "decoded": decoded_signal,
}


def _rounded(rows: NDArray[np.float64]) -> Rows:
    return np.asarray(np.round(rows * GRID) / GRID, np.float32)


def _notes(rate: int, seconds: float, channels: int) -> NDArray[np.float64]:
    """Return a note every 0.4 s, after 0.15 s of silence; each row has its own level."""
    out = np.zeros(round(rate * seconds))
    for turn, begin in enumerate(np.arange(0.15, seconds, 0.4)):
        note = _note(rate, NOTES_HZ[turn % len(NOTES_HZ)], 0.32)
        at = round(begin * rate)
        out[at : at + len(note)] += note[: max(0, len(out) - at)]
    return (0.6 - 0.05 * np.arange(channels)[:, np.newaxis]) * out


def _note(rate: int, fundamental_hz: float, seconds: float) -> NDArray[np.float64]:
    time = np.arange(round(rate * seconds)) / rate
    out = np.zeros(len(time))
    for partial in range(1, int(0.45 * rate / fundamental_hz) + 1):
        out += np.sin(2 * np.pi * fundamental_hz * partial * time + partial**2) / partial
    envelope = np.sin(np.pi * time / seconds) ** 2 * np.exp(-4.0 * time)
    return np.asarray(0.5 * out * envelope)
