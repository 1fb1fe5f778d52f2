"""HornResonance: the voice of an acoustic recording horn, its cone and its room."""

from __future__ import annotations

import numpy as np

from restorack.core.parameters import FloatParameter, IntParameter, TextParameter
from restorack.degrade.channel.kernel import KernelDegradation
from restorack.degrade.channel.resonances import Resonance, equal_loudness_gain, ring
from restorack.degrade.randomness import random_at
from restorack.dsp.fir import Floats

LOWEST_HZ, HIGHEST_HZ = 300.0, 3_000.0
"""Where horns, diaphragms and their couplings resonated."""
KERNEL_S = 0.12
"""The narrowest resonance, 300 Hz and a quality of 20, has fallen by 40 dB; the rest is faded."""
SMALLEST_RATIO = 1.25
"""Drawn resonances lie at least this far apart, so that each is heard."""
FLUTTER_ECHOES = 6
"""Echoes in the cone that are made; each is weaker. By hand."""
SOUND_M_PER_S = 343.0
"""Speed of sound in air at 20 degrees Celsius."""


class HornResonance(KernelDegradation):
    """Colour the sound by a few strong resonances between 300 Hz and 3 kHz, as a horn did.

    The frequencies are drawn by the seed, or set. Behind them lie the cone, in which sound runs to
    and fro between mouth and diaphragm, and the first echoes of a small, boxy room. The whole has
    the loudness of what went in (pink noise from 200 Hz to 4 kHz).

    Notes
    -----
    Peaks of minimum phase, as in the air: nothing sounds before its time, and the direct sound
    stays where it is. An acoustic recording also lacks the band outside of about 200 Hz to
    3.5 kHz, which :class:`~restorack.degrade.channel.band_limit.BandLimit` takes off.
    """

    resonances = IntParameter(4, 1, 8, description="How many resonances are drawn.")
    strength_db = FloatParameter(
        12.0,
        0.0,
        24.0,
        unit="dB",
        description="Height of the strongest; the others have half of it or more.",
        automatable=False,
    )
    quality = FloatParameter(
        6.0,
        1.0,
        20.0,
        description="Sharpness: frequency over width; drawn ones vary by half an octave.",
        logarithmic=True,
        automatable=False,
    )
    frequencies_hz = TextParameter(
        "",
        form="frequencies in Hz with blanks between them, 20 to 20000, or nothing to draw them",
        description="Resonances that are set rather than drawn, the strongest first.",
        accepts=lambda text: _frequencies(text) is not None,
    )
    cone_m = FloatParameter(
        1.2,
        0.0,
        4.0,
        unit="m",
        description="Length of the horn, whose echoes colour the sound; 0 leaves it out.",
        automatable=False,
    )
    room = FloatParameter(
        0.3,
        0.0,
        1.0,
        description="Level of the room's first echoes; 0 leaves them out.",
        automatable=False,
    )

    def peaks(self) -> tuple[Resonance, ...]:
        """Return the resonances in force, the strongest first."""
        random = random_at(self.seed, "HornResonance", -1, 0)
        frequencies = _frequencies(self.frequencies_hz) or _drawn(random, self.resonances)
        count = len(frequencies)
        gains = self.strength_db * np.append(1.0, random.uniform(0.5, 1.0, count - 1))
        qualities = self.quality * 2.0 ** random.uniform(-0.5, 0.5, count)
        drawn = zip(frequencies, gains, qualities, strict=True)
        return tuple(Resonance(float(f), float(g), float(q)) for f, g, q in drawn)

    def kernel(self, sample_rate: float, channels: int) -> Floats:
        """Return the impulse response, shape ``(taps,)``."""
        count, _ = self._kernel_size(sample_rate)
        pulse = np.zeros(count)
        pulse[0] = 1.0
        self._add_cone(pulse, sample_rate)
        self._add_room(pulse, sample_rate)
        kernel = ring(pulse, self.peaks(), sample_rate)
        fade = count // 4
        kernel[count - fade :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, fade + 1) / fade)
        return kernel / equal_loudness_gain(kernel, sample_rate, 200.0, 4_000.0)

    def _kernel_size(self, sample_rate: float) -> tuple[int, int]:
        return max(16, round(KERNEL_S * sample_rate)), 0

    def _add_cone(self, pulse: Floats, sample_rate: float) -> None:
        """Add the pulse's runs to and fro in the cone: each is weaker, and turned over."""
        run_s = 2.0 * self.cone_m / SOUND_M_PER_S
        for turn in range(1, FLUTTER_ECHOES) if self.cone_m else ():
            _add_at(pulse, turn * run_s * sample_rate, (-0.3) ** turn)

    def _add_room(self, pulse: Floats, sample_rate: float) -> None:
        random = random_at(self.seed, "HornResonance room", -1, 0)
        delays_s = random.uniform(0.004, 0.04, 12)
        signs = random.choice([-1.0, 1.0], 12)
        for delay_s, sign in zip(delays_s, signs, strict=True):
            level = 0.35 * self.room * np.exp(-delay_s / 0.02)
            _add_at(pulse, delay_s * sample_rate, sign * level)


def _add_at(pulse: Floats, position: float, level: float) -> None:
    """Add an impulse between samples, as a triangle: high notes fade in walls and cones."""
    first, share = int(position), position % 1.0
    if level and first + 1 < pulse.size:
        pulse[first] += (1.0 - share) * level
        pulse[first + 1] += share * level


def _drawn(random: np.random.Generator, count: int) -> list[float]:
    """Draw frequencies over the logarithm, none close to another."""
    span = np.log2(HIGHEST_HZ / LOWEST_HZ)
    free = span - (count - 1) * np.log2(SMALLEST_RATIO)
    places = np.sort(random.uniform(0.0, free, count)) + np.arange(count) * np.log2(SMALLEST_RATIO)
    frequencies = LOWEST_HZ * 2.0**places
    return [float(frequency) for frequency in random.permutation(frequencies)]


def _frequencies(text: str) -> list[float] | None:
    """Return the frequencies in a text, none for an empty one, None where it is none."""
    try:
        found = [float(word) for word in text.split()]
    except ValueError:
        return None
    return found if all(20.0 <= frequency <= 20_000.0 for frequency in found) else None
