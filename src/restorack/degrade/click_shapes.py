"""The shapes of clicks: what a stylus does when it meets a particle, a pit or a scratch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restorack.audio.convolution import Floats

ONSET_S = 0.00002
"""Nothing begins faster than this: the reach of a stylus tip at 1 m/s."""

TAPER = 0.3
"""The last part of a shape that is faded out, so that its length is what it says."""

HIGHEST = 0.45
"""Resonances beyond this part of the sample rate are left out."""


@dataclass(frozen=True)
class Pickup:
    """Resonances of stylus, groove and horn or cartridge, in Hz: one record's clicks share them."""

    low_hz: float
    high_hz: float

    @staticmethod
    def draw(random: np.random.Generator) -> Pickup:
        """Draw a pickup: 1.8 to 6 kHz and 6 to 14 kHz."""
        low, high = np.exp(random.uniform(np.log([1800.0, 6000.0]), np.log([6000.0, 14_000.0])))
        return Pickup(float(low), float(high))


@dataclass(frozen=True)
class ClickShape:
    """One click: a pulse, the ringing that it excites, and roughness.

    Parameters
    ----------
    length_s : float
        From the first sample to the last.
    rise : float
        Where the pulse is highest, as a part of its length.
    bipolar : float
        0: the pulse goes one way, 1: it swings back as far (a pickup of velocity).
    ring : tuple of float
        Level of the two resonances against the pulse.
    ring_hz : tuple of float
        Their frequencies.
    damping : float
        Nepers over the length.
    rough : float
        Level of the noise of a scuff.
    noise_seed : int
        Its random numbers, so that a scratch sounds alike turn after turn.
    sign : float
        1 or -1.
    """

    length_s: float
    rise: float
    bipolar: float
    ring: tuple[float, float]
    ring_hz: tuple[float, float]
    damping: float
    rough: float
    noise_seed: int
    sign: float

    @staticmethod
    def draw(
        random: np.random.Generator, pickup: Pickup, shortest_s: float, longest_s: float
    ) -> ClickShape:
        """Draw a click: four in ten mostly pulse, four mostly ringing, two rough."""
        kind = random.choice(3, p=(0.4, 0.4, 0.2))
        ring = random.uniform(*((0.0, 0.4), (0.7, 2.5), (0.2, 0.8))[kind])
        spread = np.exp(random.normal(0.0, 0.12, 2))
        second = random.uniform(0.1, 0.7)
        return ClickShape(
            length_s=float(np.exp(random.uniform(np.log(shortest_s), np.log(longest_s)))),
            rise=float(np.exp(random.uniform(np.log(0.05), np.log(0.35)))),
            bipolar=float(random.uniform(0.0, 1.0)),
            ring=(float(ring * (1.0 - second)), float(ring * second)),
            ring_hz=(float(pickup.low_hz * spread[0]), float(pickup.high_hz * spread[1])),
            damping=float(random.uniform(3.0, 8.0)),
            rough=float(random.uniform(0.5, 1.5)) if kind == 2 else 0.0,
            noise_seed=int(random.integers(2**31)),
            sign=float(random.choice((-1.0, 1.0))),
        )

    def vary(self, random: np.random.Generator) -> ClickShape:
        """Return what the next turn makes of the same mark: nearly the same."""
        factors = np.exp(random.normal(0.0, (0.05, 0.1, 0.15, 0.03)))
        return replace(
            self,
            length_s=self.length_s * float(factors[0]),
            rise=self.rise * float(factors[1]),
            ring=(self.ring[0] * float(factors[2]), self.ring[1] * float(factors[2])),
            ring_hz=(self.ring_hz[0] * float(factors[3]), self.ring_hz[1] * float(factors[3])),
        )

    def no_longer_than(self, longest_s: float) -> ClickShape:
        """Return the click, shortened where it has grown too long."""
        return replace(self, length_s=min(self.length_s, longest_s))

    def render(self, sample_rate: float, delay: float) -> Floats:
        """Return the click's samples, of peak 1.

        Parameters
        ----------
        sample_rate : float
            In Hz.
        delay : float
            Its place between two samples, 0 to 1.
        """
        count = max(2, round(self.length_s * sample_rate))
        time = (np.arange(count) + 1.0 - delay) / sample_rate
        place = time * sample_rate / (count + 1.0)
        pulse = np.exp(1.0 - place / self.rise)
        wave = pulse * ((1.0 - self.bipolar) * place / self.rise)
        wave += pulse * self.bipolar * (1.0 - place / self.rise) / np.e
        decay = np.exp(-self.damping * place)
        for level, frequency in zip(self.ring, self.ring_hz, strict=True):
            if frequency < HIGHEST * sample_rate:
                wave += level * decay * np.sin(2.0 * np.pi * frequency * time)
        if self.rough:
            noise = np.random.default_rng(self.noise_seed).standard_normal(count)
            wave += self.rough * decay * noise
        wave *= -np.expm1(-time / ONSET_S)
        wave *= np.sin(0.5 * np.pi * np.clip((1.0 - place) / TAPER, 0.0, 1.0)) ** 2
        peak = float(np.abs(wave).max())
        scaled: Floats = wave * (self.sign / peak)
        return scaled
