"""What Declicker and Decrackler share: hops, the list of repairs, what is reported."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorack.core.parameters import TextParameter
from restorack.core.processor import Processor
from restorack.core.records import plain
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.plugins.declick.repair_list import (
    Repair,
    RepairInstruction,
    RepairList,
    RepairRecords,
    checksum,
    read_repairs,
)

if TYPE_CHECKING:
    from restorack.plugins.declick.candidates import Click
    from restorack.plugins.declick.channel import GapSource
    from restorack.plugins.declick.finder import WindowLayout
    from restorack.plugins.declick.interpolator import Interpolation, RepairedGap
    from restorack.plugins.declick.thump import ThumpFinder

LISTED = 100_000
"""Repairs listed in the findings; the count goes on."""


class ClickStage(Processor):
    """Base of the stages that replace runs of samples and leave every other one as it was."""

    traits = frozenset({Trait.RESTORES})

    _damage: ClassVar[str]
    """What one repair mends, in a word."""

    repairs_file = TextParameter(
        "",
        form="empty, or the path of a JSON file",
        description="A report with a list of repairs: nothing is looked for, what is listed is "
        "repaired, and where keep is false the input comes back bit for bit.",
        is_path=bool,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._clear_findings()

    @abstractmethod
    def _tools(self, sample_rate: float, channels: int) -> tuple[WindowLayout, Interpolation]:
        """Return the windows of a rate, and what fills gaps."""

    @abstractmethod
    def _finders(self, sample_rate: float, channels: int) -> GapSource:
        """Return what finds the gaps."""

    def _thump_finder(self, sample_rate: float) -> ThumpFinder | None:
        """Return what finds the swings after gaps; None: they are left."""
        return None

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples that are ever withheld at a sample rate in Hz."""
        from restorack.plugins.declick.channel import ClickLine

        layout, interpolation = self._tools(sample_rate, 1)
        return (
            ClickLine.delay(layout, interpolation, self._thump_finder(sample_rate)) + layout.hop - 1
        )

    def findings(self) -> dict[str, Any]:
        """Return the count of repairs and the first 100,000 of them.

        ``repairs`` and ``repaired_samples`` count all channels; ``listed`` has the values of
        :class:`Repair` for each, ``unlisted`` counts the rest.
        ``reverted`` counts those that a list of repairs left as they were, ``tails`` those after
        which a slow swing was taken off; ``repaired_samples`` leaves the tails out.
        """
        found: dict[str, Any] = plain(self.compact_findings())
        return found

    def compact_findings(self) -> dict[str, Any]:
        """Return the findings with the repairs as records."""
        return {
            "stage": f"restorack.{type(self).__name__}",
            "sample_rate_hz": self._rate,
            "channels": self._channel_count,
            "samples": self._taken,
            "repairs": self._repairs,
            "reverted": self._reverted,
            "repaired_samples": self._repaired_samples,
            "tails": self._tails,
            "listed": self._listed,
            "unlisted": self._repairs + self._reverted - len(self._listed),
        }

    def summary(self) -> str:
        """Return how many repairs of how many samples, and how many a list left alone."""
        what = self._damage if self._repairs == 1 else f"{self._damage}s"
        total = self._taken * self._channel_count
        if not self._repairs:
            said = f"no {self._damage}s found, unchanged"
        else:
            share = 100.0 * self._repaired_samples / max(total, 1)
            said = f"{self._repairs:,} {what} repaired ({share:.2g} % of samples)"
        kept = f", {self._reverted:,} kept as the list says" if self._reverted else ""
        return said + kept

    def _clear_findings(self) -> None:
        self._rate, self._channel_count = self._latest_rate, 0
        self._taken = self._returned = 0
        self._repairs = self._reverted = self._repaired_samples = self._tails = 0
        self._listed = RepairRecords()

    def _begin(self, sample_rate: float, channels: int) -> None:
        from restorack.plugins.declick.channel import ClickLine

        self._clear_findings()
        self._rate, self._channel_count = sample_rate, channels
        layout, interpolation = self._tools(sample_rate, channels)
        swings = self._thump_finder(sample_rate)
        self._hop_size = layout.hop
        self._early = ClickLine.delay(
            layout, interpolation, swings
        )  # before the stream's first, come out first
        self._list: RepairList | None = None
        self._instructions: dict[tuple[int, int, int], RepairInstruction] = {}
        if self.repairs_file:
            self._source: GapSource = self._listed_gaps(sample_rate, channels)
        else:
            self._source = self._finders(sample_rate, channels)
        self._line = ClickLine(channels, layout, interpolation, swings, self._may_thump)
        self._fifo = SampleFifo(channels)

    def _listed_gaps(self, sample_rate: float, channels: int) -> GapSource:
        from restorack.plugins.declick.candidates import Click
        from restorack.plugins.declick.channel import GapList

        stage = f"restorack.{type(self).__name__}"
        self._list = read_repairs(Path(self.repairs_file), stage)
        self._list.check_stream(sample_rate, channels)
        self._list.check_widths(self._tools(sample_rate, channels)[0].longest)
        gaps: list[list[Click]] = [[] for _ in range(channels)]
        for order in self._list.instructions:
            stop = order.sample + order.width
            strength = 10.0 ** (order.strength_db / 10.0)
            gap = Click(
                order.sample,
                stop,
                strength,
                confidence=order.confidence,
                found_by=order.found_by,
                reverted=not order.keep,
            )
            gaps[order.channel].append(gap)
            self._instructions[order.channel, order.sample, stop] = order
        return GapList(gaps)

    def _push(self, block: Rows) -> Rows:
        self._fifo.push(block)
        self._taken += block.shape[1]
        hop = self._hop_size
        return self._joined([self._hop(self._fifo.pop(hop)) for _ in range(len(self._fifo) // hop)])

    def _finish(self) -> Rows:
        hop, parts = self._hop_size, []
        if self._list is not None:
            self._list.check_length(self._taken)
        while self._returned < self._taken:
            rest = self._fifo.pop(hop)
            parts.append(self._hop(np.pad(rest, ((0, 0), (0, hop - rest.shape[1])))))
        return self._joined(parts)

    def _hop(self, fresh: Rows) -> Rows:
        """Work on one hop of every channel, return what is done of the stream."""
        exact = fresh.astype(np.float64)
        gaps = [
            [self._within(gap) for gap in found if gap.start < self._taken]
            for found in self._source.advance(exact)
        ]
        done, repaired = self._line.advance(exact, gaps)
        for repair in repaired:
            self._note(repair)
        skip = min(self._early, self._hop_size)
        self._early -= skip
        out = done.astype(np.float32)[:, skip : skip + self._taken - self._returned]
        self._returned += out.shape[1]
        return out

    def _within(self, gap: Click) -> Click:
        """Return a gap within the stream; those at its end are found once it has ended."""
        return gap.moved(max(0, gap.start), min(gap.stop, self._taken))

    def _may_thump(self, repaired: RepairedGap) -> bool:
        """Return whether a swing is looked for: with a list, only where one was found."""
        gap = repaired.gap
        order = self._instructions.get((repaired.channel, gap.start, gap.stop))
        return self._list is None or (order is not None and order.tail > 0)

    def _note(self, repaired: RepairedGap) -> None:
        gap, channel = repaired.gap, repaired.channel
        width, crc32 = gap.stop - gap.start, checksum(repaired.original.astype(np.float32))
        order = self._instructions.get((channel, gap.start, gap.stop))
        if self._list is not None and order is not None and order.crc32 not in (None, crc32):
            raise self._list.refusal(
                f"other samples at {gap.start / self._rate:.3f} s in channel {channel}",
                "the checksum of every listed run is that of the input",
            )
        self._repairs += not gap.reverted
        self._reverted += gap.reverted
        self._repaired_samples += width * (not gap.reverted)
        self._tails += repaired.tail > 0 and not gap.reverted
        if len(self._listed) < LISTED:
            self._listed.append(
                Repair(
                    sample=gap.start,
                    width=width,
                    channel=channel,
                    seconds=round(gap.start / self._rate, 6),
                    width_ms=round(width / self._rate * 1e3, 4),
                    peak=float(np.float32(repaired.peak)),
                    strength_db=round(float(10.0 * np.log10(max(gap.strength, 1e-9))), 1),
                    confidence=round(gap.confidence, 4),
                    found_by=gap.found_by,
                    crc32=crc32,
                    keep=not gap.reverted,
                    tail=repaired.tail,
                )
            )

    def _joined(self, parts: list[Rows]) -> Rows:
        if not parts:
            return self._fifo.pop(0)
        return np.concatenate(parts, axis=1)
