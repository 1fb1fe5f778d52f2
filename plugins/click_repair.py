"""Repair of short gaps by autoregressive interpolation from both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.plugins.autoregression import Floats, estimate_models, interpolate

FIRST_ORDER_MS, ORDER_MS, CONTEXT_MS = 0.73, 8.7, 93.0

LARGEST_GROWTH = 2.0
"""No fill may reach beyond this many times the peak of its surroundings."""


@dataclass(frozen=True)
class GapRepair:
    """Least-squares interpolation; orders and context in samples.

    A first, low order takes the worst of the click out of the context that the high order is
    then estimated from; each round estimates anew from its own result (Janssen, Veldhuis and
    Vries 1986).
    """

    first_order: int
    order: int
    context: int

    @classmethod
    def for_rate(cls, sample_rate: float) -> GapRepair:
        """Return the orders that suit a rate in Hz."""
        first, order, half = (
            round(ms * 1e-3 * sample_rate) for ms in (FIRST_ORDER_MS, ORDER_MS, CONTEXT_MS / 2)
        )
        return cls(max(8, first), order, 2 * half)

    @property
    def reach(self) -> int:
        """Samples that must be there before and after a gap."""
        return self.context // 2 + self.order

    def fill(self, signal: Floats, start: int, stop: int) -> bool:
        """Fill a gap in place; return False, and leave it, where no sound fill is found."""
        given = signal[start:stop].copy()
        self._interpolate(signal, start, stop, self.first_order)
        if self.refine(signal, start, stop):
            return True
        signal[start:stop] = given
        return False

    def refine(self, signal: Floats, start: int, stop: int) -> bool:
        """Fill a gap again, from better surroundings; as :meth:`fill`."""
        given = signal[start:stop].copy()
        self._interpolate(signal, start, stop, self.order)
        before, after = signal[start - self.order : start], signal[stop : stop + self.order]
        limit = LARGEST_GROWTH * max(np.abs(before).max(), np.abs(after).max())
        if np.abs(signal[start:stop]).max() <= limit:  # not so for NaN
            return True
        signal[start:stop] = given
        return False

    def _interpolate(self, signal: Floats, start: int, stop: int, order: int) -> None:
        begin = (start + stop - self.context) // 2
        frame = signal[np.newaxis, begin : begin + self.context]
        interpolate(signal, estimate_models(frame, order)[0], start, stop)
