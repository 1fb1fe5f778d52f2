"""A project as AAF: an edit list with its audio embedded, as Pro Tools takes it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from restorack.errors import ParameterError
from restorack.io.atomic import AtomicFile
from restorack.io.writer import AudioWriter
from restorack.projects.audio import assembled
from restorack.projects.model import Project, Track
from restorack.projects.publishing import copy_of

SUBTYPE = "PCM_24"
"""Of the audio: what every reader of AAF takes."""

SIDES = {1: ("",), 2: (" L", " R")}
"""What tracks are called by channel: readers of AAF take mono tracks alone for granted."""


def write_aaf(project: Project, path: Path, folder: Path, *, force: bool = False) -> None:
    """Write a project's tracks as mono tracks of a composition, each with a clip.

    Muted tracks, dry takes among them, are left out: an AAF plays all it has.

    Parameters
    ----------
    project : Project
        With a rate, in whole Hz.
    path : Path
    folder : Path
        A scratch one, on the same disk.
    force : bool
        Replace a file that exists.

    Raises
    ------
    ParameterError
        Where ``pyaaf2`` is not installed, or the project has no rate.
    FileError
        For a file that exists or cannot be written.
    """
    aaf2 = require_aaf()
    if project.sample_rate is None:
        raise ParameterError("a project without a rate", rule="an edit list counts in samples")
    rate = round(project.sample_rate)
    scratch = folder / "essences"
    scratch.mkdir()
    parts = [
        part
        for number, track in enumerate(project.tracks)
        for part in _printed(project, track, rate, scratch / str(number), path)
    ]
    _note_losses(project, path)
    made = scratch / "made.aaf"
    with aaf2.open(str(made), "w") as file:
        composition = file.create.CompositionMob(project.name)
        composition.usage = "Usage_TopLevel"
        file.content.mobs.append(composition)
        for part in parts:
            _add_part(file, composition, part, rate)
        if project.markers:
            _add_markers(file, composition, project.markers, rate)
    sources = [media.path for media in project.media]
    with ExitStack() as stack:
        AtomicFile(path, force=force, sources=sources).check()
        copy_of(made)(path, stack, force)


def require_aaf() -> Any:
    """Return the module that writes AAF.

    Raises
    ------
    ParameterError
        Where it is not installed.
    """
    try:
        return import_module("aaf2")
    except ImportError:
        raise ParameterError(
            "pyaaf2 is not installed",
            rule="AAF needs a package of its own",
            remedy="pip install 'restorack[projects]'",
        ) from None


@dataclass(frozen=True)
class _Part:
    """A channel of a track as a file, and where it begins, in samples."""

    name: str
    path: Path
    start: int


def _printed(project: Project, track: Track, rate: int, stem: Path, place: Path) -> list[_Part]:
    """Write a track's clips as one mono file a channel, at the rate of the composition."""
    if track.mute:
        project.lose(str(place), f"the muted track {track.name!r}: an AAF plays all it has")
        return []
    if not track.clips:
        return []
    blocks, channels, _ = assembled(track.clips, rate)
    start = round(min(clip.start for clip in track.clips) * rate)
    parts = [
        _Part(f"{track.name}{side}", stem.with_name(f"{stem.name}-{number}.wav"), start)
        for number, side in enumerate(SIDES[channels])
    ]
    with ExitStack() as stack:
        writers = [
            stack.enter_context(AudioWriter(part.path, rate, 1, format="WAV", subtype=SUBTYPE))
            for part in parts
        ]
        for block in blocks:
            for number, writer in enumerate(writers):
                writer.write(block[number : number + 1])
        for writer in writers:
            writer.finish()
    if any(writer.clipped for writer in writers):
        project.lose(str(place), f"peaks of {track.name!r} above full scale: 24 bits clip them")
    return parts


def _add_part(file: Any, composition: Any, part: _Part, rate: int) -> None:
    """Embed a file, and add a track that plays it at its place."""
    master = file.create.MasterMob(part.name)
    file.content.mobs.append(master)
    essence = master.import_audio_essence(str(part.path), rate)
    slot = composition.create_sound_slot(rate)
    slot.name = part.name
    clip = master.create_source_clip(essence.slot_id, media_kind="sound")
    if part.start:
        slot.segment.components.append(file.create.Filler("sound", part.start))
    slot.segment.components.append(clip)
    slot.segment.length = part.start + clip.length


def _add_markers(file: Any, composition: Any, markers: list[tuple[float, str]], rate: int) -> None:
    """Add markers as comments at their places."""
    slot = file.create.EventMobSlot(max(slot.slot_id for slot in composition.slots) + 1)
    slot.edit_rate = rate
    slot.name = "Markers"
    sequence = file.create.Sequence("DescriptiveMetadata")
    slot.segment = sequence
    composition.slots.append(slot)
    for time, name in markers:
        marker = file.create.CommentMarker()
        marker["Position"].value = round(time * rate)
        marker["Comment"].value = name
        sequence.components.append(marker)


def _note_losses(project: Project, path: Path) -> None:
    """Note what an edit list has no room for."""
    for track in [*project.tracks, project.master]:
        if track.mute:
            continue
        if len(track.gain_db) > 1 or track.gain_db[0][1]:
            project.lose(str(path), f"the fader of {track.name!r}")
        if len(track.pan) > 1 or track.pan[0][1]:
            project.lose(str(path), f"the pan of {track.name!r}")
        for send in track.sends:
            project.lose(str(path), f"the send of {track.name!r} to {send.to!r}")
        if track.solo:
            project.lose(str(path), f"the solo of {track.name!r}")
    for bus in project.buses:
        project.lose(str(path), f"the bus {bus.name!r}: what goes to it is heard directly")
    if project.tempo is not None:
        project.lose(str(path), "tempo and beats")
