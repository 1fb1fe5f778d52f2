"""A project as REAPER's text."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from restorack.projects.curves import amplitude, to_amplitudes
from restorack.projects.model import Media, Points, Project, Track
from restorack.projects.names import fit_file
from restorack.projects.publishing import Save, copy_of, folder_beside, path_from, publish
from restorack.projects.reaper.chunks import Chunk

LAWS = {
    "constant_power": amplitude(-3.0103),
    "compromise": amplitude(-4.5154),
    "linear": amplitude(-6.0206),
}
"""Gains in the middle of mono tracks; stereo ones have none, since sessions balance them."""

POST, PRE = 0, 3
"""Modes of a receive: after fader and pan; before the fader, behind the effects."""


def write_reaper(project: Project, path: Path, *, force: bool = False) -> list[Path]:
    """Write a project as ``.rpp``, and audio that is not the user's own into a folder beside it.

    Parameters
    ----------
    project : Project
    path : Path
    force : bool
        Replace files that exist.

    Returns
    -------
    list of Path
        The files beside it.

    Raises
    ------
    FileError
        For files that exist or cannot be written.
    """
    files: dict[Path, Save] = {}
    places: dict[Media, str] = {}
    taken: set[str] = set()
    for media in project.media:
        place = media.path
        if media.embedded:
            name = fit_file(media.name, taken)
            taken.add(name.lower())
            place = folder_beside(path) / name
            files[place] = copy_of(media.path)
        places[media] = path_from(place, path.parent)
    law = f"pan_law {project.pan_law}: between the middle and the ends REAPER has its own curve"
    project.lose(str(path), law)
    text = _document(project, places).to_text()
    sources = [media.path for media in project.media]
    publish(path, text.encode(), files, force=force, sources=sources)
    return list(files)


def _document(project: Project, places: dict[Media, str]) -> Chunk:
    root = Chunk(["REAPER_PROJECT", "0.1", "7.0/restorack", "0"])
    if project.sample_rate is not None:
        root.add("SAMPLERATE", round(project.sample_rate), 1, 0)
    if project.tempo is not None:
        root.add("TEMPO", float(project.tempo), project.beats_per_bar, 4)
    master = project.master
    root.add("MASTER_VOLUME", *_fader(master), -1, -1, 1)
    root.add("MASTERMUTESOLO", int(master.mute))
    _add_envelopes(root, master, "MASTER")
    for number, (time, name) in enumerate(project.markers, 1):
        root.add("MARKER", number, float(time), name, 0)
    strips = [*project.tracks, *project.buses]
    for number, track in enumerate(strips):
        _add_track(root, track, number, strips, places, LAWS[project.pan_law])
    return root


def _add_track(
    root: Chunk,
    track: Track,
    number: int,
    strips: list[Track],
    places: dict[Media, str],
    law: float,
) -> None:
    own = "{" + str(UUID(int=number + 1)).upper() + "}"
    chunk = root.open("TRACK", own)
    chunk.add("NAME", track.name)
    chunk.add("AUTOMODE", 0)
    chunk.add("VOLPAN", *_fader(track), law if track.channels == 1 else 1.0, -1, 1)
    chunk.add("MUTESOLO", int(track.mute), 2 * track.solo, 0)
    chunk.add("NCHAN", 2)
    chunk.add("TRACKID", own)
    chunk.add("MAINSEND", int(track.output == "master"), 0)
    for index, source in enumerate(strips):
        if source.output == track.name:
            _add_receive(chunk, index, POST, 1.0)
        for send in source.sends:
            if send.to == track.name:
                _add_receive(chunk, index, PRE if send.pre else POST, amplitude(send.gain_db))
    _add_envelopes(chunk, track, "")
    for clip in track.clips:
        item = chunk.open("ITEM")
        item.add("POSITION", float(clip.start))
        item.add("LENGTH", float(clip.length))
        item.add("LOOP", 0)
        item.add("MUTE", 0, 0)
        item.add("NAME", Path(clip.media.name).stem)
        item.add("SOFFS", float(clip.offset))
        item.add("PLAYRATE", 1, 1, 0, -1, 0, 0.0025)
        item.open("SOURCE", _kind(clip.media)).add("FILE", places[clip.media])


def _add_receive(chunk: Chunk, source: int, mode: int, gain: float) -> None:
    chunk.add("AUXRECV", source, mode, gain, 0, 0, 0, 0, 0, 0, "-1:U", 0, -1, "")


def _fader(track: Track) -> tuple[float, float]:
    """Return the amplitude and the pan of a fader; in the middle where an envelope moves them."""
    gain = amplitude(track.gain_db[0][1]) if len(track.gain_db) == 1 else 1.0
    return gain, float(track.pan[0][1]) if len(track.pan) == 1 else 0.0


def _add_envelopes(chunk: Chunk, track: Track, prefix: str) -> None:
    if len(track.gain_db) > 1:
        _add_envelope(chunk, f"{prefix}VOLENV2", to_amplitudes(track.gain_db))
    if len(track.pan) > 1:  # envelopes of pans have the left side up
        _add_envelope(chunk, f"{prefix}PANENV2", tuple((t, 0.0 - v) for t, v in track.pan))


def _add_envelope(chunk: Chunk, name: str, points: Points) -> None:
    envelope = chunk.open(name)
    envelope.add("ACT", 1, -1)
    envelope.add("VIS", 1, 1, 1)
    envelope.add("LANEHEIGHT", 0, 0)
    envelope.add("ARM", 0)
    envelope.add("DEFSHAPE", 0, -1, -1)
    for time, value in points:
        envelope.add("PT", float(time), float(value), 0)


def _kind(media: Media) -> str:
    """Return what REAPER calls a kind of file."""
    kinds = {".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS", ".oga": "VORBIS", ".opus": "OPUS"}
    return kinds.get(Path(media.name).suffix.lower(), "WAVE")
