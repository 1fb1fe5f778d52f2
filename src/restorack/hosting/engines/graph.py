"""DawDreamer graphs: adjacent plugins and Faust programs over a whole signal."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError
from restorack.hosting.engines.dawdreamer import load_dawdreamer
from restorack.hosting.engines.streaming import (
    BLOCK,
    RINGING_SECONDS,
    TAIL_SECONDS,
    buffer_size,
    peak_of,
)
from restorack.hosting.engines.vst3 import (
    described_maker,
    described_programs,
    preset_of_raw,
    require_one,
    saved_vst3,
    state_refused,
)
from restorack.hosting.exchange.refusals import is_instrument
from restorack.hosting.lv2.states import port_values, state_text
from restorack.hosting.parameters.setter import ParameterSetter, is_set
from restorack.hosting.parameters.states import has_state, is_vstpreset, read_state
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import InstanceCache, is_cleared, probes, warm_key
from restorack.system.floating_point import restore_float_environment

if TYPE_CHECKING:
    from restorack.hosting.clap.graph import ClapGraph
    from restorack.hosting.engines.board import BoardGraph

SETTLING = 3
"""Renders within which plugins have to agree with the latency that they report."""


def latency_of(node: Any, spec: PluginSpec) -> int:
    """Return a processor's latency in samples: what its spec states, else what it reports."""
    if spec.latency_samples is not None:
        return spec.latency_samples
    return int(node.get_latency_samples()) if hasattr(node, "get_latency_samples") else 0


def render(
    specs: Sequence[PluginSpec],
    rows: Rows,
    rate: float,
    cache: InstanceCache[AnyGraph] | None = None,
    key_rows: Rows | None = None,
) -> tuple[Rows, int, float]:
    """Render a signal through plugins in series.

    Parameters
    ----------
    specs : sequence of PluginSpec
        Every one takes and gives as many channels as the signal has, but for one alone that
        splits them into bands.
    rows : ndarray of float32, shape (channels, samples)
    rate : float
        In Hz.
    cache : InstanceCache, optional
        Where a loaded graph may wait, and is left for the next signal: only for plugins that a
        reset is proven to clear.
    key_rows : ndarray of float32, shape (side-chain inputs, samples), optional
        For a single plugin's inputs beyond the signal's channels.

    Returns
    -------
    rows : ndarray of float32, shape (channels, samples)
        As long as the input and aligned with it: the plugins' latency is taken off.
    latency : int
        What was taken off, in samples.
    tail_peak : float
        Sample value of the loudest that follows soon after the end, filters' ringing left out.
    """
    key = warm_key("graph", specs, rate, len(rows))
    graph = (cache.take(key) if cache is not None else None) or make_graph(specs, rate)
    latencies = graph.latencies()
    # A plugin whose parameters change its latency says so only after it has processed.
    for _ in range(SETTLING):
        out = graph.render(rows, latencies, key_rows)
        if graph.latencies() == latencies:
            if cache is not None and np.isfinite(out).all():  # a reset may not clear a NaN
                graph.release()
                cache.put(key, graph)
            return out, sum(latencies), graph.tail_peak
        latencies = graph.latencies()
        graph = make_graph(specs, rate)
    raise PluginError(
        "its latency changes from render to render",
        where=", ".join(spec.label for spec in specs),
        rule="the latency that a plugin reports is compensated",
    )


def is_graph_cleared(specs: Sequence[PluginSpec], rate: float, channels: int) -> bool:
    """Return whether a reset clears these plugins in a graph: proven by bits."""
    graph = make_graph(specs, rate)
    latencies = graph.latencies()
    return is_cleared(lambda rows: graph.render(rows, latencies), channels, rate)


UNSETTLED = 1e-4
"""Of the output's peak (-80 dB): how much a plugin may change when its parameters are sent."""


def is_settled(spec: PluginSpec, rate: float = 44_100.0) -> bool:
    """Return whether a plugin sounds as it does once each of its parameters was sent to it."""
    outs = []
    for settle in (False, True, False):
        graph = make_graph([replace(spec, settle=settle)], rate)
        [node] = graph.nodes
        width = min(node.get_num_input_channels(), node.get_num_output_channels())
        outs.append(graph.render(probes(width, rate)[0], graph.latencies()))
    peak = max(peak_of(out) for out in outs)
    return all(peak_of(out - outs[1]) <= UNSETTLED * peak for out in outs)


