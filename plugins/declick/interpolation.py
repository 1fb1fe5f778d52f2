"""Repair of short gaps by autoregressive interpolation from both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.dsp.autoregression import Floats, estimate_models, interpolate

FIRST_ORDER_MS, ORDER_MS, CONTEXT_MS = 0.73, 8.7, 93.0
"""Orders of the first and the later models (32 and 384 at 44.1 kHz), and their surroundings. By
hand."""
WIDE_MS, WIDE_ORDER_MS, WIDE_CONTEXT_MS = 0.6, 20.4, 186.0
"""Wide gaps want long models: at 3.5 ms 20 dB below the music in the gap instead of 13."""

LARGEST_GROWTH = 2.0
"""No fill may reach beyond this many times the peak of its surroundings."""


@dataclass(frozen=True)
class GapInterpolator:
    """Least-squares interpolation; orders and context in samples.

    A first, low order takes the worst of the click out of the context that the high order is
    then estimated from; each round estimates anew from its own result (Janssen, Veldhuis and
    Vries 1986).
    """

    first_order: int
    order: int
    context: int
    wide: int
    wide_order: int
    wide_context: int

    @classmethod
    def for_rate(cls, sample_rate: float, thorough: bool = True) -> GapInterpolator:
        """Return the orders that suit a rate in Hz; not thorough: wide gaps are as others."""
        first, order, half, wide, wide_order, wide_half = (
            round(ms * 1e-3 * sample_rate)
            for ms in (
                FIRST_ORDER_MS,
                ORDER_MS,
                CONTEXT_MS / 2,
                WIDE_MS,
                WIDE_ORDER_MS,
                WIDE_CONTEXT_MS / 2,
            )
        )
        if not thorough:
            wide_order, wide_half = order, half
        return cls(max(8, first), order, 2 * half, wide, wide_order, 2 * wide_half)

    @property
    def reach(self) -> int:
        """Samples that must be there before and after a gap."""
        return self.wide_context // 2 + self.wide_order

    def interpolate_gap(self, signal: Floats, start: int, stop: int) -> bool:
        """Fill a gap in place; return False, and leave it, where no sound fill is found."""
        given = signal[start:stop].copy()
        self._interpolate(signal, start, stop, self.first_order, self.context)
        if self._settle(signal, start, stop, self.order, self.context):
            return True
        signal[start:stop] = given
        return False

    def refine(self, signal: Floats, start: int, stop: int) -> bool:
        """Fill a gap again, from better surroundings; as :meth:`interpolate_gap`."""
        if stop - start < self.wide:
            return self._settle(signal, start, stop, self.order, self.context)
        return self._settle(signal, start, stop, self.wide_order, self.wide_context)

    def _settle(self, signal: Floats, start: int, stop: int, order: int, context: int) -> bool:
        """Interpolate, and take it back where it runs away."""
        given = signal[start:stop].copy()
        self._interpolate(signal, start, stop, order, context)
        before, after = signal[start - order : start], signal[stop : stop + order]
        limit = LARGEST_GROWTH * max(np.abs(before).max(), np.abs(after).max())
        if np.abs(signal[start:stop]).max() <= limit:  # not so for NaN
            return True
        signal[start:stop] = given
        return False

    def _interpolate(self, signal: Floats, start: int, stop: int, order: int, context: int) -> None:
        begin = (start + stop - context) // 2
        frame = signal[np.newaxis, begin : begin + context]
        interpolate(signal, estimate_models(frame, order)[0], start, stop)
