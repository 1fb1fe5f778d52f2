"""The modified discrete cosine transform of a stream: what audio codecs quantise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows


class Mdct:
    """A lapped transform of ``2 * hop`` windowed samples to ``hop`` coefficients, and back.

    Parameters
    ----------
    hop : int
        Even.

    Notes
    -----
    Princen, Johnson and Bradley (1987): ``X[k] = sum_n x[n] cos(pi / hop (n + 1/2 + hop / 2)
    (k + 1/2))``, scaled by ``sqrt(2 / hop)``, which keeps the energy. Windows are the caller's.
    """

    def __init__(self, hop: int) -> None:
        self.hop = hop
        samples, bins = np.arange(2 * hop), np.arange(hop)
        middle = 0.5 + 0.5 * hop
        self._before = np.exp(-0.5j * np.pi * samples / hop)
        self._after = np.exp(-1j * np.pi * middle * (bins + 0.5) / hop) * np.sqrt(2.0 / hop)
        self._inverse_before = np.exp(1j * np.pi * middle * bins / hop)
        self._inverse_after = np.exp(0.5j * np.pi * (samples + middle) / hop) * np.sqrt(8.0 * hop)

    def forward(self, windowed: Floats) -> Floats:
        """Transform the last axis, ``2 * hop`` samples to ``hop`` coefficients."""
        spectra = np.fft.fft(windowed * self._before, axis=-1)[..., : self.hop]
        return np.asarray((spectra * self._after).real)

    def backward(self, coefficients: Floats) -> Floats:
        """Transform back to ``2 * hop`` samples, which are to be windowed and overlapped."""
        turned = coefficients * self._inverse_before
        samples = np.fft.ifft(turned, 2 * self.hop, axis=-1)
        return np.asarray((samples * self._inverse_after).real)


def sine_slope(length: int) -> Floats:
    """Return the rising half of a sine window."""
    return np.asarray(np.sin(0.5 * np.pi * (np.arange(length) + 0.5) / length))


Recode = Callable[[Floats], Floats]
"""Takes frames ``(channels, frames, 2 * hop)`` of samples and returns what is to be overlapped."""


class LappedFrames(WindowedStream):
    """Cut a stream into frames of two hops, change them in groups, and overlap them again.

    Frame ``k`` covers samples ``(k - 1) * hop`` to ``(k + 1) * hop``; the output lies where the
    input did. ``recode`` sees every frame once, in order, in groups of fixed size.

    Parameters
    ----------
    channels, hop, group : int
    recode : callable
        Where it keeps frames back it returns those before instead, and ``delay`` says how many.
    delay : int
        Frames that ``recode`` keeps back.
    """

    def __init__(self, channels: int, hop: int, group: int, recode: Recode, delay: int = 0) -> None:
        super().__init__(channels, hop * group, overlap=hop, before=hop, lead=hop * (1 + delay))
        self._hop, self._recode = hop, recode
        self._tail = np.zeros((channels, hop))

    @staticmethod
    def latency(hop: int, group: int, delay: int = 0) -> int:
        """Return the most samples that are ever held back."""
        return latency_of_windows(hop * group, lead=hop * (1 + delay))

    def _process(self, window: Rows) -> Rows:
        frames = np.lib.stride_tricks.sliding_window_view(window, 2 * self._hop, axis=1)
        recoded = self._recode(frames[:, :: self._hop].astype(np.float64))
        out = np.zeros((window.shape[0], self._step + self._hop))
        out[:, : self._hop] = self._tail
        for index in range(recoded.shape[1]):
            at = index * self._hop
            out[:, at : at + 2 * self._hop] += recoded[:, index]
        self._tail = out[:, self._step :].copy()
        return out[:, : self._step].astype(np.float32)
