"""The demo's record: what cutting on shellac and decades of playing do to the music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

TURN = 60.0 / 78.26
"""Seconds of one turn of the record."""

MAINS_HZ = 50.0


def cut(music: Signal, sample_rate: float) -> Signal:
    """Return the music as an electric recording of the twenties holds it: 70 Hz to 6.5 kHz."""
    from scipy.signal import butter, sosfilt

    low = butter(2, 70.0, "highpass", fs=sample_rate, output="sos")
    high = butter(6, 6_500.0, "lowpass", fs=sample_rate, output="sos")
    return np.asarray(sosfilt(high, sosfilt(low, music)))


def wear(cut_music: Signal, sample_rate: float) -> Signal:
    """Return the record as it plays today; the same at every call.

    Parameters
    ----------
    cut_music : ndarray, shape (samples,)
        What the groove held when it was new, peak about 0.6.
    sample_rate : float
        In Hz.

    Returns
    -------
    ndarray of float64, shape (samples,)
        Within full scale: music plus hiss, crackle, clicks, scratches, rumble and hum.
    """
    random = np.random.default_rng(78)
    count = len(cut_music)
    damage = (
        hiss(count, sample_rate, random)
        + crackle(count, sample_rate, random)
        + clicks(count, sample_rate, random)
        + scratches(count, sample_rate, random)
        + rumble(count, sample_rate, random)
        + hum(count, sample_rate)
    )
    return np.clip(cut_music + damage, -1.0, 1.0)


def hiss(count: int, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return surface noise: it swells once a turn, and slowly at random."""
    from scipy.signal import lfilter

    time = np.arange(count) / sample_rate
    noise = lfilter([1.0, 0.4], [1.0, -0.35], random.standard_normal(count))
    once_a_turn = 1.0 + 0.25 * np.sin(2.0 * np.pi * time / TURN + 0.7)
    points = np.arange(0.0, time[-1] + 2.0, 1.0) if count else np.zeros(1)
    slowly = np.exp(np.interp(time, points, random.normal(0.0, 0.15, len(points))))
    return np.asarray(0.0042 * noise * once_a_turn * slowly)


def crackle(count: int, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return many small impulses, of all sizes: 220 a second."""
    out = np.zeros(count)
    number = random.poisson(220.0 * count / sample_rate)
    sizes = np.minimum(0.09, 0.007 * (1.0 + random.pareto(2.2, number)))
    for at, size in zip(random.integers(0, max(1, count), number), sizes, strict=True):
        _strike(out, at, size, random.uniform(0.00004, 0.00015), sample_rate, random)
    return out


def clicks(count: int, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return the louder ones: 9 a second, up to 2 ms long."""
    out = np.zeros(count)
    number = random.poisson(9.0 * count / sample_rate)
    for at in random.integers(0, max(1, count), number):
        _strike(
            out, at, random.uniform(0.08, 0.5), random.uniform(0.0001, 0.0006), sample_rate, random
        )
    return out


def scratches(count: int, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return two scratches across the grooves: each comes back once a turn, wandering a little."""
    out = np.zeros(count)
    for begin, turns, size in ((2.1, 9, 0.75), (6.4, 8, 0.55)):
        at = begin
        for _ in range(turns):
            position = round(at * sample_rate)
            loud = size * random.uniform(0.7, 1.1)
            _strike(out, position, loud, 0.0007, sample_rate, random)
            _strike(out, position + round(0.0016 * sample_rate), -0.5 * loud, 0.0004, sample_rate,
                    random)  # fmt: skip
            at += TURN + random.normal(0.0, 0.0008)
    return out


def rumble(count: int, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return the turntable: noise below 40 Hz, and the warp of the record."""
    from scipy.signal import butter, sosfilt

    time = np.arange(count) / sample_rate
    noise = sosfilt(butter(3, 38.0, fs=sample_rate, output="sos"), random.standard_normal(count))
    warp = np.sin(2.0 * np.pi * time / TURN)
    return np.asarray(0.3 * noise * (1.0 + 0.3 * warp) + 0.006 * warp)


def hum(count: int, sample_rate: float) -> Signal:
    """Return the amplifier's mains hum with its odd harmonics."""
    time = np.arange(count) / sample_rate
    levels = {1: 0.006, 2: 0.0015, 3: 0.003, 5: 0.0016, 7: 0.0008}
    turns = [level * np.sin(2.0 * np.pi * k * MAINS_HZ * time + k) for k, level in levels.items()]
    return np.asarray(np.sum(turns, axis=0))


def _strike(
    out: Signal,
    at: int,
    size: float,
    seconds: float,
    sample_rate: float,
    random: np.random.Generator,
) -> None:
    """Add one impulse as a pickup gives it: a sharp rise that rings down."""
    time = np.arange(max(3, round(8.0 * seconds * sample_rate))) / sample_rate
    ringing = np.cos(2.0 * np.pi * random.uniform(1_500.0, 7_000.0) * time)
    shape = np.exp(-time / seconds) * ringing * random.choice([-1.0, 1.0])
    last = min(len(out), at + len(shape))
    out[at:last] += size * shape[: max(0, last - at)]
