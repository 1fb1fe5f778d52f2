"""Clicks of a whole file, found before its first sample comes out."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.autoregression import Floats
from restorack.dsp.fifo import SampleFifo
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.channel import GapSource
from restorack.plugins.declick.classifier import BOTH, NETWORK, RESIDUAL
from restorack.plugins.declick.finder import WindowLayout, middle
from restorack.plugins.declick.support import ClickDensity, SupportRule

FINDERS = (RESIDUAL, NETWORK, BOTH)
PACKED = np.dtype(
    [
        ("start", "i8"),
        ("stop", "i8"),
        ("strength", "f8"),
        ("confidence", "f8"),
        ("scale", "u1"),
        ("found_by", "u1"),
    ]
)
"""A candidate in 34 bytes: an hour of a worn disc has hundreds of thousands."""

Packed: TypeAlias = NDArray[np.void]
SearchFrom: TypeAlias = Callable[[int], GapSource]
"""Returns what finds clicks in a stream that begins with a sample of that number."""


@dataclass(frozen=True)
class FoundClicks:
    """The clicks of a file.

    Attributes
    ----------
    per_second : float
        Density of the clear ones.
    checksums : list of int
        Of the file's hops, the last padded with zeros: other samples have other clicks.
    gaps : list of list of ndarray
        The clicks that each hop makes known, by channel, in order; more hops than the file has.
    """

    per_second: float
    checksums: list[int]
    gaps: list[list[Packed]]


class ClickSurvey:
    """Finds all clicks of a file, whose blocks it takes in order.

    Parameters
    ----------
    channels : int
    source : GapSource
        Finds the candidates.
    rule : SupportRule
        Says which of them are clicks, once all are known.
    layout : WindowLayout
    """

    def __init__(
        self, channels: int, source: GapSource, rule: SupportRule, layout: WindowLayout
    ) -> None:
        self._source, self._rule, self._layout = source, rule, layout
        self._fifo = SampleFifo(channels)
        self._density = ClickDensity(rule)
        self._samples = 0
        self._checksums: list[int] = []
        self._found: list[list[Packed]] = []

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        self._samples += block.shape[1]
        while len(self._fifo) >= self._layout.hop:
            self._hop(self._fifo.pop(self._layout.hop))

    def finish(self) -> FoundClicks:
        """Return the clicks; the file has ended."""
        hop = self._layout.hop
        rest = self._fifo.pop(hop)
        if rest.shape[1]:
            self._hop(np.pad(rest, ((0, 0), (0, hop - rest.shape[1]))))
        checksums, silence = list(self._checksums), np.zeros((len(rest), hop), np.float32)
        for _ in range(-(-self._layout.window // hop)):
            self._hop(silence)
        gaps = [[self._accepted(packed) for packed in of_hop] for of_hop in self._found]
        return FoundClicks(self._density.per_second, checksums, gaps)

    def _hop(self, fresh: Rows) -> None:
        self._checksums.append(checksum(fresh))
        found = self._source.advance(fresh.astype(np.float64))
        found = [[gap for gap in of_one if gap.start < self._samples] for of_one in found]
        self._density.add(found, self._samples)
        self._found.append([pack(of_one) for of_one in found])

    def _accepted(self, packed: Packed) -> Packed:
        return pack(
            [
                click
                for click in unpack(packed)
                if self._rule.accepts(click, self._density.around(click), self._samples)
            ]
        )


class RecalledClicks:
    """The clicks of a file that was surveyed, as long as the stream is that file.

    From the first hop on that has other samples clicks are looked for anew.

    Parameters
    ----------
    channels : int
    found : FoundClicks
    layout : WindowLayout
    search_from : callable
        Begins the search for clicks.
    """

    def __init__(
        self, channels: int, found: FoundClicks, layout: WindowLayout, search_from: SearchFrom
    ) -> None:
        self._channels, self._found, self._layout = channels, found, layout
        self._search_from = search_from
        self._search: GapSource | None = None
        self._hops = 0
        self._recent: deque[Floats] = deque(maxlen=-(-layout.window // layout.hop))

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Take the next hop of all channels; return more gaps of each, in order."""
        if self._search is not None:
            return self._search.advance(fresh)
        if not self._is_known(fresh):
            return self._begin_search(fresh)
        hop, self._hops = self._hops, self._hops + 1
        self._recent.append(fresh)
        if hop < len(self._found.gaps):
            return [unpack(packed) for packed in self._found.gaps[hop]]
        return [[] for _ in range(self._channels)]

    def _is_known(self, fresh: Floats) -> bool:
        if self._hops < len(self._found.checksums):
            return self._found.checksums[self._hops] == checksum(fresh.astype(np.float32))
        return not fresh.any()

    def _begin_search(self, fresh: Floats) -> list[list[Click]]:
        """Let a search hear what came last, and go on with it; what is known is known."""
        hop = self._layout.hop
        known = self._hops * hop - self._layout.delay
        self._search = self._search_from((self._hops - len(self._recent)) * hop)
        for earlier in self._recent:
            self._search.advance(earlier)
        found = self._search.advance(fresh)
        return [[gap for gap in of_one if middle(gap) >= known] for of_one in found]


def checksum(rows: Rows) -> int:
    """Return the CRC-32 of samples."""
    return zlib.crc32(np.ascontiguousarray(rows, np.float32).tobytes())


def pack(clicks: Sequence[Click]) -> Packed:
    """Return clicks as one array."""
    return np.array(
        [
            (c.start, c.stop, c.strength, c.confidence, c.scale, FINDERS.index(c.found_by))
            for c in clicks
        ],
        PACKED,
    )


def unpack(packed: Packed) -> list[Click]:
    """Return the clicks of an array."""
    return [
        Click(start, stop, strength, scale, confidence, FINDERS[found_by])
        for start, stop, strength, confidence, scale, found_by in packed.tolist()
    ]
