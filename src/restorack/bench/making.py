"""Make a benchmark set: excerpts of clean recordings, damaged in known ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restorack.bench.conditions import Condition, random_for
from restorack.bench.manifest import (
    MANIFEST,
    BenchSet,
    ConditionEntry,
    Item,
    clean_path,
    damaged_path,
    truth_path,
)
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.errors import AudioError, FileError
from restorack.io.audio_files import LOSSLESS_SUFFIXES, audio_files
from restorack.io.reader import AudioReader
from restorack.io.writer import AudioWriter

Floats = NDArray[np.float64]

PEAK = 0.4
"""Of the clean items, full scale 1: clicks as loud as the music do not clip."""

GRID = 2.0**23
"""Steps of full scale that music is rounded to: 24 bits."""
FADE_SECONDS = 0.01
"""Of both ends of an excerpt, so that the cut is no click. By hand."""
CLIP = 1.0 - 2.0**-15
"""Where a transfer would clip."""

PLACES = 8
"""Random places of which the one with the median level is taken: neither silence nor climax."""


@dataclass(frozen=True)
class MakeOptions:
    """How a set is made.

    Attributes
    ----------
    seed : int
        Another seed, other places and other damage.
    seconds : float
        Music in each item; shorter recordings are taken whole.
    lead_in_seconds : float
        Damage alone before the music, for tools that want a clip of the noise.
    most : int or None
        Items at most, chosen by the seed.
    """

    seed: int = 0
    seconds: float = 10.0
    lead_in_seconds: float = 0.0
    most: int | None = None


def make_set(
    folder: Path,
    clean: Path,
    conditions: Sequence[Condition],
    options: MakeOptions,
    *,
    on_item: Callable[[str], None] = lambda name: None,
) -> BenchSet:
    """Make a set of every clean recording in a folder.

    Parameters
    ----------
    folder : Path
        Where the set goes; it must not hold one yet. Gets ``clean-music/ITEM.wav``,
        ``CONDITION/ITEM.wav`` (24-bit), ``truth/CONDITION/TRACK/ITEM.flac`` and the manifest.
    clean : Path
        A folder of recordings without noise, clicks and loss.
    conditions : sequence of Condition
    options : MakeOptions
    on_item : callable
        Called with each item's name when it is done.

    Returns
    -------
    BenchSet
        The manifest.

    Raises
    ------
    FileError
        Where there is nothing to take, or a set already.
    AudioError
        For a lossy or silent recording.
    """
    if (folder / MANIFEST).exists():
        raise FileError(
            "holds a set already", where=str(folder), remedy="name another folder, or remove it"
        )
    sources = _sources(clean, options)
    folder.mkdir(parents=True, exist_ok=True)
    items = {}
    for name, path in sources.items():
        music, item = _excerpt(path, clean, name, options)
        items[name] = item
        _write(clean_path(folder, name), music, item.sample_rate)
        for condition in conditions:
            _write_damaged(folder, condition, name, music, item.sample_rate, options.seed)
        on_item(name)
    made = BenchSet(
        seed=options.seed,
        lead_in_seconds=options.lead_in_seconds,
        items=items,
        conditions={
            one.name: ConditionEntry(
                about=one.about, kind=one.kind, truth_is_filtered=one.truth_is_filtered
            )
            for one in conditions
        },
    )
    # Written last: a folder with a manifest is a whole set.
    (folder / MANIFEST).write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return made


def damage(
    music: Floats, sample_rate: float, condition: Condition, random: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Damage music in the way of a condition.

    Parameters
    ----------
    music : ndarray of float64, shape (channels, samples)
    sample_rate : float
        In Hz.
    condition : Condition
    random : Generator

    Returns
    -------
    damaged, filtered, clicks : ndarray of float64, shape (channels, samples)
        The result, the music after filters alone, and the clicks that were added. Levels of
        everything that is added count from the filtered music.
    """
    filtered: Rows = music.astype(np.float32)
    louder = np.ones((len(music), 1))
    if condition.walls_db is not None:
        filtered = np.repeat(filtered.mean(axis=0, keepdims=True), 2, axis=0)
        louder = np.array([[1.0], [db_to_amplitude(random.uniform(*condition.walls_db))]])
    for stage in condition.filtered(random):
        filtered = stage.process(filtered, sample_rate)
    damaged, clicks = filtered.astype(np.float64), np.zeros(filtered.shape)
    for stage in condition.added(random):
        for name, track in stage.damage(filtered, sample_rate).tracks.items():
            damaged += louder * track
            if name == "clicks":
                clicks += louder * track
    return damaged, filtered.astype(np.float64), clicks


