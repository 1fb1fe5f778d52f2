"""A stage on one part of the signal: the harmonic, the percussive, or the voice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from restorack.core.row_streams import WHOLE_FILE
from restorack.core.stage import OpenBlocks, Stage
from restorack.dsp.arrays import Rows, to_rows
from restorack.dsp.fifo import SampleFifo
from restorack.errors import ParameterError, suggest
from restorack.separation.cascade import PARTS
from restorack.separation.stream import EstimateStream, estimate_latency


def checked_part(part: str | None) -> str | None:
    """Return a part's name, or None for the whole signal; refuse others."""
    if part is not None and part not in PARTS:
        raise ParameterError(
            f"on = {part!r}", rule=f"one of {', '.join(PARTS)}", remedy=suggest(part, PARTS)
        )
    return part


class OnPart(Stage):
    """Send one part of the signal through a stage, and put the others back.

    What comes out is the input plus what the stage changes of the part: a stage that changes
    nothing leaves the input bit for bit.

    Parameters
    ----------
    inner : Stage
        It keeps the length; its first pass hears the part alone.
    part : {"harmonic", "percussive", "voice"}

    Raises
    ------
    ParameterError
        For a stage that changes the length, and an unknown part.
    """

    def __init__(self, inner: Stage, part: str) -> None:
        super().__init__()
        if inner.changes_length:
            raise ParameterError(
                f"{inner.default_name} on {part}",
                rule="what it changes the length of cannot be put back to the other parts",
                remedy="leave `on` out",
            )
        checked_part(part)
        self._inner, self._part = inner, part

    @property
    def needs_preparation(self) -> bool:
        """Whether the stage wants a first pass."""
        return self._inner.needs_preparation

    @property
    def is_prepared(self) -> bool:
        """Whether the stage has made its first pass."""
        return self._inner.is_prepared

    def held_with(self) -> Iterable[object]:
        """Return what a call holds: this and all that the part goes through."""
        yield self
        yield from self._inner.held_with()

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency of the separation and of the stage."""
        total = estimate_latency(sample_rate) + self._inner.predict_latency(sample_rate)
        return min(total, WHOLE_FILE)

    def prepare(self, blocks: OpenBlocks | Iterable[Rows], sample_rate: float) -> None:
        """Make the stage's first pass on the part."""
        kept = None if callable(blocks) else [np.array(block) for block in blocks]
        opened = blocks if callable(blocks) else lambda: kept or []
        self._inner.prepare(lambda: _part_of(opened(), sample_rate, self._part), sample_rate)

    def reset(self) -> None:
        """Drop the signal state; keep what was learned."""
        super().reset()
        self._inner.reset()

    def _unlearn(self) -> None:
        self._inner.forget()

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._extractor = _Extractor(channels, sample_rate, self._part)
        self._dry, self._given = SampleFifo(channels), SampleFifo(channels)
        self._inner.start(sample_rate, channels)

    def _push(self, block: Rows) -> Rows:
        self._dry.push(block)
        return self._steered(self._extractor.push(block))

    def _finish(self) -> Rows:
        last = self._steered(self._extractor.finish())
        return np.concatenate([last, self._put_back(self._inner.end())], axis=1)

    def _steered(self, part: Rows) -> Rows:
        self._given.push(part)
        return self._put_back(self._inner.advance(part))

    def _put_back(self, out: Rows) -> Rows:
        change = out - self._given.pop(out.shape[1])
        dry = self._dry.pop(out.shape[1])
        return np.where(change == 0.0, dry, dry + change)


class _Extractor:
    """One part of a stream, aligned with it."""

    def __init__(self, channels: int, sample_rate: float, part: str) -> None:
        self._estimates = EstimateStream(channels, sample_rate)
        self._dry = SampleFifo(channels)
        self._channels, self._part = channels, part

    def push(self, block: Rows) -> Rows:
        """Take samples, return those of the part that are ready."""
        self._dry.push(block)
        return self._taken(self._estimates.push(block))

    def finish(self) -> Rows:
        """Return the rest."""
        return self._taken(self._estimates.finish())

    def _taken(self, estimates: Rows) -> Rows:
        harmonic, voice = estimates[: self._channels], estimates[self._channels :]
        dry = self._dry.pop(estimates.shape[1])
        parts = {"harmonic": harmonic, "voice": voice, "percussive": dry - harmonic - voice}
        return parts[self._part]


def _part_of(blocks: Iterable[Rows], sample_rate: float, part: str) -> Iterator[Rows]:
    """Yield one part of a file's blocks."""
    extractor: _Extractor | None = None
    for block in blocks:
        rows, _ = to_rows(block)
        extractor = extractor or _Extractor(rows.shape[0], sample_rate, part)
        yield extractor.push(rows)
    if extractor is not None:
        yield extractor.finish()
