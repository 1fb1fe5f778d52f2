"""GSM full rate: the speech codec of the first mobile telephones, 13 kbit/s at 8 kHz."""

from __future__ import annotations

import numpy as np

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

# Hz and samples, GSM 06.10.
RATE = 8_000.0
FRAME = 160
LATENCY = latency_of_windows(FRAME)
"""The most samples that are held back, at 8 kHz."""
# 16-bit full scale.
FULL_SCALE = 32_768.0


class GsmCodec(WindowedStream):
    """Code and decode a stream at 8 kHz, every channel for itself, frame by frame.

    Parameters
    ----------
    channels : int

    Notes
    -----
    GSM 06.10 (ETSI EN 300 961), regular pulse excitation with long-term prediction, by its
    equations in floating point: eight reflection coefficients as coded log area ratios, a lag and
    a gain of 2 bits per 5 ms, and every third sample of what remains, in 3 bits.

    Written here although pedalboard has ``GSMFullRateCompressor``: that one cannot be streamed (its
    output depends on the blocks), mixes to mono, and resamples on its own.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, FRAME)
        self._states = [_State() for _ in range(channels)]

    def _process(self, window: Rows) -> Rows:
        pairs = zip(window, self._states, strict=True)
        return np.stack([state.recode(row) for row, state in pairs]).astype(np.float32)


class _State:
    """What one channel's coder and decoder remember."""

    def __init__(self) -> None:
        # Memory of the filters at the ends, log area ratios, both lattices, the residual.
        self._values = np.zeros(4 + 8 + 8 + 9 + 120)

    def recode(self, samples: Rows) -> Floats:
        """Code one frame and return what a telephone at the other end plays."""
        memory, residual = self._values[:4], self._values[-120:]
        if not (samples.any() or residual.any() or memory.any()):
            return np.zeros(FRAME)
        frame = np.clip(samples.astype(np.float64) * FULL_SCALE, -32_768.0, 32_767.0)
        _core.gsm_recode(self._values, frame)
        frame[np.abs(frame) < 0.5] = 0.0  # a telephone plays whole steps
        memory[np.abs(memory) < 1e-6] = 0.0
        return np.clip(frame, -32_768.0, 32_767.0) / FULL_SCALE
