"""Random excerpts of a corpus, the same ones for the same random numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from restorack.corpus.catalogue import Piece, read_catalogue, summarise_sources
from restorack.dsp.arrays import Rows
from restorack.errors import CorpusError

LONGEST_COUNTED = 180.0
"""Seconds: a longer piece is not drawn more often than one of this length."""

_ROOM_FOR_FILTER = 0.05
"""Seconds read on both sides where the rate changes: more than soxr's filter at any rate here."""


@dataclass(frozen=True)
class Excerpt:
    """A stretch of clean audio.

    Attributes
    ----------
    audio : ndarray of float32
        Shape (samples,) for one channel, otherwise (channels, samples).
    sample_rate : int
        In Hz.
    wall_hz : float
        Nothing real is above it: mask a loss there.
    piece : Piece
        What it is from.
    """

    audio: Rows
    sample_rate: int
    wall_hz: float
    piece: Piece


class Clips:
    """Excerpts of one split.

    Parameters
    ----------
    folder : Path
        Of the corpus.
    pieces : sequence of Piece
        What is drawn from.
    weights : mapping of str to float, optional
        Share of each kind of piece. Without it each second of audio is as likely, up to
        ``LONGEST_COUNTED`` of a piece.
    """

    def __init__(
        self, folder: Path, pieces: Sequence[Piece], weights: Mapping[str, float] | None = None
    ) -> None:
        self.folder = folder
        self.pieces = [one for one in pieces if not weights or weights.get(one.kind, 0.0) > 0]
        if not self.pieces:
            raise CorpusError(
                "nothing to draw from",
                where=str(folder),
                rule=f"there is: {_kinds_of(pieces)}",
                remedy="add audio, or change corpus.weights",
            )
        share = np.array([min(piece.seconds, LONGEST_COUNTED) for piece in self.pieces])
        if weights:
            kind = np.array([piece.kind for piece in self.pieces])
            for name in set(kind):
                share[kind == name] *= weights[name] / share[kind == name].sum()
        self._edges = np.cumsum(share / share.sum())

    def draw(
        self, rng: np.random.Generator, seconds: float, sample_rate: int, channels: int = 1
    ) -> Excerpt:
        """Return a random excerpt.

        Parameters
        ----------
        rng : numpy.random.Generator
            Three numbers are drawn from it.
        seconds : float
            A piece that is shorter is followed by silence.
        sample_rate : int
            In Hz; pieces of another rate are resampled.
        channels : int
            1: the mean of a piece's channels. 2: both, or a mono piece twice.
        """
        number = int(np.searchsorted(self._edges, rng.random(), side="right"))
        piece = self.pieces[min(number, len(self.pieces) - 1)]
        samples = round(seconds * sample_rate)
        rows = self._read(piece, rng.random(), samples, sample_rate)
        audio = _with_channels(rows, channels)
        wall = min(piece.wall_hz, 0.5 * sample_rate)
        return Excerpt(audio[0] if channels == 1 else audio, sample_rate, wall, piece)

    def _read(self, piece: Piece, where: float, samples: int, sample_rate: int) -> Rows:
        import soundfile

        ratio = piece.sample_rate / sample_rate
        margin = round(_ROOM_FOR_FILTER * piece.sample_rate) if ratio != 1.0 else 0
        wanted = int(np.ceil(samples * ratio)) + 2 * margin
        start = int(where * max(0, piece.frames - wanted + 1))
        path = self.folder / piece.file
        try:
            frames, _ = soundfile.read(
                path, wanted, start, dtype="float32", always_2d=True, fill_value=None
            )
        except (OSError, soundfile.SoundFileError) as error:
            raise CorpusError(
                f"cannot be read ({error})", where=str(path), remedy="build the corpus again"
            ) from None
        rows = frames.T
        if ratio != 1.0:
            import soxr

            cut = round(margin / ratio)
            rows = soxr.resample(frames, piece.sample_rate, sample_rate).T[:, cut:]
        out = np.zeros((rows.shape[0], samples), np.float32)
        out[:, : rows.shape[1]] = rows[:, :samples]
        return out


def open_clips(
    folder: str | PathLike[str],
    split: str,
    weights: Mapping[str, float] | None = None,
    *,
    allow_lossy: bool = True,
) -> Clips:
    """Open one split of a corpus.

    Parameters
    ----------
    folder : path-like
    split : str
        ``train`` or ``validation``.
    weights : mapping, optional
        Share of each kind.
    allow_lossy : bool
        Whether pieces that went through a lossy coding are drawn.

    Raises
    ------
    CorpusError
        Where there is no corpus, or nothing in it to draw from.
    """
    whole = read_catalogue(folder)
    usable = [piece for piece in whole if allow_lossy or not piece.lossy]
    pieces = [piece for piece in usable if piece.split == split]
    wanted = {kind for kind, weight in (weights or {}).items() if weight > 0}
    if not any(not wanted or piece.kind in wanted for piece in pieces):
        raise _lacking(Path(folder), split, usable, wanted)
    return Clips(Path(folder), pieces, weights)


def _lacking(folder: Path, split: str, pieces: Sequence[Piece], wanted: set[str]) -> CorpusError:
    """Return the error for a split that has nothing to draw from."""
    by_split = {
        name: _kinds_of([piece for piece in pieces if piece.split == name])
        for name in ("train", "validation")
    }
    kinds = f" of kind {', '.join(sorted(wanted))}" if wanted else ""
    add = "add recordings (restorack corpus add), with a larger --validation where it is that split"
    return CorpusError(
        f"the {split} split has no piece{kinds}",
        where=str(folder),
        rule="; ".join(f"{name}: {there}" for name, there in by_split.items()),
        remedy=f"{add}, or change corpus.weights" if wanted else add,
    )


def _kinds_of(pieces: Sequence[Piece]) -> str:
    counts = Counter(piece.kind for piece in pieces)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no piece"


def read_sources(
    folder: str | PathLike[str],
    kinds: Sequence[str] | None = None,
    *,
    allow_lossy: bool = True,
) -> list[dict[str, Any]]:
    """Return sources and licences of what is trained on: the training split's."""
    return summarise_sources(
        [
            piece
            for piece in read_catalogue(folder)
            if piece.split == "train"
            and (kinds is None or piece.kind in kinds)
            and (allow_lossy or not piece.lossy)
        ]
    )


def _with_channels(rows: Rows, channels: int) -> Rows:
    if rows.shape[0] == channels:
        return rows
    if channels == 1:
        mean: Rows = rows.mean(axis=0, keepdims=True, dtype=np.float32)
        return mean
    return np.ascontiguousarray(np.broadcast_to(rows[:1], (channels, rows.shape[1])))
