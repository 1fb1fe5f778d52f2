"""A session as a project: what carries is kept, the rest is printed as audio or named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from restorack.chains import Chain
from restorack.chains.settings import ChainSettings, OutputSettings
from restorack.chains.slot import Slot
from restorack.hosting.parameters.states import is_vstpreset, preset_class
from restorack.hosting.stage import HostedPlugin
from restorack.projects.audio import media_of
from restorack.projects.model import Clip, Media, Plugin, Points, Project, Track
from restorack.projects.names import fit_name
from restorack.projects.printing import Printed, print_stems
from restorack.render.session.model import Session, Stem, Strip, Track as Curve

DRY = "dry"
"""What the names of dry takes end with, in brackets."""


def project_of(session: Session, folder: Path, *, plugins: bool) -> Project:
    """Return a session as a project.

    Parameters
    ----------
    session : Session
    folder : Path
        An empty one, for the stems that are printed.
    plugins : bool
        The format holds VST3 plugins with their state: chains of these alone are carried as they
        are; all others are printed.

    Returns
    -------
    Project
        With what is not carried in ``losses``.

    Raises
    ------
    RestorackError
        For a stem that cannot be rendered.
    """
    heads = (session.name, session.sample_rate, session.tempo, session.beats_per_bar)
    project = Project(*heads, pan_law=session.pan_law)
    carried = {
        strip.name: _plugins(strip, project) if plugins and can_carry(strip) else None
        for strip in session.strips
    }
    wanted = {
        stem.name
        for stem in session.stems
        if carried[stem.name] is None and (stem.chain.runs() or not _is_plain(stem.chain))
    }
    printed = print_stems(session, wanted, folder)
    taken = {strip.name.lower() for strip in session.strips}
    files: dict[Path, Media] = {}
    for stem in session.stems:
        track = _track(stem, carried[stem.name])
        _add_stem(project, session, stem, track, printed, taken, files)
        _lose_stages(project, stem, carried[stem.name])
    for bus in session.buses:
        _lose_stages(project, bus, carried[bus.name])
        project.buses.append(_track(bus, carried[bus.name]))
    project.master = _track(session.master, carried[session.master.name])
    _lose_stages(project, session.master, carried[session.master.name])
    _lose_settings(project, session)
    project.markers.sort()
    return project


def _add_stem(
    project: Project,
    session: Session,
    stem: Stem,
    track: Track,
    printed: Mapping[str, Printed],
    taken: set[str],
    files: dict[Path, Media],
) -> None:
    """Add a stem's track, and its dry take where it was printed."""
    start = stem.start / session.sample_rate
    if stem.file not in files:
        media = media_of(stem.file)
        if media is None:  # a session has refused it when it was read
            raise RuntimeError("a stem of more than two channels")
        files[stem.file] = media
    dry = Clip(files[stem.file], start, files[stem.file].seconds)
    project.tracks.append(track)
    if stem.name not in printed:
        track.clips = (dry,)
        if stem.tail:
            project.lose(stem.place, f"stem {stem.name!r}: tail_seconds, silence at its end")
        return
    made = printed[stem.name]
    track.clips = (Clip(made.media, start, made.media.seconds),)
    project.markers += [(start + time, f"{stem.name}: {name}") for time, name in made.markers]
    name = fit_name(f"{stem.name} ({DRY})", taken)
    taken.add(name.lower())
    project.tracks.append(
        replace(track, name=name, mute=True, solo=False, sends=(), clips=(dry,), plugins=())
    )


def _track(strip: Strip, plugins: tuple[Plugin, ...] | None) -> Track:
    kind = "track" if isinstance(strip, Stem) else "master" if strip.kind == "master" else "bus"
    return Track(
        strip.name,
        kind,  # type: ignore[arg-type]
        _points(strip.gain_db),
        _points(strip.pan),
        strip.mute,
        strip.solo,
        strip.output,
        strip.sends,
        plugins=plugins or (),
    )


def _points(curve: Curve) -> Points:
    if curve.is_constant:
        return ((0.0, curve.points[0][1]),)
    return tuple(curve.points)


def can_carry(strip: Strip) -> bool:
    """Return whether a strip's chain is nothing but plugins that a project can hold.

    These are VST3 that nothing moves over time and no other strip feeds, in a chain that neither
    mixes them with the dry signal nor changes rate or gain.
    """
    return _is_plain(strip.chain) and all(_carries(slot) for slot in strip.chain.slots)


def _is_plain(chain: Chain) -> bool:
    """Return whether a chain is its stages and nothing more: no mix, gain or rate of a preset."""
    settings, plain = chain.settings, ChainSettings()
    output, default = settings.output, OutputSettings()
    given = (settings.work_rate, output.mix, output.gain_db)
    return given == (plain.work_rate, default.mix, default.gain_db)


def _carries(slot: Slot) -> bool:
    stage = slot.stage
    if not isinstance(stage, HostedPlugin) or slot.missing or slot.on is not None:
        return False
    spec = stage.spec
    bound = (spec.sidechain, spec.band, spec.latency_samples)
    return spec.kind == "vst3" and not spec.automation and bound == (None, None, None)


def _plugins(strip: Strip, project: Project) -> tuple[Plugin, ...] | None:
    """Return a strip's plugins with their states; None where one gives none that others read."""
    found = []
    for slot in strip.chain.slots:
        stage = slot.stage
        if not isinstance(stage, HostedPlugin):
            return None
        state = stage.save_state()
        if not is_vstpreset(state):
            project.lose(strip.place, f"{slot.name}: its state is no .vstpreset")
            return None
        name = stage.given.plugin or Path(stage.given.reference).stem
        found.append(Plugin(name, preset_class(state), state, not slot.bypass))
    return tuple(found)


def _lose_stages(project: Project, strip: Strip, carried: tuple[Plugin, ...] | None) -> None:
    """Note stages that are neither carried nor printed: a bus has no audio of its own."""
    if carried is not None:
        return
    for slot in strip.chain.slots:
        what = f"{strip.kind} {strip.name!r}: the stage {slot.name}"
        if not slot.active:
            state = "not installed" if slot.missing else "bypassed"
            project.lose(strip.place, f"{what}, which is {state}")
        elif not isinstance(strip, Stem):
            project.lose(strip.place, f"{what}; render the session for its sound")
    if not isinstance(strip, Stem) and not _is_plain(strip.chain):
        project.lose(strip.place, f"{strip.kind} {strip.name!r}: its preset's rate, mix or gain")


def _lose_settings(project: Project, session: Session) -> None:
    place = str(session.path)
    if session.output != OutputSettings():
        project.lose(place, "output: the mix's format and ceiling")
    if session.tail_seconds:
        project.lose(place, "tail_seconds: silence at the end")
    for strip in session.strips:
        for send in strip.sends:
            if send.pre and strip.pan.points != [(0.0, 0.0)]:
                what = f"the pan before the send to {send.to!r}: DAWs send before it"
                project.lose(strip.place, f"{strip.kind} {strip.name!r}: {what}")
    if any(strip.solo for strip in session.buses):
        project.lose(place, "solo of buses: what feeds them is heard here, in a DAW maybe not")
