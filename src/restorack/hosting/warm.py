"""Plugins kept loaded from one signal to the next, where a reset is proven to clear them.

Hosts reset a plugin before each render, but some plugins carry over a reset what they heard
before it. Which do is found out once, by bits: what a freshly loaded plugin makes of a signal has
to be what it makes of it again after another signal and a reset. The others are loaded anew for
each signal.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, Literal, TypeAlias, TypeVar

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.hosting.spec import PluginSpec

MOST_KEPT = 8
"""Loaded graphs and boards that a child keeps: plugins hold memory."""

PROBE_SECONDS = 0.5
"""Of noise through a plugin, twice, that prove its reset. By hand."""

_UNHEARD = {
    "place": None, "optional": False, "timeout_s": None, "folder": None, "imports": (),
    "from_preset": False, "ports": (), "tail_seconds": None,
}  # fmt: skip
"""Fields of a spec that do not change what the plugin does."""

Host: TypeAlias = Literal["graph", "stream"]

Kept = TypeVar("Kept")


def warm_key(host: Host, specs: Sequence[PluginSpec], rate: float, channels: int) -> str:
    """Return what tells plugins that may stand for each other: host, settings, rate, channels."""
    messages = [spec.to_message() | _UNHEARD | {"state_time": _state_time(spec)} for spec in specs]
    return json.dumps([host, messages, rate, channels], sort_keys=True)


def _state_time(spec: PluginSpec) -> int | None:
    """Return when a state's file was changed: it may be another one by the next signal."""
    try:
        return None if spec.state is None else Path(spec.state).stat().st_mtime_ns
    except OSError:
        return None


class InstanceCache(Generic[Kept]):
    """The child's loaded plugins, those that wait longest given up first."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._kept: deque[tuple[str, Kept]] = deque(maxlen=most)

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def take(self, key: str) -> Kept | None:
        """Return one of those kept under a key, which is then kept no more."""
        for entry in self._kept:
            if entry[0] == key:
                self._kept.remove(entry)
                return entry[1]
        return None

    def put(self, key: str, value: Kept) -> None:
        """Keep something until it is taken, or until others need its place."""
        self._kept.append((key, value))


def probes(channels: int, rate: float) -> tuple[Rows, Rows]:
    """Return a signal to compare, and a louder one to be forgotten in between.

    Noise that swells and fades: envelopes, gates and filters of every kind are moved by it. Below
    half of full scale, so that it asks no more of a plugin than music does.
    """
    samples = round(PROBE_SECONDS * rate)
    random = np.random.default_rng(78)
    noise = random.uniform(-0.5, 0.5, (2, channels, samples))
    swell = np.sin(np.linspace(0.0, np.pi, samples)) ** 2
    return (0.3 * swell * noise[0]).astype(np.float32), noise[1].astype(np.float32)


def is_cleared(render: Callable[[Rows], Rows], channels: int, rate: float) -> bool:
    """Return whether a freshly loaded plugin gives the same bits again after another signal.

    Parameters
    ----------
    render : callable
        Resets the plugin and renders a signal with it; not called before.
    channels, rate
        Of the signals, the rate in Hz.
    """
    compared, forgotten = probes(channels, rate)
    first = render(compared)
    render(forgotten)
    second = render(compared)
    return bool(np.array_equal(first, second) and np.isfinite(first).all())
