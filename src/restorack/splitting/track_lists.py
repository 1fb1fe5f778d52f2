"""Where the tracks of a side begin, as other programs read it: CUE sheets and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from restorack.splitting.layout import Track
from restorack.text import visible

CD_FRAMES = 75
"""Of a CUE sheet's clock, per second."""
_KINDS = {".aiff": "AIFF", ".aif": "AIFF", ".mp3": "MP3"}


def cue_sheet(
    tracks: Sequence[Track], sample_rate: int, audio: Path | PurePosixPath, tags: Mapping[str, str]
) -> str:
    """Return a CUE sheet.

    Parameters
    ----------
    tracks : sequence of Track
    sample_rate : int
        In Hz.
    audio : path
        As the sheet names the side, relative to itself.
    tags : mapping
        Of the side: album, artist, date, genre.

    Returns
    -------
    str
        Index 00 is where the gap before a track begins, index 01 the track; both rounded down to
        frames of 1/75 s, so that no attack is cut.
    """
    lines = [f"REM {name.upper()} {_quoted(tags[name])}" for name in ("genre", "date")
             if name in tags]  # fmt: skip
    if "artist" in tags:
        lines.append(f"PERFORMER {_quoted(tags['artist'])}")
    if album := tags.get("album", tags.get("title")):
        lines.append(f"TITLE {_quoted(album)}")
    kind = _KINDS.get(audio.suffix.lower(), "WAVE")
    lines.append(f"FILE {_quoted(audio.as_posix())} {kind}")
    before = 0
    for position, track in enumerate(tracks, 1):
        lines.append(f"  TRACK {position:02d} AUDIO")
        lines.append(f"    TITLE {_quoted(track.title)}")
        if performer := track.tags.get("artist", tags.get("artist")):
            lines.append(f"    PERFORMER {_quoted(performer)}")
        if _clock(before, sample_rate) != _clock(track.start, sample_rate):
            lines.append(f"    INDEX 00 {_clock(before, sample_rate)}")
        lines.append(f"    INDEX 01 {_clock(track.start, sample_rate)}")
        before = track.stop
    return "\r\n".join(lines) + "\r\n"


def labels(tracks: Sequence[Track], sample_rate: int) -> str:
    """Return a label track as Audacity reads it: start, end and title, parted by tabulators."""
    lines = []
    for track in tracks:
        title = visible(track.title, keep="")
        lines.append(f"{track.start / sample_rate:.6f}\t{track.stop / sample_rate:.6f}\t{title}\n")
    return "".join(lines)


def _clock(sample: int, sample_rate: int) -> str:
    seconds, frames = divmod(sample * CD_FRAMES // sample_rate, CD_FRAMES)
    return f"{seconds // 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _quoted(text: str) -> str:
    """Return a text in quotes; CUE sheets have no way to write one inside."""
    return '"' + visible(text, keep="").replace('"', "'") + '"'
