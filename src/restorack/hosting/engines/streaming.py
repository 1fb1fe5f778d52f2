"""VST3 plugins as a stream in pedalboard: the same samples as DawDreamer's graph gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from restorack.core.automation import GRID, Automation
from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.errors import PluginError
from restorack.hosting.engines.vst3 import configure, load_vst3
from restorack.hosting.parameters.vst3 import find_vst3_parameter, raw_value
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import InstanceCache, is_cleared, warm_key

BLOCK = 512
"""Buffer of both hosts; plugins may depend on it."""


TAIL_SECONDS = 0.07
"""Of silence that is rendered after the end, to see whether a tail is cut there."""

RINGING_SECONDS = 0.02
"""Of these: filters ring so long after music that ends at once, which is no tail."""


def peak_of(rows: Rows) -> float:
    """Return the greatest sample value; what is not finite counts as nothing."""
    return float(np.abs(np.nan_to_num(rows, posinf=0.0, neginf=0.0)).max(initial=0.0))


def buffer_size(specs: Sequence[PluginSpec]) -> int:
    """Return the hosts' buffer: automation moves once per buffer, so then it is the grid's."""
    return GRID if any(spec.automation for spec in specs) else BLOCK


class VstStream:
    """Adjacent VST3 plugins, streamed.

    Parameters
    ----------
    specs : sequence of PluginSpec
        All VST3, with paths as references.
    sample_rate : float
        In Hz.
    channels : int
        That every one of them takes and gives.
    cache : InstanceCache of lists of plugins, optional
        Where loaded plugins may wait, and are left by :meth:`release`: only those that a reset is
        proven to clear.
    """

    def __init__(
        self,
        specs: Sequence[PluginSpec],
        sample_rate: float,
        channels: int,
        cache: InstanceCache[list[Any]] | None = None,
    ) -> None:
        import pedalboard

        self._shelf, self._key = cache, warm_key("stream", specs, sample_rate, channels)
        waiting = cache.take(self._key) if cache is not None else None
        self._plugins = waiting or [load_vst3(spec) for spec in specs]
        for plugin, spec in zip(self._plugins, specs, strict=True):
            configure(plugin, spec)
        self._board = pedalboard.Pedalboard(self._plugins)
        self._rate = sample_rate
        self._block = buffer_size(specs)
        self._fifo = SampleFifo(channels)
        self._channels = channels
        self._board.reset()
        self._board.process(np.zeros((channels, self._block), np.float32), sample_rate, self._block)
        self._board.reset()
        reported = [int(plugin.reported_latency_samples) for plugin in self._plugins]
        latencies = [
            own if spec.latency_samples is None else spec.latency_samples
            for own, spec in zip(reported, specs, strict=True)
        ]
        self.latencies, self.latency = latencies, sum(latencies)
        self.tail_peak = 0.0
        # pedalboard takes off what is reported: the rest here, or it gets silence ahead of it.
        self._late = max(0, sum(latencies) - sum(reported))
        self._fifo.push(np.zeros((channels, max(0, sum(reported) - sum(latencies))), np.float32))
        self._tracks = [
            (
                find_vst3_parameter(plugin, name, spec.label),
                Automation(points, where=spec.label),
                sum(latencies[:index]),
                spec.label,
            )
            for index, (plugin, spec) in enumerate(zip(self._plugins, specs, strict=True))
            for name, points in spec.automation.items()
        ]
        self._given = self._taken = self._position = 0
        self._finite = True

    def release(self) -> None:
        """Leave the plugins for the next signal, where they may be kept."""
        if self._shelf is not None and self._finite:  # a reset may not clear a NaN
            self._shelf.put(self._key, self._plugins)
        self._shelf = None

    def push(self, rows: Rows) -> Rows:
        """Take samples, return those that are ready."""
        self._taken += rows.shape[1]
        self._fifo.push(rows)
        return self._run(self._fifo.pop(len(self._fifo) // self._block * self._block))

    def finish(self) -> Rows:
        """Return the rest."""
        rest = self._fifo.pop(len(self._fifo))
        parts = [self._run(np.pad(rest, ((0, 0), (0, -rest.shape[1] % self._block))))]
        silence = np.zeros((self._channels, 16 * BLOCK), np.float32)
        most = 2 + self.latency // silence.shape[1]
        while self._given < self._taken and len(parts) <= most:
            parts.append(self._run(silence))
        if self._given < self._taken:
            raise PluginError(
                f"{self._given} samples returned for {self._taken} taken",
                rule="a plugin withholds no more than the latency that it reports",
            )
        ahead = round(TAIL_SECONDS * self._rate)
        while self._given - self._taken < ahead and len(parts) <= most + 1 + ahead // BLOCK:
            parts.append(self._run(silence))
        joined = np.concatenate(parts, axis=1)
        whole = joined.shape[1] - (self._given - self._taken)
        ringing = round(RINGING_SECONDS * self._rate)
        self.tail_peak = peak_of(joined[:, whole + ringing : whole + ahead])
        return joined[:, :whole]

    def _run(self, rows: Rows) -> Rows:
        if not rows.shape[1]:
            return rows
        step = self._block if self._tracks else rows.shape[1]
        parts = []
        for at in range(0, rows.shape[1], step):
            self._move(self._position)
            block = np.ascontiguousarray(rows[:, at : at + step])
            parts.append(self._board.process(block, self._rate, self._block, False))
            self._position += block.shape[1]
        out = np.concatenate(parts, axis=1)
        dropped = min(self._late, out.shape[1])
        self._late -= dropped
        out = out[:, dropped:]
        self._given += out.shape[1]
        self._finite = self._finite and bool(np.isfinite(out).all())
        return np.asarray(out, np.float32)

    def _move(self, position: int) -> None:
        for parameter, track, latency, label in self._tracks:
            value = track.on_grid(max(0, position - latency), self._rate)
            parameter.shown.raw_value = raw_value(parameter, value, label)


def is_stream_cleared(specs: Sequence[PluginSpec], rate: float, channels: int) -> bool:
    """Return whether a reset clears these plugins in pedalboard: proven by bits."""
    cache: InstanceCache[list[Any]] = InstanceCache()

    def render(rows: Rows) -> Rows:
        stream = VstStream(specs, rate, channels, cache)
        out = np.concatenate([stream.push(rows), stream.finish()], axis=1)
        stream.release()
        return out

    return is_cleared(render, channels, rate)
