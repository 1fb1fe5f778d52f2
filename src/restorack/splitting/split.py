"""Split a side into its tracks: find them, then write files, cue points, a CUE sheet or labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from restorack.errors import AudioError
from restorack.io.reader import AudioInfo, AudioReader
from restorack.splitting.detection import Heard, detect
from restorack.splitting.layout import Span, Track, tracks_of, trimmed_spans, whole_spans
from restorack.splitting.levels import measure_levels, samples_per_frame
from restorack.splitting.options import (
    FADE_IN_S,
    FADE_OUT_S,
    MIN_GAP_S,
    MIN_TRACK_S,
    SplitOptions,
)
from restorack.splitting.outputs import Outputs
from restorack.splitting.report import SplitReport, describe
from restorack.splitting.titles import MOST_TRACKS, TITLE, check_titles, read_titles


def split(
    side: str | PathLike[str],
    folder: str | PathLike[str] | None = None,
    *,
    write: Sequence[str] = ("files",),
    titles: Sequence[str | Mapping[str, str]] | str | PathLike[str] | None = None,
    tags: Mapping[str, str] | None = None,
    tracks: int | None = None,
    min_gap_s: float = MIN_GAP_S,
    min_track_s: float = MIN_TRACK_S,
    trim: bool = True,
    fade_in_s: float | None = None,
    fade_out_s: float | None = None,
    first_number: int = 1,
    format: str | None = None,  # noqa: A002  the name that soundfile and pedalboard use
    subtype: str | None = None,
    force: bool = False,
    strict: bool = False,
) -> SplitReport:
    """Find the tracks of a side of a disc or tape, and write them.

    Lead-in, gaps and run-out are where nothing is over the side's own noise, band by band. Needle
    drop and lift-off belong to lead-in and run-out. The side is read twice, block by block.

    Parameters
    ----------
    side : path-like
        An audio file.
    folder : path-like, optional
        Where the files go; it exists. Without one nothing is written: what would be is reported.
    write : sequence of {"files", "cues", "cue-sheet", "labels"}
        A file for each track; a copy of the side with cue points, as WAV; a CUE sheet; labels for
        Audacity.
    titles : sequence of str or mapping, or path-like, optional
        Of the tracks, or their tags; or a file as of
        :func:`~restorack.splitting.titles.read_titles`. There are as many tracks as titles.
    tags : mapping, optional
        Tags of all files, such as album and artist; they stand over the side's own.
    tracks : int, optional
        As many tracks, 1 to 99; by default as many as are found.
    min_gap_s : float
        No gap is shorter, 0.2 to 60 s.
    min_track_s : float
        No track is shorter, 1 to 3600 s.
    trim : bool
        Leave out lead-in, gaps and run-out. Without it the files together are the side, bit for
        bit where its format is kept: each track has the gap after it.
    fade_in_s, fade_out_s : float, optional
        Of trimmed files, 0 to 30 s, 0.1 and 0.5 s by default; in the noise before and after
        the music, never in the music.
    first_number : int
        Number of the first track, 1 to 999.
    format, subtype : str, optional
        As of :class:`~restorack.io.writer.AudioWriter`; by default the side's own, and FLAC of 24
        bits for lossy ones.
    force : bool
        Replace files that exist; the side is never replaced.
    strict : bool
        Refuse a side of which sound is missing, or may be.

    Returns
    -------
    SplitReport

    Raises
    ------
    ParameterError
        For values out of range, and a number of titles that is not that of the tracks.
    AudioError
        For a side that is silent or shorter than a track, or has fewer borders than are wanted.
    FileError
        For files that cannot be read or written, or exist.
    """
    options = SplitOptions(
        tuple(dict.fromkeys(write)), _listed(titles), dict(tags or {}), tracks, min_gap_s,
        min_track_s, trim, fade_in_s, fade_out_s, first_number, format, subtype, force, strict,
    )  # fmt: skip
    options.check()
    with AudioReader(side, strict=strict) as reader:
        heard = _heard(reader, options)
        found = _tracks(heard, reader.info, options)
        outputs = Outputs(reader, found, _spans(found, reader.info, options), options)
        if folder is not None:
            outputs.write(Path(folder))
        return describe(reader.info, found, heard, outputs, Path(folder) if folder else None)


def _listed(
    titles: Sequence[str | Mapping[str, str]] | str | PathLike[str] | None,
) -> list[dict[str, str]]:
    if titles is None:
        return []
    if isinstance(titles, (str, PathLike)):
        return read_titles(Path(titles))
    return [{TITLE: one} if isinstance(one, str) else dict(one) for one in titles]


def _heard(reader: AudioReader, options: SplitOptions) -> Heard:
    """Return what is found in the side, or say why there is no track in it."""
    info, wanted = reader.info, check_titles(options.titles, options.tracks)
    levels = measure_levels(reader.blocks(), info.sample_rate, info.channels)
    heard = detect(
        levels, min_gap_s=options.min_gap_s, min_track_s=options.min_track_s, tracks=wanted
    )
    if heard is not None:
        return heard
    remedy = "give a smaller --min-track"
    if wanted is not None and wanted > 1:
        raise AudioError(
            f"no {wanted} tracks of {options.min_track_s:g} s and more are found",
            where=str(info.path), rule="tracks are parted by noise, or by less music",
            remedy=f"{remedy}, or another number of tracks",
        )  # fmt: skip
    raise AudioError(
        f"no track in {info.duration:.1f} s: nothing but noise or silence, or too short",
        where=str(info.path), rule=f"a track has {options.min_track_s:g} s or more",
        remedy=remedy,
    )  # fmt: skip


def _tracks(heard: Heard, info: AudioInfo, options: SplitOptions) -> list[Track]:
    step = samples_per_frame(info.sample_rate)
    found = tracks_of(heard.gaps, step, info.frames, options.first_number)
    if len(found) > MOST_TRACKS:
        raise AudioError(
            f"{len(found)} tracks are found", where=str(info.path), rule=f"up to {MOST_TRACKS}",
            remedy="give their number, or a longer --min-gap or --min-track",
        )  # fmt: skip
    if not options.titles:
        return found
    return [replace(track, tags=own) for track, own in zip(found, options.titles, strict=True)]


def _spans(found: list[Track], info: AudioInfo, options: SplitOptions) -> list[Span]:
    if not options.trim:
        return whole_spans(found, info.frames)
    fade_in, fade_out = (
        round((given if given is not None else usual) * info.sample_rate)
        for given, usual in ((options.fade_in_s, FADE_IN_S), (options.fade_out_s, FADE_OUT_S))
    )
    return trimmed_spans(found, info.frames, fade_in, fade_out)
