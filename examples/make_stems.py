"""Synthesise the stems of session.yaml: ``python examples/make_stems.py`` (4 bars at 108 a minute).

Six stems appear in the folder ``stems`` beside this file; two are at 48 kHz, three are mono.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

BEAT = 60.0 / 108.0
BEATS = 16
ROOTS = (41, 38, 43, 36)
"""One a bar, as MIDI numbers."""

Signal = NDArray[np.float64]


def clock(rate: int) -> Signal:
    """Return the time of each sample, in seconds."""
    return np.arange(round(BEATS * BEAT * rate)) / rate


def hertz(midi: float) -> float:
    """Return a note's frequency."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def since_hit(seconds: Signal, beats: list[float]) -> Signal:
    """Return the time since the latest of some beats; before the first one it is infinite."""
    hits = np.array(beats) * BEAT
    latest = np.searchsorted(hits, seconds, side="right") - 1
    return np.where(latest >= 0, seconds - hits[latest], np.inf)


def bass(rate: int) -> Signal:
    """Return roots, plucked on every beat."""
    seconds = clock(rate)
    pitch = np.array([hertz(root) for root in ROOTS])[(seconds / BEAT / 4).astype(int)]
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tone = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    return 0.3 * tone * np.exp(-3 * since_hit(seconds, [float(beat) for beat in range(BEATS)]))


def chords(rate: int) -> Signal:
    """Return off-beat chords, spread over two channels."""
    seconds = clock(rate)
    envelope = np.exp(-6 * since_hit(seconds, [beat + 0.5 for beat in range(BEATS)]))
    sides = []
    for detune in (-0.05, 0.05):
        total = np.zeros_like(seconds)
        for interval in (24, 28, 31):
            notes = [hertz(root + interval + detune) for root in ROOTS]
            pitch = np.array(notes)[(seconds / BEAT / 4).astype(int)]
            total += np.sin(2 * np.pi * np.cumsum(pitch) / rate)
        sides.append(0.12 * total * envelope)
    return np.stack(sides)


def voice(rate: int) -> Signal:
    """Return two bars of a line with vibrato; it enters at beat 8 of the session."""
    seconds = clock(rate)[: round(8 * BEAT * rate)]
    notes = np.array([hertz(note) for note in (67, 69, 71, 74, 72, 71, 67, 65)])
    pitch = notes[np.minimum((seconds / BEAT).astype(int), 7)]
    pitch = pitch * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * seconds))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    swell = np.sin(np.pi * np.clip((seconds / BEAT) % 1, 0, 1)) ** 0.5
    return 0.25 * swell * (np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.25 * np.sin(3 * phase))


def drum(rate: int, beats: list[float], decay: float, tone: float, seed: int) -> Signal:
    """Return hits of tone (1) or noise (0) that decay by so much a second."""
    seconds = clock(rate)
    age = since_hit(seconds, beats)
    noise = np.random.default_rng(seed).standard_normal(len(seconds))
    sweep = np.where(np.isfinite(age), np.sin(2 * np.pi * 55 * np.minimum(age, 1.0)), 0.0)
    return 0.5 * np.exp(-decay * age) * (tone * sweep + (1 - tone) * 0.4 * noise)


def main() -> None:
    """Write the stems."""
    folder = Path(__file__).parent / "stems"
    folder.mkdir(exist_ok=True)
    every = [float(beat) for beat in range(BEATS)]
    halves = [beat / 2 for beat in range(2 * BEATS)]
    hats = np.stack([drum(48_000, halves, 45.0, 0.0, seed) for seed in (4, 5)])
    hiss = 0.004 * np.random.default_rng(1).standard_normal(len(voice(48_000)))
    parts = {
        "bass": (bass(44_100), 44_100),
        "chords": (chords(44_100), 44_100),
        "voice": (voice(48_000) + hiss, 48_000),
        "kick": (drum(44_100, every[::2], 9.0, 1.0, 2), 44_100),
        "snare": (drum(44_100, every[1::2], 14.0, 0.2, 3), 44_100),
        "hats": (hats, 48_000),
    }
    for name, (samples, rate) in parts.items():
        soundfile.write(folder / f"{name}.wav", samples.T, rate, subtype="PCM_24")


if __name__ == "__main__":
    main()
