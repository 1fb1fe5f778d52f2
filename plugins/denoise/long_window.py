"""A second look at what short frames made of a recording, through frames four times as long.

Partials stand further out of noise the longer the frames, attacks the shorter. What a denoiser
has made by short frames is a good guess at the music; its powers in long frames give Wiener gains
there, as in Ghael, Sayeed & Baraniuk [1]_, who take the guess in one basis and filter in another.
In each region those gains count, or what was guessed, whichever leaves less behind: of a cell of
power ``p`` in noise of power ``n`` a Wiener gain is expected to leave ``p * n / (p + n)``, and the
sum over a region is the smaller, the fewer cells the music is in.

References
----------
.. [1] S. P. Ghael, A. M. Sayeed, R. G. Baraniuk, "Improved wavelet denoising via empirical Wiener
   filtering", Proc. SPIE Wavelet Applications in Signal and Image Processing V, 1997.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.stft import FrameAnalysis, FrameSynthesis, Spectra
from restorack.plugins.denoise.engine import INAUDIBLE_DENSITY

LONGER = 4
"""Times the short frames, 186 for 46 ms; chosen on held-out scenes (docs/inside/denoiser.md)."""
GROUP = 4
"""Long frames that are made at a time; more of them means more latency and less overhead."""
OVER = 1.5
"""Times the noise's power that gains are made for: what a guess left of it looks like music."""

SMALLEST_STRENGTH = 0.01
"""Least strength that is divided by when the whole change is predicted from a part of it."""
RECENT, HELD = 9, 5
"""Short frames before a group that lie in its first long one; rows of risks that are remembered."""

Density: TypeAlias = Callable[[NDArray[np.float64], float], NDArray[np.float64] | None]
Limits: TypeAlias = Callable[[], tuple[float, float]]


class LongWindowRefinement:
    """Turns a stream, and what short frames made of it, into what is better made by long frames.

    Parameters
    ----------
    channels : int
        They share one gain.
    short_hop : int
        The hop of the short frames, which last four of them.
    sample_rate : float
        In Hz.
    density : callable
        Returns the noise floor's power density at frequencies in Hz and a time in seconds, or
        None where none is known.
    limits : callable
        Returns the share of the change that is made, 0 to 1, and the deepest attenuation in dB.
    """

    def __init__(
        self,
        channels: int,
        short_hop: int,
        sample_rate: float,
        density: Density,
        limits: Limits,
    ) -> None:
        self._hop = LONGER * short_hop
        self._short = FrameAnalysis(channels, 4 * short_hop, short_hop, LONGER * GROUP)
        self._long = FrameAnalysis(2 * channels, 4 * self._hop, self._hop, GROUP)
        self._synthesis = FrameSynthesis(channels, 4 * self._hop, self._hop)
        self._frequencies = np.arange(2 * self._hop + 1) * sample_rate / (4 * self._hop)
        self._sample_rate = sample_rate
        self._density, self._limits = density, limits
        self._channels, self._groups = channels, 0
        self._bins = bins = 2 * short_hop + 1
        self._recent, self._risks = np.zeros((RECENT, bins)), np.zeros((HELD, 2, bins))
        self._waiting = np.zeros((channels, GROUP, LONGER * (bins - 1) + 1), np.complex128)
        self._dry, self._wet = SampleFifo(channels), SampleFifo(channels)

    @staticmethod
    def latency(short_hop: int) -> int:
        """Return the most samples that are ever withheld."""
        hop = LONGER * short_hop
        return GROUP * hop - 1 + 3 * hop + GROUP * hop

    def push(self, dry: Rows, wet: Rows) -> Rows:
        """Take samples, return those that are ready.

        Parameters
        ----------
        dry : ndarray, shape (channels, samples)
            The recording.
        wet : ndarray, shape (channels, other samples)
            What was made of it, in order; it may come later than ``dry``.
        """
        self._dry.push(dry)
        self._wet.push(wet)
        return self._made(wet, self._dry.pop(wet.shape[1]) - wet)

    def finish(self) -> Rows:
        """Return the rest."""
        parts = [self._wet.pop(0)]
        silence = np.zeros((self._channels, GROUP * self._hop), np.float32)
        while len(self._wet):
            parts.append(self._made(silence, silence))
        return np.concatenate(parts, axis=1)

    def _made(self, wet: Rows, removed: Rows) -> Rows:
        parts = [self._wet.pop(0)]
        strength, attenuation_db = self._limits()
        # What was made with half the strength shows what all of it would make.
        guess = wet + (1.0 - 1.0 / max(strength, SMALLEST_STRENGTH)) * removed
        both = self._long.push(np.concatenate([guess, removed]))
        for short, long in zip(self._short.push(guess), both, strict=True):
            changed = self._change(short, long, strength, db_to_amplitude(-attenuation_db))
            added = self._synthesis.push(changed)
            kept = self._wet.pop(added.shape[1])
            parts.append((kept + added[:, : kept.shape[1]]).astype(np.float32))
        return np.concatenate(parts, axis=1)

    def _change(self, short: Spectra, long: Spectra, strength: float, lowest: float) -> Spectra:
        """Take a group of frames of both lengths, return the spectra to add to the one before."""
        is_first = self._groups == 0
        change = np.empty_like(self._waiting)
        _core.refine(
            short.view(np.float64),
            long.view(np.float64),
            self._noise(),
            self._channels,
            self._bins,
            (strength, SMALLEST_STRENGTH, lowest),
            self._recent,
            self._risks,
            self._waiting.view(np.float64),
            change.view(np.float64),
        )
        return change[:, :0] if is_first else change

    def _noise(self) -> NDArray[np.float64]:
        """Return the density that gains of the group that comes are made for; 0 is inaudible."""
        seconds = self._groups * GROUP * self._hop / self._sample_rate
        self._groups += 1
        noise = self._density(self._frequencies, seconds)
        if noise is None:
            return np.zeros(len(self._frequencies))
        return np.where(noise > INAUDIBLE_DENSITY, OVER * noise, 0.0)
