"""Merge several transfers of one recording into one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.errors import AudioError, FileError, ParameterError
from restorack.io.metadata import read_metadata
from restorack.io.reader import AudioReader
from restorack.io.writer import AudioWriter
from restorack.merging.alignment import Alignment, align
from restorack.merging.bands import band_edges
from restorack.merging.combining import combined, frames_of, products_of
from restorack.merging.copies import Copy, Layout
from restorack.merging.matching import Response, match, matched
from restorack.merging.report import MergeReport, describe
from restorack.merging.signal import Signal
from restorack.merging.time_map import TimeMap
from restorack.merging.voting import PIECE_S, Voter, Votes
from restorack.merging.weights import Certainty, Powers, find_dropouts, weigh

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_COPIES, MOST_COPIES = 2, 8
"""Copies that are taken; more than eight cost memory and gain little. By hand."""
COHERENCE = 0.25
"""Below it copies are no transfers of one performance. Tried: docs/guides/disc-transfers.md."""
VOTING_HZ = 3_000.0
"""Where the alignment is sure up to here, clicks can be outvoted. By hand."""
COLOURS = ("reference", "mean")

_STEP = 1 << 12
"""Samples between the knots of a map that moves nothing."""

Step = Callable[[str], None]


def merge(
    sources: Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    colour: str = "reference",
    format: str | None = None,  # noqa: A002  the name that soundfile and pedalboard use
    subtype: str | None = None,
    force: bool = False,
    on_step: Step | None = None,
) -> MergeReport:
    """Merge several transfers, copies, styli or walls of one recording into one file.

    The first source is the reference: of time, length, rate, channels, level and tags. The others
    are aligned with it, also where speed and wow differ, matched in level and colour, and of all
    together the least noisy mean is taken in every band at every moment; clicks that stand in one
    copy alone and dropouts are taken from the others.

    Parameters
    ----------
    sources : sequence of path-like
        Two to eight audio files.
    output : path-like
        The file that is written.
    colour : {"reference", "mean"}
        Level and colour of the output: the reference's, or the geometric mean of all.
    format, subtype : str, optional
        As of :class:`~restorack.io.writer.AudioWriter`.
    force : bool
        Replace an output that exists; sources are never replaced.
    on_step : callable, optional
        Is called with a few words at the beginning of every step.

    Returns
    -------
    MergeReport

    Raises
    ------
    ParameterError
        For a wrong number of sources, or an unknown colour.
    AudioError
        For copies that are silent, too short, or not the same performance.
    FileError
        For files that cannot be read or written, and for a file that is given twice.
    """
    paths = [Path(source) for source in sources]
    _check(paths, colour)
    began, say = time.monotonic(), on_step or (lambda _: None)
    with ExitStack() as stack:
        readers = [stack.enter_context(AudioReader(path)) for path in paths]
        info = readers[0].info
        rate = float(info.sample_rate)
        layout = Layout.of([each.info.channels for each in readers], [str(p) for p in paths])
        writer = AudioWriter(
            output, rate, layout.channels, format=format, subtype=subtype, force=force,
            sources=paths, metadata=read_metadata(paths[0]),
        )  # fmt: skip
        stack.enter_context(writer)
        desk = _Desk(rate, layout, colour, say, stack)
        blocks = desk.merge(readers)
        say("writing")
        for block in blocks:
            writer.write(block)
        writer.finish()
        return desk.report(writer, time.monotonic() - began)


def _check(paths: Sequence[Path], colour: str) -> None:
    if not LEAST_COPIES <= len(paths) <= MOST_COPIES:
        raise ParameterError(
            f"{len(paths)} recordings", rule=f"{LEAST_COPIES} to {MOST_COPIES} are merged"
        )
    if colour not in COLOURS:
        raise ParameterError(f"colour {colour!r}", rule=f"one of {', '.join(COLOURS)}")
    for index, path in enumerate(paths):
        for other in paths[:index]:
            if path.exists() and other.exists() and path.samefile(other):
                raise FileError(
                    f"is given twice, also as {other}",
                    where=str(path),
                    rule="every copy is a transfer of its own",
                )


class _Desk:
    """The steps of one merge, and what they leave for the report."""

    def __init__(
        self, rate: float, layout: Layout, colour: str, say: Step, stack: ExitStack
    ) -> None:
        self._rate, self._layout, self._colour = rate, layout, colour
        self._say, self._stack = say, stack

    def merge(self, readers: Sequence[AudioReader]) -> Iterator[Rows]:
        """Return the merge, block by block."""
        self._copies = [self._read(reader) for reader in readers]
        reference = self._copies[0]
        self._samples = samples = reference.signal.frames
        self._alignments = [self._aligned(copy) for copy in self._copies[1:]]
        signals = self._matched()
        certain = self._certainty(samples)
        powers = products_of(signals, self._rate, samples)
        self._require_same(powers, certain[0].present)
        self._dropped = find_dropouts(powers, certain[0].present)
        self._say("outvoting clicks")
        voter = Voter(self._rate, len(signals))
        has = np.array([self._layout.has(copy.info.channels) for copy in self._copies])
        quiet = voter.vote(signals, self._asked(samples), has, samples)
        for signal in signals:
            signal.close()
        for signal in quiet:
            self._stack.callback(signal.close)
        self._votes: Votes = voter.votes
        self._say("weighing bands")
        powers = products_of(quiet, self._rate, samples)
        self._weights = [
            weigh(each, known, self._dropped) for each, known in zip(powers, certain, strict=True)
        ]
        blocks = combined(quiet, self._weights, self._rate, samples)
        return (self._layout.returned(block) for block in blocks)

    def report(self, writer: AudioWriter, seconds: float) -> MergeReport:
        """Return what was done."""
        return describe(
            copies=self._copies, alignments=self._alignments, responses=self._responses,
            coherences=self._coherences, weights=self._weights, votes=self._votes,
            dropped=self._dropped, rate=self._rate, writer=writer, seconds=seconds,
            colour=self._colour,
        )  # fmt: skip

    def _read(self, reader: AudioReader) -> Copy:
        self._say(f"reading {reader.info.path}")
        copy = Copy(reader, self._rate, self._layout)
        self._stack.callback(copy.close)
        return copy

    def _aligned(self, copy: Copy) -> Alignment:
        self._say(f"aligning {copy.path}")
        return align(self._copies[0], copy, self._rate)

    def _matched(self) -> list[Signal]:
        """Return the copies on the reference's time, in one level and colour."""
        self._say("matching levels")
        reference = self._copies[0]
        self._responses = [
            match(reference.signal, copy.signal, each.time_map, self._rate, self._good(each))
            for copy, each in zip(self._copies[1:], self._alignments, strict=True)
        ]
        target = self._target()
        out = []
        for copy, each, response in zip(
            self._copies, [None, *self._alignments], [None, *self._responses], strict=True
        ):
            signal = Signal(self._layout.channels, self._samples)
            self._stack.callback(signal.close)
            if each is None or response is None:
                blocks = _coloured(copy.signal, target, self._samples)
            else:
                both = Response(response.bins * target.bins, response.size)
                blocks = matched(copy.signal, each.time_map, both, self._samples)
            out.append(signal.fill(blocks))
        return out

    def _target(self) -> Response:
        """Return the response from the reference to the level and colour that are wanted."""
        bins = self._responses[0].bins
        if self._colour == "reference":
            return Response(np.ones_like(bins), self._responses[0].size)
        levels = sum(np.log(np.abs(each.bins)) for each in self._responses)
        mean = np.exp(-np.asarray(levels) / len(self._copies))
        return Response(mean.astype(np.complex128), self._responses[0].size)

    def _good(self, each: Alignment) -> Bools:
        turn = np.array([2.0 * np.pi * VOTING_HZ / self._rate])
        sure = each.sure(each.time_map.knots, turn)[0] > 0.5
        return np.asarray(sure & each.present)

    def _asked(self, samples: int) -> Bools:
        """Return which copies may be asked about clicks, in pieces."""
        piece = round(PIECE_S * self._rate)
        count = -(-samples // piece)
        out = np.ones((len(self._copies), count), bool)
        for row, each in zip(out[1:], self._alignments, strict=True):
            good = each.present
            at = np.minimum(np.arange(good.size) * each.time_map.hop // piece, count - 1)
            bad = np.bincount(at, ~good, count) / np.maximum(np.bincount(at, minlength=count), 1)
            row[:] = bad < 0.5
        return out

    def _certainty(self, samples: int) -> list[Certainty]:
        """Return for every channel what is known of the alignment."""
        frames = frames_of(self._rate)
        edges = band_edges(frames.bins)
        places = frames.hop * np.arange(frames.count(samples), dtype=np.float64)
        turns = 2.0 * np.pi * 0.5 * (edges[:-1] + edges[1:]) / frames.size
        present = np.ones((len(self._copies), places.size), bool)
        aligned = np.ones((len(self._copies), turns.size, places.size))
        for index, each in enumerate(self._alignments, 1):
            present[index] = each.present_at(places)
            aligned[index] = each.sure(places, turns)
        out = []
        for channel in range(self._layout.channels):
            has = [self._layout.has(copy.info.channels)[channel] for copy in self._copies]
            out.append(Certainty(present & np.array(has)[:, np.newaxis], aligned))
        return out

    def _require_same(self, powers: Sequence[Powers], present: Bools) -> None:
        """Refuse copies that are no transfers of the reference's performance."""
        self._coherences = []
        for index, copy in enumerate(self._copies[1:], 1):
            value = _coherence(powers, index, present[index])
            self._coherences.append(value)
            if value < COHERENCE:
                raise AudioError(
                    f"not the same performance as {self._copies[0].path}: coherence "
                    f"{value:.2f} where they fit best",
                    where=str(copy.path),
                    rule=f"transfers of one performance agree from {COHERENCE:g} on",
                    remedy="merge transfers of one take; another take cannot be merged",
                )


def _coherence(powers: Sequence[Powers], copy: int, present: Bools) -> float:
    """Return how far an aligned copy agrees with the reference, 0 to 1, where there is music."""
    if not present.any():
        return 0.0
    common = own = 0.0
    for each in powers:
        pair = each.products[np.ix_((0, copy), (0, copy))][:, :, :, present]
        # Frames count by the root of their power: a click does not decide.
        scale = np.real(pair[0, 0] + pair[1, 1]).sum(axis=0) + 1e-20
        sums = (pair / np.sqrt(scale)).sum(axis=3)
        together = np.maximum(np.real(sums[0, 1]), 0.0) ** 2
        common += float(np.sum(together / (np.real(sums[1, 1]) + 1e-20)))
        own += float(np.sum(np.real(sums[0, 0])))
    return common / (own + 1e-20)


def _coloured(signal: Signal, target: Response, samples: int) -> Iterator[Rows]:
    """Return the reference in the level and colour that are wanted."""
    return matched(signal, TimeMap.straight(_STEP, samples), target, samples)
