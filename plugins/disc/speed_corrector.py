"""SpeedCorrector: play a recording at the speed that it was made at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import StreamResampler, resampled_length
from restorack.meters.hum import HumSpectra
from restorack.meters.hum_track import track_hum
from restorack.meters.speed.partials import SlowSignal, find_partials
from restorack.meters.speed.tuning import find_tuning

HUM_STEPS = range(-4, 5)
HUM_STEP = 0.025
"""The hum is looked for up to a tenth and a bit from where it should be."""
HUM_HARMONICS = 6
"""Harmonics of the hum that are looked for together. By hand."""
HUM_WIDTH_HZ = 0.1
"""Width of the bands around them. By hand."""

ENGINE_LATENCY = 890
"""Most input samples that soxr's best quality holds back where the length grows."""


class SpeedCorrector(Processor):
    """Correct a constant error of speed: by rpm, by cents, by the mains hum, or by the tuning.

    The recording becomes longer or shorter, and its pitch follows. Where the speed is right, or
    what is asked for is not found, the input passes bit for bit. Renders move cue points,
    regions, loops and chapters with the sound.

    Notes
    -----
    soxr at its best quality; the ratio is exact, the length rounded to a sample.
    """

    traits = frozenset({Trait.CHANGES_LENGTH, Trait.RESTORES})

    method = ChoiceParameter(
        "rpm",
        ("rpm", "cents", "hum", "tuning"),
        description="What the speed is found by; hum and tuning are measured in a first pass.",
    )
    rpm_played = FloatParameter(
        78.26,
        10.0,
        200.0,
        unit="rpm",
        description="Speed of the transfer: as set, or as analyze measures it.",
        automatable=False,
    )
    rpm_recorded = FloatParameter(
        78.26,
        10.0,
        200.0,
        unit="rpm",
        description="Speed of the recording: 78.26, 77.92 (mains of 50 Hz), 76.59, 80, 33.333...",
        automatable=False,
    )
    cents = FloatParameter(
        0.0,
        -1_200.0,
        1_200.0,
        unit="cents",
        description="How much the pitch is to rise; below 0 it falls.",
        automatable=False,
    )
    hum_hz = FloatParameter(
        50.0,
        10.0,
        100.0,
        unit="Hz",
        description="What the mains hum of the recording is to be at: 50 or 60.",
        automatable=False,
    )
    tuning_hz = FloatParameter(
        440.0,
        380.0,
        480.0,
        unit="Hz",
        description="What A4 is to be at; the nearest speed is taken, half a semitone at most.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._measured: dict[str, float] = {}

    @property
    def needs_preparation(self) -> bool:
        """Whether the speed is measured."""
        return self.method in ("hum", "tuning")

    @property
    def ratio(self) -> float:
        """How many times longer the output is than the input; 1 where nothing is to be done."""
        if self.method == "rpm":
            return self.rpm_played / self.rpm_recorded
        if self.method == "cents":
            return float(2.0 ** (-self.cents / 1200.0))
        if self.method == "hum":
            return self._measured.get("hum_hz", self.hum_hz) / self.hum_hz
        octaves = math.log2(self._measured.get("a4_hz", self.tuning_hz) / self.tuning_hz)
        semitones = 12.0 * octaves
        return float(2.0 ** ((semitones - round(semitones)) / 12.0))

    def predict_latency(self, sample_rate: float) -> int:
        """Return about how many samples are held back."""
        ratio = self.ratio
        return 0 if ratio == 1.0 else math.ceil(ENGINE_LATENCY * max(1.0, 1.0 / ratio))

    def output_length(self, samples: int, sample_rate: float) -> int | None:
        """Return how many samples come of a signal of so many."""
        return resampled_length(samples, sample_rate, sample_rate * self.ratio)

    def output_seconds(self, seconds: float) -> float:
        """Return when a moment of the input is heard in the output, both in seconds."""
        return seconds * self.ratio

    def findings(self) -> dict[str, Any]:
        """Return the change of speed and pitch, and what it was measured by."""
        ratio = self.ratio
        found: dict[str, Any] = {
            "speed": round(1.0 / ratio, 6),
            "cents": round(-1200.0 * math.log2(ratio), 2),
        }
        if self.needs_preparation:
            found["measured"] = {name: round(value, 3) for name, value in self._measured.items()}
        return found

    def summary(self) -> str:
        """Return the change of speed."""
        cents = -1200.0 * math.log2(self.ratio)
        return f"speed changed by {cents:+.1f} cents" if abs(cents) >= 0.05 else "speed kept"

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        if self.method == "hum":
            self._learn_hum(blocks, sample_rate)
        elif self.method == "tuning":
            self._learn_tuning(blocks, sample_rate)

    def _learn_hum(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        spectra: HumSpectra | None = None
        top = 1.15 * HUM_HARMONICS * self.hum_hz
        for block in blocks:
            spectra = spectra or HumSpectra(block.shape[0], sample_rate, top)
            spectra.push(block)
        if spectra is None or not spectra.count:
            return
        nominals = tuple(self.hum_hz * (1.0 + HUM_STEP * step) for step in HUM_STEPS)
        track = track_hum(spectra, nominals, HUM_HARMONICS, HUM_WIDTH_HZ)
        if track is not None:
            self._measured["hum_hz"] = float(np.median(track.hertz))

    def _learn_tuning(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        slow = SlowSignal(sample_rate)
        for block in blocks:
            slow.push(block)
        tuning = find_tuning(find_partials(slow.result()[0], slow.rate))
        if tuning is not None:
            self._measured["a4_hz"] = tuning.a4_hz

    def _unlearn(self) -> None:
        self._measured = {}

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._engine = StreamResampler(sample_rate, sample_rate * self.ratio, channels)

    def _push(self, block: Rows) -> Rows:
        return self._engine.push(block)

    def _finish(self) -> Rows:
        return self._engine.finish()
