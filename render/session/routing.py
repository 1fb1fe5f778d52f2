"""The ways through a session: who feeds whom, in which order, and what is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restorack.render.session.gains import Gains
from restorack.render.session.model import Session, Stem, Strip, Track
from restorack.render.session.sidechains import in_order, keys_of


@dataclass(frozen=True)
class Route:
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
    ordered = in_order(
        buses,
        feeders,
        "buses",
        rule="what leaves a bus never comes back to it",
        remedy="take out one of these outputs, sends or side-chains",
    )
    return [*ordered, session.master]


def active_routes(session: Session) -> list[Route]:
    """Return the ways that are open, in the order of the session.

    A muted strip gives nothing, neither to its output nor to its sends. Where a strip is soloed,
    a way is open only if its beginning, or a strip before that, is soloed, or its end, or a strip
    behind that; what a side-chain hears is not changed by solo.
    """
    routes = [route for strip in session.strips for route in _routes_of(strip, session)]
    if any(strip.solo for strip in session.strips):
        soloed = {strip.name for strip in session.strips if strip.solo}
        before = _reached({(route.source, route.target) for route in routes}, soloed)
        upwards = {(route.target, route.source) for route in routes} | _sidechained(session)
        behind = _reached({(route.target, route.source) for route in routes}, soloed)
        steering = _reached(upwards, {key for _, key in _sidechained(session)})
        routes = [
            route
            for route in routes
            if route.source in before or route.target in behind or route.target in steering
        ]
    muted = {strip.name for strip in session.strips if strip.mute}
    return _fed([route for route in routes if route.source not in muted], session)


def _routes_of(strip: Strip, session: Session) -> list[Route]:
    if strip.kind == "master":
        return []
    channels = strip.source.channels if isinstance(strip, Stem) else 2

    def gains(fader: Track, extra_db: float) -> Gains:
        return Gains(fader, strip.pan, extra_db, session.pan_law, channels, session.sample_rate)

    routes = [Route(strip.name, strip.output, "output", gains(strip.gain_db, 0.0))]
    for send in strip.sends:
        fader = Track([(0.0, 0.0)]) if send.pre else strip.gain_db
        kind = "pre send" if send.pre else "send"
        routes.append(Route(strip.name, send.to, kind, gains(fader, send.gain_db)))
    return routes


def _reached(steps: set[tuple[str, str]], begin: set[str]) -> set[str]:
    """Return where steps lead to from the beginnings, those included."""
    found, waiting = set(begin), list(begin)
    while waiting:
        here = waiting.pop()
        for source, target in steps:
            if source == here and target not in found:
                found.add(target)
                waiting.append(target)
    return found


def _fed(routes: list[Route], session: Session) -> list[Route]:
    """Return the ways that something comes to and that lead to the master."""
    stems = {stem.name for stem in session.stems}
    live = _reached({(route.source, route.target) for route in routes}, stems)
    needed = needed_strips(routes, session)
    return [route for route in routes if route.source in live and route.target in needed]


def needed_strips(routes: Sequence[Route], session: Session) -> set[str]:
    """Return the strips that the master's sound comes from, those that side-chains hear too."""
    upwards = {(route.target, route.source) for route in routes} | _sidechained(session)
    return _reached(upwards, {session.master.name})


def _sidechained(session: Session) -> set[tuple[str, str]]:
    """Return the steps from strips to what their side-chains hear."""
    return {(strip.name, key) for strip in session.strips for key in keys_of(strip)}
