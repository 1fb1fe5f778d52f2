"""One DawDreamer graph for a mix: playbacks, gains, sums, plugins, delays that align the paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError
from restorack.hosting.engines.dawdreamer import load_dawdreamer
from restorack.hosting.engines.graph import SETTLING, latency_of, plugin_node
from restorack.hosting.engines.streaming import buffer_size
from restorack.hosting.parameters.setter import ParameterSetter, is_set
from restorack.hosting.spec import PluginSpec

SIDES = 2
"""Every signal of a mix is stereo."""


@dataclass(frozen=True)
class Link:
    """A way from a source or a node to a node.

    Attributes
    ----------
    gains : tuple of float
        Of the left and the right side.
    curve : int or None
        Which pair of rows, counted from the first, holds gains that move instead.
    """

    source: str
    target: str
    gains: tuple[float, float] = (1.0, 1.0)
    curve: int | None = None


@dataclass(frozen=True)
class Node:
    """A sum of what comes to it, through plugins in series.

    A plugin's side-chain hears the source or earlier node that its spec names, before any gain.
    """

    name: str
    specs: tuple[PluginSpec, ...] = ()


@dataclass(frozen=True)
class Mixdown:
    """A mix.

    Attributes
    ----------
    sources : tuple of str
        The first pairs of rows: signals.
    nodes : tuple of Node
        Each after what feeds it.
    links : tuple of Link
        Sums are made in this order.
    outputs : tuple of str
        Nodes that are wanted.
    """

    sources: tuple[str, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    outputs: tuple[str, ...]

    @property
    def specs(self) -> list[PluginSpec]:
        """Every plugin."""
        return [spec for node in self.nodes for spec in node.specs]

    def to_message(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        nodes = [{"name": n.name, "specs": [s.to_message() for s in n.specs]} for n in self.nodes]
        links = [asdict(link) for link in self.links]
        return {"sources": self.sources, "nodes": nodes, "links": links, "outputs": self.outputs}

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Mixdown:
        """Return the mix that :meth:`to_message` described."""
        nodes = [
            Node(n["name"], tuple(PluginSpec.from_message(s) for s in n["specs"]))
            for n in message["nodes"]
        ]
        links = [
            replace(Link(**link), gains=(link["gains"][0], link["gains"][1]))
            for link in message["links"]
        ]
        return cls(tuple(message["sources"]), tuple(nodes), tuple(links), tuple(message["outputs"]))


def render_mixdown(
    mix: Mixdown, rows: Rows, rate: float
) -> tuple[Rows, dict[str, tuple[int, int]]]:
    """Render a mix, every path aligned.

    Parameters
    ----------
    mix : Mixdown
    rows : ndarray of float32, shape (2 * pairs, samples)
        The sources, then the curves.
    rate : float
        In Hz.

    Returns
    -------
    rows : ndarray of float32, shape (2 * outputs, samples)
        Latency taken off.
    latencies : dict
        Node to its plugins' own latency, and to that of its longest path; in samples.
    """
    own: list[list[int]] | None = None
    # A plugin whose parameters change its latency says so only after it has processed.
    for _ in range(SETTLING):
        graph = _MixGraph(mix, rate)
        own = graph.latencies() if own is None else own
        out, ends = graph.render(rows, own)
        if graph.latencies() == own:
            totals = {n.name: (sum(o), ends[n.name]) for n, o in zip(mix.nodes, own, strict=True)}
            return out, totals
        own = graph.latencies()
    raise PluginError(
        "its latency changes from render to render",
        where=", ".join(spec.label for spec in mix.specs),
        rule="the latency that a plugin reports is compensated",
    )


def path_latencies(mix: Mixdown, own: Sequence[Sequence[int]]) -> tuple[dict[str, int], ...]:
    """Return how late signals are where nodes begin, and where sources and nodes end."""
    begins: dict[str, int] = {}
    ends = dict.fromkeys(mix.sources, 0)
    for node, latencies in zip(mix.nodes, own, strict=True):
        feeding = [ends[link.source] for link in mix.links if link.target == node.name]
        for part, spec in enumerate(node.specs):
            if spec.sidechain is not None:  # what it hears must not come too late
                feeding.append(ends[spec.sidechain] - sum(latencies[:part]))
        begins[node.name] = max(feeding, default=0)
        ends[node.name] = begins[node.name] + sum(latencies)
    return begins, ends


class _MixGraph:
    """One engine with its processors; good for one render."""

    def __init__(self, mix: Mixdown, rate: float) -> None:
        dawdreamer = load_dawdreamer()
        self._mix, self._rate = mix, rate
        self._engine = dawdreamer.RenderEngine(rate, buffer_size(mix.specs))
        self._list: list[tuple[Any, list[str]]] = []
        self._plugins: list[list[Any]] = [
            [
                plugin_node(self._engine, _part(index, part), spec)
                for part, spec in enumerate(node.specs)
            ]
            for index, node in enumerate(mix.nodes)
        ]

    def latencies(self) -> list[list[int]]:
        """Return what the plugins of each node report or their specs state, in samples."""
        return [
            [latency_of(plugin, spec) for plugin, spec in zip(plugins, node.specs, strict=True)]
            for plugins, node in zip(self._plugins, self._mix.nodes, strict=True)
        ]

    def render(self, rows: Rows, own: Sequence[Sequence[int]]) -> tuple[Rows, dict[str, int]]:
        """Render rows; these latencies are levelled out and taken off."""
        begins, ends = path_latencies(self._mix, own)
        longest, samples = max(ends.values()), rows.shape[1]
        self._rows, self._longest = rows, longest
        names = self._sources()
        for index, node in enumerate(self._mix.nodes):
            feeding = [
                self._link(number, link, names, begins[node.name] - ends[link.source], ends)
                for number, link in enumerate(self._mix.links)
                if link.target == node.name
            ]
            keys = [
                self._key(index, part, names, begins[node.name] + sum(own[index][:part]), ends)
                for part in range(len(node.specs))
            ]
            names[node.name] = self._node(index, node, feeding or [self._silence()], keys)
        self._engine.load_graph(self._list)
        # Only now: LV2 plugins drop what was set before the graph was loaded.
        for node, plugins, latencies in zip(self._mix.nodes, self._plugins, own, strict=True):
            for part, (plugin, spec) in enumerate(zip(plugins, node.specs, strict=True)):
                if not (is_set(spec) or spec.settle):
                    continue
                knobs = ParameterSetter(plugin, spec)
                knobs.set_all()
                ahead = begins[node.name] + sum(latencies[:part])
                knobs.automate(ahead, samples + longest, self._rate)
        for processor, _ in self._list:
            processor.record = processor.get_name() in {names[n] for n in self._mix.outputs}
        self._engine.render((samples + longest + 0.5) / self._rate)
        outs = [
            np.asarray(self._engine.get_audio(names[name]), np.float32)[
                :SIDES, ends[name] : ends[name] + samples
            ]
            for name in self._mix.outputs
        ]
        out = np.concatenate(outs)
        if out.shape != (SIDES * len(outs), samples):
            raise PluginError(f"returned {out.shape} for {rows.shape}", where="the mix")
        return out, ends

    def _sources(self) -> dict[str, str]:
        names = {}
        for pair, source in enumerate(self._mix.sources):
            names[source] = self._play(f"source{pair}", self._pair(pair))
        return names

    def _pair(self, pair: int) -> Rows:
        return self._rows[SIDES * pair : SIDES * (pair + 1)]

    def _play(self, name: str, rows: Rows, late: int = 0) -> str:
        """Add a playback of rows that begins so many samples late; silence surrounds it."""
        padded = np.pad(rows, ((0, 0), (late, self._longest - late)))
        player = self._engine.make_playback_processor(name, padded)
        self._list.append((player, []))
        return name

    def _silence(self) -> str:
        return self._play(f"silence{len(self._list)}", np.zeros_like(self._rows[:SIDES]))

    def _link(
        self, number: int, link: Link, names: dict[str, str], delay: int, ends: dict[str, int]
    ) -> str:
        """Return the name of what carries a link's signal, gains and delay applied."""
        source = names[link.source]
        if link.curve is not None:
            curve = self._play(f"curve{number}", self._pair(link.curve), ends[link.source])
            feeding = [source, curve]
            program = "process(l, r, a, b) = l * a, r * b"
        elif link.gains != (1.0, 1.0) or delay:
            feeding = [source]
            program = f"process = *({link.gains[0]!r}), *({link.gains[1]!r})"
        else:
            return source
        if delay:
            program += f" : @({delay}), @({delay})"
        spec = PluginSpec("faust", f"{program};", file=f"way {link.source} -> {link.target}")
        name = f"link{number}"
        self._list.append((plugin_node(self._engine, name, spec), feeding))
        return name

    def _key(
        self, index: int, part: int, names: dict[str, str], arrival: int, ends: dict[str, int]
    ) -> str | None:
        """Return the name of what feeds a plugin's side-chain inputs, if anything does.

        ``arrival`` is how late the signal reaches the plugin.
        """
        source = self._mix.nodes[index].specs[part].sidechain
        if source is None:
            return None
        plugin = self._plugins[index][part]
        inputs = plugin.get_num_input_channels() - plugin.get_num_output_channels()
        delays = ", ".join([f"@({arrival - ends[source]})"] * inputs)
        program = (
            f"process = {delays};" if inputs == SIDES else f"process = + : *(0.5) <: {delays};"
        )
        name = f"{_part(index, part)}key"
        spec = PluginSpec("faust", program, file=f"side-chain {source}")
        self._list.append((plugin_node(self._engine, name, spec), [names[source]]))
        return name

    def _node(self, index: int, node: Node, feeding: list[str], keys: Sequence[str | None]) -> str:
        """Return the name of the node's last processor."""
        name = f"node{index}"
        add = self._engine.make_add_processor(name, [1.0] * len(feeding))
        self._list.append((add, feeding))
        for part, plugin in enumerate(self._plugins[index]):
            key = keys[part]
            self._list.append((plugin, [name] if key is None else [name, key]))
            name = _part(index, part)
        return name


def _part(index: int, part: int) -> str:
    return f"node{index}part{part}"
