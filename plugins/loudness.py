"""Loudness: one gain for the whole file, to a peak, a true peak or a loudness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from restorack.analysis.levels import LevelMeter, Levels, amplitude, decibels
from restorack.analysis.loudness import LoudnessMeter, LoudnessResult, TruePeakMeter
from restorack.audio.gate import Rows
from restorack.contract.parameters import ChoiceParameter, FloatParameter
from restorack.contract.processor import Processor

NO_SIGNAL = "silent: left as it was"
NO_LOUDNESS = "shorter than 400 ms or nothing above -70 LUFS: left as it was"
CEILING = "gain lowered to keep the true peak under ceiling_dbtp"
UNPREPARED = "no first pass: only lowered, by what had been heard so far"


@dataclass(frozen=True)
class Measured:
    """What a first pass measured."""

    loudness: LoudnessResult
    levels: Levels
    sample_peak: float
    true_peak: float


class Meters:
    """The meters of one stream."""

    def __init__(self, sample_rate: float, channels: int) -> None:
        self.loudness = LoudnessMeter(sample_rate, channels)
        self.levels = LevelMeter(channels)
        self.true_peak = TruePeakMeter(sample_rate, channels)

    def push(self, block: Rows) -> None:
        """Take samples."""
        self.loudness.push(block)
        self.levels.push(block)
        self.true_peak.push(block)

    def result(self) -> Measured:
        """Return what was measured so far."""
        return Measured(
            self.loudness.result(),
            self.levels.result(),
            self.levels.sample_peak,
            float(self.true_peak.result().max()),
        )


class Loudness(Processor):
    """Bring a file to a target level by one gain, from a first pass over the whole.

    Notes
    -----
    Loudness is gated by ITU-R BS.1770-5, the true peak is oversampled by its Annex 2. Silence
    has no level: it is left as it was, and so is, in mode ``lufs``, what is shorter than 400 ms
    or lies below -70 LUFS.

    A stream without a first pass cannot know how loud it will become. It is only ever lowered:
    from one tenth of a second to the next the gain runs in a straight line to what all samples
    before that tenth ask for. Peaks that come without warning then pass the target.
    """

    mode = ChoiceParameter(
        "peak",
        ("peak", "true_peak", "lufs"),
        description="What is brought to the target: the largest sample, the true peak between "
        "samples, or the integrated loudness.",
    )
    target = FloatParameter(
        -1.0,
        -70.0,
        0.0,
        unit="dB",
        description="In dBFS for peak, dBTP for true_peak, LUFS for lufs.",
        automatable=False,
    )
    ceiling_dbtp = FloatParameter(
        -1.0,
        -60.0,
        24.0,
        unit="dBTP",
        description="In mode lufs the gain stays so low that no true peak passes this; 24 is as "
        "good as none.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: Measured | None = None
        self._report: dict[str, Any] = {}

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass over the file makes a difference: always."""
        return True

    def gain_for(self, measured: Measured) -> tuple[float, str]:
        """Return the linear gain for a measured signal, and a remark where it is not plain."""
        if measured.sample_peak == 0.0:
            return 1.0, NO_SIGNAL
        if self.mode == "peak":
            return amplitude(self.target) / measured.sample_peak, ""
        if self.mode == "true_peak":
            return amplitude(self.target) / measured.true_peak, ""
        heard = measured.loudness.integrated_lufs
        if heard is None:
            return 1.0, NO_LOUDNESS
        wanted = amplitude(self.target - heard)
        most = amplitude(self.ceiling_dbtp) / measured.true_peak
        return (most, CEILING) if most < wanted else (wanted, "")

    def findings(self) -> dict[str, Any]:
        """Return the measured levels of the input, the gain in dB and a remark."""
        if self._learned is None and not self._report and self._stream is not None:
            return self._described(self._meters.result(), self._gain, UNPREPARED)
        return dict(self._report)

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        meters: Meters | None = None
        for block in blocks:
            meters = meters or Meters(sample_rate, block.shape[0])
            meters.push(block)
        self._learned = (meters or Meters(sample_rate, 1)).result()

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._report = {}
        if self._learned is not None:
            self._gain, remark = self.gain_for(self._learned)
            self._report = self._described(self._learned, self._gain, remark)
            return
        self._meters = Meters(sample_rate, channels)
        self._tenth = max(1, round(sample_rate / 10.0))
        self._position = 0
        self._gain = self._next_gain = 1.0

    def _push(self, block: Rows) -> Rows:
        if self._learned is not None:
            return (block * self._gain).astype(np.float32)
        out, at = np.empty_like(block), 0
        while at < block.shape[1]:
            stop = min(block.shape[1], at + self._tenth - self._position % self._tenth)
            out[:, at:stop] = self._follow(block[:, at:stop])
            at = stop
        return out

    def _finish(self) -> Rows:
        if self._learned is None:
            self._report = self._described(self._meters.result(), self._gain, UNPREPARED)
        channels = self._require_stream().channels
        return np.zeros((channels, 0), np.float32)

    def _follow(self, piece: Rows) -> Rows:
        """Apply the gain of one tenth of a second or a part of it, listening for the next."""
        within = self._position % self._tenth + np.arange(piece.shape[1])
        gain = self._gain + (self._next_gain - self._gain) * (within / self._tenth)
        self._meters.push(piece)
        self._position += piece.shape[1]
        if self._position % self._tenth == 0:
            self._gain = self._next_gain
            self._next_gain = min(1.0, self.gain_for(self._meters.result())[0])
        return (piece * gain).astype(np.float32)

    def _described(self, measured: Measured, gain: float, remark: str) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "target": self.target,
            "gain_db": decibels(gain),
            "sample_peak_dbfs": measured.levels.sample_peak_dbfs,
            "true_peak_dbtp": decibels(measured.true_peak),
            "integrated_lufs": measured.loudness.integrated_lufs,
            "loudness_range_lu": measured.loudness.range_lu,
            "max_momentary_lufs": measured.loudness.max_momentary_lufs,
            "max_short_term_lufs": measured.loudness.max_short_term_lufs,
            "crest_db": measured.levels.crest_db,
            "dc_offset": list(measured.levels.dc_offset),
            "remark": remark,
        }
