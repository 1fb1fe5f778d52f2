"""A run of adjacent hosted plugins as one stage: channels, lanes, whole or streamed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.audio.gate import Rows
from restorack.contract.stage import WHOLE_FILE, Stage
from restorack.errors import PluginError
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.streaming import buffer_size

if TYPE_CHECKING:
    from restorack.hosting.stage import HostedPlugin


@dataclass(frozen=True)
class Part:
    """Adjacent plugins of a run that take the signal's channels in the same way.

    Attributes
    ----------
    specs : tuple of PluginSpec
    width : int
        Channels that they take and give.
    each : bool
        True: every channel of the signal goes through on its own (copied to ``width`` inputs,
        the mean of the outputs is taken). False: the channels go through together.
    latency : int
        In samples.
    """

    specs: tuple[PluginSpec, ...]
    width: int
    each: bool
    latency: int


class HostedRun(Stage):
    """Adjacent hosted plugins as one stage.

    Attributes
    ----------
    whole : bool
        True: the whole signal goes through one DawDreamer graph when the stream ends. False: VST3
        plugins stream through pedalboard, with the same samples; LV2 and Faust cannot.
    """

    def __init__(self, members: Sequence[HostedPlugin]) -> None:
        super().__init__()
        self._members = list(members)
        self.whole = not all(member.can_stream for member in self._members)
        self._parts: list[Part] = []
        self._streams: list[_PartStream] = []

    @property
    def can_stream(self) -> bool:
        """Whether every plugin of the run can be rendered block by block."""
        return all(member.can_stream for member in self._members)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples ever withheld."""
        if self.whole or not self.can_stream:
            return WHOLE_FILE
        parts = plan_parts(self._members, channels=2)
        return sum(part.latency + buffer_size(part.specs) - 1 for part in parts)

    def findings(self) -> dict[str, Any]:
        """Return latency and channel handling of each part."""
        return {
            "plugins": [member.given.label for member in self._members],
            "latency_samples": sum(part.latency for part in self._parts),
            "channels": ["each on its own" if part.each else "together" for part in self._parts],
        }

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate, self._channels = sample_rate, channels
        self._close_streams()
        self._parts = plan_parts(self._members, channels)
        self._waiting: list[Rows] = []
        sandbox = self._members[0].sandbox
        if not self.whole:
            self._streams = [
                _PartStream(part, sandbox, sample_rate, channels) for part in self._parts
            ]

    def _push(self, block: Rows) -> Rows:
        if self.whole:
            self._waiting.append(block.copy())
            return block[:, :0]
        for stream in self._streams:
            block = stream.push(block)
        return block

    def _finish(self) -> Rows:
        empty = np.zeros((self._channels, 0), np.float32)
        if self.whole:
            joined = np.concatenate([empty, *self._waiting], axis=1)
            self._waiting = []
            return self._rendered(joined)
        rests = [empty]
        for index, stream in enumerate(self._streams):
            rest = stream.finish()
            for later in self._streams[index + 1 :]:
                rest = later.push(rest)
            rests.append(rest)
        self._streams = []
        return np.concatenate(rests, axis=1)

    def _rendered(self, rows: Rows) -> Rows:
        """Render a whole signal, one DawDreamer graph per part and lane."""
        if not rows.shape[1]:
            return rows
        sandbox = self._members[0].sandbox
        for part in self._parts:

            def through(lane: Rows, specs: tuple[PluginSpec, ...] = part.specs) -> Rows:
                return sandbox.render(specs, lane, self._rate)[0]

            rows = _through_lanes(part, rows, [through] * len(rows))
        return rows

    def reset(self) -> None:
        """Drop the signal state."""
        super().reset()
        self._close_streams()

    def _close_streams(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams = []


class _PartStream:
    """A part as a stream: one child stream per lane."""

    def __init__(self, part: Part, sandbox: Sandbox, rate: float, channels: int) -> None:
        self._part, self._sandbox, self._rate, self._channels = part, sandbox, rate, channels
        lanes = channels if part.each else 1
        self._numbers = [sandbox.open(part.specs, rate, part.width)[0] for _ in range(lanes)]

    def push(self, rows: Rows) -> Rows:
        if not rows.shape[1]:
            return rows
        return _through_lanes(self._part, rows, [self._pusher(n) for n in self._numbers])

    def finish(self) -> Rows:
        finishers = [self._finisher(number) for number in self._numbers]
        nothing = np.zeros((self._channels, 0), np.float32)
        return _through_lanes(self._part, nothing, finishers)

    def close(self) -> None:
        for number in self._numbers:
            self._sandbox.close_stream(number)

    def _pusher(self, number: int) -> Callable[[Rows], Rows]:
        return lambda lane: self._sandbox.push(number, lane, self._rate, self._part.specs)

    def _finisher(self, number: int) -> Callable[[Rows], Rows]:
        return lambda _: self._sandbox.finish(number, self._part.specs)


def _through_lanes(part: Part, rows: Rows, ways: Sequence[Callable[[Rows], Rows]]) -> Rows:
    """Send the channels through a part: together, or each on its own."""
    if not part.each:
        return ways[0](rows)
    outs = []
    for channel, way in zip(rows, ways, strict=False):
        lane = np.repeat(channel[np.newaxis], part.width, axis=0)
        outs.append(np.mean(way(lane), axis=0, dtype=np.float32))
    return np.stack(outs)


def plan_parts(members: Sequence[HostedPlugin], channels: int) -> list[Part]:
    """Cut a run where plugins take the channels differently.

    A plugin that has the signal's channels takes them together (further inputs are side-chains
    and stay silent). Otherwise every channel goes through on its own.

    Raises
    ------
    PluginError
        For a plugin with neither one, two, nor the signal's number of outputs.
    """
    parts: list[Part] = []
    for member in members:
        found = member.layout()
        ins, outs, latency = found["inputs"], found["outputs"], found["latency_samples"]
        if ins < 1 or (outs != channels and outs not in (1, 2)):
            raise PluginError(
                f"takes {ins} channels and gives {outs}, the signal has {channels}",
                where=member.given.label,
                rule="a plugin takes the signal's channels, or one or two at a time",
            )
        each = outs != channels or ins < channels
        last = parts[-1] if parts else None
        if last is not None and (last.each, last.width) == (each, outs):
            parts[-1] = replace(
                last, specs=(*last.specs, member.spec), latency=last.latency + latency
            )
        else:
            parts.append(Part((member.spec,), outs, each, latency))
    return parts
