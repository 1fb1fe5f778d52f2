"""Streams through a sandbox, and which of its children holds them."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from restorack.dsp.arrays import Rows
from restorack.hosting.exchange.shape import Shape
from restorack.hosting.spec import PluginSpec

if TYPE_CHECKING:
    from restorack.hosting.process import ChildProcess
    from restorack.hosting.sandbox import Sandbox


class OpenStreams:
    """Numbers of streams, and the children that hold them."""

    def __init__(self) -> None:
        self._children: dict[int, ChildProcess] = {}
        self._numbers = 0
        self._abandoned: deque[int] = deque()

    def next_number(self) -> int:
        """Return a number that no stream had."""
        self._numbers += 1
        return self._numbers

    def opened(self, number: int, child: ChildProcess) -> None:
        """Note that a child holds a stream."""
        self._children[number] = child

    def closed(self, number: int) -> None:
        """Forget a stream that has ended."""
        self._children.pop(number, None)

    def abandon(self, number: int) -> None:
        """Have a stream dropped with the next request; callable from a finalizer."""
        self._abandoned.append(number)

    def take_dropped(self, child: ChildProcess) -> list[int]:
        """Return the abandoned streams of a child; those of others go with their process."""
        numbers = [self._abandoned.popleft() for _ in range(len(self._abandoned))]
        return [number for number in numbers if self._children.pop(number, None) is child]

    def are_open_in(self, child: ChildProcess) -> bool:
        """Return whether a child holds any."""
        waiting = set(self._abandoned)
        return any(c is child and n not in waiting for n, c in self._children.items())


class SandboxStream:
    """A stream through VST3 plugins in the child; the same samples as a whole render.

    Attributes
    ----------
    latency : int
        In samples; taken off by the stream itself.
    tail_peak : float
        Sample value of the loudest that followed soon after the end; known once it has finished.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        specs: Sequence[PluginSpec],
        rate: float,
        channels: int,
        opened: tuple[int, ChildProcess | None, int],
    ) -> None:
        self.specs, self.rate = tuple(specs), rate
        self._number, self.child, self.latency = opened
        self._sandbox, self._channels, self._pending = sandbox, channels, 0
        self.tail_peak = 0.0
        self._closer = weakref.finalize(self, sandbox.streams.abandon, self._number)
        self._closer.atexit = False  # the whole child ends then

    def push(self, rows: Rows) -> Rows:
        """Take samples, return those that are ready."""
        pending = self._pending + rows.shape[1]
        shape = Shape(self._channels, 0, pending)
        out = self._sandbox.ask_stream({"do": "push", "stream": self._number}, self, shape, rows)
        self._pending = pending - out.shape[1]
        return out

    def finish(self) -> Rows:
        """End the stream, return the rest."""
        shape = Shape.exactly(self._channels, self._pending)
        out = self._sandbox.ask_stream({"do": "finish", "stream": self._number}, self, shape)
        self._closer.detach()
        self._sandbox.streams.closed(self._number)
        return out

    def close(self) -> None:
        """Drop a stream that will not be finished."""
        self._closer()
