"""WowFlutter: the speed of a record with its hole off the centre, and of an uneven drive."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.channel.speed_wobble import SpeedWobble, scaled_wobble
from restorack.degrade.degradation import Degradation
from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.variable_delay import MovingReader

SECOND_TURN = 0.15
"""A warped record also rises and falls twice a turn: the share of that in the wow."""
# Sines of flutter, spread over this share of their frequency to both sides, and of scrape over an
# octave: enough to sound like noise. By hand.
FLUTTER_WAVES = 7
FLUTTER_SPREAD = 0.35
SCRAPE_WAVES = 32
HIGHEST_SHARE = 0.4
"""Scrape beyond this share of the sample rate is left out: it would fold back."""


class WowFlutter(Degradation):
    """Let the speed wobble: once a turn, several times a second, and by scraping.

    All channels move alike. The signal keeps its length and wobbles about its own place: it never
    lies farther from it than the wow's swing, 1.5 ms for 0.6 % at 78 rpm.

    Notes
    -----
    Wow and flutter are weighted RMS (WRMS, the weights of AES6-2008), scrape is unweighted.
    The signal is read at moving positions through 64 points of a sinc in a Kaiser window: errors
    lie below -90 dB up to 0.4 of the sample rate.
    """

    wow_percent = FloatParameter(
        0.3,
        0.0,
        3.0,
        unit="%",
        description="Once-a-turn speed variation, weighted RMS.",
        automatable=False,
    )
    rpm = FloatParameter(
        78.26,
        16.0,
        160.0,
        unit="rpm",
        description="Turns per minute: shellac 78.26, LPs 33.333, singles 45, cylinders 160.",
        logarithmic=True,
        automatable=False,
    )
    flutter_percent = FloatParameter(
        0.1,
        0.0,
        3.0,
        unit="%",
        description="Irregular variation around flutter_hz, weighted RMS.",
        automatable=False,
    )
    flutter_hz = FloatParameter(
        8.0,
        2.0,
        100.0,
        unit="Hz",
        description="Middle of the flutter: motors and capstans 5 to 12, a projector 24.",
        logarithmic=True,
        automatable=False,
    )
    scrape_percent = FloatParameter(
        0.02,
        0.0,
        1.0,
        unit="%",
        description="Noise-like variation around scrape_hz, unweighted RMS.",
        automatable=False,
    )
    scrape_hz = FloatParameter(
        2_000.0,
        200.0,
        8_000.0,
        unit="Hz",
        description="Middle of the scrape, which spreads over an octave.",
        logarithmic=True,
        automatable=False,
    )

    def wobble(self, sample_rate: float) -> SpeedWobble:
        """Return the speed's variation at a sample rate in Hz."""
        parts = [self._wow(), self._flutter(), self._scrape(sample_rate)]
        return SpeedWobble(
            np.concatenate([part.frequencies for part in parts]),
            np.concatenate([part.depths for part in parts]),
            np.concatenate([part.phases for part in parts]),
        )

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return MovingReader.latency(self.wobble(sample_rate).reach(sample_rate))

    def findings(self) -> dict[str, Any]:
        """Return how far the signal was moved at most, in milliseconds."""
        rate = self._latest_rate
        return {"largest_shift_ms": round(1e3 * self.wobble(rate).reach(rate) / rate, 3)}

    def summary(self) -> str:
        """Return how far the signal was moved at most."""
        return f"moved by up to {self.findings()['largest_shift_ms']:.2f} ms"

    def _begin(self, sample_rate: float, channels: int) -> None:
        wobble = self.wobble(sample_rate)
        shifts = partial(wobble.shifts, sample_rate=sample_rate)
        self._reader = MovingReader(channels, wobble.reach(sample_rate), shifts)

    def _push(self, block: Rows) -> Rows:
        return self._reader.push(block)

    def _finish(self) -> Rows:
        return self._reader.finish()

    def _wow(self) -> SpeedWobble:
        phases = random_at(self.seed, "WowFlutter wow", -1, 0).uniform(0.0, 1.0, 2)
        turns = np.array([1.0, 2.0]) * self.rpm / 60.0
        return scaled_wobble(turns, np.array([1.0, SECOND_TURN]), phases, self.wow_percent / 100.0)

    def _flutter(self) -> SpeedWobble:
        random = random_at(self.seed, "WowFlutter flutter", -1, 0)
        # One wave in each seventh of the spread: no two so close that their beat is a slow wow.
        places = (
            np.arange(FLUTTER_WAVES) + random.uniform(0.2, 0.8, FLUTTER_WAVES)
        ) / FLUTTER_WAVES
        spread = 1.0 + FLUTTER_SPREAD * (2.0 * places - 1.0)
        shares, phases = random.rayleigh(1.0, FLUTTER_WAVES), random.uniform(0, 1, FLUTTER_WAVES)
        depth = self.flutter_percent / 100.0
        return scaled_wobble(self.flutter_hz * spread, shares, phases, depth)

    def _scrape(self, sample_rate: float) -> SpeedWobble:
        random = random_at(self.seed, "WowFlutter scrape", -1, 0)
        frequencies = self.scrape_hz * 2.0 ** random.uniform(-0.5, 0.5, SCRAPE_WAVES)
        shares, phases = random.rayleigh(1.0, SCRAPE_WAVES), random.uniform(0, 1, SCRAPE_WAVES)
        depth = self.scrape_percent / 100.0
        every = scaled_wobble(frequencies, shares, phases, depth, weighted=False)
        kept = frequencies < HIGHEST_SHARE * sample_rate
        return SpeedWobble(frequencies[kept], every.depths[kept], phases[kept])
