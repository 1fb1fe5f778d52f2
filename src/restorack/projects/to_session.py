"""A project as a session: its text, and the audio that lies beside it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from restorack.config.yaml_source import parse_yaml
from restorack.errors import FileError
from restorack.io.atomic import AtomicFile, write_all
from restorack.io.writer import AudioWriter
from restorack.presets.schema import checked
from restorack.projects.audio import assembled
from restorack.projects.model import Clip, Project, Track
from restorack.projects.names import document_name, fit_file
from restorack.render.session.schema import FORMAT, MASTER, SessionModel

AUDIO = "-audio"
"""What the folder beside a session ends with."""

Save = Callable[[Path, ExitStack, bool], None]
"""Writes a file to a path; it appears when the stack of contexts ends."""


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
    folder = output.parent / f"{output.stem}{AUDIO}"
    text, files = _Text(project, output.parent, folder).finished(str(output))
    kept = [*sources, *(media.path for media in project.media if not media.embedded)]
    made = bool(files) and not folder.exists()
    with ExitStack() as stack:
        session = stack.enter_context(AtomicFile(output, force=force, sources=kept))
        if made:
            folder.mkdir()
            stack.push(lambda kind, *_: _remove_empty(folder) if kind else None)
        for path, save in files.items():
            AtomicFile(path, force=force, sources=kept).check()
            save(path, stack, force)
        write_all(session.descriptor, text.encode())
    return Written(output, list(files))


def _remove_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


class _Text:
    """A session's text in the making."""

    def __init__(self, project: Project, home: Path, folder: Path) -> None:
        self._project, self._home, self._folder = project, home, folder
        self._files: dict[Path, Save] = {}
        self._copies: dict[Path, Path] = {}
        self._taken: set[str] = set()

    def finished(self, where: str) -> tuple[str, dict[Path, Save]]:
        """Return the text and the files that it names, checked as far as a session's form goes."""
        from ruamel.yaml import YAML

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
                return self._named(media.path)
            if media.path not in self._copies:
                self._copies[media.path] = self._new(media.name, _copy_of(media.path))
            return self._named(self._copies[media.path])
        return self._named(self._new(f"{track.name}.wav", _assembly_of(track.clips)))

    def _new(self, name: str, save: Save) -> Path:
        file = fit_file(name, self._taken)
        self._taken.add(file.lower())
        self._files[self._folder / file] = save
        return self._folder / file

    def _named(self, path: Path) -> str:
        """Return a path as the session writes it: from its folder, where it lies below that."""
        whole, home = path.absolute(), self._home.absolute()
        return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)

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
        state = self._new(f"{track.name}-{number + 1}.vstpreset", _bytes_of(plugin.state))
        entry = {"vst3": plugin.name, "state": self._named(state), "optional": True}
        return entry if plugin.enabled else entry | {"enabled": False}


def _copy_of(source: Path) -> Save:
    def save(path: Path, stack: ExitStack, force: bool) -> None:
        target = stack.enter_context(AtomicFile(path, force=force))
        with source.open("rb") as data:
            while block := data.read(1 << 20):
                write_all(target.descriptor, block)

    return save


def _bytes_of(data: bytes) -> Save:
    def save(path: Path, stack: ExitStack, force: bool) -> None:
        write_all(stack.enter_context(AtomicFile(path, force=force)).descriptor, data)

    return save


def _assembly_of(clips: Sequence[Clip]) -> Save:
    def save(path: Path, stack: ExitStack, force: bool) -> None:
        blocks, channels, rate = assembled(clips)
        writer = stack.enter_context(
            AudioWriter(path, rate, channels, format="WAV", subtype="FLOAT", force=force)
        )
        for block in blocks:
            writer.write(block)
        writer.finish()

    return save


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
