"""What the sandbox child measures of a plugin, one aspect a request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.errors import PluginError
from restorack.hosting.engines.graph import AnyGraph, is_graph_cleared, make_graph
from restorack.hosting.engines.streaming import VstStream, is_stream_cleared
from restorack.hosting.parts import plan_parts
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import probes

MOST_CHANNELS = 8
"""That are tried as inputs and outputs: 7.1."""
TAILS = (2.0, 10.0, 30.0)
"""Seconds of silence after which a plugin may have ended; longer ones only if it has not."""

AUDIBLE = db_to_amplitude(-90)
"""Below this sample value a tail has ended: the last bit of 16."""

SPEED_SECONDS = 5.0
"""Of noise that the speed is measured on. By hand."""
_LIKENESS = 0.25
"""Of output and input at the measured latency; below it the figure would be chance."""


def probe(what: str, spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return one aspect of a plugin as JSON-ready values."""
    return _ASPECTS[what](spec, rate)


def _layouts(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return which numbers of inputs and outputs it accepts, and how signals are fed to it."""
    graph = make_graph([spec], rate)  # kept: without it the node's memory is gone
    [node] = graph.nodes
    inputs, outputs = node.get_num_input_channels(), node.get_num_output_channels()
    accepted = [
        [ins, outs]
        for ins in range(MOST_CHANNELS + 1)
        for outs in range(1, MOST_CHANNELS + 1)
        if (ins, outs) == (inputs, outputs) or node.can_set_bus(ins, outs)
    ]
    return {
        "inputs": inputs, "outputs": outputs, "sidechain_inputs": max(0, inputs - outputs),
        "accepted": accepted,
        "fed": {str(channels): _fed(spec, inputs, outputs, channels) for channels in (1, 2, 6)},
    }  # fmt: skip


def _fed(spec: PluginSpec, inputs: int, outputs: int, channels: int) -> str:
    found = {"inputs": inputs, "outputs": outputs, "latency_samples": 0}
    try:
        [part] = plan_parts([spec], [found], channels)
    except PluginError:
        return "refused"
    return part.channels_text


def _latency(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return what a plugin reports, and by how much its output lags behind noise."""
    graph = make_graph([spec], rate)
    noise = _noise(graph, rate, 1.0, 0.25)
    padded = np.pad(noise, ((0, 0), (0, round(rate))))
    out = _rendered(graph, padded)
    return {
        "rate": rate,
        "reported": graph.latencies()[0],
        "measured": lag_of(out, padded),
        "silent": not out.any(),
        "finite": bool(np.isfinite(out).all()),
    }


def lag_of(out: Rows, given: Rows) -> int | None:
    """Return by how many samples a signal lags; None where the two are not alike enough."""
    if not np.isfinite(out).all() or not out.any():
        return None
    length = 2 * given.shape[1]
    product = np.fft.rfft(out, length) * np.conj(np.fft.rfft(given, length))
    likeness = np.fft.irfft(product.sum(axis=0))[: given.shape[1]]
    lag = int(np.argmax(np.abs(likeness)))
    energy = float(np.linalg.norm(out.astype(np.float64)) * np.linalg.norm(given))
    return lag if abs(likeness[lag]) > _LIKENESS * energy else None


def _tail(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return how long noise rings on, and what comes of silence."""
    graph = make_graph([spec], rate)
    noise = _noise(graph, rate, 0.5, 0.5)
    idle = np.abs(_rendered(graph, np.zeros((len(noise), round(rate)), np.float32)))
    idle_peak = float(idle.max(initial=0.0))
    found = {"idle_peak": idle_peak if np.isfinite(idle_peak) else None, "seconds": None}
    for silence in TAILS:
        padded = np.pad(noise, ((0, 0), (0, round(silence * rate))))
        out = np.abs(_rendered(graph, padded)).max(axis=0)
        loud = np.flatnonzero(~(out <= AUDIBLE))  # NaN is loud
        last = int(loud[-1]) + 1 if len(loud) else 0
        if last < len(out):
            lag = noise.shape[1] + graph.latencies()[0]
            return found | {"seconds": max(0, last - lag) / rate}
    return found


def _determinism(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return whether fresh instances, instances after a reset, and both hosts agree by bits."""
    graph = make_graph([spec], rate)
    compared, _ = probes(_width(graph), rate)
    first = graph.render(compared, graph.latencies())
    again = make_graph([spec], rate)
    second = again.render(compared, again.latencies())
    found: dict[str, Any] = {
        "digest": hashlib.sha256(first.tobytes()).hexdigest(),
        "instances_agree": bool(np.array_equal(first, second)),
        "reset_clears_graph": is_graph_cleared([spec], rate, len(compared)),
        "reset_clears_stream": None,
        "hosts_agree": None,
    }
    if spec.kind == "vst3":
        found["reset_clears_stream"] = is_stream_cleared([spec], rate, len(compared))
        stream = VstStream([spec], rate, len(compared))
        streamed = np.concatenate([stream.push(compared), stream.finish()], axis=1)
        found["hosts_agree"] = bool(np.array_equal(streamed, first))
    return found


def _speed(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return the seconds that loading takes, and how many times faster than real time it runs."""
    began = perf_counter()
    graph = make_graph([spec], rate)
    loaded = perf_counter() - began
    noise = _noise(graph, rate, SPEED_SECONDS, 0.25)
    taken = []
    for _ in range(2):  # the first one warms caches
        began = perf_counter()
        _rendered(graph, noise)
        taken.append(perf_counter() - began)
    return {"load_seconds": loaded, "times_real_time": SPEED_SECONDS / min(taken)}


def _rendered(graph: AnyGraph, rows: Rows) -> Rows:
    """Render rows as they come out, latency included."""
    return graph.render(rows, [0] * len(graph.nodes))


def _width(graph: AnyGraph) -> int:
    """Return how many channels a plugin is fed: its outputs', if it has as many inputs."""
    [node] = graph.nodes
    inputs, outputs = node.get_num_input_channels(), node.get_num_output_channels()
    if not inputs:
        raise PluginError("has no audio input", rule="restorack hosts effects")
    return int(min(inputs, outputs))


def _noise(graph: AnyGraph, rate: float, seconds: float, peak: float) -> Rows:
    random = np.random.default_rng(78)
    shape = (_width(graph), round(seconds * rate))
    return random.uniform(-peak, peak, shape).astype(np.float32)


_ASPECTS: dict[str, Callable[[PluginSpec, float], dict[str, Any]]] = {
    "layouts": _layouts,
    "latency": _latency,
    "tail": _tail,
    "determinism": _determinism,
    "speed": _speed,
}
