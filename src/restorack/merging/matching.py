"""Level and colour of a copy, made those of the reference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.bands import Frames
from restorack.merging.signal import Signal, spans
from restorack.merging.time_map import TimeMap

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# By hand, tried on the recordings that docs/disc-transfers.md names.
FRAME_S = 0.093
WIDTH = 0.12
"""Width of the smoothing over frequency, a sixth of an octave."""
LEAST_BINS = 2.0
LEAST_COHERENCE = 0.5
"""Squared; bins below tell nothing, and take what their neighbours have."""
MOST_GAIN = 30.0
"""In dB: what is beyond is not equalisation."""
PIECE = 1 << 17


class Response:
    """The response that turns a copy into the reference, per channel.

    Parameters
    ----------
    bins : ndarray of complex, shape (channels, bins)
    size : int
        Of the frames that the bins belong to.
    """

    def __init__(self, bins: Complexes, size: int) -> None:
        self.bins, self.size = bins, size

    def taps(self) -> Floats:
        """Return the impulse responses, shape (channels, size + 1), the middle at no delay."""
        taps = np.roll(np.fft.irfft(self.bins, self.size, axis=1), self.size // 2, axis=1)
        taps = np.concatenate([taps, np.zeros((len(taps), 1))], axis=1)
        return np.asarray(taps * np.hanning(self.size + 1))

    def is_flat(self) -> bool:
        """Return whether it changes nothing."""
        return bool(np.all(self.bins == 1.0))


def match(
    reference: Signal, copy: Signal, time_map: TimeMap, rate: float, good: NDArray[np.bool_]
) -> Response:
    """Return the response from a copy to the reference, smooth over frequency.

    Parameters
    ----------
    reference, copy : Signal
        Of the same channels.
    time_map : TimeMap
    rate : float
        In Hz.
    good : ndarray of bool, shape (knots,)
        Where the map is sure.
    """
    frames = Frames.for_rate(rate, FRAME_S, 2)
    shape = (reference.channels, frames.bins)
    cross = np.zeros(shape, np.complex128)
    own, other = np.zeros(shape), np.zeros(shape)
    count = 0
    for start, stop in frames.groups(reference.frames):
        knots = np.arange(start, stop) * frames.hop // time_map.hop
        taken = good[np.clip(knots, 0, good.size - 1)]
        if not taken.any():
            continue
        first = start * frames.hop - frames.size // 2
        last = (stop - 1) * frames.hop + frames.size - frames.size // 2
        a = frame_spectra(reference.read(first, last), frames.window, frames.hop)[:, taken]
        b = copy.read_at(time_map.at(first, last))
        b = frame_spectra(b, frames.window, frames.hop)[:, taken]
        # Frames count by the root of their power: a click does not decide.
        powers = np.sqrt((np.abs(a) ** 2).sum(axis=(0, 2)) * (np.abs(b) ** 2).sum(axis=(0, 2)))
        scale = 1.0 / np.sqrt(powers + 1e-20)
        cross += np.einsum("cfb,cfb,f->cb", a, np.conj(b), scale)
        own += np.einsum("cfb,f->cb", a.real**2 + a.imag**2, scale)
        other += np.einsum("cfb,f->cb", b.real**2 + b.imag**2, scale)
        count += int(taken.sum())
    return Response(_smooth_response(cross, own, other, count), frames.size)


def _smooth_response(cross: Complexes, own: Floats, other: Floats, frames: int) -> Complexes:
    out = np.ones(cross.shape, np.complex128)
    scale = own.sum(axis=1, keepdims=True) * 1e-9 + 1e-30
    for channel in range(len(cross)):
        kernel = _kernel(cross.shape[1])
        c, a, b = kernel @ cross[channel], kernel @ own[channel], kernel @ other[channel]
        floor = float(scale[channel, 0])
        square = np.abs(c) ** 2 / ((a + floor) * (b + floor))
        chance = 2.0 / max(frames, 2)
        weight = np.clip((square - chance - LEAST_COHERENCE) / (1.0 - LEAST_COHERENCE), 0.0, 1.0)
        if not np.any(weight > 0.0):
            continue
        # The geometric mean of both one-sided estimates: equal noises do not bend it.
        level = 0.5 * np.log((a + floor) / (b + floor))
        turn = c / (np.abs(c) + 1e-30)
        weight = weight**2
        wide = _kernel(cross.shape[1], 3.0) * (weight + 1e-9)
        wide /= wide.sum(axis=1, keepdims=True)
        sure = np.minimum(1.0, weight / 0.04)
        level = sure * level + (1.0 - sure) * (wide @ level)
        turn = sure * turn + (1.0 - sure) * (wide @ (weight * turn)) 
        phase = np.angle(turn + 1e-12) * sure
        most = MOST_GAIN * np.log(10.0) / 20.0
        out[channel] = np.exp(np.clip(level, -most, most) + 1j * phase)
    out[:, 0], out[:, -1] = np.abs(out[:, 0]), np.abs(out[:, -1])
    return out


def _kernel(bins: int, times: float = 1.0) -> Floats:
    """Return the weights of a smoothing over bins whose width grows with frequency."""
    at = np.arange(bins)
    width = times * np.maximum(LEAST_BINS, 0.5 * WIDTH * at)[:, np.newaxis]
    kernel = np.exp(-0.5 * ((at - at[:, np.newaxis]) / width) ** 2)
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


def matched(
    copy: Signal, time_map: TimeMap, response: Response, samples: int
) -> Iterator[Rows]:
    """Return a copy on the time of the reference, in its level and colour, block by block."""
    from scipy.signal import oaconvolve

    taps, half = response.taps(), response.size // 2
    for start, stop in spans(samples, PIECE):
        if response.is_flat():
            yield copy.read_at(time_map.at(start, stop))
            continue
        rows = copy.read_at(time_map.at(start - half, stop + half)).astype(np.float64)
        out = np.stack(
            [oaconvolve(row, tap, mode="valid") for row, tap in zip(rows, taps, strict=True)]
        )
        yield out.astype(np.float32)
