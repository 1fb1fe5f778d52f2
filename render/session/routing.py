"""The ways through a session: who feeds whom, in which order, and what is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from restorack.errors import PresetError
from restorack.render.session.gains import Gains
from restorack.render.session.model import Session, Stem, Strip, Track
from restorack.render.session.sidechains import keys_of


@dataclass(frozen=True)
class Way:
    """A connection from a strip's end to another strip's beginning.

    Attributes
    ----------
    kind : {"output", "send", "pre send"}
    """

    source: str
    target: str
    kind: str
    gains: Gains


def order_of(session: Session) -> list[Strip]:
    """Return the buses and the master so that each comes after what feeds it.

    Raises
    ------
    PresetError
        For buses that feed each other in a circle.
    """
    buses = {bus.name: bus for bus in session.buses}
    feeders: dict[str, list[str]] = {name: [] for name in buses}
    for bus in session.buses:
        for target in (bus.output, *(send.to for send in bus.sends)):
            if target in feeders:
                feeders[target].append(bus.name)
        feeders[bus.name] += [key for key in keys_of(bus) if key in buses]
    try:
        names = list(TopologicalSorter(feeders).static_order())
    except CycleError as error:
        circle = list(error.args[1])
        raise PresetError(
            f"buses in a circle: {' -> '.join(circle)}",
            where=buses[circle[0]].place,
            rule="what leaves a bus never comes back to it",
            remedy="take out one of these outputs, sends or side-chains",
        ) from None
    return [*(buses[name] for name in names), session.master]


def heard_ways(session: Session) -> list[Way]:
    """Return the ways that are open, in the order of the session.

    A muted strip gives nothing, neither to its output nor to its sends. Where a strip is soloed,
    a way is open only if its beginning, or a strip before that, is soloed, or its end, or a strip
    behind that; what a side-chain hears is not changed by solo.
    """
    ways = [way for strip in session.strips for way in _ways_of(strip, session)]
    if any(strip.solo for strip in session.strips):
        soloed = {strip.name for strip in session.strips if strip.solo}
        before = _reached({(way.source, way.target) for way in ways}, soloed)
        upwards = {(way.target, way.source) for way in ways} | _keyed(session)
        behind = _reached({(way.target, way.source) for way in ways}, soloed)
        steering = _reached(upwards, {key for _, key in _keyed(session)})
        ways = [
            way
            for way in ways
            if way.source in before or way.target in behind or way.target in steering
        ]
    muted = {strip.name for strip in session.strips if strip.mute}
    return _fed([way for way in ways if way.source not in muted], session)


def _ways_of(strip: Strip, session: Session) -> list[Way]:
    if strip.kind == "master":
        return []
    channels = strip.source.channels if isinstance(strip, Stem) else 2

    def gains(fader: Track, extra_db: float) -> Gains:
        return Gains(fader, strip.pan, extra_db, session.pan_law, channels, session.sample_rate)

    ways = [Way(strip.name, strip.output, "output", gains(strip.gain_db, 0.0))]
    for send in strip.sends:
        fader = Track([(0.0, 0.0)]) if send.pre else strip.gain_db
        kind = "pre send" if send.pre else "send"
        ways.append(Way(strip.name, send.to, kind, gains(fader, send.gain_db)))
    return ways


def _reached(steps: set[tuple[str, str]], begin: set[str]) -> set[str]:
    """Return where steps lead to from the beginnings, those included."""
    found, todo = set(begin), list(begin)
    while todo:
        here = todo.pop()
        for source, target in steps:
            if source == here and target not in found:
                found.add(target)
                todo.append(target)
    return found


def _fed(ways: list[Way], session: Session) -> list[Way]:
    """Return the ways that something comes to and that lead to the master."""
    stems = {stem.name for stem in session.stems}
    live = _reached({(way.source, way.target) for way in ways}, stems)
    needed = needed_strips(ways, session)
    return [way for way in ways if way.source in live and way.target in needed]


def needed_strips(ways: Sequence[Way], session: Session) -> set[str]:
    """Return the strips that the master's sound comes from, those that side-chains hear too."""
    upwards = {(way.target, way.source) for way in ways} | _keyed(session)
    return _reached(upwards, {session.master.name})


def _keyed(session: Session) -> set[tuple[str, str]]:
    """Return the steps from strips to what their side-chains hear."""
    return {(strip.name, key) for strip in session.strips for key in keys_of(strip)}
