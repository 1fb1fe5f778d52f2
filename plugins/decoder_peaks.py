"""DecoderPeaks: take off the peaks that the decoders of generated music leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.stft import SpectralChange
from restorack.meters.decoder_peaks import DecoderComb, DecoderPeakMeter

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

FRAME_S = 0.19
"""Length of a frame: peaks 5 Hz wide stand apart, and levels are followed. By hand."""
HOPS_PER_FRAME, GROUP = 4, 4
"""The level of a peak is followed from frame to frame, every 46 ms."""
LISTEN_EVERY = 8
"""Frames of 0.4 s between two looks for a comb, in a stream without a first pass."""

LOBE_BINS, SKIRT_BINS = 2, 24
"""To either side: what a peak is measured by, and what is subtracted of it."""
NEAR_BINS = (3, 7)
"""To either side: what its level is held against."""
SMOOTHING = 0.5
"""Of levels, from frame to frame. By hand."""
MARGIN = 2.0
"""Power around that counts as noise at the peak, over its mean: chance lifts single frames."""
MOST_OF_USUAL = 1.5
"""Times the usual level of a peak: what is louder is music on its place. By hand."""
"""A peak is believed to have up to so many times its usual power: the rest is music. 1 leaves
6 dB more of clear peaks, 4 takes 3 dB more of music where peaks hardly show."""


class DecoderPeaks(Processor):
    """Take off peaks at multiples of one frequency, which decoders of generated music leave.

    A first pass looks for the comb: at every frequency that a decoder's rate and strides can
    give, places are ranked by how far the mean spectrum stands out there. A test tone, a drone
    and the buzz of mains are not taken for one. Where none is found the input passes bit for bit.

    Of every peak that stands out, what is above the spectrum around it is subtracted, as loud as
    it is from moment to moment, and no more than it usually has: a note on the same frequency
    stays. Nothing rings and no phase turns: a tone is subtracted, of zero phase by windows that
    end after 0.19 s; a recursive notch as narrow would ring for as long, and turn the phase.

    Notes
    -----
    Afchar et al., A Fourier explanation of AI-music artifacts (ISMIR 2025): transposed
    convolutions repeat the mean of their input at multiples of the rate over the strides.
    """

    traits = frozenset({Trait.RESTORES})

    fundamental_hz = FloatParameter(
        0.0,
        0.0,
        6_000.0,
        unit="Hz",
        description="Take the multiples of this frequency where they stand out; 0 to look for "
        "a comb.",
        automatable=False,
    )
    depth_db = FloatParameter(
        40.0,
        0.0,
        60.0,
        unit="dB",
        description="How far a peak is lowered at most, and not below what is around it.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: DecoderComb | None = None
        self._comb: DecoderComb | None = None

    @property
    def needs_preparation(self) -> bool:
        """True: what stays in place shows only over the whole file."""
        return True

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        frame = _frame(sample_rate)
        return SpectralChange.latency(frame, frame // HOPS_PER_FRAME, GROUP)

    def findings(self) -> dict[str, Any]:
        """Return the fundamental, how many peaks stand out and how far, and the confidence."""
        comb = self._comb
        if comb is None:
            return {"fundamental_hz": None, "peaks": 0, "confidence": 0.0}
        return {
            "fundamental_hz": round(comb.fundamental_hz, 4),
            "peaks": len(comb.peaks_hz),
            "possible": comb.possible,
            "over_spectrum_db": round(float(np.median(comb.over_db)), 1),
            "confidence": comb.confidence,
        }

    def summary(self) -> str:
        """Return the comb that was found."""
        comb = self._comb
        if comb is None:
            return "no decoder peaks found, unchanged"
        return (
            f"{len(comb.peaks_hz)} decoder peaks at multiples of {comb.fundamental_hz:.6g} Hz, "
            f"{np.median(comb.over_db):.0f} dB over the spectrum, lowered"
        )

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        meter: DecoderPeakMeter | None = None
        for block in blocks:
            meter = meter or DecoderPeakMeter(block.shape[0], sample_rate)
            meter.push(block)
        self._learned = None if meter is None else meter.result(self.fundamental_hz)

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        frame = _frame(sample_rate)
        self._heard = None if self.is_prepared else DecoderPeakMeter(channels, sample_rate)
        self._looked = 0
        self._position, self._step = 0, GROUP * frame // HOPS_PER_FRAME
        self._bin_hz, self._size = sample_rate / frame, frame
        self._change = SpectralChange(
            channels, frame, frame // HOPS_PER_FRAME, GROUP, self._subtracted
        )
        self._channels = channels
        self._use(self._learned)

    def _push(self, block: Rows) -> Rows:
        parts, at = [block[:, :0]], 0
        while at < block.shape[1]:
            stop = min(block.shape[1], at + self._step - self._position % self._step)
            parts.append(self._change.push(block[:, at:stop]))
            self._hear(block[:, at:stop])
            self._position += stop - at
            at = stop
            if self._position % self._step == 0:
                self._look()
        return np.concatenate(parts, axis=1)

    def _finish(self) -> Rows:
        return self._change.finish()

    def _hear(self, piece: Rows) -> None:
        if self._heard is not None:
            self._heard.push(piece)

    def _look(self) -> None:
        """Look for a comb in what was heard, now and then."""
        heard = self._heard
        if heard is not None and heard.frames >= self._looked + LISTEN_EVERY:
            self._looked = heard.frames
            self._use(heard.result(self.fundamental_hz))

    def _use(self, comb: DecoderComb | None) -> None:
        """Subtract the peaks of a comb from the next frame on."""
        self._comb = comb
        if comb is None:
            return
        at = comb.peaks_hz / self._bin_hz
        nearest = np.rint(at).astype(int)
        lobe, skirt = np.arange(-LOBE_BINS, LOBE_BINS + 1), np.arange(-SKIRT_BINS, SKIRT_BINS + 1)
        self._lobe = nearest[:, np.newaxis] + lobe
        self._skirt = nearest[:, np.newaxis] + skirt
        self._tones = sine_window_line(self._skirt - at[:, np.newaxis], self._size)
        middle = self._tones[:, SKIRT_BINS - LOBE_BINS : SKIRT_BINS + LOBE_BINS + 1]
        self._energy = np.sum(np.abs(middle) ** 2, axis=1)
        self._project = middle.conj() / self._energy[:, np.newaxis]
        spacing = round(comb.fundamental_hz / self._bin_hz)
        away = np.arange(NEAR_BINS[0], max(NEAR_BINS[0] + 1, min(NEAR_BINS[1], spacing - 3)) + 1)
        self._near = nearest[:, np.newaxis] + np.concatenate([-away, away])
        last = self._size // 2
        self._lobe, self._near = np.clip(self._lobe, 0, last), np.clip(self._near, 0, last)
        # The meter's Hann frames and these, both from power to amplitude.
        usual = comb.share * (1.0 - 10.0 ** (-comb.over_db / 10.0))
        self._usual = 3.0 * MOST_OF_USUAL * usual / self._size**2
        self._power = np.zeros((self._channels, len(at)))
        self._noise = np.zeros((self._channels, len(at)))

    def _subtracted(self, spectra: Complexes) -> Complexes | None:
        """Return what the frames of a group change by."""
        if self._comb is None:
            return None
        share = 1.0 - db_to_amplitude(-self.depth_db)
        change = np.zeros_like(spectra)
        for index in range(spectra.shape[1]):
            frame = spectra[:, index]
            if not frame.any():
                continue
            tones = share * self._peaks(frame)
            added = tones[:, :, np.newaxis] * self._tones
            inside = (self._skirt >= 0) & (self._skirt <= self._size // 2)
            for channel in range(len(frame)):
                np.subtract.at(change[channel, index], self._skirt[inside], added[channel][inside])
        return change

    def _peaks(self, frame: Complexes) -> Complexes:
        """Return the complex amplitude of each peak, as far as it rises above what is around."""
        found = np.sum(frame[:, self._lobe] * self._project, axis=2)
        near = frame[:, self._near]
        # The median of noise powers is log 2 of their mean.
        around = np.median(near.real**2 + near.imag**2, axis=2) / np.log(2.0) / self._energy
        power = found.real**2 + found.imag**2
        self._power += (1.0 - SMOOTHING) * (power - self._power)
        self._noise += (1.0 - SMOOTHING) * (around - self._noise)
        rises = 1.0 - MARGIN * self._noise / np.maximum(self._power, 1e-300)
        total = np.sum(frame.real**2 + frame.imag**2, axis=1, keepdims=True)
        # Wiener's gain for a peak of the usual power in what is louder: the rest is music.
        most = self._usual * total / np.maximum(power, 1e-300)
        peaks: Complexes = found * np.minimum(np.maximum(rises, 0.0), most)
        return peaks


def sine_window_line(offset: Floats, size: int) -> Complexes:
    """Return the spectrum of a complex tone under a sine window, at offsets from it in bins.

    Parameters
    ----------
    offset : ndarray of float64
        Of the bin from the tone.
    size : int
        Samples of the window ``sin(pi (n + 1/2) / size)``; the tone's phase counts from the first.
    """
    turn = np.exp(0.5j * np.pi / size)
    low, high = _geometric(offset - 0.5, size), _geometric(offset + 0.5, size)
    line: Complexes = (turn * low - turn.conjugate() * high) / 2j
    return line


def _geometric(offset: Floats, size: int) -> Complexes:
    """Return the sum of ``exp(-2 pi i offset n / size)`` over n from 0 to size - 1."""
    safe = np.where(np.abs(offset) < 1e-9, 1e-9, offset)
    ratio = np.sin(np.pi * safe) / np.sin(np.pi * safe / size)
    return np.asarray(ratio * np.exp(-1j * np.pi * safe * (size - 1) / size))


def _frame(sample_rate: float) -> int:
    """Return the samples of a frame."""
    return int(2 ** round(np.log2(FRAME_S * sample_rate)))
