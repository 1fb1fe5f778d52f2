"""Runs of adjacent pedalboard plugins as one stage: no Python between them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from restorack.chains.native_widths import LaneRun, takes, width_for
from restorack.core.automation import GRID, Automation
from restorack.core.row_streams import WHOLE_FILE
from restorack.core.stage import Stage
from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.errors import PluginError

if TYPE_CHECKING:
    import pedalboard

BLOCK = 8 * GRID
"""pedalboard's buffer size, and what its blocks are multiples of: it resets plugins when a block
is longer than those before, and guesses the layout of arrays that are shorter than wide."""

NOT_STREAMABLE = ("PitchShift", "GSMFullRateCompressor", "MP3Compressor", "Resample")
"""Plugins whose blocks differ from the whole (measured): these get the whole file at once."""


LONGEST_LATENCY = 600
"""Seconds of silence after which a plugin that returned nothing never will."""


@cache
def board_class() -> type[pedalboard.Pedalboard]:
    """Return pedalboard's own Pedalboard."""
    import pedalboard

    return pedalboard.Pedalboard


def is_native(candidate: object) -> TypeGuard[pedalboard.Plugin]:
    """Return whether an object is a pedalboard plugin, without importing pedalboard."""
    module = sys.modules.get("pedalboard")
    return module is not None and isinstance(candidate, module.Plugin)


