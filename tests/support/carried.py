"""What a project says, to compare two of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from restorack.projects.curves import thinned
from restorack.projects.model import Project, Track


def carried(project: Project) -> dict[str, Any]:
    """Return what a project says, without the names of its files and what was lost."""
    return {
        "tempo": project.tempo,
        "beats": project.beats_per_bar,
        "tracks": [_bare(one) for one in project.tracks],
        "buses": [_bare(one) for one in project.buses],
        "master": _bare(project.master),
    }


def _bare(track: Track) -> Track:
    clips = tuple(
        replace(clip, media=replace(clip.media, path=Path(), name="", embedded=False))
        for clip in track.clips
    )
    sends = tuple(sorted(track.sends, key=lambda send: send.to))
    gain, pan = thinned(track.gain_db), thinned(track.pan)
    return replace(track, gain_db=gain, pan=pan, clips=clips, sends=sends)
