"""REAPER's project, read: what a session can hold of it, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from restorack.errors import RestorackError
from restorack.projects.audio import media_of
from restorack.projects.curves import LOWEST_DB, decibels, from_amplitudes, rising, thinned
from restorack.projects.model import PAN_LAW, Clip, Media, Points, Project, Track
from restorack.projects.names import fit_name
from restorack.projects.numbers import MOST_SECONDS
from restorack.projects.reaper.chunks import Chunk, Line, read_chunks
from restorack.projects.reaper.writing import LAWS, POST, PRE
from restorack.render.session.model import Send
from restorack.render.session.schema import MASTER

NOWHERE = "no output"
"""The muted bus of tracks that go neither to the master nor to a bus."""

_LOUDEST = 1000.0 * (1 + 1e-9)  # an amplitude: +60 dB, the highest gain of a session
_SAME = 1e-4  # of a gain or a speed: what is taken for equal. By hand
_HOLD_S = 1e-5  # seconds before a step at which the value before it is held. By hand
_STRAIGHT, _SQUARE = 0, 1  # shapes of points
_OTHER_ENVELOPES = (
    "VOLENV", "PANENV", "WIDTHENV", "WIDTHENV2", "MUTEENV", "VOLENV3", "AUXVOLENV", "AUXPANENV",
    "AUXMUTEENV",
)  # fmt: skip


def read_reaper(path: Path, folder: Path) -> Project:
    """Read a ``.rpp``; its audio stays where it lies.

    Parameters
    ----------
    path : Path
    folder : Path
        Not used: such a project embeds no audio.

    Raises
    ------
    FileError
        With file, line and rule, for what is no project of REAPER.
    """
    del folder
    return _Reader(read_chunks(path), path).project


class _Reader:
    """One reading."""

    def __init__(self, root: Chunk, path: Path) -> None:
        self._home = path.parent
        self._media: dict[str, Media | None] = {}
        self.project = Project(path.stem)
        self._read_head(root)
        self._laws: set[str] = set()
        self._names: set[str] = set()
        found = [(chunk, self._track(chunk)) for chunk in root.chunks("TRACK")]
        self._settle_routes(found)
        self.project.pan_law = self._laws.pop() if len(self._laws) == 1 else PAN_LAW
        if self._laws:
            self.project.lose(str(path), f"pan laws that differ: all have {PAN_LAW}")

    def _read_head(self, root: Chunk) -> None:
        project = self.project
        rate = root.one("SAMPLERATE")
        if rate.value(2, 0, 0, 1):
            project.sample_rate = rate.value(1, 44_100, 1000, 768_000)
        tempo = root.one("TEMPO")
        if tempo.words:
            project.tempo = tempo.value(1, 120, 1, 1000)
            project.beats_per_bar = int(tempo.value(2, 4, 1, 64))
            if tempo.value(3, 4, 1, 64) != 4:
                project.lose(tempo.place, "a time signature that is not in quarters")
        for envelope in root.chunks("TEMPOENVEX"):
            if len({point.text(2) for point in envelope.all("PT")}) > 1:
                project.lose(envelope.place, "changes of tempo")
        fader = root.one("MASTER_VOLUME")
        self._read_fader(root, project.master, fader, "MASTER", trims=True)
        project.master.mute = bool(int(root.one("MASTERMUTESOLO").value(1, 0, 0, 255)) & 1)
        for marker in root.all("MARKER"):
            project.markers.append((marker.value(2, 0, 0, MOST_SECONDS), marker.text(3)))
        project.markers.sort(key=lambda one: one[0])
        self._lose_effects(root, "MASTERFXLIST", "the master")

    # Tracks.

    def _track(self, chunk: Chunk) -> Track:
        given = chunk.one("NAME").text(1)
        name = fit_name(given, {*self._names, MASTER, NOWHERE})
        self._names.add(name.lower())
        if name != given:
            what = f"the name {given[:80]!r}: it is {name!r} in the session"
            self.project.lose(chunk.place, what)
        items = list(chunk.chunks("ITEM"))
        track = Track(name, "track" if items else "bus", output=MASTER)
        (self.project.tracks if items else self.project.buses).append(track)
        state = chunk.one("MUTESOLO")
        track.mute = state.value(1, 0, 0, 255) > 0
        track.solo = state.value(2, 0, 0, 255) > 0
        trims = chunk.one("AUTOMODE").value(1, 0, -1, 10) <= 0
        self._read_fader(chunk, track, chunk.one("VOLPAN"), "", trims=trims)
        found = (clip for item in items if (clip := self._clip(item, track, chunk)) is not None)
        track.clips = tuple(sorted(found, key=lambda clip: clip.start))
        self._read_law(chunk, track)
        if chunk.one("IPHASE").value(1, 0, 0, 1):
            self.project.lose(chunk.place, f"the inverted polarity of {name!r}")
        for kind in _OTHER_ENVELOPES:
            if any(envelope.one("ACT").text(1) == "1" for envelope in chunk.chunks(kind)):
                self.project.lose(chunk.place, f"the envelope {kind} of {name!r}")
        self._lose_effects(chunk, "FXCHAIN", repr(name))
        return track

    def _read_law(self, chunk: Chunk, track: Track) -> None:
        law = chunk.one("VOLPAN").value(3, -1, -1, 10)
        if track.clips and track.channels == 1 and law > 0:
            near = min(LAWS, key=lambda name: abs(LAWS[name] - law))
            self._laws.add(near)
            if abs(LAWS[near] - law) > _SAME:
                self.project.lose(chunk.place, f"the pan law of {track.name!r}")

    def _lose_effects(self, chunk: Chunk, kind: str, owner: str) -> None:
        for chain in chunk.chunks(kind):
            for effect in chain.children:
                if isinstance(effect, Chunk):
                    name = effect.text(1)[:80]
                    self.project.lose(effect.place, f"the effect {name!r} of {owner}")

    def _read_fader(
        self, chunk: Chunk, track: Track, fader: Line, prefix: str, *, trims: bool
    ) -> None:
        gain = decibels(fader.value(1, 1.0, 0.0, _LOUDEST))
        pan = fader.value(2, 0.0, -1.0, 1.0) + 0.0
        track.gain_db, track.pan = ((0.0, gain),), ((0.0, pan),)
        volume = self._envelope(chunk, f"{prefix}VOLENV2", 0.0, _LOUDEST)
        if volume:
            trim = gain if trims else 0.0
            track.gain_db = tuple(
                (time, min(max(value + trim, LOWEST_DB), 60.0))
                for time, value in from_amplitudes(volume)
            )
        moving = self._envelope(chunk, f"{prefix}PANENV2", -1.0, 1.0)
        if moving:  # envelopes of pans have the left side up
            trim = pan if trims else 0.0
            track.pan = thinned(
                tuple((time, min(max(trim - value, -1.0), 1.0) + 0.0) for time, value in moving)
            )

    def _envelope(self, chunk: Chunk, name: str, low: float, high: float) -> Points:
        """Return the points of an envelope that is on; none for another."""
        for envelope in chunk.chunks(name):
            if envelope.one("ACT").text(1) != "1":
                continue
            if envelope.one("VOLTYPE").text(1, "0") != "0":
                self.project.lose(envelope.place, f"the fader's scale of {name}: it is amplitude")
            line: list[tuple[float, float]] = []
            held = False
            for point in envelope.all("PT"):
                time = point.value(1, 0, 0, MOST_SECONDS)
                if held:
                    line.append((max(time - _HOLD_S, line[-1][0]), line[-1][1]))
                line.append((time, point.value(2, 0, low, high)))
                shape = int(point.value(3, 0, 0, 10))
                held = shape == _SQUARE
                if shape not in (_STRAIGHT, _SQUARE):
                    self.project.lose(envelope.place, f"the curved shapes of {name}")
            return rising(line)
        return ()

    # Items.

    def _clip(self, item: Chunk, track: Track, chunk: Chunk) -> Clip | None:
        lose = self.project.lose
        if item.one("MUTE").value(1, 0, 0, 1):
            lose(chunk.place, f"muted items of {track.name!r}")
            return None
        take = _active_take(item)
        if list(item.all("TAKE")):
            lose(chunk.place, f"other takes of {track.name!r}")
        source = next(take.chunks("SOURCE"), None)
        file = source.one("FILE").text(1) if source is not None else ""
        if source is None or not file:
            kind = source.text(1) if source is not None else "empty"
            lose(item.place, f"an item of {track.name!r} without an audio file: {kind[:40]}")
            return None
        media = self._open(file, source)
        if media is None:
            lose(source.place, f"{file[:120]!r}: sessions are mono or stereo")
            return None
        self._lose_of_item(item, take, f"items of {track.name!r}", chunk.place)
        start = item.one("POSITION").value(1, 0, 0, MOST_SECONDS)
        offset = take.one("SOFFS").value(1, 0, 0, MOST_SECONDS)
        length = item.one("LENGTH").value(1, 0, 0, MOST_SECONDS)
        left = media.seconds - offset
        if length > left + _SAME:
            lose(chunk.place, f"loops of items of {track.name!r}: they play once")
        return Clip(media, start, min(length, left), offset) if left > 0 else None

    def _lose_of_item(self, item: Chunk, take: Chunk, owner: str, place: str) -> None:
        if any(item.one(kind).value(2, 0, 0, MOST_SECONDS) for kind in ("FADEIN", "FADEOUT")):
            self.project.lose(place, f"fades of {owner}")
        if abs(take.one("PLAYRATE").value(1, 1, 0, 1000) - 1.0) > _SAME:
            self.project.lose(place, f"the stretching of {owner}: they play at their own speed")
        level = take.one("VOLPAN")
        gain = level.value(1, 1, 0, _LOUDEST) * level.value(3, 1, -_LOUDEST, _LOUDEST)
        if abs(gain - 1.0) > _SAME or level.value(2, 0, -1, 1):
            self.project.lose(place, f"gains and pans of {owner}")
        if any(child.name == "TAKEFX" for child in take.children):
            self.project.lose(place, f"effects of {owner}")

    def _open(self, file: str, source: Chunk) -> Media | None:
        if file not in self._media:
            try:
                self._media[file] = media_of(self._home / file.replace("\\", "/"))
            except RestorackError as error:
                raise error.at(source.place) from error
        return self._media[file]

    # Routes.

    def _settle_routes(self, found: list[tuple[Chunk, Track]]) -> None:
        tracks = [track for _, track in found]
        parents = list(_parents([chunk for chunk, _ in found]))
        heard = [chunk.one("MAINSEND").value(1, 1, 0, 1) > 0 for chunk, _ in found]
        settled = list(heard)
        for number, (chunk, track) in enumerate(found):
            parent = parents[number]
            if heard[number] and parent is not None:
                track.output = self._bus(tracks[parent], chunk, track)
        for chunk, track in found:
            for line in chunk.all("AUXRECV"):
                self._read_receive(line, track, tracks, settled)
        for (chunk, track), is_settled in zip(found, settled, strict=True):
            if not is_settled:
                track.output = NOWHERE
                self.project.lose(chunk.place, f"{track.name!r} has no output: a muted bus")
        if any(track.output == NOWHERE for track in tracks):
            self.project.buses.append(Track(NOWHERE, "bus", mute=True, output=MASTER))

    def _read_receive(
        self, line: Line, track: Track, tracks: list[Track], settled: list[bool]
    ) -> None:
        """Read a receive: the output of a track that has none yet and goes there at unity."""
        number = int(line.value(1, -1, -1, 1e6))
        if not 0 <= number < len(tracks) or track.kind != "bus" or line.text(5) == "1":
            self.project.lose(line.place, f"a send to {track.name!r}, which is no open bus")
            return
        mode, gain = line.value(2, 0, 0, 10), decibels(line.value(3, 1, 0, _LOUDEST))
        if line.value(4, 0, -1, 1):
            self.project.lose(line.place, f"the pan of a send to {track.name!r}")
        if not settled[number] and mode == POST and gain == 0.0:
            tracks[number].output, settled[number] = track.name, True
            return
        if mode not in (POST, PRE):
            self.project.lose(line.place, f"a send to {track.name!r} before the effects")
        tracks[number].sends += (Send(track.name, gain, mode != POST),)

    def _bus(self, parent: Track, chunk: Chunk, track: Track) -> str:
        if parent.kind == "bus":
            return parent.name
        what = f"the folder {parent.name!r} around {track.name!r}, which has items of its own"
        self.project.lose(chunk.place, what)
        return MASTER


def _active_take(item: Chunk) -> Chunk:
    """Return the lines of an item's active take."""
    takes = [Chunk(["TAKE"], item.place)]
    active = takes[0]
    for child in item.children:
        if child.name == "TAKE":
            takes.append(Chunk(child.words, child.place))
            if "SEL" in child.words:
                active = takes[-1]
        else:
            takes[-1].children.append(child)
    return active


def _parents(chunks: list[Chunk]) -> Iterator[int | None]:
    """Yield for each track the folder that it lies in."""
    folders: list[int] = []
    for number, chunk in enumerate(chunks):
        yield folders[-1] if folders else None
        structure = chunk.one("ISBUS")
        if structure.text(1) == "1":
            folders.append(number)
        elif structure.text(1) == "2":
            levels = int(structure.value(2, -1, -1000, 0))
            del folders[max(len(folders) + levels, 0) :]
