"""Read a session: its strips with their chains, checked before anything is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.chains import Chain
from restorack.chains.settings import OutputSettings
from restorack.config.yaml_source import Item, Mark, parse_yaml, read_text
from restorack.dsp.resampling import resampled_length
from restorack.errors import PresetError, RestorackError, suggest
from restorack.io.reader import AudioReader
from restorack.presets.checking import check_plugins
from restorack.presets.confining import beside
from restorack.presets.schema import checked, checked_output
from restorack.presets.stages import Allowed
from restorack.render.session.model import Session, Stem, Strip
from restorack.render.session.routing import order_of
from restorack.render.session.schema import (
    MASTER,
    BusModel,
    MasterModel,
    SessionModel,
    SessionOutputModel,
    StemModel,
)
from restorack.render.session.sidechains import check_sidechain_inputs, check_sidechains
from restorack.render.session.strips import Builder
from restorack.render.session.times import Clock, seconds_of


def load_session(
    path: str | PathLike[str], *, load_plugins: bool = False, allow_plugins: Allowed = ()
) -> Session:
    """Read a session and check it: names, files, presets, Faust programs, ways between buses.

    Parameters
    ----------
    path : path-like
        A YAML file; paths in it count from its folder.
    load_plugins : bool
        Also load VST3 and LV2 plugins and check their parameters and side-chains. Without it no
        native code runs, and rendering checks them.
    allow_plugins : bool or iterable of path-like
        Plugins that it and its presets may name by path: these, or with True all. Others are
        loaded only in a plugin folder or where ``restorack plugins trust`` lists them.

    Raises
    ------
    PresetError
        With file, line, rule and the nearest right spelling.
    RestorackError
        For a file or a plugin that cannot be used.
    """
    file = Path(path)
    if not file.is_file():
        raise PresetError("no such session file", where=str(file))
    return session_from_text(
        read_text(file), str(file), load_plugins=load_plugins, allow_plugins=allow_plugins
    )


def session_from_text(
    text: str, file: str, *, load_plugins: bool = False, allow_plugins: Allowed = ()
) -> Session:
    """Build a session from its text; ``file`` names it in errors and anchors its paths."""
    item = parse_yaml(text, file)
    if not isinstance(item.value, dict):
        raise PresetError("not a mapping", where=str(item.mark), rule="a session is a mapping")
    model: SessionModel = checked(SessionModel, item)
    stem_items = item.value["stems"].value
    files = [_opened(part) for part in stem_items]
    rate = float(model.sample_rate or files[0].source.sample_rate)
    allow = allow_plugins if isinstance(allow_plugins, bool) else tuple(allow_plugins)
    clock = Clock(rate, model.tempo, model.beats_per_bar)
    builder = Builder(clock, allow)
    for stem, part in zip(files, stem_items, strict=True):
        _place(stem, part, clock)
        builder.fill(stem, checked(StemModel, part), part, rate=stem.source.sample_rate)
    buses = [_bus(part, builder) for part in _items(item, "buses")]
    master_item = item.value["master"] if model.master else Item({}, Mark(file))
    master = Strip(MASTER, "master", str(master_item.mark), Chain(), *builder.still())
    builder.fill(master, checked(MasterModel, master_item), master_item, rate=rate)
    frames = max(stem.start + stem.frames for stem in files)
    session = Session(
        model.name,
        Path(file),
        rate,
        model.pan_law,
        files,
        buses,
        master,
        _output(item.value["output"] if model.output else Item({}, Mark(file))),
        frames + round(model.tail_seconds * rate),
        tempo=model.tempo,
        beats_per_bar=model.beats_per_bar,
        tail_seconds=model.tail_seconds,
    )
    _check_names(session)
    order_of(session)
    check_sidechains(session)
    session.notes = check_session_plugins(session, load_plugins=load_plugins)
    return session


def check_session_plugins(session: Session, *, load_plugins: bool) -> list[str]:
    """Check the Faust programs of a session, and on demand its VST3 and LV2 plugins.

    Returns
    -------
    list of str
        What was not checked, and why.

    Raises
    ------
    RestorackError
        For what a plugin refuses, or one that may not be loaded.
    """
    notes: list[str] = []
    for strip in session.strips:
        try:
            notes += check_plugins(strip.chain, load_plugins=load_plugins)
        except PresetError:
            raise
        except RestorackError as error:
            raise error.at(f"{strip.place}: {strip.kind} {strip.name!r}") from error
    check_sidechain_inputs(session, load_plugins=load_plugins)
    return notes


def _items(item: Item, key: str) -> Sequence[Item]:
    parts: Sequence[Item] = item.value[key].value if key in item.value else ()
    return parts


def _opened(item: Item) -> Stem:
    """Return a stem of which only the file is known."""
    model: StemModel = checked(StemModel, _mapping(item, "stem"))
    mark = item.place(["file"])
    file = Path(beside(model.file, mark))
    try:
        with AudioReader(file) as reader:
            info = reader.info
    except RestorackError as error:
        raise error.at(str(mark)) from error
    if info.channels > 2:
        raise PresetError(
            f"{file} has {info.channels} channels",
            where=str(mark),
            rule="stems are mono or stereo, and the mix is stereo",
        )
    name = model.name or file.stem
    return Stem(name, "stem", str(item.mark), Chain(), *Builder.still(), file=file, info=info)


def _place(stem: Stem, item: Item, clock: Clock) -> None:
    model: StemModel = checked(StemModel, item)
    tail = model.tail_seconds or 0.0
    stem.tail = round(tail * stem.source.sample_rate)
    stem.frames = resampled_length(
        stem.source.frames + stem.tail, float(stem.source.sample_rate), clock.rate
    )
    if "start" in item.value:
        stem.start = round(seconds_of(item.value["start"], clock) * clock.rate)


def _bus(item: Item, builder: Builder) -> Strip:
    model: BusModel = checked(BusModel, _mapping(item, "bus"))
    bus = Strip(model.name, "bus", str(item.mark), Chain(), *builder.still())
    builder.fill(bus, model, item, rate=builder.clock.rate)
    return bus


def _mapping(item: Item, kind: str) -> Item:
    if not isinstance(item.value, dict):
        raise PresetError(
            f"a {kind} is {item.plain()!r}", where=str(item.mark), rule=f"a {kind} is a mapping"
        )
    return item


def _output(item: Item) -> OutputSettings:
    checked(SessionOutputModel, item)
    values: dict[str, Any] = checked_output(item).model_dump()
    return OutputSettings(**values)


def _check_names(session: Session) -> None:
    """Refuse names that are given twice and ways that lead nowhere."""
    taken: dict[str, str] = {}
    for strip in session.strips:
        key = strip.name.lower()
        if key in taken or "/" in strip.name or (key == MASTER and strip.kind != "master"):
            raise PresetError(
                f"a {strip.kind} named {strip.name!r}",
                where=strip.place,
                rule="names of stems and buses are unique, without slashes, and none is 'master'; "
                "files are named after them",
                remedy="give it another `name:`",
            )
        taken[key] = strip.place
    buses = [bus.name for bus in session.buses]
    for strip in session.strips[:-1]:
        if strip.output not in (*buses, MASTER):
            raise _unknown_bus(strip, strip.output, "output", [*buses, MASTER])
        for send in strip.sends:
            if send.to not in buses:
                raise _unknown_bus(strip, send.to, "send", buses)


def _unknown_bus(strip: Strip, name: str, what: str, known: Sequence[str]) -> PresetError:
    return PresetError(
        f"{what} of {strip.kind} {strip.name!r} goes to {name!r}",
        where=strip.place,
        rule="sends go to buses, outputs to buses or the master",
        remedy=suggest(name, known),
    )
