"""Chapters: Vorbis comments, cue sheets as text and as FLAC block, ID3 frames."""

from __future__ import annotations

import copy
import re
from typing import Any

from restorack.io.marks.time_map import TimeMap
from restorack.io.tags.fields import Tags

_CHAPTER = re.compile(r"chapter(\d{3})(name|url)?")
_CLOCK = re.compile(r"\s*(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)\s*")
_TRACK = re.compile(r"(?i)\s*TRACK\s+\d+\s")
_INDEX = re.compile(r"(?i)(\s*INDEX\s+(\d+)\s+)(\d+):(\d{2}):(\d{2})(\s*)\Z")
_CD_FRAMES = 75  # of a cue sheet's clock, per second
_UNKNOWN_OFFSET = 0xFFFFFFFF
"""ID3v2 chapter frames: no offset in bytes is stated."""
_MILLISECONDS = 2  # the unit of SYLT times that are not counted in MPEG frames
_LEAD_OUT = 255
"""Number of the lead-out track of a FLAC cue sheet, RFC 9639, other than on a CD."""


def adapt_chapters(tags: Tags, time: TimeMap) -> tuple[Tags, list[str]]:
    """Return tags whose chapters are where their sounds now are, and what was dropped.

    A chapter lasts until the next one; the one that the span begins in begins with it.
    """
    if time.is_identity:
        return tags, []
    adapted = Tags(dict(tags.values), tags.pictures, list(tags.frames), tags.warnings)
    dropped = _vorbis_chapters(adapted, time)
    adapted.cue_sheet, lost = flac_cue_sheet(tags.cue_sheet, time)
    dropped += lost
    if "cuesheet" in tags.values:
        sheets = [adapt_cue_sheet(text, time) for text in tags.values["cuesheet"]]
        dropped += sum(lost for _, lost in sheets)
        _put(adapted, "cuesheet", [sheet for sheet, _ in sheets if sheet])
    frames, lost = adapt_frames(tags.frames, time)
    adapted.frames = frames
    dropped += lost
    words = "1 chapter" if dropped == 1 else f"{dropped} chapters"
    told = f"{words} outside of what was rendered: left out"
    return adapted, [told] if dropped else []


def _put(tags: Tags, name: str, texts: list[str]) -> None:
    tags.values.pop(name, None)
    tags.add(name, texts)


def _vorbis_chapters(tags: Tags, time: TimeMap) -> int:
    """Move ``CHAPTER001=00:01:30.000`` and drop those outside with names and links."""
    clocks = {}
    for name, texts in tags.values.items():
        found, clock = _CHAPTER.fullmatch(name), _CLOCK.fullmatch(texts[0])
        if found and not found.group(2) and clock:
            hours, minutes, seconds = clock.groups()
            clocks[name] = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    dropped = 0
    for name, seconds in zip(clocks, time.ranges(list(clocks.values())), strict=True):
        if seconds is not None:
            _put(tags, name, [_clock(seconds)])
            continue
        dropped += 1
        for ending in ("", "name", "url"):
            tags.values.pop(f"{name}{ending}", None)
    return dropped


def _clock(seconds: float) -> str:
    whole = round(1000 * seconds)
    minutes, rest = divmod(whole, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest / 1000:06.3f}"


def adapt_cue_sheet(text: str, time: TimeMap) -> tuple[str, int]:
    """Return a cue sheet's text with its indexes moved, and how many tracks were dropped.

    A sheet that no track is left of is empty.
    """
    head: list[str] = []
    tracks: list[list[str]] = []
    for line in text.splitlines():
        if _TRACK.match(line):
            tracks.append([])
        (tracks[-1] if tracks else head).append(line)
    starts = [_track_start(track) for track in tracks]
    known = [start for start in starts if start is not None]
    if not known or len(known) != len(tracks):
        return text, 0
    moved = time.ranges([start / _CD_FRAMES for start in known])
    kept = [track for track, start in zip(tracks, moved, strict=True) if start is not None]
    lines = head + [_moved_index(line, time) for track in kept for line in track]
    return "\n".join(lines) if kept else "", len(tracks) - len(kept)


