"""DawDreamer graphs: adjacent plugins and Faust programs over a whole signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.audio.gate import Rows
from restorack.contract.automation import GRID, Automation
from restorack.errors import PluginError
from restorack.hosting.described import DescribedParameter, find_described
from restorack.hosting.spec import PluginSpec
from restorack.hosting.streaming import BLOCK, buffer_size
from restorack.hosting.vst3 import (
    load_vst3,
    range_text,
    raw_value,
    restore_float_environment,
    settable,
)


def render(specs: Sequence[PluginSpec], rows: Rows, rate: float) -> tuple[Rows, int]:
    """Render a signal through plugins in series.

    Parameters
    ----------
    specs : sequence of PluginSpec
        Every one takes and gives as many channels as the signal has.
    rows : ndarray of float32, shape (channels, samples)
    rate : float
        In Hz.

    Returns
    -------
    rows : ndarray of float32, shape (channels, samples)
        As long as the input and aligned with it: the plugins' latency is taken off.
    latency : int
        What was taken off, in samples.
    """
    import dawdreamer

    engine = dawdreamer.RenderEngine(rate, buffer_size(specs))
    nodes: list[Any] = [None] * len(specs)
    # Faust first: a plugin built with -ffast-math would make its compiler abort.
    for kinds in (("faust",), ("vst3", "lv2")):
        for index, spec in enumerate(specs):
            if spec.kind in kinds:
                nodes[index] = _node(engine, f"stage{index}", spec)
    latencies = [_latency(node) for node in nodes]
    total, samples = sum(latencies), rows.shape[1]
    padded = np.pad(rows, ((0, 0), (0, total)))
    links: list[tuple[Any, list[str]]] = [(engine.make_playback_processor("input", padded), [])]
    names = ["input", *(f"stage{index}" for index in range(len(nodes)))]
    links += [(node, [names[index]]) for index, node in enumerate(nodes)]
    engine.load_graph(links)
    # Only now: LV2 plugins drop what was set before the graph was loaded.
    for index, (node, spec) in enumerate(zip(nodes, specs, strict=True)):
        _configure(node, spec)
        _automate(node, spec, sum(latencies[:index]), samples + total, rate)
    engine.render((samples + total + 0.5) / rate)
    out = np.asarray(engine.get_audio(), np.float32)[: rows.shape[0], total:]
    if out.shape != rows.shape:
        raise PluginError(f"returned {out.shape} for {rows.shape}", where=_labels(specs))
    return np.ascontiguousarray(out), total


def layout(spec: PluginSpec) -> dict[str, Any]:
    """Return a plugin's channels and latency; quicker than :func:`describe`."""
    import dawdreamer

    engine = dawdreamer.RenderEngine(44_100, BLOCK)
    return _layout(_node(engine, "plugin", spec))


def _layout(node: Any) -> dict[str, Any]:
    return {
        "inputs": node.get_num_input_channels(),
        "outputs": node.get_num_output_channels(),
        "latency_samples": _latency(node),
    }


def describe(spec: PluginSpec) -> dict[str, Any]:
    """Return a plugin's channels, latency and parameters, as JSON-ready values."""
    import dawdreamer

    engine = dawdreamer.RenderEngine(44_100, BLOCK)  # lives as long as its processors are asked
    node = _node(engine, "plugin", spec)
    found: dict[str, Any] = {"kind": spec.kind, "reference": spec.reference, **_layout(node)}
    if spec.kind == "vst3":
        plugin = load_vst3(spec)
        found |= {"name": plugin.name, "maker": plugin.manufacturer_name, "version": plugin.version}
        parameters = [
            {"name": name, "unit": (p.units or "").strip(), "range": range_text(p),
             "default": p.string_value}
            for name, p in settable(plugin).items()
        ]  # fmt: skip
    else:
        found |= {"name": spec.reference if spec.kind == "lv2" else spec.label}
        parameters = [
            {"name": p.name, "unit": p.unit, "range": p.range_text(), "default": p.default}
            for p in _described(node, spec)
        ]
    return found | {"parameters": parameters}


def _node(engine: Any, name: str, spec: PluginSpec) -> Any:
    """Make a processor of the graph, its state loaded."""
    try:
        if spec.kind == "faust":
            node = engine.make_faust_processor(name)
            node.set_dsp_string(spec.reference)
            if not node.compile():
                raise PluginError("does not compile", where=spec.label)
            return node
        node = engine.make_plugin_processor(name, spec.reference)
        if spec.state is not None:
            preset = spec.state.lower().endswith(".vstpreset")
            (node.load_vst3_preset if preset else node.load_state)(spec.state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise PluginError(f"cannot be loaded: {reason}", where=spec.label) from error
    finally:
        restore_float_environment()
    if not node.get_num_output_channels():
        raise PluginError("has no audio output", where=spec.label)
    return node


def _latency(node: Any) -> int:
    return int(node.get_latency_samples()) if hasattr(node, "get_latency_samples") else 0


def _described(node: Any, spec: PluginSpec) -> list[DescribedParameter]:
    return [DescribedParameter(d, spec.kind) for d in node.get_parameters_description()]


def _configure(node: Any, spec: PluginSpec) -> None:
    if not spec.params:
        return
    if spec.kind == "vst3":
        plugin = load_vst3(spec)
        for name, value in spec.params.items():
            raw = raw_value(plugin, name, value, spec.label)
            node.set_parameter(_index(node, plugin, name), raw)
        return
    known = _described(node, spec)
    for name, value in spec.params.items():
        parameter = find_described(known, name, spec)
        if spec.kind == "faust":
            node.set_parameter(parameter.key, parameter.number(value, spec.label))
        else:
            node.set_parameter(parameter.key, parameter.unit_scale(value, spec.label))


def _index(node: Any, plugin: Any, name: str) -> int:
    """Return DawDreamer's index of a parameter that pedalboard knows by name."""
    title = plugin.parameters[name].name
    for description in node.get_parameters_description():
        if description["name"] == title:
            return int(description["index"])
    raise PluginError(f"its parameter {title!r} is not the same in both hosts")


def _automate(node: Any, spec: PluginSpec, ahead: int, samples: int, rate: float) -> None:
    """Set automation, delayed by the latency of the plugins ahead."""
    if not spec.automation:
        return
    plugin = load_vst3(spec) if spec.kind == "vst3" else None
    known = [] if plugin is not None else _described(node, spec)
    for name, points in spec.automation.items():
        values = _on_grid(Automation(points, where=spec.label), ahead, samples, rate)
        key: int | str
        if plugin is not None:
            key = _index(node, plugin, name)
            scaled = [raw_value(plugin, name, float(value), spec.label) for value in values]
        else:
            parameter = find_described(known, name, spec)
            key = parameter.key
            convert = parameter.number if spec.kind == "faust" else parameter.unit_scale
            scaled = [convert(float(value), spec.label) for value in values]
        node.set_automation(key, np.repeat(np.array(scaled, np.float32), GRID))


def _on_grid(track: Automation, ahead: int, samples: int, rate: float) -> NDArray[np.float64]:
    starts = range(0, samples + GRID, GRID)
    return np.array([track.on_grid(max(0, start - ahead), rate) for start in starts])


def _labels(specs: Sequence[PluginSpec]) -> str:
    return ", ".join(spec.label for spec in specs)
