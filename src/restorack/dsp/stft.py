"""Short-time spectra of a stream, cut into frames that never depend on the caller's blocks.

A stage computes the *change* it wants as spectra; what comes out is the input plus the change.
Where the change is zero the input passes bit for bit, which no analysis-synthesis pair gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.frame_transform import add_frames, frame_spectra

Spectra: TypeAlias = NDArray[np.complex128]
"""Half spectra of frames, shape ``(channels, frames, bins)``."""


def square_root_hann(frame: int) -> NDArray[np.float64]:
    """Return the periodic square-root Hann window of ``frame`` samples."""
    return np.sin(np.pi * (np.arange(frame) + 0.5) / frame)


class FrameAnalysis:
    """Cut a stream into overlapping windowed frames and transform them in groups of fixed size.

    Frame ``k`` covers samples ``(k + 1) * hop - frame`` to ``(k + 1) * hop``; before sample 0
    and after the last one there is silence. Groups of equal size keep every array that a stage
    sees of one shape, so that results cannot depend on how many frames one block completes.

    Parameters
    ----------
    channels, frame, hop, group : int
        Rows; samples per frame; samples between frames; frames per group.
    """

    def __init__(self, channels: int, frame: int, hop: int, group: int) -> None:
        self.frame, self.hop, self.group = frame, hop, group
        self._window = square_root_hann(frame)
        self._fifo = SampleFifo(channels)
        self._past = np.zeros((channels, frame - hop), np.float32)
        self._taken = 0

    def push(self, block: Rows) -> list[Spectra]:
        """Take samples, return the groups of frames that they complete."""
        self._fifo.push(block)
        self._taken += block.shape[1]
        step = self.group * self.hop
        return [self._transform(self._fifo.pop(step)) for _ in range(len(self._fifo) // step)]

    def finish(self) -> list[Spectra]:
        """Return the last groups, padded with silence; every sample lies in all its frames."""
        needed = -(-(self._taken + self.frame - self.hop) // self.hop) if self._taken else 0
        done = (self._taken - len(self._fifo)) // self.hop
        missing = -(-(needed - done) // self.group) * self.group * self.hop
        silence = np.zeros((self._past.shape[0], missing - len(self._fifo)), np.float32)
        taken = self._taken
        groups = self.push(silence)
        self._taken = taken
        return groups

    def _transform(self, fresh: Rows) -> Spectra:
        joined = np.concatenate([self._past, fresh], axis=1)
        self._past = joined[:, joined.shape[1] - self._past.shape[1] :].copy()
        return frame_spectra(joined, self._window, self.hop)


class FrameSynthesis:
    """Overlap-add frames back to samples, in the positions that :class:`FrameAnalysis` gave them.

    Parameters
    ----------
    channels, frame, hop : int
        As in the analysis; ``frame`` is a multiple of ``hop``.
    """

    def __init__(self, channels: int, frame: int, hop: int) -> None:
        window = square_root_hann(frame)
        overlap = (window**2).reshape(-1, hop).sum(axis=0)
        self._window = window / np.tile(overlap, frame // hop)
        self._frame, self._hop = frame, hop
        self._tail = np.zeros((channels, frame - hop))
        self._lead = frame - hop

    def push(self, spectra: Spectra) -> NDArray[np.float64]:
        """Take frames in order, return the samples that no later frame will touch."""
        channels, count, _ = spectra.shape
        out = np.zeros((channels, count * self._hop + self._tail.shape[1]))
        out[:, : self._tail.shape[1]] = self._tail
        add_frames(out, spectra, self._window, self._hop)
        ready = count * self._hop
        self._tail = out[:, ready:].copy()
        skip = min(self._lead, ready)
        self._lead -= skip
        return out[:, skip:ready]


class SpectralChange:
    """A stream plus a change that is computed on its short-time spectra.

    Parameters
    ----------
    channels, frame, hop, group : int
        As in :class:`FrameAnalysis`.
    change : callable
        Takes spectra ``(channels, group, bins)`` and returns the spectra to add, or None for
        no change. It may keep frames back: then it returns fewer, and ``finish`` gives it
        silence until all have come.
    delay_frames : int
        The most frames that ``change`` keeps back.
    """

    def __init__(
        self,
        channels: int,
        frame: int,
        hop: int,
        group: int,
        change: Callable[[Spectra], Spectra | None],
        delay_frames: int = 0,
    ) -> None:
        self._analysis = FrameAnalysis(channels, frame, hop, group)
        self._synthesis = FrameSynthesis(channels, frame, hop)
        self._change = change
        self._delay = delay_frames
        self._dry = SampleFifo(channels)
        self._silence = np.zeros((channels, group, frame // 2 + 1), np.complex128)

    @staticmethod
    def latency(frame: int, hop: int, group: int, delay_frames: int = 0) -> int:
        """Return the latency in samples."""
        return group * hop - 1 + frame - hop + delay_frames * hop

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        self._dry.push(block)
        return self._joined([self._changed(group) for group in self._analysis.push(block)])

    def finish(self) -> Rows:
        """Return the rest."""
        parts = [self._changed(group) for group in self._analysis.finish()]
        while len(self._dry):
            parts.append(self._changed(self._silence))
        return self._joined(parts)

    def _changed(self, spectra: Spectra) -> Rows:
        added = self._change(spectra)
        if added is None:
            added = np.zeros_like(spectra)
        samples = self._synthesis.push(added)
        dry = self._dry.pop(samples.shape[1])
        return (dry + samples[:, : dry.shape[1]]).astype(np.float32)

    def _joined(self, parts: list[Rows]) -> Rows:
        if not parts:
            return self._dry.pop(0)
        return np.concatenate(parts, axis=1)
