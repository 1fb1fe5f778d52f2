"""Music for the example clips: short loops in eight styles, composed by a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restorack.synthesis.instruments import (
    Signal,
    bass,
    bell,
    bowed,
    cymbal,
    kick,
    snare,
    struck,
    synthesiser,
)
from restorack.synthesis.ragtime import Note, pluck, room

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
"""Semitones of the steps of a scale."""
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4), (5, 3, 0, 4), (1, 4, 0, 5))
"""Degrees of the scale, a bar each."""

LOUDEST = 0.8
"""Peak of a clip, full scale 1. By hand."""

Voice = Callable[[float, float, float, np.random.Generator], Signal]


@dataclass
class Band:
    """Who plays: tempo, key and the tape.

    Attributes
    ----------
    rate : float
        In Hz.
    random : numpy.random.Generator
        The only chance there is.
    beat : float
        Seconds.
    key : int
        MIDI number of the tonic.
    scale, chords : tuple of int
        Semitones over the tonic; degrees of the scale, a bar each.
    tape : ndarray
        What was played so far.
    """

    rate: float
    random: np.random.Generator
    beat: float
    key: int
    scale: tuple[int, ...]
    chords: tuple[int, ...]
    tape: Signal

    @property
    def bars(self) -> int:
        """How many begin on the tape."""
        return int(np.ceil(len(self.tape) / self.rate / (4 * self.beat)))

    def pitch(self, degree: int, octave: int = 0) -> float:
        """Return the frequency of a degree of the scale, which may go beyond an octave."""
        over, step = divmod(degree, len(self.scale))
        midi = self.key + self.scale[step] + 12 * (over + octave)
        return float(440.0 * 2.0 ** ((midi - 69) / 12))

    def chord(self, bar: int) -> int:
        """Return the degree that a bar's chord stands on."""
        return self.chords[bar % len(self.chords)]

    def lay(self, sound: Signal, bar: int, beat: float, gain: float) -> None:
        """Play a sound at a beat of a bar, a few milliseconds early or late."""
        human = self.random.normal(0.0, 0.004)
        first = max(0, round(((4 * bar + beat) * self.beat + human) * self.rate))
        part = sound[: max(0, len(self.tape) - first)]
        self.tape[first : first + len(part)] += gain * part

    def tone(
        self, voice: Voice, degree: int, octave: int, at: tuple[int, float, float], gain: float
    ) -> None:
        """Play a degree of the scale; ``at`` is bar, beat and length in beats."""
        bar, beat, beats = at
        hertz = self.pitch(degree, octave)
        self.lay(voice(hertz, beats * self.beat, self.rate, self.random), bar, beat, gain)

    def chords_held(self, voice: Voice, octave: int, gain: float, beats: float = 4.0) -> None:
        """Play every bar's triad."""
        for bar in range(self.bars):
            for third in (0, 2, 4):
                self.tone(voice, self.chord(bar) + third, octave, (bar, 0.0, beats), gain)

    def arpeggio(self, voice: Voice, octave: int, gain: float, step: float = 0.5) -> None:
        """Play every bar's chord note by note."""
        order = self.random.permutation([0, 2, 4, 7, 4, 2, 9, 7])
        for bar in range(self.bars):
            for number, beat in enumerate(np.arange(0.0, 4.0, step)):
                degree = self.chord(bar) + int(order[number % len(order)])
                self.tone(voice, degree, octave, (bar, float(beat), 1.5 * step), gain)

    def melody(self, voice: Voice, octave: int, gain: float) -> None:
        """Walk by steps, and land on a note of the chord at every bar."""
        for bar in range(self.bars):
            degree, beat = self.chord(bar) + int(self.random.choice([0, 2, 4])), 0.0
            while beat < 4.0:
                beats = float(self.random.choice([0.5, 1.0, 1.5]))
                self.tone(voice, degree, octave, (bar, beat, beats), gain)
                beat, degree = beat + beats, degree + int(self.random.integers(-2, 3))

    def walking(self, beats: tuple[float, ...], gain: float) -> None:
        """Play a bass at these beats of every bar."""
        for bar in range(self.bars):
            for number, beat in enumerate(beats):
                degree = self.chord(bar) + (0, 2, 4, 2)[number % 4]
                self.tone(bass, degree, -2, (bar, beat, 0.8), gain)

    def drums(self, kicks: tuple[float, ...], snares: tuple[float, ...], hats: float) -> None:
        """Play these beats of every bar, and a hi-hat every so many beats."""
        for bar in range(self.bars):
            for beat in kicks:
                self.lay(kick(self.rate, self.random), bar, beat, 0.9)
            for beat in snares:
                self.lay(snare(self.rate, self.random), bar, beat, 0.5)
            for beat in np.arange(0.0, 4.0, hats):
                force = 0.35 if beat % 1.0 == 0 else 0.22
                self.lay(cymbal(self.rate, self.random), bar, float(beat), force)


