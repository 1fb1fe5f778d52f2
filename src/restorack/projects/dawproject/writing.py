"""A project as DAWproject: its structure, its timeline, its files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from restorack.projects.curves import amplitude, to_amplitudes
from restorack.projects.dawproject.archive import METADATA, PROJECT, write_archive
from restorack.projects.dawproject.tree import Node
from restorack.projects.model import Media, Points, Project, Track
from restorack.projects.names import fit_file
from restorack.version import __version__

VERSION = "1.0"
"""Of the format: the one that its schema describes."""

_LOUDEST = 1000.0  # an amplitude: +60 dB, the highest gain of a session


def write_dawproject(
    project: Project, path: Path, *, embed: bool = True, force: bool = False
) -> None:
    """Write a project as ``.dawproject``; it appears whole or not at all.

    Parameters
    ----------
    project : Project
    path : Path
    embed : bool
        Audio goes into the file; False: files that are the user's own are referred to.
    force : bool
        Replace a file that exists.

    Raises
    ------
    FileError
        For a file that exists, or cannot be written.
    """
    document = _Document(project, path, embed=embed)
    if project.media and project.sample_rate not in (None, project.media[0].sample_rate):
        rate = project.sample_rate
        project.lose(str(path), f"sample_rate {rate:g}: a DAWproject has those of its files alone")
    law = f"pan_law {project.pan_law}: each DAW pans mono tracks by its own law"
    project.lose(str(path), law)
    texts = [(PROJECT, document.root.to_text().encode()), (METADATA, _metadata(project))]
    write_archive(
        path,
        [*texts, *document.states],
        [(name, media.path) for media, name in document.inside.items()],
        force=force,
        sources=[media.path for media in project.media],
    )


def _metadata(project: Project) -> bytes:
    root = Node("MetaData")
    root.add("Title", project.name)
    return root.to_text().encode()


class _Document:
    """``project.xml``, and what lies beside it."""

    def __init__(self, project: Project, path: Path, *, embed: bool) -> None:
        self._project, self._folder = project, path.parent
        self.states: list[tuple[str, bytes]] = []
        self.inside: dict[Media, str] = {}
        taken: set[str] = set()
        for media in project.media:
            if embed or media.embedded:
                name = fit_file(media.name, taken)
                taken.add(name.lower())
                self.inside[media] = f"audio/{name}"
        strips = project.all_tracks
        self._ids = {track.name: number for number, track in enumerate(strips)}
        self.root = Node("Project", {"version": VERSION})
        self.root.add("Application", name="restorack", version=__version__)
        self._add_transport()
        structure = self.root.add("Structure")
        for track in strips:
            self._add_track(structure, track)
        self._add_arrangement(self.root.add("Arrangement", id="arrangement"))

    def _add_transport(self) -> None:
        if self._project.tempo is None:
            return
        transport = self.root.add("Transport")
        transport.add("Tempo", id="tempo", unit="bpm", value=float(self._project.tempo))
        transport.add(
            "TimeSignature", id="meter", numerator=self._project.beats_per_bar, denominator=4
        )

    def _add_track(self, structure: Node, track: Track) -> None:
        number = self._ids[track.name]
        node = structure.add(
            "Track", name=track.name, id=f"track{number}", contentType="audio", loaded=True
        )
        channel = node.add(
            "Channel",
            id=f"channel{number}",
            role=self._role(track),
            audioChannels=track.channels,
            solo=track.solo,
            destination=f"channel{self._ids[track.output]}" if track.output else None,
        )
        if track.plugins:
            self._add_plugins(channel.add("Devices"), track, number)
        channel.add("Mute", id=f"mute{number}", name="Mute", value=track.mute)
        pan, gain = (track.pan[0][1] + 1.0) / 2.0, amplitude(track.gain_db[0][1])
        _parameter(channel, "Pan", f"pan{number}", "normalized", pan, 1.0)
        self._add_sends(channel, track, number)
        _parameter(channel, "Volume", f"volume{number}", "linear", gain, _LOUDEST)

    def _role(self, track: Track) -> str:
        if track.kind != "bus":
            return "master" if track.kind == "master" else "regular"
        fed = any(other.output == track.name for other in self._project.all_tracks)
        return "submix" if fed else "effect"

    def _add_sends(self, channel: Node, track: Track, number: int) -> None:
        if not track.sends:
            return
        sends = channel.add("Sends")
        for index, send in enumerate(track.sends):
            own = f"send{number}.{index}"
            node = sends.add(
                "Send",
                id=own,
                destination=f"channel{self._ids[send.to]}",
                type="pre" if send.pre else "post",
            )
            _parameter(node, "Volume", f"{own}.volume", "linear", amplitude(send.gain_db), _LOUDEST)

    def _add_plugins(self, devices: Node, track: Track, number: int) -> None:
        for index, plugin in enumerate(track.plugins):
            path = f"plugins/{number}-{index}.vstpreset"
            node = devices.add(
                "Vst3Plugin",
                id=f"plugin{number}.{index}",
                name=plugin.name,
                deviceName=plugin.name,
                deviceID=plugin.class_id,
                deviceRole="audioFX",
                loaded=True,
            )
            node.add("Parameters")
            node.add("Enabled", id=f"enabled{number}.{index}", name="On/Off", value=plugin.enabled)
            node.add("State", path=path)
            self.states.append((path, plugin.state))

    def _add_arrangement(self, arrangement: Node) -> None:
        lanes = arrangement.add("Lanes", id="lanes", timeUnit="seconds")
        for track in self._project.all_tracks:
            number = self._ids[track.name]
            own = lanes.add("Lanes", id=f"lanes{number}", track=f"track{number}")
            self._add_clips(own, track)
            _points(own, f"volume{number}", "linear", to_amplitudes(track.gain_db))
            centred = tuple((time, (value + 1.0) / 2.0) for time, value in track.pan)
            _points(own, f"pan{number}", "normalized", centred)
        if self._project.markers:
            markers = arrangement.add("Markers", id="markers", timeUnit="seconds")
            for time, name in self._project.markers:
                markers.add("Marker", name=name, time=float(time))

    def _add_clips(self, lanes: Node, track: Track) -> None:
        if not track.clips:
            return
        clips = lanes.add("Clips", id=f"clips{self._ids[track.name]}")
        for clip in track.clips:
            media = clip.media
            node = clips.add(
                "Clip",
                name=Path(media.name).stem,
                time=float(clip.start),
                duration=float(clip.length),
                contentTimeUnit="seconds",
                playStart=float(clip.offset),
            )
            audio = node.add(
                "Audio",
                channels=media.channels,
                sampleRate=media.sample_rate,
                duration=float(media.seconds),
            )
            inside = self.inside.get(media)
            path = inside or os.path.relpath(media.path, self._folder).replace(os.sep, "/")
            audio.add("File", path=path, external=inside is None)


def _parameter(parent: Node, tag: str, own: str, unit: str, value: float, most: float) -> None:
    parent.add(tag, id=own, name=tag, unit=unit, min=0.0, max=most, value=float(value))


def _points(lanes: Node, parameter: str, unit: str, points: Iterable[tuple[float, float]]) -> None:
    """Add a parameter's curve, where it moves."""
    listed: Points = tuple(points)
    if len(listed) < 2:
        return
    node = lanes.add("Points", unit=unit)
    node.add("Target", parameter=parameter)
    for time, value in listed:
        node.add("RealPoint", time=float(time), value=float(value), interpolation="linear")
