"""What every piece goes through before it joins a corpus: a room, a level, a measured band."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from restorack.corpus.catalogue import Piece, Split
from restorack.dsp.arrays import Rows
from restorack.errors import CorpusError
from restorack.io.atomic import AtomicFile
from restorack.meters.bandwidth_edge import measure_edge

# Full scale 1; shorter pieces are refused. By hand.
PEAK = 0.9
LEAST_SECONDS = 2.0


def with_room(rows: Rows, sample_rate: int, rng: np.random.Generator) -> Rows:
    """Return dry sound in a room of random size, from a booth to a hall."""
    from restorack.degrade.channel.room import Room

    rt60 = float(0.2 * 12.0 ** rng.random())
    room = Room(
        seed=int(rng.integers(2**31)),
        rt60_s=rt60,
        volume_m3=float(20.0 * (rt60 / 0.2) ** 2.5),
        distance_m=float(0.3 * 15.0 ** rng.random()),
        damping=float(rng.uniform(0.3, 0.8)),
    )
    return room.process(rows, sample_rate)


def trimmed(rows: Rows, sample_rate: int) -> Rows:
    """Return sound without silence at its ends, and within half a second of it."""
    loud = np.flatnonzero(np.abs(rows).max(axis=0) > 1e-4)
    if not loud.size:
        return rows[:, :0]
    margin = sample_rate // 2
    return rows[:, max(0, int(loud[0]) - margin) : int(loud[-1]) + margin]


def add_piece(
    folder: Path,
    rows: Rows,
    sample_rate: int,
    *,
    key: str,
    kind: str,
    split: Split,
    wall_hz: float | None = None,
    **facts: Any,
) -> Piece:
    """Write a piece's file and return what the catalogue will say of it.

    Parameters
    ----------
    folder : Path
        Of the corpus.
    rows : ndarray of float32, shape (channels, samples)
        Brought to a peak of 0.9.
    sample_rate : int
        In Hz.
    key, kind, split
        As in :class:`~restorack.corpus.catalogue.Piece`.
    wall_hz : float, optional
        What is known of the band; what is measured counts where it is lower.
    **facts
        The rest of a piece.

    Raises
    ------
    CorpusError
        For silence, NaN, or less than two seconds.
    """
    import soundfile

    if not np.isfinite(rows).all():
        raise CorpusError("holds NaN or infinity", where=key)
    peak = float(np.abs(rows).max()) if rows.size else 0.0
    if peak < 1e-4 or rows.shape[1] < LEAST_SECONDS * sample_rate:
        raise CorpusError(
            f"is silent or too short ({rows.shape[1] / sample_rate:.1f} s of sound)",
            where=key,
            rule=f"at least {LEAST_SECONDS:g} s of sound",
        )
    edge = measure_edge(rows, sample_rate)
    walls = [0.5 * sample_rate]
    walls += [wall_hz] if wall_hz else []
    walls += [edge.edge_hz] if edge is not None and edge.is_wall else []
    name = f"audio/{kind}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.wav"
    (folder / "audio").mkdir(exist_ok=True)
    with (
        AtomicFile(folder / name, force=True) as file,
        os.fdopen(os.dup(file.descriptor), "wb") as out,
    ):  # 24 bits: nothing of what a network is to leave alone is lost to rounding
        soundfile.write(out, (PEAK / peak * rows).T, sample_rate, format="WAV", subtype="PCM_24")
    return Piece(
        file=name,
        key=key,
        kind=kind,
        split=split,
        sample_rate=sample_rate,
        channels=rows.shape[0],
        frames=rows.shape[1],
        wall_hz=min(walls),
        **facts,
    )


def split_of(group: str, share: float) -> Split:
    """Return the split of a work: its name alone decides, so that later builds agree."""
    return "validation" if _place(f"split {group}") < share else "train"


def held_out_of(works: Iterable[str], share: float) -> set[str]:
    """Return the works that a small collection holds out: its share, but one of three at least."""
    ordered = sorted(works, key=lambda work: _place(f"held out {work}"))
    count = round(share * len(ordered))
    return set(ordered[: max(count, 1 if share and len(ordered) >= 3 else 0)])


def _place(text: str) -> float:
    """Return a number from 0 to 1 that a text alone decides."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32
