"""Small processors with known behaviour, for tests of what stands on the contract."""

from __future__ import annotations

import numpy as np

from restorack.core.parameters import FloatParameter, IntParameter
from restorack.core.processor import Processor


class Gain(Processor):
    """Multiply."""

    gain_db = FloatParameter(-6.0, -60.0, 20.0, unit="dB", description="Level.")

    def _begin(self, sample_rate, channels):
        self._channels = channels

    def _push(self, block):
        return block * np.float32(10 ** (self.gain_db / 20))

    def _finish(self):
        return np.zeros((self._channels, 0), np.float32)


class Withholder(Processor):
    """Pass the signal unchanged, but keep some of it back."""

    samples = IntParameter(100, 0, 100_000, description="Samples kept back.")

    def predict_latency(self, sample_rate):
        return self.samples

    def _begin(self, sample_rate, channels):
        self._kept = np.zeros((channels, 0), np.float32)

    def _push(self, block):
        joined = np.concatenate([self._kept, block], axis=1)
        ready = max(0, joined.shape[1] - self.samples)
        self._kept = joined[:, ready:]
        return joined[:, :ready]

    def _finish(self):
        return self._kept


class PeakTo(Gain):
    """Scale the whole file to a peak of one; a first pass finds the peak."""

    peak = None
    passes = 0

    @property
    def needs_preparation(self):
        return True

    def _learn(self, blocks, sample_rate):
        self.peak = max((float(np.abs(block).max()) for block in blocks), default=0.0)
        type(self).passes += 1

    def _unlearn(self):
        self.peak = None

    def _push(self, block):
        return block / np.float32(self.peak or 1.0)
