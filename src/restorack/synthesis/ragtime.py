"""The demo's music: a ragtime turn-around for piano and guitar, made from formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.sections import butterworth, filtered

Signal = NDArray[np.float64]

# Length of the piece; seconds of a beat, at 108 a minute; silence before the first, in which the
# record's noise is heard alone.
SECONDS = 15.0
BEAT = 60.0 / 108.0
LEAD_IN = 0.6

CHORDS = (  # bass, its fifth, and the chord above: one a bar, as MIDI numbers
    (41, 48, (57, 60, 65)),  # F
    (38, 45, (57, 60, 66)),  # D7
    (43, 50, (55, 59, 65)),  # G7
    (36, 43, (58, 60, 64)),  # C7
    (41, 48, (57, 60, 65)),  # F
    (36, 43, (58, 60, 64)),  # C7, then F at the end
)

MELODY = (  # beat, MIDI number, length in beats
    (0.0, 72, 0.5), (0.5, 74, 0.5), (1.0, 77, 1.0), (2.0, 81, 0.5), (2.5, 79, 1.0), (3.5, 77, 0.5),
    (4.0, 78, 0.5), (4.5, 81, 1.0), (5.5, 84, 0.5), (6.0, 81, 1.0), (7.0, 78, 0.5), (7.5, 76, 0.5),
    (8.0, 77, 0.5), (8.5, 79, 1.0), (9.5, 83, 0.5), (10.0, 86, 1.0), (11.0, 83, 0.5),
    (11.5, 79, 0.5),
    (12.0, 82, 1.0), (13.0, 79, 0.5), (13.5, 76, 1.0), (14.5, 74, 0.5), (15.0, 72, 0.5),
    (15.5, 70, 0.5),
    (16.0, 69, 0.5), (16.5, 72, 0.5), (17.0, 77, 1.0), (18.0, 81, 0.5), (18.5, 84, 1.0),
    (19.5, 81, 0.5),
    (20.0, 82, 0.5), (20.5, 79, 0.5), (21.0, 76, 0.5), (21.5, 74, 0.5), (22.0, 77, 3.0),
    (22.0, 81, 3.0), (22.0, 65, 3.0), (22.0, 41, 3.0),
)  # fmt: skip


SOFT_THUMB = np.array([[0.35, 0.0, 0.0, 1.0, -0.65, 0.0]])
"""What a thumb leaves of the burst that plucks a string: a low-pass of the first order, by ear."""


@dataclass(frozen=True)
class Note:
    """A note: when it begins and ends in seconds, its MIDI number, how hard it is struck (0..1)."""

    begin: float
    midi: float
    seconds: float
    force: float

    @property
    def hertz(self) -> float:
        """Its fundamental."""
        return float(440.0 * 2.0 ** ((self.midi - 69.0) / 12.0))


def play(sample_rate: float) -> Signal:
    """Return the piece: 15 seconds, mono, the same at every call.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Returns
    -------
    ndarray of float64, shape (samples,)
        Peak 0.6.
    """
    random = np.random.default_rng(1926)
    out = np.zeros(round(SECONDS * sample_rate))
    for note in _melody(random):
        _lay(out, piano(note, sample_rate, random), note.begin * sample_rate)
    for note in _accompaniment(random):
        _lay(out, pluck(note, sample_rate, random), note.begin * sample_rate)
    wet = room(out, sample_rate, random)
    return np.asarray(0.6 * wet / np.abs(wet).max())


def _melody(random: np.random.Generator) -> list[Note]:
    return [
        Note(
            LEAD_IN + BEAT * _swung(beat) + random.normal(0.0, 0.006),
            midi,
            BEAT * beats,
            _force(beat) + random.normal(0.0, 0.04),
        )
        for beat, midi, beats in MELODY
    ]


def _force(beat: float) -> float:
    """Stress the halves of a bar, and share the force where fingers strike together."""
    together = sum(begin == beat for begin, _, _ in MELODY)
    stress = 1.0 if beat % 2.0 == 0.0 else 0.75
    return float(stress / together**0.8)


def _swung(beat: float) -> float:
    """Play the second eighth of a beat late."""
    return beat + 0.11 * (beat % 1.0 == 0.5)


def _accompaniment(random: np.random.Generator) -> list[Note]:
    notes = []
    for bar, (root, fifth, chord) in enumerate(CHORDS):
        beats = 2 if bar == len(CHORDS) - 1 else 4
        for beat in range(beats):
            begin = LEAD_IN + BEAT * (4 * bar + beat) + random.normal(0.0, 0.005)
            if beat % 2 == 0:
                bass = root if beat == 0 else fifth
                notes.append(Note(begin, bass, 1.6 * BEAT, 0.8))
            else:
                strum = enumerate(chord)
                notes += [Note(begin + 0.012 * i, midi, 0.8 * BEAT, 0.5) for i, midi in strum]
    return notes


def _lay(out: Signal, sound: Signal, at: float) -> None:
    first = round(at)
    last = min(len(out), first + len(sound))
    out[first:last] += sound[: last - first]


def piano(note: Note, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return a struck string: stiff partials, two detuned strings, a fast and a slow decay.

    Notes
    -----
    Partial k lies at k f0 sqrt(1 + B k^2) (Fletcher, 1964); the hammer at an eighth of the string
    takes out every eighth partial.
    """
    ring = note.seconds + 0.35
    time = np.arange(round(ring * sample_rate)) / sample_rate
    out = np.zeros(len(time))
    stiffness = 4e-4 * (note.hertz / 262.0) ** 1.2
    for k in range(1, 40):
        partial = k * note.hertz * np.sqrt(1.0 + stiffness * k * k)
        if partial > min(9_000.0, 0.45 * sample_rate):  # no record of that time held more
            break
        level = np.sin(np.pi * k / 8.2) / k ** (1.9 - 0.6 * note.force)
        slow = 1.6 / (1.0 + partial / 900.0)
        decay = 0.65 * np.exp(-time / (0.25 * slow)) + 0.35 * np.exp(-time / slow)
        phase = random.uniform(0.0, 2.0 * np.pi)
        for detune in (-0.0004, 0.0004):
            out += 0.5 * level * decay * np.sin(2.0 * np.pi * partial * (1 + detune) * time + phase)
    knock = random.standard_normal(len(time)) * np.exp(-time / 0.004) * 0.03
    return note.force * (out + knock) * _ends(time, note.seconds, ring)