def guitar(hertz: float, seconds: float, rate: float, random: np.random.Generator) -> Signal:
    """Return a plucked string of the demo's guitar."""
    midi = 69 + 12 * np.log2(hertz / 440.0)
    return pluck(Note(0.0, float(midi), seconds, 1.0), rate, random)


def _ballad(band: Band) -> None:
    band.arpeggio(struck, -1, 0.30)
    band.melody(struck, 1, 0.35)
    band.chords_held(bowed, 0, 0.08)


def _folk(band: Band) -> None:
    band.arpeggio(guitar, -1, 0.5, 0.5)
    band.chords_held(guitar, 0, 0.25, 2.0)
    band.melody(bowed, 1, 0.12)


def _strings(band: Band) -> None:
    band.chords_held(bowed, -1, 0.2)
    band.melody(bowed, 1, 0.25)
    band.walking((0.0, 2.0), 0.25)


def _jazz(band: Band) -> None:
    band.walking((0.0, 1.0, 2.0, 3.0), 0.45)
    band.chords_held(struck, 0, 0.14, 1.5)
    band.melody(struck, 1, 0.3)
    for bar in range(band.bars):
        for beat in (0.0, 1.0, 1.66, 2.0, 3.0, 3.66):
            band.lay(cymbal(band.rate, band.random, 0.25), bar, beat, 0.12)


def _house(band: Band) -> None:
    band.drums((0.0, 1.0, 2.0, 3.0), (1.0, 3.0), 0.5)
    band.walking((0.5, 1.5, 2.5, 3.5), 0.5)
    band.chords_held(synthesiser, 0, 0.15, 1.0)
    band.arpeggio(synthesiser, 1, 0.12, 0.25)


def _synthwave(band: Band) -> None:
    band.drums((0.0, 2.0), (1.0, 3.0), 0.5)
    band.walking((0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5), 0.4)
    band.chords_held(synthesiser, 0, 0.14)
    band.melody(synthesiser, 1, 0.22)


def _lofi(band: Band) -> None:
    band.drums((0.0, 1.5, 2.5), (1.0, 3.0), 0.5)
    band.chords_held(bell, 0, 0.22)
    band.melody(bell, 1, 0.18)
    band.walking((0.0, 2.5), 0.4)


def _ambient(band: Band) -> None:
    band.chords_held(bowed, -1, 0.14)
    band.chords_held(synthesiser, 0, 0.06)
    band.melody(bell, 1, 0.12)


STYLES: dict[str, tuple[Callable[[Band], None], tuple[int, int]]] = {
    "ballad": (_ballad, (66, 84)),
    "house": (_house, (120, 128)),
    "folk": (_folk, (92, 116)),
    "synthwave": (_synthwave, (84, 108)),
    "strings": (_strings, (60, 80)),
    "lofi": (_lofi, (72, 88)),
    "jazz": (_jazz, (110, 150)),
    "ambient": (_ambient, (54, 66)),
}
"""Who plays, and between which tempos in beats a minute."""


def compose(style: str, seconds: float, rate: float, seed: int) -> Signal:
    """Return a piece.

    Parameters
    ----------
    style : str
        One of ``STYLES``.
    seconds : float
        Its length; the loop is cut there, as a generator's clip is.
    rate : float
        In Hz.
    seed : int
        Another seed, another piece.

    Returns
    -------
    ndarray of float64, shape (samples,)
        Peak 0.8.
    """
    play, tempos = STYLES[style]
    random = np.random.default_rng([seed, sorted(STYLES).index(style)])
    band = Band(
        rate,
        random,
        beat=60.0 / random.uniform(*tempos),
        key=int(random.integers(55, 66)),
        scale=MAJOR if random.random() < 0.5 else MINOR,
        chords=PROGRESSIONS[random.integers(len(PROGRESSIONS))],
        tape=np.zeros(round(seconds * rate)),
    )
    play(band)
    wet = room(band.tape, rate, random)
    mixed = band.tape + random.uniform(0.2, 0.7) * (wet - band.tape)
    return np.asarray(LOUDEST * mixed / np.abs(mixed).max())