def _sources(clean: Path, options: MakeOptions) -> dict[str, Path]:
    if not clean.is_dir():
        raise FileError("is no folder", where=str(clean), rule="clean recordings lie in a folder")
    found: dict[str, Path] = {}
    for path in audio_files(clean, LOSSLESS_SUFFIXES):  # a lossy one is not clean
        name = "_".join(path.relative_to(clean).with_suffix("").parts)
        if name in found:
            raise FileError(
                f"{found[name]} and {path} would be one item",
                where=str(clean),
                rule="every recording has a name of its own",
            )
        found[name] = path
    if not found:
        raise FileError(
            "has no recording in it",
            where=str(clean),
            rule=f"clean recordings are {', '.join(LOSSLESS_SUFFIXES)}",
        )
    if options.most is not None and options.most < len(found):
        random = random_for(options.seed, "items")
        kept = random.choice(sorted(found), options.most, replace=False)
        found = {name: found[name] for name in sorted(map(str, kept))}
    return found


def _excerpt(path: Path, clean: Path, name: str, options: MakeOptions) -> tuple[Floats, Item]:
    with AudioReader(path) as reader:
        info = reader.info
        if info.is_lossy:
            raise AudioError(
                f"is {info.subtype}", where=str(path), rule="clean recordings are lossless"
            )
        count = min(info.frames, round(options.seconds * info.sample_rate))
        starts = random_for(options.seed, "place", name).integers(
            0, info.frames - count + 1, PLACES
        )
        pieces = [
            np.concatenate(list(reader.blocks64(start=int(at), stop=int(at) + count)), axis=1)
            for at in np.unique(starts)
        ]
    levels = [float((piece**2).mean()) for piece in pieces]
    chosen = int(np.argsort(levels)[len(levels) // 2])
    music = pieces[chosen] - pieces[chosen].mean(axis=1, keepdims=True)
    peak = np.abs(music).max(initial=0.0)
    if peak == 0.0:
        raise AudioError("is silent", where=str(path), rule="an item has music in it")
    rate = info.sample_rate
    ramp = np.minimum(1.0, (np.arange(count) + 0.5) / (FADE_SECONDS * rate))
    music *= PEAK / peak * ramp * ramp[::-1]
    lead = round(options.lead_in_seconds * rate)
    # On the grid of 24 bits, so that files and float32 hold it exactly.
    music = np.pad(np.round(music * GRID) / GRID, ((0, 0), (lead, 0)))
    item = Item(
        source=path.relative_to(clean).as_posix(),
        start_seconds=float(np.unique(starts)[chosen]) / rate,
        sample_rate=rate,
        channels=len(music),
        frames=music.shape[1],
    )
    return music, item


def _write_damaged(
    folder: Path, condition: Condition, name: str, music: Floats, rate: int, seed: int
) -> None:
    random = random_for(seed, condition.name, name)
    damaged, filtered, clicks = damage(music, rate, condition, random)
    _write(damaged_path(folder, condition.name, name), np.clip(damaged, -CLIP, CLIP), rate)
    if condition.truth_is_filtered:
        _write(truth_path(folder, condition.name, name, "music", "wav"), filtered, rate)
    if clicks.any():
        _write(truth_path(folder, condition.name, name, "clicks"), clicks, rate)


def _write(path: Path, rows: Floats, rate: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with AudioWriter(path, rate, len(rows), subtype="PCM_24", force=True) as writer:
        writer.write(rows)
