"""The shapes of clicks: what a stylus does when it meets a particle, a pit or a scratch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from restorack.degrade.randomness import log_uniform
from restorack.dsp.fir import Floats

CORE_S = (0.00007, 0.0003)
"""The swing itself lasts so long on most records, however long its ringing."""

REACH = 3.0
"""Half swings are drawn out to so many of their widths."""

SCUFF_HZ = 20_000.0
"""Roughness has random values this often, straight lines between, at every sample rate."""

KINDS = ("swing", "swing", "slow", "scuff")

ONSET_S = 0.00001
"""Time constant of a click's rise, 10 us: half a sample at 44.1 kHz, so that it is no step. By
hand."""
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
    """One click: a swing, the ringing that it excites, and roughness.

    Parameters
    ----------
    length_s : float
        From the first sample to the last.
    core : float
        The part of the length that the swing takes.
    rise : float
        The part of the swing before its middle.
    bipolar : float
        0: a bump to one side, 1: there and back (a pickup of velocity).
    back : float
        Height of the second half of the swing against the first.
    ring : tuple of float
        Level of the two resonances against the swing.
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
    core: float
    rise: float
    bipolar: float
    back: float
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
        """Draw a click: half of them a short swing that rings, a quarter slow, a quarter rough."""
        kind = KINDS[random.integers(len(KINDS))]
        length = log_uniform(random, shortest_s, longest_s)
        swing = min(1.0, log_uniform(random, *CORE_S) / length)
        level = log_uniform(random, 0.06, 0.9) * (0.3 if kind == "slow" else 1.0)
        spread = np.exp(random.normal(0.0, 0.12, 2))
        second = random.uniform(0.05, 0.6)
        return ClickShape(
            length_s=length,
            core=float(random.uniform(0.5, 1.0)) if kind == "slow" else swing,
            rise=float(random.uniform(0.15, 0.6)),
            bipolar=float(1.0 - random.uniform() ** 2 * (1.0 if kind == "slow" else 0.6)),
            back=float(random.uniform(0.35, 1.3)),
            ring=(level * (1.0 - second), level * second),
            ring_hz=(float(pickup.low_hz * spread[0]), float(pickup.high_hz * spread[1])),
            damping=float(random.uniform(2.5, 7.0)),
            rough=log_uniform(random, 0.3, 1.5) if kind == "scuff" else 0.0,
            noise_seed=int(random.integers(2**31)),
            sign=1.0 if random.uniform() < 0.5 else -1.0,
        )

    def vary(self, random: np.random.Generator) -> ClickShape:
        """Return what the next turn makes of the same mark: nearly the same."""
        factors = np.exp(random.normal(0.0, (0.05, 0.1, 0.15, 0.03)))
        return replace(
            self,
            length_s=self.length_s * float(factors[0]),
            rise=min(0.8, self.rise * float(factors[1])),
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
        time = (np.arange(count, dtype=np.float64) + 1.0 - delay) / sample_rate
        place: Floats = time * (sample_rate / (count + 1.0))
        wave = self._swing(place)
        middle = self.core * self.rise
        decay = np.where(place < middle, 0.0, np.exp(-self.damping * (place - middle)))
        since = time - middle * (count + 1.0) / sample_rate
        for level, frequency in zip(self.ring, self.ring_hz, strict=True):
            if frequency < HIGHEST * sample_rate:
                wave -= level * decay * np.sin(2.0 * np.pi * frequency * since)
        if self.rough:
            wave += self.rough * np.exp(-self.damping * place) * self._noise(time)
        wave *= -np.expm1(-time / ONSET_S)
        wave *= np.sin(0.5 * np.pi * np.clip((1.0 - place) / TAPER, 0.0, 1.0)) ** 2
        scaled: Floats = wave * (self.sign / float(np.abs(wave).max()))
        return scaled

    def _swing(self, place: Floats) -> Floats:
        """Return a Gaussian bump and its derivative, mixed; each side has a width of its own."""
        before = self.core * self.rise / REACH
        after = self.core * (1.0 - self.rise) / REACH
        middle = before * REACH
        distance = (place - middle) / np.where(place < middle, before, after)
        bump = np.exp(-0.5 * distance**2)
        height = np.where(place < middle, 1.0, self.back)
        swing: Floats = 1.0 - self.bipolar - self.bipolar * math.sqrt(math.e) * height * distance
        return swing * bump

    def _noise(self, time: Floats) -> Floats:
        """Return a scuff's roughness."""
        count = math.ceil(float(time[-1]) * SCUFF_HZ) + 2
        values = np.random.default_rng(self.noise_seed).standard_normal(count)
        noise: Floats = np.interp(time * SCUFF_HZ, np.arange(count), values)
        return noise
