"""Declicker: finds clicks, interpolates them, and leaves every other sample as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.audio.fifo import SampleFifo
from restorack.audio.gate import Rows
from restorack.contract.parameters import FloatParameter
from restorack.contract.processor import Processor
from restorack.contract.traits import Trait

if TYPE_CHECKING:
    from restorack.plugins.click_detection import ClickDetector
    from restorack.plugins.click_removal import ClickRemover, Plan, Repair
    from restorack.plugins.click_repair import GapRepair

MIDDLE_DB, SPAN_DB = 14.0, 18.0
"""Prominence that is asked of a click at a sensitivity of one half, and between 0 and 1."""

LISTED = 10_000
"""Repairs listed in the findings; the count goes on."""


class Declicker(Processor):
    """Take out clicks, pops and ticks, channel by channel.

    A click is a run of samples that an autoregressive model of the music around it cannot
    explain, while it explains what comes before and after. Such runs are interpolated from both
    sides by least squares; every other sample passes bit for bit.

    Notes
    -----
    Detection: likelihood ratio of runs under models of order 2.9 ms (at 44 to 48 kHz) and 11.6 ms
    (at 11 kHz), estimated anew without the suspected click; attacks are told from clicks by what
    they leave behind. Repair: order 8.7 ms, 93 ms of context. After Godsill and Rayner, Digital
    Audio Restoration, Springer 1998, chapters 5, 9 and 10.
    """

    traits = frozenset({Trait.RESTORES})

    sensitivity = FloatParameter(
        0.5,
        0.0,
        1.0,
        description="How little a click must stand out of the music's residual to be repaired: "
        "23 dB at 0, 14 dB at 0.5, 5 dB at 1. Higher finds fainter clicks, and mistakes more "
        "attacks for clicks.",
        automatable=False,
    )
    max_click_ms = FloatParameter(
        3.5,
        0.1,
        10.0,
        unit="ms",
        description="Longest click that is looked for; clicks that touch are repaired as one.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._repairs = 0
        self._repaired_samples = 0
        self._listed: list[dict[str, Any]] = []

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples that are ever withheld at a sample rate in Hz."""
        return self._tools(sample_rate)[0].latency

    def findings(self) -> dict[str, Any]:
        """Return the count of repairs and the first 10,000 of them.

        ``repairs`` and ``repaired_samples`` count all channels; ``listed`` has for each repair
        ``sample`` (its first), ``width`` in samples, ``channel``, ``strength_db`` (prominence)
        and ``peak`` (the largest change, full scale 1); ``unlisted`` counts the rest.
        """
        return {
            "repairs": self._repairs,
            "repaired_samples": self._repaired_samples,
            "listed": list(self._listed),
            "unlisted": self._repairs - len(self._listed),
        }

    def _tools(self, sample_rate: float) -> tuple[Plan, list[ClickDetector], GapRepair]:
        from restorack.plugins.click_detection import residual_detectors
        from restorack.plugins.click_removal import Plan
        from restorack.plugins.click_repair import GapRepair

        detectors = residual_detectors(sample_rate, self.max_click_ms)
        fix = GapRepair.for_rate(sample_rate)
        return Plan.for_rate(sample_rate, self.max_click_ms, detectors, fix), detectors, fix

    def _begin(self, sample_rate: float, channels: int) -> None:
        from restorack.plugins.click_removal import ClickRemover

        self._plan, detectors, fix = self._tools(sample_rate)
        prominence_db = MIDDLE_DB + SPAN_DB * (0.5 - self.sensitivity)
        threshold = float(10.0 ** (prominence_db / 10.0))
        self._removers: list[ClickRemover] = [
            ClickRemover(self._plan, detectors, fix, threshold) for _ in range(channels)
        ]
        self._fifo = SampleFifo(channels)
        self._early = self._plan.delay  # samples before the stream's first that come out first
        self._taken = self._returned = 0
        self._repairs = self._repaired_samples = 0
        self._listed = []

    def _push(self, block: Rows) -> Rows:
        self._fifo.push(block)
        self._taken += block.shape[1]
        hop = self._plan.hop
        return self._joined([self._hop(self._fifo.pop(hop)) for _ in range(len(self._fifo) // hop)])

    def _finish(self) -> Rows:
        hop, parts = self._plan.hop, []
        while self._returned < self._taken:
            rest = self._fifo.pop(hop)
            parts.append(self._hop(np.pad(rest, ((0, 0), (0, hop - rest.shape[1])))))
        return self._joined(parts)

    def _hop(self, fresh: Rows) -> Rows:
        """Work on one hop of every channel, return what is done of the stream."""
        rows = []
        for channel, remover in enumerate(self._removers):
            done, repairs = remover.advance(fresh[channel].astype(np.float64))
            rows.append(done.astype(np.float32))
            for repair in repairs:
                self._note(channel, repair)
        skip = min(self._early, self._plan.hop)
        self._early -= skip
        out = np.stack(rows)[:, skip : skip + self._taken - self._returned]
        self._returned += out.shape[1]
        return out

    def _note(self, channel: int, repair: Repair) -> None:
        start, stop = max(0, repair.start), min(self._taken, repair.stop)
        if start >= stop:
            return
        self._repairs += 1
        self._repaired_samples += stop - start
        if len(self._listed) < LISTED:
            self._listed.append(
                {
                    "sample": start,
                    "width": stop - start,
                    "channel": channel,
                    "strength_db": round(float(10.0 * np.log10(repair.strength)), 1),
                    "peak": float(np.float32(repair.peak)),
                }
            )

    def _joined(self, parts: list[Rows]) -> Rows:
        if not parts:
            return self._fifo.pop(0)
        return np.concatenate(parts, axis=1)
