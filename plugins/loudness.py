"""Loudness: one gain for the whole file, to a peak, a true peak or a loudness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude, level_or_none
from restorack.meters.levels import LevelMeter, Levels
from restorack.meters.loudness import LoudnessMeter, LoudnessResult, TruePeakMeter

SILENCE = 2.0**-24
"""Half a step of a 24-bit word, -144 dBFS: a signal with no larger sample has no level to raise."""

NO_SIGNAL = "silent (below -144 dBFS): left as it was"
NO_LOUDNESS = "shorter than 400 ms or nothing above -70 LUFS: left as it was"
CEILING = "gain lowered to keep the true peak under ceiling_dbtp"
UNPREPARED = "no first pass: only lowered, by what had been heard so far"


class Heard(Protocol):
    """The levels that a gain is derived from."""

    @property
    def sample_peak(self) -> float:
        """The largest absolute sample."""

    @property
    def true_peak(self) -> float:
        """The largest absolute value, also between samples."""

    @property
    def integrated_lufs(self) -> float | None:
        """Gated loudness, None where there is none."""


@dataclass(frozen=True)
class Measured:
    """All that was measured in a stream; the first two are linear."""

    sample_peak: float
    true_peak: float
    loudness: LoudnessResult
    levels: Levels

    @property
    def integrated_lufs(self) -> float | None:
        """Gated loudness, None where there is none."""
        return self.loudness.integrated_lufs


class Meters:
    """The meters of one stream; each level is computed when it is asked for."""

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._loudness = LoudnessMeter(sample_rate, channels)
        self._levels = LevelMeter(channels)
        self._true_peak = TruePeakMeter(sample_rate, channels)

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._loudness.push(block)
        self._levels.push(block)
        self._true_peak.push(block)

    @property
    def sample_peak(self) -> float:
        """The largest absolute sample so far."""
        return self._levels.sample_peak

    @property
    def true_peak(self) -> float:
        """The largest absolute value so far, also between samples, as the stream goes on."""
        return float(self._true_peak.so_far.max())

    @property
    def integrated_lufs(self) -> float | None:
        """Gated loudness so far, None where there is none."""
        return self._loudness.integrated()

    def result(self) -> Measured:
        """Return what was measured so far."""
        loudness, levels = self._loudness.result(), self._levels.result()
        true_peak = float(self._true_peak.result().max())
        return Measured(self.sample_peak, true_peak, loudness, levels)


class Loudness(Processor):
    """Bring a file to a target level by one gain, from a first pass over the whole.

    Notes
    -----
    Loudness is gated by ITU-R BS.1770-5, the true peak is oversampled by its Annex 2. Silence
    (below -144 dBFS) is left as it was, and so is, in mode ``lufs``, what is shorter than 400 ms
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

    def gain_for(self, heard: Heard) -> tuple[float, str]:
        """Return the linear gain for what was heard, and a remark where it is not plain."""
        if heard.sample_peak < SILENCE:
            return 1.0, NO_SIGNAL
        if self.mode == "peak":
            return db_to_amplitude(self.target) / heard.sample_peak, ""
        if self.mode == "true_peak":
            return db_to_amplitude(self.target) / heard.true_peak, ""
        loudness = heard.integrated_lufs
        if loudness is None:
            return 1.0, NO_LOUDNESS
        wanted = db_to_amplitude(self.target - loudness)
        most = db_to_amplitude(self.ceiling_dbtp) / heard.true_peak
        return (most, CEILING) if most < wanted else (wanted, "")

    def findings(self) -> dict[str, Any]:
        """Return the measured levels of the input, the gain in dB and a remark."""
        if self._learned is None and not self._report and self._stream is not None:
            return self._described(self._meters.result(), self._gain, UNPREPARED)
        return dict(self._report)

    def summary(self) -> str:
        """Return the loudness that was measured, the gain, and what kept it from its target."""
        found = self.findings()
        loudness, gain, remark = (
            found.get(key) for key in ("integrated_lufs", "gain_db", "remark")
        )
        said = [] if loudness is None else [f"{loudness:.1f} LUFS"]
        said += [] if gain is None else [f"gain {gain:+.1f} dB"]
        return ", ".join(said + ([remark] if remark else []))

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
            self._next_gain = min(1.0, self.gain_for(self._meters)[0])
        return (piece * gain).astype(np.float32)

    def _described(self, measured: Measured, gain: float, remark: str) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "target": self.target,
            "gain_db": level_or_none(gain),
            "sample_peak_dbfs": measured.levels.sample_peak_dbfs,
            "true_peak_dbtp": level_or_none(measured.true_peak),
            "integrated_lufs": measured.loudness.integrated_lufs,
            "loudness_range_lu": measured.loudness.range_lu,
            "max_momentary_lufs": measured.loudness.max_momentary_lufs,
            "max_short_term_lufs": measured.loudness.max_short_term_lufs,
            "crest_db": measured.levels.crest_db,
            "dc_offset": list(measured.levels.dc_offset),
            "remark": remark,
        }
