"""A crew: the threads that share one render's work, so many at a time.

Results never depend on it: what is handed to another thread is done in the order in which it was
handed over, and what comes back is taken in that order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, TypeVar, TypeVarTuple

from restorack.core.stage_lock import acting_for

T = TypeVar("T")
Args = TypeVarTuple("Args")

AHEAD = 4
"""Items that a thread may be ahead of the one that it works for."""

WAKE = 0.2
"""Seconds after which a thread that waits looks for signals, which some systems need."""

NOT_YET: Any = object()
"""What an attempt returns that is to be made again."""


class CrewStoppedError(BaseException):
    """What ends a crew's thread, wherever it waits; nobody else sees it."""


class _Current(threading.local):
    crew: Crew | None = None


_current = _Current()


def current_crew() -> Crew | None:
    """Return the crew that the calling thread belongs to; None: it works alone."""
    return _current.crew


def together(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make calls that do not depend on each other, by the crew if there is one.

    Returns
    -------
    list
        What they return, in their order.
    """
    crew = _current.crew
    return [call() for call in calls] if crew is None else crew.together(calls)


class Crew:
    """Threads that work for the one that made it, until the context ends.

    Parameters
    ----------
    threads : int
        How many may work at a time, the maker's own among them; at least 2.

    Notes
    -----
    A thread that waits does not count, so that threads that wait for each other never hold up
    those that they wait for. What the maker holds (:func:`~restorack.core.stage_lock.hold`) is
    held for its threads too.
    """

    def __init__(self, threads: int) -> None:
        self._most, self._working = max(2, threads), 1
        self._maker = threading.get_ident()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._helpers = 0
        self._calls: deque[_Call[Any]] = deque()
        self._interrupts: list[Callable[[], None]] = []
        self._stopped = False
        self._error: BaseException | None = None

    @property
    def is_mine(self) -> bool:
        """Whether the calling thread is the one that made the crew."""
        return threading.get_ident() == self._maker

    def __enter__(self) -> Crew:
        """Have the calling thread's stages work with it."""
        self._before, _current.crew = _current.crew, self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        """End all threads and wait for them: none goes on beyond what it is at."""
        _current.crew = self._before
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if kind is not None and not issubclass(kind, Exception):
            for interrupt in self._interrupts:
                interrupt()
        for thread in self._threads:
            thread.join()

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Have a thread of its own do some work; what it raises, the maker's next wait raises."""
        thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        with self._changed:
            self._threads = [each for each in self._threads if each.is_alive()]
            thread.start()
            self._threads.append(thread)

    def on_interrupt(self, interrupt: Callable[[], None]) -> None:
        """Have a function called when Ctrl-C ends the crew: it ends what a thread waits for."""
        self._interrupts.append(interrupt)

    def _run(self, work: Callable[[], None]) -> None:
        _current.crew = self
        try:
            with acting_for(self._maker):
                self.wait_for(lambda: True, new=True)
                try:
                    work()
                finally:
                    with self._changed:
                        self._working -= 1
                        self._changed.notify_all()
        except CrewStoppedError:
            pass
        except BaseException as error:  # for the maker
            with self._changed:
                self._error = self._error or error
                self._changed.notify_all()

    def wait_for(self, attempt: Callable[[], T], *, new: bool = False) -> T:
        """Wait until an attempt returns anything but ``NOT_YET``; others work meanwhile.

        Attempts are made by one thread at a time.
        """
        with self._changed:
            if not new:
                self._check()
                found = attempt()
                if found is not NOT_YET:
                    self._changed.notify_all()
                    return found
                self._working -= 1
                self._changed.notify_all()
            try:
                return self._waited_for(attempt)
            except BaseException:
                # Whoever gives up is on the way out, and counts itself out there.
                self._working += 0 if new else 1
                raise

    def _waited_for(self, attempt: Callable[[], T]) -> T:
        while True:
            self._check()
            if self._working < self._most:
                found = attempt()
                if found is not NOT_YET:
                    self._working += 1
                    self._changed.notify_all()
                    return found
            self._changed.wait(WAKE)

    def _check(self) -> None:
        if self._stopped:
            raise CrewStoppedError
        if self._error is not None:
            if self.is_mine:
                raise self._error
            raise CrewStoppedError

    # What stages use.

    def together(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls that do not depend on each other; return what they return, in their order."""
        others = [_Call(call) for call in calls[1:]]
        with self._changed:
            self._calls += others
            missing = min(len(others), self._most - 1) - self._helpers
            self._helpers += max(0, missing)
            self._changed.notify_all()
        for _ in range(missing):
            self.start("restorack helper", self._help)
        results = [calls[0]()] if calls else []
        for other in others:
            if self._claimed(other):  # no helper has had time for it
                other.make()
            results.append(self.wait_for(other.result))
        return results

    def _claimed(self, call: _Call[Any]) -> bool:
        with self._changed:
            if call in self._calls:
                self._calls.remove(call)
                return True
        return False

    def _help(self) -> None:
        while True:
            call = self.wait_for(lambda: self._calls.popleft() if self._calls else NOT_YET)
            call.make()


class _Call(Generic[T]):
    """A call that another thread makes."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._result: T = NOT_YET
        self._error: Exception | None = None

    def make(self) -> None:
        try:
            self._result = self._call()
        except Exception as error:
            self._error = error

    def result(self) -> T:
        """Return what it returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


class Bounded(Generic[T]):
    """A queue of the crew's: whoever is too far ahead waits."""

    def __init__(self, crew: Crew, most: int = AHEAD) -> None:
        self._crew, self._most = crew, most
        self._items: deque[T] = deque()

    def put(self, item: T) -> None:
        """Append an item once there is room."""
        self._crew.wait_for(lambda: self.offer(item))

    def get(self) -> T:
        """Take the first item once there is one."""
        return self._crew.wait_for(self.take)

    def offer(self, item: T) -> bool:
        """Attempt to append an item."""
        if len(self._items) >= self._most:
            full: bool = NOT_YET
            return full
        self._items.append(item)
        return True

    def take(self) -> T:
        """Attempt to take an item."""
        empty: T = NOT_YET
        return self._items.popleft() if self._items else empty


class InTurn(Generic[*Args, T]):
    """Calls of a function in order: at once, or by a thread that is some calls behind.

    Which calls' results come with which push is fixed, however fast the threads are.

    Parameters
    ----------
    function : callable
        Its arguments must not be changed by the caller later.
    crew : Crew or None
        None: the caller makes the calls.
    """

    def __init__(self, function: Callable[[*Args], T], crew: Crew | None) -> None:
        self._function, self._crew = function, crew
        self._due: deque[_Call[T]] = deque()
        if crew is not None:
            self._given = Bounded[_Call[T]](crew)
            crew.start("restorack part of a stage", self._work)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle without the thread."""
        return InTurn, (self._function, None)

    def push(self, *arguments: *Args) -> list[T]:
        """Have a call made; return the results that are due, or raise what such a call raised."""
        if self._crew is None:
            return [self._function(*arguments)]
        call = _Call(partial(self._function, *arguments))
        self._given.put(call)
        self._due.append(call)
        return [self._crew.wait_for(self._due.popleft().result)] if len(self._due) > AHEAD else []

    def finish(self) -> list[T]:
        """Return the results that are left."""
        if self._crew is None:
            return []
        left = [self._crew.wait_for(call.result) for call in self._due]
        self._due.clear()
        return left

    def _work(self) -> None:
        while True:
            self._given.get().make()


@contextmanager
def working_alone() -> Iterator[None]:
    """Have the calling thread's stages work without a crew."""
    before, _current.crew = _current.crew, None
    try:
        yield
    finally:
        _current.crew = before
