"""A DAWproject, read: what a session can hold of it, and what it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

from restorack.errors import FileError, RestorackError
from restorack.hosting.parameters.states import is_vstpreset, preset_class
from restorack.projects.audio import media_of
from restorack.projects.curves import amplitude, decibels, from_amplitudes, rising, thinned
from restorack.projects.dawproject.archive import (
    MAX_STATE,
    METADATA,
    PROJECT,
    Archive,
    open_archive,
)
from restorack.projects.dawproject.timeline import Scale, Timeline
from restorack.projects.dawproject.tree import Node, parse_xml
from restorack.projects.model import Media, Plugin, Project, Track
from restorack.projects.names import fit_file, fit_name
from restorack.projects.numbers import number
from restorack.render.session.model import Send
from restorack.render.session.schema import MASTER

_PAN, _VOLUME = "pan", "volume"
_DIGITS = 12  # of a pan: no noise of conversion
_HOLD_S = 1e-5  # seconds before a step at which the value before it is held


def read_dawproject(path: Path, folder: Path) -> Project:
    """Read a ``.dawproject``.

    Parameters
    ----------
    path : Path
    folder : Path
        An empty one, for the audio that the file holds.

    Raises
    ------
    FileError
        With file, line and rule, for what is no DAWproject or not a safe one.
    """
    with open_archive(path, shutil.disk_usage(folder).free) as archive:
        root = parse_xml(archive.read(PROJECT), f"{path}: {PROJECT}")
        if root.tag != "Project":
            raise FileError(f"is a {root.tag[:40]!r}", where=root.place, rule="a Project")
        return _Reader(root, archive, folder).project


class _Reader:
    """One reading."""

    def __init__(self, root: Node, archive: Archive, folder: Path) -> None:
        self._archive, self._folder = archive, folder
        self._taken: set[str] = set()
        self._media: dict[str, Media | None] = {}
        self.project = Project(_title(archive) or archive.path.stem)
        self._read_transport(root)
        self._tracks: dict[str, Track] = {}  # by the id of the track, and of its channel
        self._channels: list[tuple[Node, Track, str]] = []
        self._parameters: dict[str, tuple[str, Track, str]] = {}
        names: set[str] = set()
        for node in (root.one("Structure") or Node("")).children:
            self._read_track(node, names, "", inside=False)
        arrangement = root.one("Arrangement")
        if arrangement is not None:
            self._read_arrangement(arrangement)
        self._settle_routes()
        scenes = root.one("Scenes")
        if scenes is not None and scenes.children:
            self.project.lose(scenes.place, "scenes")
        _sort(self.project)

    def _read_transport(self, root: Node) -> None:
        transport = root.one("Transport") or Node("")
        if (tempo := transport.one("Tempo")) is not None and tempo.get("value"):
            self.project.tempo = number(tempo.get("value"), tempo.place, 1.0, 1000.0)
        if (meter := transport.one("TimeSignature")) is not None:
            beats = number(meter.get("numerator", "4"), meter.place, 1, 64)
            if meter.get("denominator", "4") == "4" and beats == int(beats):
                self.project.beats_per_bar = int(beats)
            else:
                self.project.lose(meter.place, "a time signature that is not in quarters")

    # Tracks and channels.

    def _read_track(self, node: Node, names: set[str], group: str, *, inside: bool) -> None:
        """Read a track and those inside of it; ``group`` is the channel that they go to."""
        channel = node if node.tag == "Channel" else node.one("Channel")
        inner = list(node.all("Track"))
        if channel is None:
            if not inner:
                self.project.lose(node.place, f"track {node.get('name')!r}, which has no channel")
            lead = _lead(inner)
            for child in inner:
                own = child.one("Channel")
                below = group if own is not None and own.get("id") == lead else lead or group
                self._read_track(child, names, below, inside=True)
            return
        role = channel.get("role", "regular")
        if role == "vca":
            self.project.lose(channel.place, f"the VCA {node.get('name')!r}")
            return
        track = self._new_track(node, role, names, grouped=inside or bool(inner))
        for key in (node.get("id"), channel.get("id")):
            if key:
                self._tracks[key] = track
        self._channels.append((channel, track, group))
        self._read_channel(channel, track)
        for child in inner:
            self._read_track(child, names, channel.get("id") or group, inside=True)

    def _new_track(self, node: Node, role: str, names: set[str], *, grouped: bool) -> Track:
        project = self.project
        if role == "master" and not grouped and project.master.output == "":
            project.master.output = MASTER  # found; emptied when all is read
            return project.master
        given = node.get("name")
        name = fit_name(given, {*names, MASTER})
        names.add(name.lower())
        if name != given:
            project.lose(node.place, f"the name {given[:80]!r}: it is {name!r} in the session")
        bus = role in ("effect", "submix", "master") or node.one("Track") is not None
        track = Track(name, "bus" if bus else "track", output=MASTER)
        (project.buses if bus else project.tracks).append(track)
        return track

    def _read_channel(self, channel: Node, track: Track) -> None:
        track.solo = channel.get("solo") in ("true", "1")
        if (mute := channel.one("Mute")) is not None:
            track.mute = mute.get("value") in ("true", "1")
        if (volume := channel.one("Volume")) is not None:
            track.gain_db = ((0.0, _gain(volume, volume.get("unit"))),)
            self._know(volume, track, _VOLUME)
        if (pan := channel.one("Pan")) is not None:
            track.pan = ((0.0, _pan(pan, pan.get("unit"))),)
            self._know(pan, track, _PAN)
        for device in (channel.one("Devices") or Node("")).children:
            self._read_device(device, track)

    def _know(self, node: Node, track: Track, kind: str) -> None:
        if node.get("id"):
            self._parameters[node.get("id")] = (kind, track, node.get("unit"))

    def _read_device(self, device: Node, track: Track) -> None:
        name, state = device.get("deviceName") or device.get("name"), device.one("State")
        place = f"{device.place}: {track.name}"
        if device.tag != "Vst3Plugin" or state is None:
            self.project.lose(place, f"{device.tag} {name!r}: only VST3 with a state is carried")
            return
        data = self._archive.read(state.get("path"), MAX_STATE)
        is_path = any(c in name for c in "/\\#") or name.lower().endswith(".vst3")
        if not is_vstpreset(data) or is_path or not name:
            self.project.lose(place, f"plugin {name!r}: neither name nor state can be trusted")
            return
        on = device.one("Enabled")
        enabled = on is None or on.get("value", "true") in ("true", "1")
        track.plugins += (Plugin(name, preset_class(data), data, enabled),)

    def _settle_routes(self) -> None:
        """Give every channel its output and its sends, now that all are known."""
        self._find_buses()
        for channel, track, group in self._channels:
            if track is self.project.master:
                continue
            wanted = channel.get("destination") or group
            target = self._tracks.get(wanted)
            track.output = self._bus(target, channel.place, track) if target else MASTER
            sends = []
            for node in (channel.one("Sends") or Node("")).all("Send"):
                bus = self._tracks.get(node.get("destination"))
                enabled = (node.one("Enable") or Node("")).get("value", "true")
                volume = node.one("Volume")
                if bus is None or bus.kind != "bus" or volume is None or enabled == "false":
                    self.project.lose(node.place, f"a send of {track.name!r} that goes to no bus")
                    continue
                gain = _gain(volume, volume.get("unit"))
                sends.append(Send(bus.name, gain, node.get("type") == "pre"))
            track.sends = tuple(sends)
        self.project.master.output = ""

    def _find_buses(self) -> None:
        """Make buses of tracks without clips that others lead to: some programs have no roles."""
        wanted = {channel.get("destination") for channel, _, _ in self._channels}
        for channel, _, _ in self._channels:
            sends = (channel.one("Sends") or Node("")).all("Send")
            wanted |= {send.get("destination") for send in sends}
        for channel, track, _ in self._channels:
            if track.kind == "track" and not track.clips and channel.get("id") in wanted:
                track.kind = "bus"
                self.project.tracks.remove(track)
                self.project.buses.append(track)

    def _bus(self, target: Track, place: str, track: Track) -> str:
        if target.kind == "track":
            self.project.lose(
                place, f"{track.name!r} into the track {target.name!r}: to the master"
            )
            return MASTER
        return target.name

    # The timeline.

    def _read_arrangement(self, arrangement: Node) -> None:
        moving = arrangement.one("TempoAutomation")
        moves = moving is not None and len({p.get("value") for p in moving.all("RealPoint")}) > 1
        if moving is not None and moves:
            self.project.lose(moving.place, "changes of tempo")
        timeline = Timeline(self.project.tempo, self._open, self.project.lose, moves=moves)
        lanes = arrangement.one("Lanes")
        if lanes is not None:
            self._read_lanes(lanes, timeline, None, None)
        markers = arrangement.one("Markers")
        if markers is not None:
            around = lanes if lanes is not None else arrangement
            self._read_markers(markers, timeline, timeline.scale(around, None))

    def _read_lanes(
        self, node: Node, timeline: Timeline, scale: Scale | None, track: Track | None
    ) -> None:
        track = self._tracks.get(node.get("track"), track)
        own = timeline.scale(node, scale)
        for child in node.children:
            if child.tag == "Lanes":
                self._read_lanes(child, timeline, own, track)
            elif child.tag == "Clips":
                self._read_clips(child, timeline, own, self._tracks.get(child.get("track"), track))
            elif child.tag == "Points":
                self._read_points(child, timeline.scale(child, own))
            elif child.tag in ("Markers", "markers"):
                self._read_markers(child, timeline, own)
            else:
                self.project.lose(child.place, f"{child.tag} on the timeline")

    def _read_clips(
        self, node: Node, timeline: Timeline, scale: Scale, track: Track | None
    ) -> None:
        clips = tuple(timeline.clips(node, scale))
        if track is None or track.kind != "track":
            if clips:
                self.project.lose(node.place, "clips on what is no track")
            return
        track.clips += clips

    def _read_markers(self, node: Node, timeline: Timeline, scale: Scale | None) -> None:
        own = timeline.scale(node, scale)
        for marker in node.all("Marker"):
            self.project.markers.append((own.time(marker, "time"), marker.get("name")))

    def _read_points(self, node: Node, scale: Scale) -> None:
        target = node.one("Target") or Node("")
        known = self._parameters.get(target.get("parameter"))
        points = list(node.all("RealPoint"))
        if known is None or not points:
            self.project.lose(node.place, "automation of what is neither a fader nor a pan")
            return
        kind, track, unit = known
        unit = node.get("unit") or unit
        value = _gain if kind == _VOLUME else _pan
        line: list[tuple[float, float]] = []
        held = False
        for point in points:
            if held:
                line.append((max(scale.time(point, "time") - _HOLD_S, line[-1][0]), line[-1][1]))
            line.append((scale.time(point, "time"), value(point, unit)))
            held = point.get("interpolation") == "hold"
        curve = rising(line)
        if kind == _PAN:
            track.pan = thinned(curve)
        elif unit == "decibel":
            track.gain_db = thinned(curve)
        else:
            track.gain_db = from_amplitudes(tuple((t, amplitude(v)) for t, v in curve))

    def _open(self, audio: Node) -> Media | None:
        file = audio.one("File")
        path = file.get("path") if file is not None else ""
        if path not in self._media:
            outside = file is not None and file.get("external") in ("true", "1")
            self._media[path] = self._outside(path, audio) if outside else self._inside(path)
        media = self._media[path]
        if media is None:
            self.project.lose(audio.place, f"{path[:120]!r}: sessions are mono or stereo")
        return media

    def _outside(self, path: str, audio: Node) -> Media | None:
        file = self._archive.path.parent / path.replace("\\", "/")
        try:
            return media_of(file)
        except RestorackError as error:
            raise error.at(audio.place) from error

    def _inside(self, path: str) -> Media | None:
        name = fit_file(path, self._taken)
        self._taken.add(name.lower())
        target = self._folder / name
        self._archive.extract(path, target)
        try:
            return media_of(target, embedded=True)
        except RestorackError as error:
            raise FileError(
                f"{error.what}", where=f"{self._archive.path}: {path}", rule=error.rule
            ) from error


def _title(archive: Archive) -> str:
    """Return the title of a project, empty where it has none."""
    if not archive.has(METADATA):
        return ""
    root = parse_xml(archive.read(METADATA), f"{archive.path}: {METADATA}")
    return (root.one("Title") or Node("")).text.strip()


def _lead(tracks: list[Node]) -> str:
    """Return the channel that a folder's tracks go to: the one of them that calls itself master."""
    channels = (track.one("Channel") for track in tracks)
    found = (one.get("id") for one in channels if one is not None and one.get("role") == "master")
    return next(found, "")


def _gain(node: Node, unit: str) -> float:
    """Return a gain in dB."""
    if unit == "decibel":
        return round(number(node.get("value"), node.place, -1000.0, 60.0), 10)
    return decibels(number(node.get("value", "1"), node.place, 0.0, 1000.0 * (1 + 1e-9)))


def _pan(node: Node, unit: str) -> float:
    """Return a pan from -1 to 1."""
    value = number(node.get("value", "0.5"), node.place, -1.0, 1.0)
    return round(value if unit == "linear" else 2.0 * value - 1.0, _DIGITS) + 0.0


def _sort(project: Project) -> None:
    project.markers.sort(key=lambda marker: marker[0])
    for track in project.tracks:
        track.clips = tuple(sorted(track.clips, key=lambda clip: clip.start))
