"""Side-chains: hosted plugins of strips that hear another strip.

What is heard is the strip behind its chain, before its fader, pan and mute: a muted stem may steer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

import numpy as np

from restorack.chains import all_slots
from restorack.chains.slot import Slot
from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks
from restorack.errors import PresetError, RestorackError, suggest
from restorack.hosting.stage import HostedPlugin
from restorack.render.session.model import Session, Stem, Strip
from restorack.render.session.processing import Placed, work_rate

SIDES = 2
"""Channels of a session's signals: stereo."""

AnyStrip = TypeVar("AnyStrip", bound=Strip)


def sidechained_plugins(strip: Strip) -> Iterator[tuple[Slot, HostedPlugin, str]]:
    """Yield the plugins of a strip that hear another strip: slot, plugin, that strip's name."""
    for slot in all_slots(strip.chain, active=True):
        plugin = slot.stage
        if isinstance(plugin, HostedPlugin) and plugin.spec.sidechain is not None:
            yield slot, plugin, plugin.spec.sidechain


def keys_of(strip: Strip) -> list[str]:
    """Return the names of the strips that a strip's plugins hear, each once."""
    return list(dict.fromkeys(key for _, _, key in sidechained_plugins(strip)))


def check_sidechains(session: Session) -> None:
    """Refuse side-chains that lead nowhere, or to what comes later.

    Raises
    ------
    PresetError
        With the strip's place.
    """
    stems = [stem.name for stem in session.stems]
    buses = [bus.name for bus in session.buses]
    for strip in session.strips:
        for slot, _, key in sidechained_plugins(strip):
            what = f"{strip.kind} {strip.name!r}: the side-chain of {slot.name} hears {key!r}"
            if key == strip.name or key not in (*stems, *buses):
                raise PresetError(
                    what,
                    where=strip.place,
                    rule="a side-chain hears another stem or a bus",
                    remedy=suggest(key, [name for name in (*stems, *buses) if name != strip.name]),
                )
            if isinstance(strip, Stem) and key in buses:
                raise PresetError(
                    what,
                    where=strip.place,
                    rule="stems are finished before buses begin: a stem's plugins hear stems",
                    remedy="send the stem to a bus of its own, and put the plugin there",
                )
    stems_in_order(session)


def check_sidechain_inputs(session: Session, *, load_plugins: bool) -> None:
    """Refuse side-chains into plugins that have none; native ones are loaded only on demand.

    Raises
    ------
    PresetError
        With the strip's place.
    """
    for strip in session.strips:
        for slot, plugin, _ in sidechained_plugins(strip):
            if load_plugins or not plugin.is_native:
                _check_inputs(strip, slot, plugin, session)


def _check_inputs(strip: Strip, slot: Slot, plugin: HostedPlugin, session: Session) -> None:
    rate = strip.source.sample_rate if isinstance(strip, Stem) else session.sample_rate
    try:
        plugin.check_sidechain(work_rate(strip.chain, rate))
    except RestorackError as error:
        raise PresetError(
            f"{strip.kind} {strip.name!r}, {slot.name}: {error.what}",
            where=strip.place,
            rule=error.rule,
            remedy=error.remedy,
        ) from error


def stems_in_order(session: Session) -> list[Stem]:
    """Return the stems so that each comes after those that its plugins hear.

    Raises
    ------
    PresetError
        For stems that hear each other in a circle.
    """
    stems = {stem.name: stem for stem in session.stems}
    heard = {stem.name: [k for k in keys_of(stem) if k in stems] for stem in session.stems}
    return in_order(
        stems, heard, "side-chains", rule="what a stem's plugins hear does not hear the stem"
    )


def in_order(
    strips: Mapping[str, AnyStrip],
    before: Mapping[str, Sequence[str]],
    what: str,
    *,
    rule: str,
    remedy: str = "",
) -> list[AnyStrip]:
    """Return strips so that each comes after those that are named as before it.

    Raises
    ------
    PresetError
        For a circle, with the rule and the remedy.
    """
    try:
        return [strips[name] for name in TopologicalSorter(before).static_order()]
    except CycleError as error:
        circle = list(error.args[1])
        raise PresetError(
            f"{what} in a circle: {' -> '.join(circle)}",
            where=strips[circle[0]].place,
            rule=rule,
            remedy=remedy,
        ) from None


@contextmanager
def fed(strip: Strip, signals: Mapping[str, Placed], session: Session) -> Iterator[None]:
    """Feed the side-chains of a strip that is about to be rendered on its own."""
    keyed = [(plugin, signals[key]) for _, plugin, key in sidechained_plugins(strip)]
    start = strip.start if isinstance(strip, Stem) else 0
    frames = strip.frames if isinstance(strip, Stem) else session.frames
    try:
        for plugin, signal in keyed:
            plugin.feed_sidechain(_Key(signal, start, frames, session.sample_rate))
        yield
    finally:
        for plugin, _ in keyed:
            plugin.feed_sidechain(None)


class _Key:
    """A stretch of a strip's signal, for the side-chain of another one.

    Parameters
    ----------
    signal : Placed
    start, frames : int
        The stretch, in samples of the session.
    rate : float
        Of the session, in Hz.
    """

    def __init__(self, signal: Placed, start: int, frames: int, rate: float) -> None:
        self._signal, self._start, self._frames, self._rate = signal, start, frames, rate

    def __call__(self, rate: float, samples: int) -> Rows:
        """Return the stretch at a rate in Hz as two rows, so many samples long."""
        rows = self._signal.block(self._start, self._frames)
        if rate != self._rate:
            parts: Sequence[Rows] = list(resample_blocks(iter([rows]), self._rate, rate, SIDES))
            rows = np.concatenate(parts, axis=1)
        rows = rows[:, :samples]
        return np.pad(rows, ((0, 0), (0, samples - rows.shape[1])))
