"""String recordings of single notes into phrases that an instrument might play."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.corpus.recordings import Recording
from restorack.dsp.arrays import Rows

LONG_S = 6.0
"""A longer recording is a phrase of its own already."""

RELEASE_S = 0.04
"""Fade at the end of a note, in seconds. By hand."""

_PITCH = re.compile(r"(?:^|[_-])([a-gA-G])([sb#]?)(-?\d)(?=[_.-]|$)")
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), tuple(range(12)))
_RHYTHMS = (
    (1.0, 1.0, 0.5, 0.5, 1.0),
    (0.5,) * 6,
    (1.5, 0.5, 1.0, 1.0),
    (0.25,) * 8,
)
"""Lengths of the notes of a bar, in beats."""

LoadNote = Callable[[Recording], Rows]
"""Returns a recording's samples, shape (channels, samples)."""


@dataclass(frozen=True)
class Instrument:
    """The notes of one instrument.

    Attributes
    ----------
    name : str
    pitched : tuple of (pitch, Recording)
        By MIDI pitch; several recordings of a pitch are its dynamics and repetitions.
    strokes : tuple of Recording
        Those without a pitch in their name.
    """

    name: str
    pitched: tuple[tuple[int, Recording], ...]
    strokes: tuple[Recording, ...]

    @property
    def recordings(self) -> list[Recording]:
        """All of them."""
        return [*(one for _, one in self.pitched), *self.strokes]


def pitch_of(name: str) -> int | None:
    """Return the MIDI pitch in a name such as ``asax_ab3_f.flac``, or None."""
    found = _PITCH.search(name.rsplit(".", 1)[0].rsplit("/", 1)[-1])
    if found is None:
        return None
    letter, sign, octave = found.groups()
    shift = {"": 0, "s": 1, "#": 1, "b": -1}[sign]
    return 12 * (int(octave) + 1) + _STEPS[letter.lower()] + shift


def instruments_of(recordings: Sequence[Recording]) -> list[Instrument]:
    """Group notes by the words before the first number or pitch of their names."""
    groups: defaultdict[str, list[Recording]] = defaultdict(list)
    for one in recordings:
        stem = one.name.rsplit("/", 1)[-1]
        words = re.split(r"[_.-]", stem)
        second = words[1] if words[0] == "phil" and len(words) > 1 else ""
        groups[f"{words[0]}_{second}" if second else words[0]].append(one)
    found = []
    for name, members in sorted(groups.items()):
        pitches = [(pitch_of(one.name), one) for one in members]
        pitched = tuple((pitch, one) for pitch, one in pitches if pitch is not None)
        strokes = tuple(one for pitch, one in pitches if pitch is None)
        found.append(Instrument(name, pitched, strokes))
    return found


def play_phrase(
    instrument: Instrument,
    load: LoadNote,
    seconds: float,
    sample_rate: int,
    rng: np.random.Generator,
) -> tuple[Rows, list[Recording]]:
    """Return a phrase and the recordings that it is made of.

    Parameters
    ----------
    instrument : Instrument
    load : callable
        Reads a recording.
    seconds : float
    sample_rate : int
        In Hz.
    rng : numpy.random.Generator
        Draws tempo, rhythm, scale and dynamics.

    Returns
    -------
    audio : ndarray of float32, shape (channels, samples)
    used : list of Recording

    Notes
    -----
    Pitched notes walk along a scale in small steps, mostly one note at a time: a note is released
    within 40 ms when the next one begins, or rings on. Strokes make a pattern of one bar, with
    changes, from a few sounds. Loudness swells and every second beat is softer.
    """
    samples = round(seconds * sample_rate)
    melodic = bool(instrument.pitched) and (not instrument.strokes or rng.random() < 0.7)
    choose = _walk(instrument, rng) if melodic else _kit(instrument, rng)
    rhythm = _RHYTHMS[int(rng.integers(len(_RHYTHMS)))]
    beat = 60.0 / rng.uniform(60.0, 160.0)
    rings = not melodic or rng.random() < 0.3
    used: list[Recording] = []
    out: Rows | None = None
    at, step = 0.0, 0
    while at < seconds - 0.1:
        recording = choose(step)
        note = from_onset(load(recording), sample_rate)
        if out is None:
            out = np.zeros((note.shape[0], samples), np.float32)
        span = beat * rhythm[step % len(rhythm)]
        accent = (1.0 if step % 2 == 0 else 0.7) * _swell(at / seconds)
        loose = max(0.0, at + rng.normal(0.0, 0.006))
        _lay(
            out, accent * rng.uniform(0.7, 1.0) * note, loose, None if rings else span, sample_rate
        )
        used.append(recording)
        # A bar may end in a rest; a recording that is a phrase itself is heard out.
        length = note.shape[1] / sample_rate
        at += length if length > LONG_S else span
        at += span if rng.random() < 0.08 else 0.0
        step += 1
    return out if out is not None else np.zeros((1, samples), np.float32), used