class Graph:
    """One engine with its processors; every render resets them."""

    def __init__(self, specs: Sequence[PluginSpec], rate: float) -> None:
        dawdreamer = load_dawdreamer(specs[0].label)
        self._specs, self._rate = specs, rate
        self._engine = dawdreamer.RenderEngine(rate, buffer_size(specs))
        self._input: Any = None
        self.tail_peak = 0.0
        self.nodes: list[Any] = [None] * len(specs)
        # Faust first: a plugin built with -ffast-math would make its compiler abort.
        for kinds in (("faust",), ("vst3", "lv2")):
            for index, spec in enumerate(specs):
                if spec.kind in kinds:
                    self.nodes[index] = plugin_node(self._engine, f"stage{index}", spec)

    def latencies(self) -> list[int]:
        """Return what each processor reports or its spec states, in samples."""
        return [latency_of(node, spec) for node, spec in zip(self.nodes, self._specs, strict=True)]

    def render(self, rows: Rows, latencies: Sequence[int], key_rows: Rows | None = None) -> Rows:
        """Render rows, these latencies taken off; further rows are for side-chain inputs."""
        total, samples = sum(latencies), rows.shape[1]
        beyond = round(TAIL_SECONDS * self._rate)
        played = rows if key_rows is None else np.concatenate([rows, key_rows])
        self._play(np.pad(played, ((0, 0), (0, total + beyond))))
        # Only now: LV2 plugins drop what was set before the graph was loaded.
        for index, (node, spec) in enumerate(zip(self.nodes, self._specs, strict=True)):
            if is_set(spec) or spec.settle:
                knobs = ParameterSetter(node, spec)
                knobs.set_all()
                knobs.automate(sum(latencies[:index]), samples + total + beyond, self._rate)
        self._engine.render((samples + total + beyond + 0.5) / self._rate)
        self._input.set_data(self._silence())  # its copy is played: one less beside what comes out
        first = ((self._specs[-1].band or 1) - 1) * rows.shape[0]
        out = np.asarray(self._engine.get_audio(), np.float32)
        out = out[first : first + rows.shape[0], total:]
        self.tail_peak = peak_of(out[:, samples + round(RINGING_SECONDS * self._rate) :])
        out = out[:, :samples]
        if out.shape != rows.shape:
            raise PluginError(
                f"returned {out.shape} for {rows.shape}",
                where=", ".join(spec.label for spec in self._specs),
            )
        return np.ascontiguousarray(out)

    def release(self) -> None:
        """Let go of the latest signal, of which the engine holds copies."""
        self._input.set_data(self._silence())
        self._engine.render((BLOCK + 0.5) / self._rate)

    def _silence(self) -> Rows:
        return np.zeros((self._input_channels, BLOCK), np.float32)

    def _play(self, rows: Rows) -> None:
        """Have the engine's next render begin with these rows."""
        self._input_channels = rows.shape[0]
        if self._input is not None:
            self._input.set_data(rows)
            return
        self._input = self._engine.make_playback_processor("input", rows)
        names = ["input", *(f"stage{index}" for index in range(len(self.nodes)))]
        links: list[tuple[Any, list[str]]] = [(self._input, [])]
        links += [(node, [names[index]]) for index, node in enumerate(self.nodes)]
        self._engine.load_graph(links)


AnyGraph: TypeAlias = "Graph | BoardGraph | ClapGraph"
"""What renders plugins in series."""


