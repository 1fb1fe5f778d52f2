"""The trained envelope above an edge, evaluated frame by frame as a stream.

Forty thousand multiplications a frame need no framework: numpy alone starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

WEIGHTS = "bandwidth"
"""Name of the weights that come with the package."""

SCALE_DB = np.float32(15.0)


class EnvelopeStream:
    """The network of :mod:`restorack.networks.band_envelope`, fed group by group.

    Parameters
    ----------
    tensors : mapping of str to ndarray
        The network's weights.
    dilations : sequence of int
        Of its layers.

    Attributes
    ----------
    delay : int
        Frames by which what comes out is late.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]], dilations: tuple[int, ...]) -> None:
        self._first = _matrix(tensors, "first")
        self._last = _matrix(tensors, "last")
        self._excess = _matrix(tensors, "excess")
        self._layers = [
            (far, np.ascontiguousarray(tensors[f"layers.{n}.weight"].transpose(2, 1, 0)),
             tensors[f"layers.{n}.bias"])
            for n, far in enumerate(dilations)
        ]  # fmt: skip
        self.delay = sum(dilations)
        width = self._first[0].shape[1]
        self._past = [np.zeros((2 * far, width), np.float32) for far in dilations]

    def push(self, features: Values) -> tuple[Values, Values]:
        """Take features ``(frames, inputs)``, return what is expected, ``delay`` frames late.

        Levels in dB, and by how much the level of the expected power lies above them.
        """
        x = _silu(features @ self._first[0] + self._first[1])
        for index, (far, taps, bias) in enumerate(self._layers):
            joined = np.concatenate([self._past[index], x])
            count = len(x)
            made = bias + sum(joined[n * far : n * far + count] @ taps[n] for n in range(3))
            self._past[index] = joined[count:]
            x = joined[far : far + count] + _silu(made)
        levels, excess = (x @ matrix + bias for matrix, bias in (self._last, self._excess))
        return SCALE_DB * levels, SCALE_DB * np.logaddexp(np.float32(0), excess)


def trained_envelope() -> EnvelopeStream:
    """Return the envelope that comes with the package, at the beginning of a stream."""
    tensors, dilations = _trained()
    return EnvelopeStream(tensors, dilations)


def trained_delay() -> int:
    """Return its delay in frames."""
    return sum(_trained()[1])


@lru_cache(maxsize=1)
def _trained() -> tuple[Mapping[str, NDArray[Any]], tuple[int, ...]]:
    from restorack.weights.store import load_tensors

    tensors, manifest = load_tensors(WEIGHTS)
    return tensors, tuple(manifest.architecture.settings["dilations"])


def _matrix(tensors: Mapping[str, NDArray[Any]], name: str) -> tuple[Values, Values]:
    return np.ascontiguousarray(tensors[f"{name}.weight"][:, :, 0].T), tensors[f"{name}.bias"]


def _silu(x: Values) -> Values:
    return np.asarray(x / (1 + np.exp(-np.clip(x, -80, 80))), np.float32)