def _track_start(track: list[str]) -> int | None:
    """Return the frame of INDEX 01, or of the first index."""
    frames = {}
    for line in track:
        found = _INDEX.match(line)
        if found:
            frames[int(found.group(2))] = _frame(found)
    return frames.get(1, min(frames.values(), default=None))


def _frame(found: re.Match[str]) -> int:
    minutes, seconds, frames = (int(found.group(group)) for group in (3, 4, 5))
    return (60 * minutes + seconds) * _CD_FRAMES + frames


def _moved_index(line: str, time: TimeMap) -> str:
    found = _INDEX.match(line)
    if not found:
        return line
    moved = round(time.seconds(_frame(found) / _CD_FRAMES) * _CD_FRAMES)
    seconds, frames = divmod(moved, _CD_FRAMES)
    return f"{found.group(1)}{seconds // 60:02d}:{seconds % 60:02d}:{frames:02d}{found.group(6)}"


def flac_cue_sheet(sheet: Any, time: TimeMap) -> tuple[Any, int]:
    """Return a FLAC file's cue sheet made true, and how many of its tracks were dropped."""
    if sheet is None or time.is_identity or not sheet.tracks:
        return sheet, 0
    *tracks, lead_out = map(copy.copy, sheet.tracks)
    starts = time.ranges([track.start_offset / time.rate_in for track in tracks])
    kept = []
    for track, begin in zip(tracks, starts, strict=True):
        if begin is None:
            continue
        before = track.start_offset
        track.start_offset = time.position(max(before, time.start))
        track.indexes = [
            type(index)(
                index.index_number,
                time.position(max(before + index.index_offset, time.start)) - track.start_offset,
            )
            for index in track.indexes
            if time.stop is None or before + index.index_offset < time.stop
        ]
        kept.append(track)
    end = lead_out.start_offset if time.stop is None else min(lead_out.start_offset, time.stop)
    lead_out.start_offset, lead_out.track_number = time.position(end), _LEAD_OUT
    adapted = copy.copy(sheet)
    adapted.compact_disc = False  # its offsets are no longer whole sectors of a disc
    adapted.tracks = [*kept, lead_out]
    return adapted if kept else None, len(tracks) - len(kept)


def adapt_frames(frames: list[Any], time: TimeMap) -> tuple[list[Any], int]:
    """Return ID3 frames with chapters and timed texts moved, and how many chapters were dropped."""
    if time.is_identity:
        return frames, 0
    moved = [_moved_frame(frame, time) for frame in frames]
    gone = {
        frame.element_id
        for frame, now in zip(frames, moved, strict=True)
        if now is None and frame.FrameID == "CHAP"
    }
    kept = [frame for frame in moved if frame is not None]
    for number, frame in enumerate(kept):
        if frame.FrameID == "CTOC" and gone & set(frame.child_element_ids):
            kept[number] = copy.deepcopy(frame)
            kept[number].child_element_ids = [
                name for name in frame.child_element_ids if name not in gone
            ]
    return kept, len(gone)


def _moved_frame(frame: Any, time: TimeMap) -> Any:
    """Return a frame, moved where it states times; None where none of it is left."""
    if frame.FrameID == "CHAP":
        return _moved_chapter(frame, time)
    if frame.FrameID == "SYLT" and frame.format == _MILLISECONDS:
        first, last = 1000 * time.start_seconds, 1000 * time.stop_seconds
        texts = [
            (text, round(1000 * time.seconds(at / 1000)))
            for text, at in frame.text
            if first <= at < last
        ]
        if not texts:
            return None
        moved = copy.deepcopy(frame)
        moved.text = texts
        return moved
    return frame


def _moved_chapter(frame: Any, time: TimeMap) -> Any:
    first, last = 1000 * time.start_seconds, 1000 * time.stop_seconds
    begin, end = max(frame.start_time, first), min(frame.end_time, last)
    is_point = frame.start_time == frame.end_time
    if begin > end or (begin == end and not is_point) or (is_point and begin >= last):
        return None
    moved = copy.deepcopy(frame)
    moved.start_time, moved.end_time = (
        round(1000 * time.seconds(at / 1000)) for at in (begin, end)
    )
    moved.start_offset = moved.end_offset = _UNKNOWN_OFFSET  # bytes of the source
    return moved
