"""The sandbox child: loads third-party plugins and runs them for the process that started it.

A plugin that aborts, loops or overruns its memory takes this process down and no other. What only
some requests need is imported by them: a first render waits for this process to begin.
"""

from __future__ import annotations

import base64
import gc
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError, RestorackError
from restorack.hosting.engines import graph, streaming
from restorack.hosting.engines.dawdreamer import has_dawdreamer, load_dawdreamer
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import InstanceCache
from restorack.hosting.wire import (
    Closed,
    MalformedError,
    SharedSamples,
    error_message,
    receive,
    send,
)
from restorack.system import children


class Child:
    """Answers requests until the other side is gone.

    Parameters
    ----------
    link : socket
    samples : SharedSamples
    confined : mapping
        What of the sandbox is enforced, for the parent to know.
    """

    def __init__(
        self, link: socket.socket, samples: SharedSamples, confined: Mapping[str, str]
    ) -> None:
        self._link, self._confined = link, confined
        self._samples = samples
        self._streams: dict[int, streaming.VstStream] = {}
        self._graphs: InstanceCache[graph.AnyGraph] = InstanceCache()
        self._boards: InstanceCache[list[Any]] = InstanceCache()
        self._operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "layout": self._layout,
            "describe": self._describe,
            "plugins_in": self._plugins_in,
            "check": self._check,
            "save_state": self._save_state,
            "probe": self._probe,
            "prove": self._prove,
            "settles": self._settles,
            "render": self._render,
            "mix": self._mix,
            "open": self._open,
            "push": self._push,
            "finish": self._finish,
            "read_faust": self._read_faust,
        }

    def serve(self) -> None:
        """Say that it begins, then answer one request after the other."""
        if not self._answered({"ready": True, "confined": dict(self._confined)}):
            return
        while True:
            try:
                request = receive(self._link)
            except (Closed, MalformedError):
                return
            self._drop(request.get("drop", ()))
            try:
                answer = self._operations[request["do"]](request)
            except RestorackError as error:
                answer = {"error": error_message(error)}
            except Exception as error:
                # A host library's own exception is the plugin's failure, not ours.
                lines = str(error).splitlines() or [type(error).__name__]
                answer = {"error": error_message(PluginError(lines[0]))}
            if not self._answered({**answer, "number": request["number"]}):
                return

    def _answered(self, answer: dict[str, Any]) -> bool:
        try:
            send(self._link, answer)
        except Closed:
            return False
        return True

    def _layout(self, request: dict[str, Any]) -> dict[str, Any]:
        spec, rate = PluginSpec.from_message(request["spec"]), request["rate"]
        if has_dawdreamer():
            return graph.layout(spec, rate)
        from restorack.hosting.engines import vst3_alone

        return vst3_alone.layout(spec, rate)

    def _describe(self, request: dict[str, Any]) -> dict[str, Any]:
        spec = PluginSpec.from_message(request["spec"])
        if has_dawdreamer():
            return graph.describe(spec)
        from restorack.hosting.engines import vst3_alone

        return vst3_alone.describe(spec)

    def _plugins_in(self, request: dict[str, Any]) -> dict[str, Any]:
        spec = PluginSpec.from_message(request["spec"])
        if spec.kind == "clap":
            from restorack.hosting.clap import plugin

            found = plugin.descriptors(spec.reference, spec.label)
            return {"names": [plugin.name_of(one) for one in found]}
        from restorack.hosting.engines import vst3

        return {"names": list(vst3.plugins_in(spec.reference))}

    def _check(self, request: dict[str, Any]) -> dict[str, Any]:
        spec = PluginSpec.from_message(request["spec"])
        if has_dawdreamer():
            graph.check(spec)
        else:
            from restorack.hosting.engines import vst3_alone

            vst3_alone.check(spec)
        return {}

    def _save_state(self, request: dict[str, Any]) -> dict[str, Any]:
        data = graph.saved_state(PluginSpec.from_message(request["spec"]))
        return {"base64": base64.b64encode(data).decode("ascii")}

    def _probe(self, request: dict[str, Any]) -> dict[str, Any]:
        from restorack.hosting.engines import probing

        spec = PluginSpec.from_message(request["spec"])
        return probing.probe(request["what"], spec, request["rate"])

    def _prove(self, request: dict[str, Any]) -> dict[str, Any]:
        in_graph = request["host"] == "graph"
        is_proven = graph.is_graph_cleared if in_graph else streaming.is_stream_cleared
        return {"cleared": is_proven(_specs(request), request["rate"], request["channels"])}

    def _settles(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"settled": graph.is_settled(PluginSpec.from_message(request["spec"]))}

    def _render(self, request: dict[str, Any]) -> dict[str, Any]:
        rows, cache = self._taken(request), self._graphs if request["keep"] else None
        first = len(rows) - request["key_inputs"]
        key = rows[first:] if request["key_inputs"] else None
        specs, rate = _specs(request), request["rate"]
        out, latency, peak = graph.render(specs, rows[:first], rate, cache, key)
        return {**self._given(out), "latency": latency, "tail_peak": peak}

    def _mix(self, request: dict[str, Any]) -> dict[str, Any]:
        from restorack.hosting.engines import mixdown

        rows, mix = self._taken(request), mixdown.Mixdown.from_message(request["mix"])
        out, latencies = mixdown.render_mixdown(mix, rows, request["rate"])
        return {**self._given(out), "latencies": latencies}

    def _open(self, request: dict[str, Any]) -> dict[str, Any]:
        cache = self._boards if request["keep"] else None
        stream = streaming.VstStream(_specs(request), request["rate"], request["channels"], cache)
        self._streams[request["stream"]] = stream
        return {"latency": stream.latency}

    def _push(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._given(self._streams[request["stream"]].push(self._taken(request)))

    def _finish(self, request: dict[str, Any]) -> dict[str, Any]:
        stream = self._streams[request["stream"]]
        rest, peak = stream.finish(), stream.tail_peak
        self._drop([request["stream"]])
        return {**self._given(rest), "tail_peak": peak}

    def _read_faust(self, request: dict[str, Any]) -> dict[str, Any]:
        from restorack.hosting.faust import boxes

        return boxes.read(PluginSpec.from_message(request["spec"]))

    def _drop(self, numbers: Sequence[int]) -> None:
        """Free streams; their plugins are in reference cycles that pedalboard makes."""
        if numbers:
            for number in numbers:
                stream = self._streams.pop(number, None)
                if stream is not None:
                    stream.release()
            gc.collect()

    def _taken(self, request: dict[str, Any]) -> Rows:
        return self._samples.read(request["channels"], request["samples"])

    def _given(self, rows: Rows) -> dict[str, Any]:
        self._samples.write(rows)
        return {"channels": rows.shape[0], "samples": rows.shape[1]}


def _specs(request: dict[str, Any]) -> list[PluginSpec]:
    return [PluginSpec.from_message(spec) for spec in request["specs"]]


def serve(link: int, samples: int, confined: Mapping[str, str]) -> None:
    """Serve the parent until it is gone.

    Parameters
    ----------
    link, samples : int
        Numbers of the socket for messages, and of the memory for samples.
    confined : mapping
        What of the sandbox is enforced.
    """
    if has_dawdreamer():
        load_dawdreamer()  # now, so that no plugin's time is spent on it
    with socket.socket(fileno=link) as opened:
        Child(opened, SharedSamples(children.opened(samples)), confined).serve()
