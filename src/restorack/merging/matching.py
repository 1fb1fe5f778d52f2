"""Level and colour of a copy, made those of the reference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.bands import Frames
from restorack.merging.signal import Signal, spans
from restorack.merging.time_map import TimeMap

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# By hand, tried on the recordings that docs/guides/disc-transfers.md names.
FRAME_S = 0.093
WIDTH = 0.12
"""Width of the smoothing over frequency, a sixth of an octave."""
LEAST_BINS = 2.0
"""Of the smoothing at low frequencies, by hand."""
LEAST_COHERENCE = 0.5
"""Squared; bins below tell nothing, and take what their neighbours have."""
SURE = 0.04
"""Weight from which a bin goes by itself alone."""
MOST_GAIN = 30.0
"""In dB: what is beyond is not equalisation."""
PIECE = 1 << 17
"""Samples that are filtered at a time: memory alone."""


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
        heard = copy.read_at(time_map.at(first, last))
        b = frame_spectra(heard, frames.window, frames.hop)[:, taken]
        # Frames count by the root of their power: a click does not decide.
        powers = (np.abs(a) ** 2).sum(axis=(0, 2)) + (np.abs(b) ** 2).sum(axis=(0, 2))
        scale = 1.0 / np.sqrt(powers + 1e-20)
        cross += np.einsum("cfb,cfb,f->cb", a, np.conj(b), scale)
        own += np.einsum("cfb,f->cb", a.real**2 + a.imag**2, scale)
        other += np.einsum("cfb,f->cb", b.real**2 + b.imag**2, scale)
        count += int(taken.sum())
    return Response(_smooth_response(cross, own, other, count), frames.size)


def _smooth_response(cross: Complexes, own: Floats, other: Floats, frames: int) -> Complexes:
    bins = cross.shape[1]
    points, narrow = _grid(bins)
    wide = np.exp(-0.5 * ((points - points[:, np.newaxis]) / _width(points, 3.0)) ** 2)
    out = np.ones(cross.shape, np.complex128)
    for channel in range(len(cross)):
        floor = float(own[channel].sum()) * 1e-9 + 1e-30
        c, a, b = (narrow @ each[channel] for each in (cross, own, other))
        square = np.abs(c) ** 2 / ((a + floor) * (b + floor)) - 2.0 / max(frames, 2)
        weight = np.clip((square - LEAST_COHERENCE) / (1.0 - LEAST_COHERENCE), 0.0, 1.0) ** 2
        if not np.any(weight > 0.0):
            continue
        # The geometric mean of both one-sided estimates: equal noises do not bend it.
        level = 0.5 * np.log((a + floor) / (b + floor))
        turn = c / (np.abs(c) + 1e-30)
        sure = np.minimum(1.0, weight / SURE)
        around = wide * (weight + 1e-9)
        around /= around.sum(axis=1, keepdims=True)
        level = sure * level + (1.0 - sure) * (around @ level)
        phase = np.angle(sure * turn + (1.0 - sure) * (around @ turn) + 1e-12) * sure
        most = np.log(db_to_amplitude(MOST_GAIN))
        level = np.interp(np.arange(bins), points, np.clip(level, -most, most))
        phase = np.interp(np.arange(bins), points, np.unwrap(phase))
        out[channel] = np.exp(level + 1j * phase)
    out[:, 0], out[:, -1] = np.abs(out[:, 0]), np.abs(out[:, -1])
    return out


def _grid(bins: int) -> tuple[Floats, Floats]:
    """Return bins that tell a smooth response, and the weights that make its values."""
    points = [0.0]
    while points[-1] < bins - 1:
        points.append(points[-1] + max(1.0, 0.25 * WIDTH * points[-1]))
    at = np.minimum(np.round(points), bins - 1)
    kernel = np.exp(-0.5 * ((np.arange(bins) - at[:, np.newaxis]) / _width(at)) ** 2)
    return at, np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


def _width(at: Floats, times: float = 1.0) -> Floats:
    return np.asarray(times * np.maximum(LEAST_BINS, 0.5 * WIDTH * at)[:, np.newaxis])


def matched(copy: Signal, time_map: TimeMap, response: Response, samples: int) -> Iterator[Rows]:
    """Return a copy on the time of the reference, in its level and colour, block by block."""
    from scipy.fft import irfft, next_fast_len, rfft

    half = response.size // 2
    size = next_fast_len(min(samples, PIECE) + 2 * half, real=True)
    spectra = rfft(response.taps(), size, axis=1)
    for start, stop in spans(samples, PIECE):
        if response.is_flat():
            yield copy.read_at(time_map.at(start, stop))
            continue
        rows = copy.read_at(time_map.at(start - half, stop + half)).astype(np.float64)
        out = irfft(rfft(rows, size, axis=1) * spectra, size, axis=1)
        yield out[:, 2 * half : 2 * half + stop - start].astype(np.float32)
