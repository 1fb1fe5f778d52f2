"""Which streams are open in which child of a sandbox."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restorack.hosting.process import ChildProcess


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
