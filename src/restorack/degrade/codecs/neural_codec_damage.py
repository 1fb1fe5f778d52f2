"""NeuralCodecDamage: how music sounds that a network made out of codec tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import FloatParameter, IntParameter
from restorack.degrade.codecs.mdct import LappedFrames, Mdct, sine_slope
from restorack.degrade.codecs.residual_quantiser import ResidualQuantiser
from restorack.degrade.degradation import Degradation
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats

FRAMES_PER_S = 50.0
"""Token frames of EnCodec at 32 kHz."""
GROUP = 2
"""Frames that are made at a time."""
EDGE_HZ = 300.0
"""The band ends over this width, centred on the bandwidth."""
FINENESS = ((1_000.0, 400.0), (4_000.0, 800.0), (8_000.0, 1_600.0), (np.inf, 3_200.0))
"""Below so many hertz, a vector covers so many hertz: the top is told in few words."""


class NeuralCodecDamage(Degradation):
    """Damage as EnCodec at 32 kHz does, which MusicGen's tokens are decoded by.

    The band ends near 15.5 kHz; noise follows the signal in frames of 20 ms; transients smear over
    a frame; the bass keeps its wave form, the top only its energy: its phase is lost and its tones
    warble. With 4 codebooks, as in MusicGen, noise lies about 11 dB below the music up to 1 kHz,
    6 dB up to 4 kHz, 2 dB up to 8 kHz, and above it the wave form is all but lost.

    Notes
    -----
    Defossez et al., High fidelity neural audio compression (2022), and Copet et al., Simple and
    controllable music generation (2023): 50 frames a second, residual vector quantisation. Here a
    lapped transform takes the place of the network and seeded codebooks that of the learned ones;
    vectors grow from 400 Hz to 3.2 kHz, so that fidelity falls with frequency. Bit rates
    are not comparable: learned codebooks know music, these do not.
    """

    codebooks = IntParameter(
        4, 1, 16, description="Rounds of quantisation: more keep more of the wave form."
    )
    bandwidth_hz = FloatParameter(
        15_500.0,
        1_000.0,
        24_000.0,
        unit="Hz",
        description="Where the band ends (6 dB down, 300 Hz wide).",
        logarithmic=True,
        automatable=False,
    )

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return LappedFrames.latency(_hop(sample_rate), GROUP)

    def _begin(self, sample_rate: float, channels: int) -> None:
        hop = _hop(sample_rate)
        spacing = float(0.5 * sample_rate / hop)
        slope = sine_slope(hop)
        self._window = np.concatenate([slope, slope[::-1]])
        self._transform = Mdct(hop)
        middles = (np.arange(hop, dtype=np.float64) + 0.5) * spacing
        self._edge = _band_edge(middles, self.bandwidth_hz)
        end = max(1, int(np.count_nonzero(self._edge)))
        self._quantiser = ResidualQuantiser(_vectors(end, spacing), self.codebooks, self.seed)
        self._frames = LappedFrames(channels, hop, GROUP, self._recode)

    def _push(self, block: Rows) -> Rows:
        return self._frames.push(block)

    def _finish(self) -> Rows:
        return self._frames.finish()

    def _recode(self, frames: Floats) -> Floats:
        spectra = self._transform.forward(frames * self._window) * self._edge
        for spectrum in spectra.reshape(-1, spectra.shape[-1]):
            self._quantiser.quantise(spectrum)
        return np.asarray(self._transform.backward(spectra) * self._window)


def _hop(sample_rate: float) -> int:
    """Return the samples of a frame, even."""
    return 2 * round(sample_rate / FRAMES_PER_S / 2.0)


def _band_edge(frequencies: Floats, bandwidth_hz: float) -> Floats:
    """Return the gain over frequency: a half cosine over the edge's width."""
    place = np.clip((frequencies - bandwidth_hz) / EDGE_HZ + 0.5, 0.0, 1.0)
    return np.asarray((0.5 + 0.5 * np.cos(np.pi * place)) * (place < 1.0))


def _vectors(end: int, spacing: float) -> NDArray[np.int64]:
    """Return where the vectors begin that cover the coefficients before ``end``."""
    edges = [0]
    while edges[-1] < end:
        at = edges[-1] * spacing
        width = next(width for below, width in FINENESS if at < below)
        edges.append(min(end, edges[-1] + max(1, round(width / spacing))))
    return np.array(edges, np.int64)
