"""KernelDegradation: damage that is one impulse response, convolved with the stream."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from restorack.degrade.degradation import Degradation
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats, PartitionedFilter


class KernelDegradation(Degradation):
    """Base of the stages that are linear and do not change over time.

    Parameters
    ----------
    **parameters
        Values of the declared parameters; the others get their defaults.

    Notes
    -----
    A subclass says how long its kernel is and makes it; the present sample's tap may lie anywhere
    in it, so that zero-phase and causal kernels both come out aligned.
    """

    @abstractmethod
    def _kernel_size(self, sample_rate: float) -> tuple[int, int]:
        """Return the number of taps, and how many of them look ahead."""

    @abstractmethod
    def kernel(self, sample_rate: float, channels: int) -> Floats:
        """Return the impulse response, shape ``(taps,)`` or ``(channels, taps)``."""

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return PartitionedFilter.latency(*self._kernel_size(sample_rate))

    def _begin(self, sample_rate: float, channels: int) -> None:
        _, lead = self._kernel_size(sample_rate)
        self._filter = PartitionedFilter(channels, self.kernel(sample_rate, channels), lead)

    def _push(self, block: Rows) -> Rows:
        return self._filter.push(block).astype(np.float32)

    def _finish(self) -> Rows:
        return self._filter.finish().astype(np.float32)