def from_onset(note: Rows, sample_rate: int) -> Rows:
    """Return a note from 5 ms before it rises to within 40 dB of its peak, scaled to peak 1."""
    loudness = np.abs(note).max(axis=0)
    peak = float(loudness.max()) if loudness.size else 0.0
    if peak < 1e-5:
        return note
    start = max(0, int(np.argmax(loudness > 0.01 * peak)) - round(0.005 * sample_rate))
    return note[:, start:] / np.float32(peak)


def _lay(out: Rows, note: Rows, at: float, span: float | None, sample_rate: int) -> None:
    """Add a note at a time in seconds; after its span it is released."""
    start = round(at * sample_rate)
    release = round(RELEASE_S * sample_rate)
    length = min(note.shape[1], out.shape[1] - start)
    if span is not None:
        length = min(length, round(span * sample_rate) + release)
    if length <= 0:
        return
    piece = note[:, :length].copy()
    if length < note.shape[1]:
        tail = min(release, length)
        piece[:, length - tail :] *= _fade(tail)
    out[:, start : start + length] += piece


def _fade(samples: int) -> NDArray[np.float32]:
    return (0.5 + 0.5 * np.cos(np.pi * (np.arange(samples) + 1) / samples)).astype(np.float32)


def _swell(place: float) -> float:
    return 0.55 + 0.45 * float(np.sin(np.pi * min(1.0, place)))


def _walk(instrument: Instrument, rng: np.random.Generator) -> Callable[[int], Recording]:
    """Return a walk along a scale over the pitches that were recorded."""
    by_pitch: defaultdict[int, list[Recording]] = defaultdict(list)
    for pitch, recording in instrument.pitched:
        by_pitch[pitch].append(recording)
    tonic = int(rng.integers(12))
    scale = _SCALES[int(rng.integers(len(_SCALES)))]
    tuned = [pitch for pitch in sorted(by_pitch) if (pitch - tonic) % 12 in scale]
    pitches = tuned if len(tuned) >= 4 else sorted(by_pitch)
    place = [int(rng.integers(len(pitches)))]

    def choose(step: int) -> Recording:
        stride = int(np.round(rng.normal(0.0, 1.7)))
        place[0] = int(np.clip(place[0] + stride, 0, len(pitches) - 1))
        takes = by_pitch[pitches[place[0]]]
        return takes[int(rng.integers(len(takes)))]

    return choose


def _kit(instrument: Instrument, rng: np.random.Generator) -> Callable[[int], Recording]:
    """Return a bar of eight strokes on a few sounds, that repeats with changes."""
    sounds = list(instrument.strokes) or instrument.recordings
    kit = [sounds[int(rng.integers(len(sounds)))] for _ in range(int(rng.integers(2, 6)))]
    bar = [kit[int(rng.integers(len(kit)))] for _ in range(8)]

    def choose(step: int) -> Recording:
        return kit[int(rng.integers(len(kit)))] if rng.random() < 0.15 else bar[step % 8]

    return choose