def pluck(note: Note, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return a plucked string (Karplus and Strong, 1983, with a fractional delay)."""
    ring = note.seconds + 0.4
    count = round(ring * sample_rate)
    period = sample_rate / note.hertz
    whole = int(period - 1.0)  # the damping below delays by one sample, the rest lies between
    between = period - 1.0 - whole
    burst = random.standard_normal(whole)
    thumb, _ = filtered(SOFT_THUMB, burst)
    loss = 0.001 ** (1.0 / (2.2 * note.hertz))  # 60 dB in 2.2 s
    damping = np.convolve([0.15, 0.7, 0.15], [1.0 - between, between])
    reach = whole + len(damping) - 1
    string = np.zeros(reach + count)
    string[reach : reach + whole] = thumb
    for at in range(reach + whole, len(string), whole):  # a period after the other
        stop = min(at + whole, len(string))
        before = string[at - reach : stop - whole]
        string[at:stop] = loss * np.convolve(before, damping, "valid")
    time = np.arange(count) / sample_rate
    return np.asarray(0.9 * note.force * string[reach:] * _ends(time, note.seconds, ring))


def _ends(time: Signal, damped: float, ring: float) -> Signal:
    """Return an envelope: a soft millisecond of attack, the damper, silence at the end."""
    attack = np.minimum(1.0, time / 0.0015)
    damper = np.where(time < damped, 1.0, np.exp(-(time - damped) / 0.09))
    return np.asarray(attack * damper * np.clip((ring - time) / 0.02, 0.0, 1.0))


def room(dry: Signal, sample_rate: float, random: np.random.Generator) -> Signal:
    """Return the sound in a small hall: noise that decays by 60 dB in 1.1 s, sooner at the top."""
    time = np.arange(round(1.3 * sample_rate)) / sample_rate
    noise = random.standard_normal(len(time))
    dark, _ = filtered(butterworth(1, 2_200.0, "lowpass", sample_rate), noise)
    tail = noise * 10.0 ** (-3.0 * time / 0.5) * 0.4 + dark * 10.0 ** (-3.0 * time / 1.1) * 2.0
    tail *= (time > 0.012) / np.sqrt(float(tail @ tail))
    size = 1 << (len(dry) + len(tail)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(tail, size), size)[: len(dry)]
    return np.asarray(dry + 0.45 * wet)
