"""Dereverb: the late reverberation of a room, subtracted where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.stft import Spectra, SpectralChange
from restorack.meters.reverberation import Reverberation, ReverberationMeter
from restorack.plugins.room.decay_gain import DecayGain, no_louder
from restorack.plugins.room.linear_prediction import DELAY, TAPS, LatePredictor

FRAME_S = 0.0464
"""A frame is the power of two next to it: 2048 samples at 44.1 kHz."""
OVERLAP = 4
"""Frames over each sample."""
HALF_S = 4.0
"""Half a window, in which the room is taken for constant."""
BAND_HZ = (60.0, 12_000.0)
"""Beyond it air and walls have swallowed a room's tail."""

DRY_S, ROOM_S = 0.3, 0.5
"""Reverberation times up to which nothing is done, and from which all of the strength is. The
driest studio speech measures 0.1 s, a furnished room 0.3."""


class Dereverb(Processor):
    """Take the late reverberation of a room off a recording.

    What the frames from 35 to 221 ms before predict of a frame is subtracted (weighted prediction
    error, WPE); of the rest, what the measured reverberation time leaves of the sound 50 ms before
    is lowered. Direct sound and early reflections stay. A recording that is dry, or whose held
    notes hide the room, passes bit for bit, and so does a stream without a first pass.

    Notes
    -----
    Written here rather than taken from nara_wpe, which needs the whole file in memory or bends its
    filter from frame to frame: windows of 8 s, half overlapping, each with the one before in its
    statistics, stream within bounded memory. More channels of one room make a better prediction.
    """

    traits = frozenset({Trait.RESTORES})

    strength = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="Strength: 0 = bypass, 1 = all that is predicted.",
        automatable=False,
    )
    max_attenuation_db = FloatParameter(
        12.0,
        0.0,
        30.0,
        unit="dB",
        description="What is left by the prediction is lowered by at most this.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: Reverberation | None = None
        self._report: dict[str, Any] = {}

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass over the file makes a difference: it measures the room."""
        return True

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples: two halves of a window."""
        frame, half = _sizes(sample_rate)
        return SpectralChange.latency(frame, frame // OVERLAP, half, half)

    def findings(self) -> dict[str, Any]:
        """Return reverberation times before and after in seconds, and how certain they are."""
        return dict(self._report)

    def summary(self) -> str:
        """Return the reverberation time before and after, and how certain it is."""
        found = self._report
        if not found:
            return ""
        before, after = found["rt60_before_s"], found["rt60_after_s"]
        if before is None:
            return "no sounds that die away freely: reverberation unknown, unchanged"
        certainty = f"certainty {100.0 * found['certainty']:.0f} %"
        if not found["prepared"]:
            return f"reverberation time {before:.2f} s ({certainty}), no first pass: unchanged"
        if found["share"] == 0.0:
            return f"reverberation time {before:.2f} s ({certainty}), unchanged"
        said = "" if after is None else f" to {after:.2f} s"
        return f"reverberation time {before:.2f}{said} ({certainty})"

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        meter = ReverberationMeter(sample_rate)
        for block in blocks:
            meter.push(block)
        self._learned = meter.result()

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        frame, half = _sizes(sample_rate)
        hertz = np.fft.rfftfreq(frame, 1.0 / sample_rate)
        first, stop = np.searchsorted(hertz, BAND_HZ)
        self._band = slice(int(first), int(stop))
        self._predictor = LatePredictor()
        bins = int(stop - first)
        self._past = np.zeros((channels, DELAY + TAPS - 1, bins), np.complex128)
        self._group: Spectra | None = None
        self._fading: Spectra | None = None
        hop = frame // OVERLAP
        self._heard = ReverberationMeter(sample_rate)
        self._after = ReverberationMeter(sample_rate)
        self._share = self.strength * _worth(self._learned)
        rt60 = self._learned.rt60_s if self._learned is not None else None
        floor = db_to_amplitude(-self.max_attenuation_db * self._share)
        self._decay = DecayGain(rt60 or DRY_S, hop / sample_rate, self._share, floor)
        self._changing = SpectralChange(channels, frame, hop, half, self._change, half)
        self._report = {}

    def _push(self, block: Rows) -> Rows:
        if self._learned is None:
            self._heard.push(block)
        return self._measured(self._changing.push(block))

    def _finish(self) -> Rows:
        rest = self._measured(self._changing.finish())
        before = self._learned or self._heard.result()
        after = self._after.result() if self._share > 0.0 else before
        self._report = {
            "rt60_before_s": _rounded(before.rt60_s),
            "rt60_after_s": _rounded(after.rt60_s),
            "certainty": round(before.certainty, 2),
            "prepared": self._learned is not None,
            "share": round(self._share, 3),
        }
        return rest

    def _measured(self, rows: Rows) -> Rows:
        if self._share > 0.0:  # otherwise it is what it was before
            self._after.push(rows)
        return rows

    def _change(self, spectra: Spectra) -> Spectra:
        """Take half a window of frames, return what is added to those of the half before."""
        channels, half, bins = spectra.shape
        group, self._group = self._group, spectra[:, :, self._band]
        if group is None:
            return spectra[:, :0]
        added = np.zeros((channels, half, bins), np.complex128)
        if self._share > 0.0 and group.any():
            late = self._late_of(group, self._group)
            kept = no_louder(group, group - self._share * late)
            added[:, :, self._band] = kept * self._decay.gains(group) - group
        reach = self._past.shape[1]
        self._past = np.concatenate([self._past, group], axis=1)[:, -reach:]
        return added

    def _late_of(self, group: Spectra, following: Spectra) -> Spectra:
        """Return a half's late reverberation, faded from the window before to this one."""
        half = group.shape[1]
        both = np.concatenate([group, following], axis=1)
        late = self._predictor.predict(self._past, both)
        fading, self._fading = self._fading, late[:, half:]
        if fading is None:
            return late[:, :half]
        return cross_faded(fading, late[:, :half])


def cross_faded(earlier: Spectra, later: Spectra) -> Spectra:
    """Return (channels, frames, bins) that go over from one estimate to another.

    Weights rise and fall in a straight line and add up to one: what both say stays as it is.
    """
    frames = earlier.shape[1]
    rise = ((np.arange(frames) + 0.5) / frames)[:, np.newaxis]
    return np.asarray(earlier * (1.0 - rise) + later * rise)


def _worth(found: Reverberation | None) -> float:
    """Return how much of the strength a reverberation is worth, 0 to 1."""
    if found is None or found.rt60_s is None:
        return 0.0
    return found.certainty * float(np.clip((found.rt60_s - DRY_S) / (ROOM_S - DRY_S), 0.0, 1.0))


def _sizes(sample_rate: float) -> tuple[int, int]:
    """Return the samples of a frame, and the frames of half a window."""
    frame = max(64, int(2 ** np.round(np.log2(FRAME_S * sample_rate))))
    return frame, round(HALF_S * sample_rate * OVERLAP / frame)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
