"""Repair of short gaps by autoregressive interpolation from both sides."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import lru_cache

from restorack.dsp import _core
from restorack.dsp.autoregression import Floats

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
        return _core.fill_gap(_native(self), signal, start, stop, False)

    def refine(self, signal: Floats, start: int, stop: int) -> bool:
        """Fill a gap again, from better surroundings; as :meth:`interpolate_gap`."""
        return _core.fill_gap(_native(self), signal, start, stop, True)


@lru_cache(maxsize=16)
def _native(interpolator: GapInterpolator) -> _core.GapsHandle:
    return _core.new_gaps(astuple(interpolator), LARGEST_GROWTH)
