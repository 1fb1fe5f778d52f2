"""Transform codecs: MP3-like and AAC-like coding of a stream, block switching included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.degrade.codecs.mdct import LappedFrames, Mdct, sine_slope
from restorack.degrade.codecs.perceptual import band_layout, quantise_frame
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats

GROUP = 4
"""Frames that are coded at once."""
ATTACK = 10.0
"""Energy that rises this much between short blocks is an attack."""
SHORT_FRAME_BITS = 2.0
"""Times the bits of a frame that one with short windows gets: what the reservoir is there for."""
FAINTEST = 1e-7
"""Attacks below this mean power are not coded for."""


@dataclass(frozen=True)
class CodecFormat:
    """What one kind of codec does.

    Parameters
    ----------
    hop : int
        Coefficients of a long transform near 44.1 kHz; doubled, halved for other rates.
    shorts : int
        Short transforms that take its place at an attack.
    kaiser : float
        Alpha of the long window's Kaiser-Bessel-derived slope; 0 for a sine.
    widths : tuple of (float, float)
        Bandwidth in Hz by kilobits per second of a channel.
    """

    hop: int
    shorts: int
    kaiser: float
    widths: tuple[tuple[float, float], ...]

    def bandwidth_hz(self, kbps: float) -> float:
        """Return what encoders keep of the band at a rate per channel."""
        rates, widths = zip(*self.widths, strict=True)
        return float(np.interp(np.log(kbps), np.log(rates), widths))

    def hop_at(self, sample_rate: float) -> int:
        """Return the coefficients of a long transform at a sample rate in Hz."""
        return max(96, int(self.hop * 2.0 ** np.round(np.log2(sample_rate / 44_100.0))))


FORMATS = {
    "mp3": CodecFormat(
        576, 3, 0.0,
        ((8, 2_500), (16, 5_000), (32, 9_500), (48, 14_000), (64, 16_000), (96, 19_000),
         (160, 20_000)),
    ),
    "aac": CodecFormat(
        1024, 8, 4.0,
        ((8, 3_500), (16, 6_500), (24, 9_500), (32, 12_000), (48, 15_500), (64, 17_000),
         (96, 19_000), (160, 20_000)),
    ),
}  # fmt: skip
"""Bandwidths near those of the usual encoders at constant bit rates."""


def long_slope(length: int, kaiser: float) -> Floats:
    """Return the rising half of a long window."""
    if kaiser == 0.0:
        return sine_slope(length)
    sums = np.cumsum(np.kaiser(length + 1, np.pi * kaiser))
    return np.asarray(np.sqrt(sums[:-1] / sums[-1]))


class TransformCodec:
    """Code a stream as MP3 or AAC would, every channel for itself, and decode it again.

    Parameters
    ----------
    channels : int
    sample_rate : float
        In Hz.
    form : CodecFormat
    kbps : float
        Kilobits per second of a channel.
    bandwidth_hz : float
        What is kept of the band; 0 for the format's at this bit rate.

    Notes
    -----
    Modelled on ISO/IEC 11172-3 layer III and 13818-7: windowed transforms with block switching
    (Edler 1989), a power-law quantiser per critical band, noise shaped by masking, and a rate loop
    per frame, with a reservoir for attacks alone and without joint stereo. MP3's polyphase stage,
    whose bands it transforms once more, is one transform of the same resolution here.
    """

    def __init__(
        self,
        channels: int,
        sample_rate: float,
        form: CodecFormat,
        kbps: float,
        bandwidth_hz: float = 0.0,
    ) -> None:
        hop = form.hop_at(sample_rate)
        self._hop, self._short = hop, hop // form.shorts
        width = bandwidth_hz or form.bandwidth_hz(kbps)
        self._long_layout = band_layout(hop, sample_rate, width, 1.0, 4)
        self._short_layout = band_layout(self._short, sample_rate, width, 1.5, 4)
        self._transform, self._short_transform = Mdct(hop), Mdct(self._short)
        self._slopes = (long_slope(hop, form.kaiser), _short_slope(hop, self._short))
        self._frames_per_s = sample_rate / hop
        self._bits = 1_000.0 * kbps / self._frames_per_s
        self._held = np.zeros((channels, 1, 2 * hop))
        self._flags = np.zeros((channels, 2), np.bool_)  # of the frame before the held one, and it
        self._background = np.zeros(channels)
        self._frames = LappedFrames(channels, hop, GROUP, self._recode, delay=1)
        self.coded = self.switched = 0
        self.used_bits = 0.0

    @staticmethod
    def latency(form: CodecFormat, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return LappedFrames.latency(form.hop_at(sample_rate), GROUP, delay=1)

    def mean_kbps(self) -> float:
        """Return the kilobits per second that were used, per channel."""
        return 1e-3 * self.used_bits * self._frames_per_s / max(1, self.coded)

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        return self._frames.push(block)

    def finish(self) -> Rows:
        """Return the rest."""
        return self._frames.finish()

    def _recode(self, frames: Floats) -> Floats:
        """Code the held frame and all but the last of these, whose successor is not known yet."""
        joined = np.concatenate([self._held, frames], axis=1)
        flags = np.concatenate([self._flags, self._attacks(frames)], axis=1)
        self._held, self._flags = joined[:, -1:].copy(), flags[:, -2:].copy()
        out = joined[:, :-1].copy()
        for channel in range(out.shape[0]):
            for index in range(out.shape[1]):
                self._code(out[channel, index], flags[channel, index : index + 3])
        return out

    def _attacks(self, frames: Floats) -> NDArray[np.bool_]:
        """Return in which frames an attack lies under the short windows."""
        begin, count = self._hop // 2, self._hop // self._short
        inside = frames[:, :, begin - 1 : begin + self._hop]
        edges = np.diff(inside, axis=2)[:, :, : count * self._short]
        power = (edges.reshape(*edges.shape[:2], count, -1) ** 2).mean(axis=3)
        found = np.zeros(frames.shape[:2], np.bool_)
        for index in range(frames.shape[1]):
            for step in range(count):
                fresh = power[:, index, step]
                found[:, index] |= fresh > np.maximum(ATTACK * self._background, FAINTEST)
                self._background = 0.6 * self._background + 0.4 * fresh
        return found

    def _code(self, frame: Floats, flags: NDArray[np.bool_]) -> None:
        """Code one frame in place, given whether its neighbours and it have short windows."""
        self.coded += 1
        self.switched += int(flags[1])
        if not frame.any():
            return
        if flags[1]:
            self._code_short(frame)
            return
        window = np.concatenate([self._slopes[int(flags[0])], self._slopes[int(flags[2])][::-1]])
        coefficients = self._transform.forward(frame * window)[np.newaxis]
        self.used_bits += quantise_frame(coefficients, self._long_layout, self._bits)
        frame[:] = self._transform.backward(coefficients[0]) * window

    def _code_short(self, frame: Floats) -> None:
        short, begin = self._short, (self._hop - self._short) // 2
        slope = sine_slope(short)
        window = np.concatenate([slope, slope[::-1]])
        count = self._hop // short
        starts = begin + short * np.arange(count)
        pieces = np.array([frame[at : at + 2 * short] for at in starts]) * window
        coefficients = self._short_transform.forward(pieces)
        bits = SHORT_FRAME_BITS * self._bits
        self.used_bits += quantise_frame(coefficients, self._short_layout, bits)
        frame[:] = 0.0
        for at, piece in zip(starts, self._short_transform.backward(coefficients), strict=True):
            frame[at : at + 2 * short] += piece * window


def _short_slope(hop: int, short: int) -> Floats:
    """Return the slope beside a frame of short windows: steep, in the middle."""
    flat = (hop - short) // 2
    return np.concatenate([np.zeros(flat), sine_slope(short), np.ones(hop - short - flat)])