class NativeRun(Stage):
    """Adjacent pedalboard plugins, streamed through one :class:`pedalboard.Pedalboard`.

    Parameters
    ----------
    plugins : sequence of pedalboard.Plugin
        Shared with the caller: their attributes stay settable.
    automation : dict, optional
        For a run of one plugin: attribute name to :class:`Automation`.
    """

    def __init__(
        self,
        plugins: Sequence[pedalboard.Plugin],
        automation: dict[str, Automation] | None = None,
    ) -> None:
        super().__init__()
        self._plugins = list(plugins)
        self._board = board_class()(self._plugins)
        self._automation = automation or {}
        self._latencies: dict[tuple[float, int | None], int] = {}
        self._channels: int | None = None
        self._late = 0
        self._series: list[Stage] = []

    def held_with(self) -> Iterable[Any]:
        """Return what a call holds: the run and its plugins, which other chains may share."""
        return (self, *plugins_within(self._plugins))

    def predict_latency(self, sample_rate: float) -> int:
        """Return the plugins' latency, probed with silence, and what one block holds back."""
        key = (sample_rate, self._channels)
        if key not in self._latencies:
            self._latencies[key] = self._probe(sample_rate)
        return self._latencies[key]

    def _probe(self, sample_rate: float) -> int:
        channels = self._channels or self._likely_channels(sample_rate)
        if channels is None or self._misfits(channels, sample_rate):
            return WHOLE_FILE  # each plugin, and each channel, has a stream of its own
        if not all(_streams(plugin) for plugin in plugins_within(self._plugins)):
            return WHOLE_FILE
        mixes = any(type(plugin).__name__ == "Mix" for plugin in plugins_within(self._plugins))
        longest = 0 if mixes else LONGEST_LATENCY  # of a Mix any latency will do
        late = shortfall(self._board, sample_rate, channels, longest)
        self._late = late
        if late and mixes:
            return WHOLE_FILE  # Mix does not align its branches while it streams
        return BLOCK - 1 + late

    def _likely_channels(self, sample_rate: float) -> int | None:
        """Return the first of one and two channels that all plugins take."""
        fits = (n for n in (1, 2) if not self._misfits(n, sample_rate))
        return next(fits, None)

    def _misfits(self, channels: int, sample_rate: float) -> list[pedalboard.Plugin]:
        return [plugin for plugin in self._plugins if not takes(plugin, channels, sample_rate)]

    def _in_series(self, channels: int, sample_rate: float) -> list[Stage]:
        """Return the plugins as stages of their own, where one does not take the channels."""
        misfits = self._misfits(channels, sample_rate)
        if not misfits:
            return []
        stages: list[Stage] = []
        for plugin in self._plugins:

            def run(plugin: pedalboard.Plugin = plugin) -> NativeRun:
                return NativeRun([plugin], self._automation)

            fits = plugin not in misfits
            stages.append(run() if fits else LaneRun(run, width_for(plugin, sample_rate)))
        return stages

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._channels = channels
        self._series = self._in_series(channels, sample_rate)
        for stage in self._series:
            stage.start(sample_rate, channels)
        if self._series:
            return
        self._all_at_once = self.predict_latency(sample_rate) >= WHOLE_FILE
        self._rate = sample_rate
        self._fifo = SampleFifo(channels)
        self._position = 0
        self._given = 0
        self._board.reset()

    def _push(self, block: Rows) -> Rows:
        if self._series:
            for stage in self._series:
                block = stage.advance(block)
            return block
        self._fifo.push(block)
        if self._all_at_once:
            return block[:, :0]
        return self._run(self._fifo.pop(len(self._fifo) // BLOCK * BLOCK))

    def _finish_series(self, channels: int) -> Rows:
        rest = np.zeros((channels, 0), np.float32)
        for stage in self._series:
            rest = np.concatenate([stage.advance(rest), stage.end()], axis=1)
        self._series = []
        return rest

    def _finish(self) -> Rows:
        channels = self._require_stream().channels
        if self._series:
            return self._finish_series(channels)
        rest = self._fifo.pop(len(self._fifo))
        wanted = self._position + rest.shape[1] - self._given
        if self._all_at_once:
            out = self._called(rest, reset=True) if rest.shape[1] else rest
            return np.ascontiguousarray(out[:, :wanted])
        parts = [self._run(_padded(rest))] if rest.shape[1] else []
        silence = np.zeros((channels, 16 * BLOCK), np.float32)
        limit = wanted + self._late + int(10 * self._rate)
        while sum(part.shape[1] for part in parts) < wanted:
            parts.append(self._run(silence))
            if len(parts) * silence.shape[1] > limit:
                raise PluginError(
                    "pedalboard returned fewer samples than it took",
                    where=", ".join(type(plugin).__name__ for plugin in self._plugins),
                )
        return np.concatenate([*parts, silence[:, :0]], axis=1)[:, :wanted]

    def _run(self, rows: Rows) -> Rows:
        if not rows.shape[1]:
            return rows
        if not self._automation:
            return self._called(rows, reset=False)
        parts = []
        for at in range(0, rows.shape[1], GRID):
            for name, track in self._automation.items():
                setattr(self._plugins[0], name, track.on_grid(self._position, self._rate))
            parts.append(self._called(rows[:, at : at + GRID], reset=False))
        return np.concatenate(parts, axis=1)

    def _called(self, rows: Rows, *, reset: bool) -> Rows:
        self._position += rows.shape[1]
        try:
            out = self._board.process(rows, self._rate, BLOCK, reset)
        except (RuntimeError, ValueError) as error:
            raise PluginError(str(error).splitlines()[0], where="pedalboard") from error
        out = np.asarray(out, np.float32)
        self._given += out.shape[1]
        return out


def _streams(plugin: Any) -> bool:
    return type(plugin).__name__ not in NOT_STREAMABLE


def can_stream_native(plugin: Any, sample_rate: float) -> bool:
    """Return whether a pedalboard plugin gives, block by block, what it gives as a whole."""
    return NativeRun([plugin]).predict_latency(sample_rate) < WHOLE_FILE


def plugins_within(plugins: Sequence[Any]) -> list[Any]:
    """Return plugins and, where they are containers, those inside them."""
    found: list[Any] = []
    for plugin in plugins:
        found.append(plugin)
        if hasattr(plugin, "__len__"):
            found += plugins_within(list(plugin))
    return found


def shortfall(
    board: pedalboard.Pedalboard, sample_rate: float, channels: int, longest: float
) -> int:
    """Return how many samples a board withholds, found by feeding it silence, for so many s."""
    silence, given, returned = np.zeros((channels, 128 * BLOCK), np.float32), 0, 0
    board.reset()
    while not given or (not returned and given < longest * sample_rate):
        out = board.process(silence, sample_rate, BLOCK, False)
        given, returned = given + silence.shape[1], int(out.shape[-1])
    board.reset()
    return given - returned


def _padded(rows: Rows) -> Rows:
    missing = -rows.shape[1] % BLOCK
    return np.pad(rows, ((0, 0), (0, missing)))
