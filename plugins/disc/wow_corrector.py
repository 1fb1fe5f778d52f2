"""WowCorrector: take off what a hole off the centre and a warp do to the pitch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from restorack.core.parameters import AutoFloatParameter, BoolParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.speed_curve import SpeedCurve
from restorack.meters.speed.drift import Drift, find_drift
from restorack.meters.speed.partials import SlowSignal
from restorack.meters.speed.wow import Wow, dewarped, find_wow
from restorack.plugins.disc.warped import WarpedStream


@dataclass(frozen=True)
class _Learned:
    wow: Wow | None
    drift: Drift | None
    curve: SpeedCurve
    reach_s: float


class WowCorrector(Processor):
    """Correct wow that comes once and twice a turn and grows inwards, found blind.

    The partials of the whole file tell it in a first pass: a wave of one speed of rotation that
    all of them follow, in both halves of the file alike, over 20 turns or more. Where there is
    none of 0.05 % or more, the input passes bit for bit; so does a stream without a first pass.
    ``drift`` also corrects what is slower than 1.5 s and faster than 20 s, where the notes of one
    pitch tell it, every other one as the rest; 0.15 % or more, over 40 s at least.
    The output is as long as the input, and nothing is moved by more than the wow itself moves it
    (1.2 ms for 1 % at 78 rpm).

    Notes
    -----
    Frequencies by the reassigned spectrogram (Auger and Flandrin 1995); depth, phase, growth and
    speed of rotation by weighted least squares, repeated on the corrected signal. Read by a sinc
    of 128 points in a Kaiser window: errors below -100 dB up to 0.45 of the sample rate. The
    first pass keeps 2.6 MB a minute.
    """

    traits = frozenset({Trait.RESTORES})

    rpm = AutoFloatParameter(
        10.0,
        200.0,
        unit="rpm",
        description="Speed of rotation in the transfer, within 1 %; auto looks around 33.3 and "
        "45 rpm, and from 60 to 100.",
    )

    drift = BoolParameter(
        False,
        description="Correct slow drift too, slower than once in 1.5 s: for tapes and drives, not "
        "for singers, who drift like them.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: _Learned | None = None

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass over the file makes a difference: always."""
        return True

    @property
    def wow(self) -> Wow | None:
        """The wow that the first pass found."""
        return None if self._learned is None else self._learned.wow

    @property
    def found_drift(self) -> Drift | None:
        """The drift that the first pass found."""
        return None if self._learned is None else self._learned.drift

    @property
    def speed_curve(self) -> SpeedCurve | None:
        """The speed that is corrected, over the time of the file."""
        return None if self._learned is None else self._learned.curve

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return 0 if self._learned is None else WarpedStream.latency(self._reach(sample_rate))

    def findings(self) -> dict[str, Any]:
        """Return the wow and the drift that are corrected."""
        if self._learned is None:
            return {"corrected": False}
        found: dict[str, Any] = {"corrected": True}
        if self._learned.wow is not None:
            found |= self._learned.wow.described()
        if self._learned.drift is not None:
            found |= self._learned.drift.described()
        return found | {"largest_shift_ms": round(1000.0 * self._learned.reach_s, 3)}

    def summary(self) -> str:
        """Return how far the wow that was corrected had moved the signal."""
        if self._learned is None:
            return "no wow found, unchanged"
        return f"wow corrected, by up to {1000.0 * self._learned.reach_s:.2f} ms"

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        slow = SlowSignal(sample_rate)
        for block in blocks:
            slow.push(block)
        rpm = self.rpm if isinstance(self.rpm, float) else None
        samples = slow.result()[0]
        wow = find_wow(samples, slow.rate, rpm)
        drift = None
        if self.drift:
            steady = samples if wow is None else dewarped(samples, slow.rate, wow.curve())
            drift = find_drift(steady, slow.rate)
        curve = _curve(wow, drift)
        if curve is not None:
            moved = np.abs(curve.output_seconds(curve.seconds) - curve.seconds)
            self._learned = _Learned(wow, drift, curve, float(moved.max()))

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._channels = channels
        self._stream_of: WarpedStream | None = None
        if self._learned is not None:
            reach = self._reach(sample_rate)
            self._stream_of = WarpedStream(channels, sample_rate, self._learned.curve, reach)

    def _push(self, block: Rows) -> Rows:
        return block if self._stream_of is None else self._stream_of.push(block)

    def _finish(self) -> Rows:
        if self._stream_of is None:
            return np.zeros((self._channels, 0), np.float32)
        return self._stream_of.finish()

    def _reach(self, sample_rate: float) -> int:
        """Return the most samples that anything is moved, and two: knots are not the summits."""
        reach = 0.0 if self._learned is None else self._learned.reach_s
        return math.ceil(1.05 * reach * sample_rate) + 2


def _curve(wow: Wow | None, drift: Drift | None) -> SpeedCurve | None:
    """Return the speed that both make together; None without either."""
    if wow is None:
        return None if drift is None else drift.curve()
    if drift is None:
        return wow.curve()
    seconds = wow.curve().seconds
    speeds = wow.speed(seconds) * drift.speed(seconds)
    curve = SpeedCurve(seconds, speeds)
    return SpeedCurve(seconds, speeds, -float(np.mean(curve.output_seconds(seconds) - seconds)))
