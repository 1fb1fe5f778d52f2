"""From a strip as a session writes it to one with its chain, its fader and its automation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np

from restorack.chains import Chain
from restorack.config.yaml_source import Item, Mark
from restorack.errors import PresetError, RestorackError
from restorack.presets import defer_checks, find_slot, load_preset, set_parameter
from restorack.presets.confining import confined
from restorack.presets.entries import read_entry, refuse_edits, settle_names
from restorack.presets.finding import is_path
from restorack.presets.stages import Allowed, add_entries
from restorack.render.session.model import Send, Stem, Strip, Track
from restorack.render.session.schema import BusModel, StripModel
from restorack.render.session.times import Clock, seconds_of

_RANGES = {"gain_db": (-120.0, 60.0), "pan": (-1.0, 1.0)}


@contextmanager
def placed(mark: Mark) -> Iterator[None]:
    """Turn an error into one that names the file, line and column."""
    try:
        yield
    except RestorackError as error:
        inner = f"{error.where}: {error.what}" if error.where else error.what
        raise PresetError(inner, where=str(mark), rule=error.rule, remedy=error.remedy) from error


class Builder:
    """Fills strips with what a session says of them.

    Parameters
    ----------
    clock : Clock
        What its times are counted by.
    allow : bool or tuple of path-like
        Plugins that may be named by path: these, or all of them.
    """

    def __init__(self, clock: Clock, allow: Allowed = ()) -> None:
        self.clock, self._allow = clock, allow

    @staticmethod
    def still() -> tuple[Track, Track]:
        """Return a fader and a pan in the middle."""
        return Track([(0.0, 0.0)]), Track([(0.0, 0.0)])

    def fill(self, strip: Strip, model: StripModel, item: Item, *, rate: float) -> None:
        """Build the chain, set fader, pan, sends and automation; ``rate`` is its input's."""
        strip.chain = _chain(model, item, self._allow)
        defer_checks(strip.chain)
        _override(strip.chain, model, item)
        strip.gain_db = Track([(0.0, model.gain_db)])
        if isinstance(model, BusModel):
            strip.pan = Track([(0.0, model.pan)])
            strip.mute, strip.solo, strip.output = model.mute, model.solo, model.output
            strip.sends = tuple(Send(s.to, s.gain_db, s.pre) for s in model.sends or ())
        self._automate(strip, item)
        _check_length(strip, item)

    def _automate(self, strip: Strip, item: Item) -> None:
        automation = item.value.get("automation")
        if automation is None or automation.value is None:
            return
        for target, points in automation.value.items():
            mark = automation.keys[target]
            track = self._points(points, mark)
            if target in _RANGES and not (target == "pan" and strip.kind == "master"):
                _check_range(target, track, mark)
                setattr(strip, target, Track([(time, float(value)) for time, value in track]))
                continue
            stage, dot, parameter = target.rpartition(".")
            if not dot:
                raise PresetError(
                    f"automation of {target!r}",
                    where=str(mark),
                    rule="what moves is gain_db, pan (not of the master) or STAGE.PARAMETER",
                )
            start = strip.start / self.clock.rate if isinstance(strip, Stem) else 0.0
            with placed(mark):
                slot = find_slot(strip.chain, stage)
                slot.automate(parameter, _since(track, start))

    def _points(self, points: Item, mark: Mark) -> list[tuple[float, float]]:
        track = []
        for point in points.value:
            time, value = point.value
            if isinstance(value.value, (bool, str)) or value.value is None:
                raise PresetError(
                    f"automation to {value.value!r}",
                    where=str(value.mark),
                    rule="values of automation are numbers",
                )
            track.append((seconds_of(time, self.clock), float(value.value)))
        if not track or any(a[0] >= b[0] for a, b in pairwise(track)):
            raise PresetError(
                "automation that does not go forward",
                where=str(mark),
                rule="a list of [time, value], one or more, times rising",
            )
        return track


def _chain(model: StripModel, item: Item, allow: Allowed) -> Chain:
    if model.preset is not None and model.stages is not None:
        raise PresetError(
            "both preset and stages",
            where=str(item.place(["stages"])),
            rule="a chain is a preset or a list of stages",
            remedy="write a preset that extends this one",
        )
    if model.preset is not None:
        mark = item.place(["preset"])
        given = Path(confined(model.preset, mark)) if is_path(model.preset) else model.preset
        with placed(mark):
            return load_preset(given, allow_plugins=allow)
    chain = Chain()
    if model.stages:
        entries = [read_entry(part) for part in item.value["stages"].value]
        refuse_edits(entries)
        settle_names(entries)
        add_entries(chain, entries, allow)
    return chain


def _override(chain: Chain, model: StripModel, item: Item) -> None:
    for path, value in (model.set or {}).items():
        with placed(item.place(["set", path])):
            stage, _, parameter = path.rpartition(".")
            set_parameter(find_slot(chain, stage).stage, parameter, value)
    for index, name in enumerate(model.bypass or ()):
        with placed(item.place(["bypass", index])):
            find_slot(chain, name).bypass = True


def _check_range(target: str, track: list[tuple[float, float]], mark: Mark) -> None:
    low, high = _RANGES[target]
    for _, value in track:
        if not low <= value <= high:
            raise PresetError(
                f"{target} = {value:g}", where=str(mark), rule=f"a number from {low:g} to {high:g}"
            )


def _since(track: list[tuple[float, float]], start: float) -> list[tuple[float, float]]:
    """Return breakpoints of the session's time as times since a stem's start."""
    times, values = zip(*track, strict=True)
    now = float(np.interp(start, times, values))
    later = [(time - start, value) for time, value in track if time > start]
    return [(0.0, now), *later]


def _check_length(strip: Strip, item: Item) -> None:
    for run in strip.chain.runs():
        if run.stage.changes_length:
            raise PresetError(
                f"{run.label} changes the length",
                where=str(item.mark),
                rule="strips of a session stay aligned to the sample",
                remedy="render that file on its own first, or bypass the stage",
            )
