"""Room: what a microphone hears at a distance, image sources first, then a diffuse tail."""

from __future__ import annotations

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.traits import Trait
from restorack.degrade.channel.kernel import KernelDegradation
from restorack.degrade.randomness import random_at
from restorack.dsp.fir import Floats

SOUND_M_PER_S = 343.0
"""Speed of sound in air at 20 degrees Celsius."""
DECAY = 6.0 * np.log(10.0)
"""Energy falls by 60 dB, a factor of exp(-DECAY), in one RT60."""
IMAGE_ORDER = 3
"""Image sources with at most three reflections; what comes later is taken for diffuse."""
SPACING_M = 0.17
"""Microphones of a multichannel recording lie as far apart as ears."""
BANDS_HZ = (0.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)
"""Lower edges of the bands in which the tail decays at its own rate."""


class Room(KernelDegradation):
    """Put the sound into a room: early reflections of a box, then a decaying diffuse tail.

    The direct sound stays as it is, at its time and its level; reverberation is added to it, the
    louder the farther the microphone. Room and places are drawn by the seed, and every channel has
    a microphone of its own.

    Notes
    -----
    Allen and Berkley, Image method for efficiently simulating small-room acoustics, JASA 65
    (1979), 943-950, to the third order of reflection. The tail is Gaussian noise whose energy
    relative to the direct sound's is that of a diffuse field, ``4 pi c d^2 / V`` per second at its
    begin (Kuttruff, Room Acoustics, 5.1): at the critical distance both are equal.
    """

    traits = frozenset({Trait.STOCHASTIC})

    rt60_s = FloatParameter(
        0.4,
        0.05,
        8.0,
        unit="s",
        description="Time in which reverberation falls by 60 dB, below 1 kHz.",
        logarithmic=True,
        automatable=False,
    )
    distance_m = FloatParameter(
        0.8,
        0.1,
        20.0,
        unit="m",
        description="From source to microphone; twice the distance is 6 dB more reverberation.",
        logarithmic=True,
        automatable=False,
    )
    volume_m3 = FloatParameter(
        80.0,
        5.0,
        20_000.0,
        unit="m3",
        description="Size of the room: a cell 5, a living room 80, a studio 300, a hall 15000.",
        logarithmic=True,
        automatable=False,
    )
    damping = FloatParameter(
        0.5,
        0.0,
        0.9,
        description="How much shorter the top decays: by this share at 8 kHz, none below 1 kHz.",
        automatable=False,
    )

    def kernel(self, sample_rate: float, channels: int) -> Floats:
        """Return the impulse responses, shape ``(channels, taps)``."""
        return np.array([self._response(sample_rate, channel) for channel in range(channels)])

    def _kernel_size(self, sample_rate: float) -> tuple[int, int]:
        return max(64, round(1.1 * self.rt60_s * sample_rate)), 0

    def _response(self, sample_rate: float, channel: int) -> Floats:
        count, _ = self._kernel_size(sample_rate)
        delays_s, levels = self._reflections(channel)
        mixing_s = self._mixing_s()
        response = self._tail(sample_rate, channel, mixing_s)
        early = delays_s < mixing_s
        for delay_s, level in zip(delays_s[early], levels[early], strict=True):
            _add_between(response, delay_s * sample_rate, level)
        response[0] += 1.0
        fade = count // 16
        response[count - fade :] *= np.linspace(1.0, 0.0, fade)
        return response

    def _box(self) -> Floats:
        """Return the room's edges in metres, by the seed; no two alike."""
        random = random_at(self.seed, "Room", -1, 0)
        ratios = np.array([1.0, 1.26, 1.59]) * random.uniform(0.9, 1.1, 3)
        edges = ratios * (self.volume_m3 / ratios.prod()) ** (1.0 / 3.0)
        return np.asarray(random.permutation(edges))

    def _mixing_s(self) -> float:
        """Return when the order of the images is used up: three runs along the shortest edge."""
        return float(IMAGE_ORDER * self._box().min() / SOUND_M_PER_S)

    def _places(self, channel: int) -> tuple[Floats, Floats]:
        """Return where source and microphone are, in metres."""
        box = self._box()
        random = random_at(self.seed, "Room places", -1, 0)
        source = box * random.uniform(0.25, 0.75, 3)
        direction = random.standard_normal(3)
        reach = min(self.distance_m, 0.45 * float(box.min()))
        microphone = source + reach * direction / np.linalg.norm(direction)
        aside = random_at(self.seed, "Room microphone", channel, 0).standard_normal(3)
        microphone += SPACING_M * aside / np.linalg.norm(aside) * (channel > 0)
        return source, np.clip(microphone, 0.05 * box, 0.95 * box)

    def _reflections(self, channel: int) -> tuple[Floats, Floats]:
        """Return delays behind the direct sound in seconds, and levels relative to it."""
        box, (source, microphone) = self._box(), self._places(channel)
        steps = np.arange(-IMAGE_ORDER, IMAGE_ORDER + 1)
        # Along an edge of length L, image n lies at n L + s (n even) or (n + 1) L - s (n odd).
        along = [
            np.where(steps % 2 == 0, steps * edge + at, (steps + 1) * edge - at)
            for edge, at in zip(box, source, strict=True)
        ]
        grid = np.stack(np.meshgrid(*along, indexing="ij"), -1).reshape(-1, 3)
        bounces = np.abs(np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1))
        bounces = bounces.sum(-1).reshape(-1)
        paths = np.linalg.norm(grid - microphone, axis=1)
        direct = float(paths[bounces == 0][0])
        kept = (bounces > 0) & (bounces <= IMAGE_ORDER)
        paths, bounces = paths[kept], bounces[kept]
        delays_s = np.maximum(paths - direct, 0.0) / SOUND_M_PER_S
        levels = self.distance_m / (self.distance_m + paths - direct)
        return delays_s, levels * self._wall() ** bounces

    def _wall(self) -> float:
        """Return the reflection factor of the walls, by Eyring's formula from the RT60."""
        box = self._box()
        surface = 2.0 * float(box[0] * box[1] + box[1] * box[2] + box[2] * box[0])
        exponent = 4.0 * DECAY * self.volume_m3 / (SOUND_M_PER_S * surface * self.rt60_s)
        return float(np.exp(-0.5 * exponent))

    def _tail(self, sample_rate: float, channel: int, begin_s: float) -> Floats:
        count, _ = self._kernel_size(sample_rate)
        random = random_at(self.seed, "Room tail", channel, 0)
        spectrum = np.fft.rfft(random.standard_normal(2 * count))
        frequencies = np.linspace(0.0, 0.5 * sample_rate, spectrum.size)
        time = np.arange(count) / sample_rate
        density = 4.0 * np.pi * SOUND_M_PER_S * self.distance_m**2 / self.volume_m3
        tail = np.zeros(count)
        for index, low_hz in enumerate(BANDS_HZ):
            high_hz = BANDS_HZ[index + 1] if index + 1 < len(BANDS_HZ) else np.inf
            inside = (frequencies >= low_hz) & (frequencies < high_hz)
            band = np.fft.irfft(np.where(inside, spectrum, 0.0))[:count]
            tail += band * np.exp(-0.5 * DECAY * time / self._band_rt60_s(low_hz))
        rise = np.clip((time - 0.5 * begin_s) / (0.5 * begin_s), 0.0, 1.0)
        return np.asarray(tail * np.sqrt(density / sample_rate) * rise)

    def _band_rt60_s(self, low_hz: float) -> float:
        octaves = np.clip(np.log2(max(low_hz, 1.0) / 1_000.0), 0.0, 3.0)
        return float(self.rt60_s * (1.0 - self.damping * octaves / 3.0))


def _add_between(response: Floats, position: float, level: float) -> None:
    """Add an impulse between two samples."""
    first, share = int(position), position % 1.0
    if first + 1 < response.size:
        response[first] += (1.0 - share) * level
        response[first + 1] += share * level
