"""VST3 plugins in pedalboard, rendered as a graph is: for those that DawDreamer cannot load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError
from restorack.hosting.engines.streaming import VstStream
from restorack.hosting.engines.vst3 import require_one, value_converter
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import InstanceCache


class BoardGraph:
    """Plugins in series; every render resets them.

    Parameters
    ----------
    specs : sequence of PluginSpec
        All VST3, with paths as references.
    rate : float
        In Hz.
    """

    def __init__(self, specs: Sequence[PluginSpec], rate: float) -> None:
        self._specs, self._rate = specs, rate
        self.tail_peak = 0.0
        self._cache: InstanceCache[list[Any]] = InstanceCache()
        for spec in specs:
            require_one(spec)
        self._channels = self._accepted()
        self.nodes = [_BoardNode(spec, self._channels) for spec in specs]

    def _accepted(self) -> int:
        """Return how many channels the plugins take together: two, else one."""
        refusals = []
        for channels in (2, 1):
            try:
                stream = VstStream(self._specs, self._rate, channels, self._cache)
            except ValueError as error:
                refusals.append(str(error).splitlines()[0])
            else:
                self._latencies = stream.latencies
                stream.release()
                return channels
        raise PluginError(
            f"takes neither two channels nor one: {refusals[0]}",
            where=", ".join(spec.label for spec in self._specs),
            rule="of a bundle of several, effects are hosted that take as many channels as they "
            "give",
        )

    def latencies(self) -> list[int]:
        """Return what each plugin reports, in samples."""
        return list(self._latencies)

    def render(self, rows: Rows, latencies: Sequence[int], key_rows: Rows | None = None) -> Rows:
        """Render rows, these latencies taken off."""
        if key_rows is not None:
            raise PluginError(
                "has no side-chain that can be fed",
                where=self._specs[0].label,
                rule="pedalboard offers none, and it alone hosts plugins of bundles of several",
            )
        stream = VstStream(self._specs, self._rate, len(rows), self._cache)
        late = stream.latency - sum(latencies)
        if late < 0:
            rows = np.pad(rows, ((0, 0), (0, -late)))
        out = np.concatenate([stream.push(rows), stream.finish()], axis=1)
        self._latencies, self.tail_peak = stream.latencies, stream.tail_peak
        stream.release()
        if late < 0:
            return out[:, -late:]
        return np.pad(out, ((0, 0), (late, 0)))[:, : rows.shape[1]]

    def release(self) -> None:
        """Let go of the latest signal: nothing holds it."""
        VstStream(self._specs, self._rate, self._channels, self._cache).release()


class _BoardNode:
    """Answers for a plugin what DawDreamer's processors do."""

    def __init__(self, spec: PluginSpec, channels: int) -> None:
        self._spec, self._channels = spec, channels

    def get_num_input_channels(self) -> int:
        return self._channels

    def get_num_output_channels(self) -> int:
        return self._channels

    def can_set_bus(self, inputs: int, outputs: int) -> bool:
        return inputs == outputs == self._channels

    def get_parameters_description(self) -> list[dict[str, Any]]:
        plugin = value_converter(self._spec.reference, self._spec.plugin)
        return [{"index": i, "name": own.name} for i, own in enumerate(plugin._parameters)]
