"""The mix: sums over buses to the master, by DawDreamer graphs or block by block from disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.hosting.engines.mixdown import SIDES, Link, Mixdown, Node
from restorack.hosting.run import is_heard, silence_warning
from restorack.hosting.sandbox import shared_sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.io.spool import Spool
from restorack.render.result import StageReport
from restorack.render.session.model import Session, Strip
from restorack.render.session.planning import SessionPlan, fits_graph
from restorack.render.session.processing import Placed, Signal, through_chain
from restorack.render.session.routing import Route
from restorack.render.session.sidechains import fed
from restorack.render.source import BLOCK


class Mixer:
    """Takes processed stems to the master.

    Parameters
    ----------
    session : Session
    plan : SessionPlan
    spools : ExitStack
        Closes what is kept on disk.

    Attributes
    ----------
    signals : dict of str to Placed
        What leaves the chains of stems, buses and the master, before faders.
    reports : dict of str to list of StageReport
    latencies : dict of str to int
        The longest path's latency where a strip of a graph ends; compensated.
    graphs : int
        How many DawDreamer graphs made the mix.
    """

    def __init__(self, session: Session, plan: SessionPlan, spools: ExitStack) -> None:
        self._session, self._plan, self._spools = session, plan, spools
        self.signals: dict[str, Placed] = {}
        self.reports: dict[str, list[StageReport]] = {}
        self.latencies: dict[str, int] = {}
        self.graphs = 0

    def mix(self) -> None:
        """Make every sum and take it through its chain."""
        if self._plan.engine == "stream":
            for strip in self._plan.order:
                self._chained(strip, self._spooled(self._sum(strip.name)))
            return
        group: list[Strip] = []
        for strip in self._plan.order:
            group.append(strip)
            cut = not fits_graph(strip, self._session)
            if cut or strip is self._plan.order[-1]:
                self._graph(group, cut=cut)
                group = []

    def _spooled(self, blocks: Iterator[Rows]) -> Spool:
        spool = self._spools.enter_context(Spool(SIDES, expected=self._session.frames))
        for block in blocks:
            spool.write(block)
        return spool

    def _chained(self, strip: Strip, spool: Spool) -> None:
        """Take a bus's sum through its chain, outside of the mix's graph."""
        rate = self._session.sample_rate
        if not strip.chain.runs() and fits_graph(strip, self._session):
            self.signals[strip.name], self.reports[strip.name] = Placed(spool), []
            return
        signal = Signal(spool.opener(BLOCK), rate, SIDES, spool.frames)
        whole = strip.name in self._plan.whole
        with fed(strip, self.signals, self._session):
            out, self.reports[strip.name] = through_chain(signal, strip, rate, whole=whole)
        self.signals[strip.name] = Placed(self._spools.enter_context(out))
        spool.close()

    def _sum(self, name: str) -> Iterator[Rows]:
        """Yield the sum of what comes to a strip, as DawDreamer's add processor makes it."""
        routes = [route for route in self._plan.routes if route.target == name]
        for first in range(0, self._session.frames, BLOCK):
            count = min(BLOCK, self._session.frames - first)
            total = np.zeros((SIDES, count), np.float32)
            for route in routes:
                total += faded(self.signals[route.source], route, first, count)
            yield total

    def _graph(self, group: list[Strip], *, cut: bool) -> None:
        """Render strips by one graph; the chain of the last one stays outside if it is cut."""
        names = {strip.name for strip in group}
        routes = [route for route in self._plan.routes if route.target in names]
        nodes = tuple(
            Node(strip.name, () if cut and strip is group[-1] else _specs(strip)) for strip in group
        )
        wanted = {route.source for route in routes}
        wanted |= {spec.sidechain for node in nodes for spec in node.specs if spec.sidechain}
        sources = [name for name in self.signals if name in wanted]
        moving = [route for route in routes if not route.gains.is_constant]
        links = tuple(_link(route, len(sources), moving) for route in routes)
        rows = self._rows(sources, moving)
        mixdown = Mixdown(tuple(sources), nodes, links, tuple(node.name for node in nodes))
        out, latencies = shared_sandbox().mix(mixdown, rows, self._session.sample_rate)
        self.graphs += 1
        for pair, name in enumerate(mixdown.outputs):
            spool = self._spooled(_blocks(out[SIDES * pair : SIDES * (pair + 1)]))
            self.signals[name] = Placed(spool)
        for strip in group:
            own, self.latencies[strip.name] = latencies[strip.name]
            self.reports[strip.name] = _graph_report(strip, own, self._warnings(strip))
        if cut:
            self._chained(group[-1], self.signals[group[-1].name].spool)

    def _warnings(self, strip: Strip) -> list[str]:
        """Return what a strip's plugins did in the graph that a user should know."""
        plugins = [s.stage for s in strip.chain.slots if s.active]
        hosted = [plugin for plugin in plugins if isinstance(plugin, HostedPlugin)]
        if not hosted:
            return []
        warnings = [
            text for plugin in hosted for text in plugin.known_faults(self._session.sample_rate)
        ]
        signal = self.signals[strip.name]
        silent = not any(is_heard(block) for _, block in signal.span(self._session.frames))
        if silent and any(is_heard(block) for block in self._sum(strip.name)):
            warnings.append(silence_warning([replace(s, place=None) for s in _specs(strip)]))
        return warnings

    def _rows(self, sources: list[str], moving: list[Route]) -> Rows:
        """Return what a graph plays: signals, then gains that move."""
        frames = self._session.frames
        rows = np.zeros((SIDES * (len(sources) + len(moving)), frames), np.float32)
        for pair, name in enumerate(sources):
            for first, block in self.signals[name].span(frames):
                rows[SIDES * pair : SIDES * (pair + 1), first : first + block.shape[1]] = block
        for pair, route in enumerate(moving, len(sources)):
            for first in range(0, frames, BLOCK):
                block = route.gains.block(first, min(BLOCK, frames - first))
                rows[SIDES * pair : SIDES * (pair + 1), first : first + BLOCK] = block
        return rows


def faded(signal: Placed, route: Route, first: int, count: int) -> Rows:
    """Return a part of what goes along a route: the signal, gains applied."""
    return np.asarray(signal.block(first, count) * route.gains.block(first, count), np.float32)


def _blocks(rows: Rows) -> Iterator[Rows]:
    return (rows[:, at : at + BLOCK] for at in range(0, rows.shape[1], BLOCK))


def _link(route: Route, sources: int, moving: list[Route]) -> Link:
    if route in moving:
        return Link(route.source, route.target, curve=sources + moving.index(route))
    left, right = (float(side) for side in route.gains.block(0, 1)[:, 0])
    return Link(route.source, route.target, (left, right))


def _specs(strip: Strip) -> tuple[PluginSpec, ...]:
    return tuple(
        replace(slot.stage.spec, place=f"{strip.kind} {strip.name}: stage {number} ({slot.name})")
        for number, slot in enumerate(strip.chain.slots, 1)
        if slot.active and isinstance(slot.stage, HostedPlugin)
    )


def _graph_report(strip: Strip, latency: int, warnings: list[str]) -> list[StageReport]:
    names = [slot.name for slot in strip.chain.slots if slot.active]
    if not names:
        return []
    findings = {"warnings": warnings} if warnings else {}
    return [StageReport(names, "dawdreamer (the mix's graph)", 0.0, latency, findings)]