def layout(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return a plugin's channels and, with its parameters set, its latency."""
    graph = make_graph([spec], rate)
    [node] = graph.nodes
    inputs, outputs = node.get_num_input_channels(), node.get_num_output_channels()
    if spec.kind != "faust" and inputs:
        width = min(inputs, outputs)
        graph.render(np.zeros((width, 2 * BLOCK), np.float32), [0])
    return {"inputs": inputs, "outputs": outputs, "latency_samples": graph.latencies()[0]}


def describe(spec: PluginSpec) -> dict[str, Any]:
    """Return a plugin's channels, latency and parameters, as JSON-ready values."""
    found: dict[str, Any] = {"kind": spec.kind, "reference": spec.reference}
    found |= layout(spec, 44_100)
    if spec.kind == "clap":
        return found | _clap([spec], 44_100).describe()
    graph = make_graph([spec], 44_100)
    if spec.kind == "vst3":
        found |= described_maker(spec)
    else:
        found |= {"name": spec.reference if spec.kind == "lv2" else spec.label}
    found["programs"] = described_programs(spec) if spec.kind == "vst3" else []
    setter = ParameterSetter(graph.nodes[0], spec)
    if spec.kind != "vst3":  # what it makes of the spec shows once it has run
        width = min(found["inputs"], found["outputs"])
        graph.render(np.zeros((width, 2 * BLOCK), np.float32), [0])
    return found | {"parameters": setter.describe()}


def saved_state(spec: PluginSpec) -> bytes:
    """Return the state that a spec's plugin has with its parameters set.

    Returns
    -------
    bytes
        A ``.vstpreset``, or Turtle with the values of an LV2 plugin's ports.
    """
    if spec.kind == "clap":
        return _clap([spec], 44_100).save()
    graph = make_graph([spec], 44_100)
    node: Any = graph.nodes[0]
    width = min(node.get_num_input_channels(), node.get_num_output_channels())
    silence = np.zeros((width, 2 * BLOCK), np.float32)  # before it has run, a state is stale
    if spec.kind == "vst3":
        return saved_vst3(spec, silence)
    graph.render(silence, [0])
    with tempfile.NamedTemporaryFile(suffix=".ttl") as file:
        node.save_state(file.name)
        data = Path(file.name).read_bytes()
    values = port_values(data, spec.reference, spec.label, strict=False)
    return state_text(spec.reference, values).encode()


def check(spec: PluginSpec) -> None:
    """Raise :class:`ParameterError` where the plugin refuses a parameter or automation."""
    if spec.kind == "clap":
        _clap([spec], 44_100).check()
        return
    graph = make_graph([spec], 44_100)
    ParameterSetter(graph.nodes[0], spec).check()


def _refuse_named(spec: PluginSpec) -> None:
    """Refuse what DawDreamer cannot host: of a bundle it loads the first plugin alone."""
    if require_one(spec) is not None:
        raise PluginError(
            "is one of several plugins in a bundle",
            where=spec.label,
            rule="pedalboard hosts such plugins, in chains of their own; the mix of a session "
            "cannot",
            remedy="put it on a stem of the session",
        )


def make_graph(specs: Sequence[PluginSpec], rate: float) -> AnyGraph:
    """Return what renders plugins in series: DawDreamer, else pedalboard, or we ourselves."""
    if specs[0].kind == "clap":
        return _clap(specs, rate)
    if any(spec.plugin is not None for spec in specs):
        from restorack.hosting.engines.board import BoardGraph

        return BoardGraph(specs, rate)
    return Graph(specs, rate)


def _clap(specs: Sequence[PluginSpec], rate: float) -> ClapGraph:
    from restorack.hosting.clap.graph import ClapGraph  # here: the child starts the sooner

    return ClapGraph(specs, rate)


def plugin_node(engine: Any, name: str, spec: PluginSpec) -> Any:
    """Make a processor of the graph, its state loaded."""
    if spec.kind == "clap":
        raise PluginError(
            "is a CLAP plugin",
            where=spec.label,
            rule="the graph of a mix hosts VST3, LV2 and Faust: CLAP plugins stay outside of it",
        )
    try:
        if spec.kind == "faust":
            from restorack.hosting.faust.boxes import refuse_foreign_boxes

            refuse_foreign_boxes(spec)
            node = engine.make_faust_processor(name)
            node.set_dsp_string(spec.reference)
            if not node.compile():
                raise PluginError("does not compile", where=spec.label)
            return node
        node = engine.make_plugin_processor(name, spec.reference)
        if spec.kind == "vst3":
            _refuse_named(spec)
        if spec.kind == "vst3" and has_state(spec):
            _load_state(node, spec)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise PluginError(f"cannot be loaded: {reason}", where=spec.label) from error
    finally:
        restore_float_environment()
    if not node.get_num_output_channels():
        raise PluginError("has no audio output", where=spec.label)
    if not node.get_num_input_channels():
        raise is_instrument(spec.label)
    return node


def _load_state(node: Any, spec: PluginSpec) -> None:
    data = read_state(spec)
    try:
        preset = data
        if not is_vstpreset(data):
            preset = preset_of_raw(spec.reference, spec.plugin, data)
        with tempfile.NamedTemporaryFile(suffix=".vstpreset") as file:
            file.write(preset)
            file.flush()
            node.load_vst3_preset(file.name)
    except (RuntimeError, ValueError) as error:
        raise state_refused(spec, data, str(error)) from error
