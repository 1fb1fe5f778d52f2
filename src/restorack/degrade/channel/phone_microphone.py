"""PhoneMicrophone: a telephone's small microphone, its level control, its codec."""

from __future__ import annotations

import numpy as np

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.degrade.channel.band_shapes import Band
from restorack.degrade.channel.oversampling import OversampledDistortion, oversampling_factor
from restorack.degrade.channel.phone_voice import LevelControl, NoiseSuppressor
from restorack.degrade.channel.resonances import Resonance, ring
from restorack.degrade.codecs import gsm
from restorack.degrade.codecs.transform_codec import FORMATS, TransformCodec
from restorack.degrade.degradation import Degradation
from restorack.degrade.pipeline import Part, Pipeline, at_rate, resampled_latency
from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats, PartitionedFilter, minimum_phase_taps
from restorack.dsp.stft import SpectralChange

# Seconds of the capsule's response, and of the frames of noise suppression, as speech codecs have
# them.
KERNEL_S = 0.03
FRAME_S = 0.02
GROUP = 4
"""Frames that are made at a time."""
FRAMES_PER_S = 2.0 / FRAME_S
# Order of the capsule's slopes; rate in Hz and bit rate of wideband speech; level that the control
# aims at, and the most it raises by. By hand.
SLOPE_ORDER = 4
WIDE_RATE, WIDE_KBPS = 16_000.0, 24.0
TARGET_DBFS = -12.0
MOST_DB = 24.0


class PhoneMicrophone(Degradation):
    """Record as a telephone does.

    In this order: a narrow band with two resonances of the case, drawn by the seed; automatic gain
    control, which evens levels out and pulls quiet sound up; noise suppression, which is too eager
    for music; overload, if ``clip_dbfs`` is lower than the peaks; and, on request, a codec.

    Notes
    -----
    The microphone is a filter of minimum phase, whose largest tap counts as its middle. Overload
    is made at eight times the rate, as ahead of a converter. ``narrow`` is GSM full rate at 8 kHz
    (:class:`GsmCodec`), ``wide`` a transform codec at 16 kHz and 24 kbit/s
    (:class:`~restorack.degrade.codecs.transform_codec.TransformCodec`).
    """

    low_hz = FloatParameter(
        300.0,
        50.0,
        1_000.0,
        unit="Hz",
        description="Lower edge of the band (Butterworth, 24 dB an octave).",
        logarithmic=True,
        automatable=False,
    )
    high_hz = FloatParameter(
        3_400.0,
        1_500.0,
        16_000.0,
        unit="Hz",
        description="Upper edge of the band: 3400 narrow, 7000 wide, 12000 a phone's recorder.",
        logarithmic=True,
        automatable=False,
    )
    resonance_db = FloatParameter(
        6.0,
        0.0,
        18.0,
        unit="dB",
        description="Height of the case's resonances; 0 leaves them out.",
        automatable=False,
    )
    level_control = FloatParameter(
        0.7,
        0.0,
        1.0,
        description="How far levels are evened out, towards -12 dBFS, by up to 24 dB; 0 is off.",
        automatable=False,
    )
    suppression_db = FloatParameter(
        12.0,
        0.0,
        40.0,
        unit="dB",
        description="The most that noise suppression takes off; 0 is off.",
        automatable=False,
    )
    clip_dbfs = FloatParameter(
        -3.0,
        -30.0,
        0.0,
        unit="dBFS",
        description="Level at which the converter overloads.",
        automatable=False,
    )
    codec = ChoiceParameter(
        "none", ("none", "narrow", "wide"), description="none, GSM at 8 kHz, or 16 kHz."
    )

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        kernel = self.kernel(sample_rate)
        total = PartitionedFilter.latency(kernel.size, _peak(kernel))
        total += OversampledDistortion.latency()
        if self.suppression_db:
            hop = _hop(sample_rate)
            total += SpectralChange.latency(2 * hop, hop, GROUP)
        return total + self._codec_latency(sample_rate)

    def kernel(self, sample_rate: float) -> Floats:
        """Return the microphone's impulse response."""
        band = Band(self.low_hz, self.high_hz, "butterworth", SLOPE_ORDER)
        taps = minimum_phase_taps(band.magnitude, sample_rate, _taps(sample_rate))
        random = random_at(self.seed, "PhoneMicrophone", -1, 0)
        places = 2.0 ** random.uniform([-0.2, 0.5], [0.2, 1.0])
        middle = np.sqrt(self.low_hz * self.high_hz)
        peaks = [Resonance(float(middle * place), self.resonance_db, 3.0) for place in places]
        return ring(taps, peaks, sample_rate)

    def _begin(self, sample_rate: float, channels: int) -> None:
        parts: list[Part] = [_Microphone(channels, self.kernel(sample_rate))]
        if self.level_control:
            strength = self.level_control
            parts.append(LevelControl(channels, sample_rate, TARGET_DBFS, MOST_DB, strength))
        if self.suppression_db:
            parts.append(self._suppressor(sample_rate, channels))
        factor = oversampling_factor(sample_rate)
        parts.append(OversampledDistortion(channels, factor, self._overload))
        parts += self._codecs(sample_rate, channels)
        self._pipeline = Pipeline(parts, channels, self.predict_latency(sample_rate))

    def _push(self, block: Rows) -> Rows:
        return self._pipeline.push(block)

    def _finish(self) -> Rows:
        return self._pipeline.finish()

    def _suppressor(self, sample_rate: float, channels: int) -> SpectralChange:
        hop = _hop(sample_rate)
        suppressor = NoiseSuppressor(channels, 2 * hop, FRAMES_PER_S, self.suppression_db)
        return SpectralChange(channels, 2 * hop, hop, GROUP, suppressor.change)

    def _overload(self, rows: Floats, position: int) -> Floats:
        highest = db_to_amplitude(self.clip_dbfs)
        return np.asarray(np.clip(rows, -highest, highest) - rows)

    def _codecs(self, sample_rate: float, channels: int) -> list[Part]:
        if self.codec == "narrow":
            coder = gsm.GsmCodec(channels)
            return [at_rate(coder, channels, sample_rate, gsm.RATE, gsm.LATENCY)]
        if self.codec == "wide":
            form = FORMATS["aac"]
            wide = TransformCodec(channels, WIDE_RATE, form, WIDE_KBPS, 7_000.0)
            latency = TransformCodec.latency(form, WIDE_RATE)
            return [at_rate(wide, channels, sample_rate, WIDE_RATE, latency)]
        return []

    def _codec_latency(self, sample_rate: float) -> int:
        if self.codec == "narrow":
            return resampled_latency(sample_rate, gsm.RATE, gsm.LATENCY)
        if self.codec == "wide":
            latency = TransformCodec.latency(FORMATS["aac"], WIDE_RATE)
            return resampled_latency(sample_rate, WIDE_RATE, latency)
        return 0


class _Microphone:
    """The microphone's filter, as a part; the delay of its upper edge is taken out."""

    def __init__(self, channels: int, kernel: Floats) -> None:
        self._engine = PartitionedFilter(channels, kernel, _peak(kernel))

    def push(self, block: Rows) -> Rows:
        return self._engine.push(block).astype(np.float32)

    def finish(self) -> Rows:
        return self._engine.finish().astype(np.float32)


def _peak(kernel: Floats) -> int:
    return int(np.argmax(np.abs(kernel)))


def _taps(sample_rate: float) -> int:
    return max(16, round(KERNEL_S * sample_rate))


def _hop(sample_rate: float) -> int:
    return 2 * max(2, round(0.25 * FRAME_S * sample_rate))
