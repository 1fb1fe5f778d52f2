"""Keep interrupts out of what must not be left half-way."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Self

from restorack.system.signals import STOPPING

SIGNALS = STOPPING


class Uninterrupted:
    """A ``with`` block in which signals wait that would raise in the main thread.

    An exception that is raised inside of a library's callback is lost there: the interrupt with
    it, and what the callback was to deliver. Those that come meanwhile are answered when the block
    ends. Other threads are never interrupted.
    """

    def __init__(self) -> None:
        self._answers: list[tuple[int, Any]] = []
        self._came: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> Self:
        """Let signals wait."""
        if threading.current_thread() is not threading.main_thread():
            return self
        try:
            for number in SIGNALS:
                answer = signal.getsignal(number)
                if callable(answer):
                    self._answers.append((number, answer))
                    signal.signal(number, self._note)
        except BaseException:  # one came in between, and was answered
            self._restore(self._answers)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """Answer the first that came."""
        self._restore(self._answers)
        if self._came is not None:
            number, frame = self._came
            dict(self._answers)[number](number, frame)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._came is None:
            self._came = (number, frame)

    def _restore(self, left: list[tuple[int, Any]]) -> None:
        """Put all answers back, also where one of them raises meanwhile."""
        if left:
            try:
                signal.signal(*left[0])
            finally:
                self._restore(left[1:])
