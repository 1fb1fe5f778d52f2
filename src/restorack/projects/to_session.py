"""A project as a session: its text, and the audio that lies beside it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from restorack.config.yaml_source import parse_yaml
from restorack.errors import FileError
from restorack.presets.schema import checked
from restorack.projects.model import PAN_LAW, Project, Track
from restorack.projects.names import document_name, fit_file
from restorack.projects.publishing import (
    Save,
    assembly_of,
    bytes_of,
    copy_of,
    folder_beside,
    path_from,
    publish,
)
from restorack.render.session.schema import FORMAT, MASTER, SessionModel


@dataclass(frozen=True)
class Written:
    """What was written: the session, and the files beside it."""

    session: Path
    files: list[Path]


def write_session(
    project: Project, output: Path, *, force: bool = False, sources: Sequence[Path] = ()
) -> Written:
    """Write a project as a session, with its audio in a folder beside it.

    All files appear when all are finished, the session last. Whole files of the user's own are
    referred to; embedded ones are copied, and several clips of a track become one file.

    Parameters
    ----------
    project : Project
    output : Path
        Ends in ``.yaml``.
    force : bool
        Replace files that exist.
    sources : sequence of Path
        Never overwritten.

    Raises
    ------
    FileError
        For a project without audio, buses in a circle, and files that cannot be written.
    """
    text, files = _Text(project, output).finished()
    kept = [*sources, *(media.path for media in project.media if not media.embedded)]
    publish(output, text.encode(), files, force=force, sources=kept)
    return Written(output, list(files))


class _Text:
    """A session's text in the making."""

    def __init__(self, project: Project, output: Path) -> None:
        self._project, self._output = project, output
        self._folder = folder_beside(output)
        self._files: dict[Path, Save] = {}
        self._copies: dict[Path, Path] = {}
        self._taken: set[str] = set()

    def finished(self) -> tuple[str, dict[Path, Save]]:
        """Return the text and the files that it names, checked as far as a session's form goes."""
        from ruamel.yaml import YAML

        where = str(self._output)
        _refuse_circles(self._project, where)
        document = self._document(where)
        writer = YAML(typ="safe", pure=True)
        writer.default_flow_style = None
        writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
        writer.width = 100
        stream = io.StringIO()
        writer.dump(document, stream)
        text = stream.getvalue()
        checked(SessionModel, parse_yaml(text, where))
        return text, self._files

    def _document(self, where: str) -> dict[str, Any]:
        project = self._project
        stems = [self._stem(track) for track in project.tracks if self._has_audio(track)]
        if not stems:
            raise FileError(
                "no track has audio that a session can hold",
                where=where,
                rule="a session has one stem or more",
            )
        rate = project.sample_rate or project.media[0].sample_rate
        document: dict[str, Any] = {"format": FORMAT, "name": document_name(project.name)}
        document["sample_rate"] = _number(rate)
        if project.tempo is not None:
            document["tempo"] = _number(project.tempo)
        if project.pan_law != PAN_LAW:
            document["pan_law"] = project.pan_law
        if project.beats_per_bar != 4:
            document["beats_per_bar"] = project.beats_per_bar
        document["stems"] = stems
        if project.buses:
            document["buses"] = [{"name": bus.name} | self._strip(bus) for bus in project.buses]
        master = self._master(where)
        if master:
            document["master"] = master
        if project.markers:
            count = len(project.markers)
            project.lose(where, f"{count} marker{'s' * (count > 1)}: a session has none")
        return document

    def _master(self, where: str) -> dict[str, Any]:
        master = self._strip(self._project.master)
        moving = master.get("automation", {})
        for key in ("pan", "mute", "solo"):
            if master.pop(key, False) or moving.pop(key, False):
                self._project.lose(where, f"{key} of the master")
        if not moving:
            master.pop("automation", None)
        return master

    def _has_audio(self, track: Track) -> bool:
        if not track.clips:
            self._project.lose(track.name, f"track {track.name!r}, which has no audio")
        return bool(track.clips)

    def _stem(self, track: Track) -> dict[str, Any]:
        rate = self._project.sample_rate or self._project.media[0].sample_rate
        entry: dict[str, Any] = {"file": self._file_of(track), "name": track.name}
        start = round(min(clip.start for clip in track.clips) * rate)
        if start:
            entry["start"] = f"{start} samples"
        return entry | self._strip(track)

    def _file_of(self, track: Track) -> str:
        if len(track.clips) == 1 and track.clips[0].is_whole:
            media = track.clips[0].media
            if not media.embedded:
                return self._path(media.path)
            if media.path not in self._copies:
                self._copies[media.path] = self._new(media.name, copy_of(media.path))
            return self._path(self._copies[media.path])
        return self._path(self._new(f"{track.name}.wav", assembly_of(track.clips)))

    def _new(self, name: str, save: Save) -> Path:
        file = fit_file(name, self._taken)
        self._taken.add(file.lower())
        self._files[self._folder / file] = save
        return self._folder / file

    def _path(self, path: Path) -> str:
        return path_from(path, self._output.parent)

    def _strip(self, track: Track) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        if track.plugins:
            entry["stages"] = [self._plugin(track, number) for number in range(len(track.plugins))]
        automation: dict[str, Any] = {}
        for key, points in (("gain_db", track.gain_db), ("pan", track.pan)):
            if len(points) > 1:
                automation[key] = [[_number(time), _number(value)] for time, value in points]
            elif points[0][1]:
                entry[key] = _number(points[0][1])
        entry |= {key: True for key in ("mute", "solo") if getattr(track, key)}
        if track.output not in ("", MASTER):
            entry["output"] = track.output
        if track.sends:
            entry["sends"] = [
                {"to": s.to, "gain_db": _number(s.gain_db), "pre": s.pre} for s in track.sends
            ]
        if automation:
            entry["automation"] = automation
        return entry

    def _plugin(self, track: Track, number: int) -> dict[str, Any]:
        plugin = track.plugins[number]
        state = self._new(f"{track.name}-{number + 1}.vstpreset", bytes_of(plugin.state))
        entry = {"vst3": plugin.name, "state": self._path(state), "optional": True}
        return entry if plugin.enabled else entry | {"enabled": False}


def _refuse_circles(project: Project, where: str) -> None:
    names = {bus.name for bus in project.buses}
    ways = {
        bus.name: {bus.output, *(send.to for send in bus.sends)} & names for bus in project.buses
    }
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as error:
        raise FileError(
            f"buses in a circle: {' -> '.join(error.args[1])}",
            where=where,
            rule="what leaves a bus never comes back to it",
        ) from None


def _number(value: float) -> float | int:
    """Return 60.0 as 60, and others as they are."""
    return int(value) if float(value).is_integer() else value
