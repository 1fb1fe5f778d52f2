"""Plugins that pedalboard has loaded, at the signal's number of channels: mono, stereo, more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.core.stage import Stage
from restorack.dsp.arrays import Rows
from restorack.errors import PluginError

if TYPE_CHECKING:
    import pedalboard

WIDTHS = (1, 2)
"""Channels at which a plugin that refuses the signal's number is tried."""


def may_refuse(plugin: Any) -> bool:
    """Return whether a plugin's number of channels may be fixed: a loaded one, at any depth."""
    import pedalboard

    if isinstance(plugin, pedalboard.ExternalPlugin):
        return True
    return hasattr(plugin, "__len__") and any(may_refuse(part) for part in plugin)


def takes(plugin: pedalboard.Plugin, channels: int, sample_rate: float) -> bool:
    """Return whether a plugin processes so many channels; found by trying."""
    if not may_refuse(plugin):
        return True
    try:
        plugin.process(np.zeros((channels, 64 + channels), np.float32), sample_rate, 64, True)
    except (ValueError, RuntimeError):
        return False
    return True


def width_for(plugin: pedalboard.Plugin, sample_rate: float) -> int:
    """Return the channels of a plugin that does not take the signal's.

    Raises
    ------
    PluginError
        Where it takes neither one nor two.
    """
    for width in WIDTHS:
        if takes(plugin, width, sample_rate):
            return width
    raise PluginError(
        "takes neither one nor two channels",
        where=str(getattr(plugin, "name", type(plugin).__name__)),
        rule="a plugin takes the signal's channels, or one or two at a time",
    )


class LaneRun(Stage):
    """A plugin through which every channel goes on its own.

    A channel is copied to the plugin's inputs, and the mean of its outputs is taken, as for
    hosted plugins. One channel streams; of more, each is processed whole, since there is one
    plugin for all.

    Parameters
    ----------
    make_run : callable
        Returns a stage that sends a signal of ``width`` channels through the plugin.
    width : int
    """

    def __init__(self, make_run: Callable[[], Stage], width: int) -> None:
        super().__init__()
        self._make_run, self._width = make_run, width

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate, self._channels = sample_rate, channels
        self._run = self._make_run()
        self._kept: list[Rows] = []
        if channels == 1:
            self._run.start(sample_rate, self._width)

    def _push(self, block: Rows) -> Rows:
        if self._channels == 1:
            return _mean(self._run.advance(self._copied(block[0])))
        self._kept.append(block.copy())
        return block[:, :0]

    def _finish(self) -> Rows:
        if self._channels == 1:
            return _mean(self._run.end())
        if not self._kept:
            return np.zeros((self._channels, 0), np.float32)
        return np.concatenate([self._lane(row) for row in np.concatenate(self._kept, axis=1)])

    def _lane(self, channel: Rows) -> Rows:
        self._run.start(self._rate, self._width)
        out = self._run.advance(self._copied(channel))
        return _mean(np.concatenate([out, self._run.end()], axis=1))

    def _copied(self, channel: Rows) -> Rows:
        return np.repeat(channel[np.newaxis], self._width, axis=0)


def _mean(rows: Rows) -> Rows:
    mean: Rows = np.mean(rows, axis=0, dtype=np.float32, keepdims=True)
    return mean
