"""Holding stages: one thread at a time uses a stage and all that it sends signals through.

All locks are taken at once, in one order for the whole process. Two chains that share stages, or
the same stages in the opposite order, so never wait for each other.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from restorack.system.processes import after_fork

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")

LOCKED = (
    "process", "flush", "reset", "forget", "prepare", "start", "advance", "end",
    "findings", "compact_findings", "summary", "predict_latency",
)  # fmt: skip
"""Methods that hold their stage, in whichever class they are defined."""

_places = itertools.count()


class _Forks:
    """How often this process is a fork's copy, and what guards the locks' renewal after it."""

    def __init__(self) -> None:
        self.count = 0
        self.renewing = threading.Lock()

    def happened(self) -> None:
        self.count += 1
        self.renewing = threading.Lock()


_forks = _Forks()
after_fork(_forks.happened)


class _Acting(threading.local):
    """For which thread the calling one acts."""

    principal: int | None = None


_acting = _Acting()


@contextmanager
def acting_for(thread: int) -> Iterator[None]:
    """Have what another thread holds count as held here; that one must not let go meanwhile.

    Parameters
    ----------
    thread : int
        Its identifier, as of :func:`threading.get_ident`.
    """
    before, _acting.principal = _acting.principal, thread
    try:
        yield
    finally:
        _acting.principal = before


class StageLock:
    """A re-entrant lock with a place in the order of all; a copy or a pickle of it is a new one.

    A fork copies only the thread that forks: what another one held is free in the fork's child.

    Attributes
    ----------
    place : int
        Locks are taken in rising order.
    was_lost : bool
        A thread that no longer exists held it: what it guards was left half done.
    """

    def __init__(self) -> None:
        self.place = next(_places)
        self.was_lost = False
        self._lock = threading.RLock()
        self._owner = 0
        self._depth = 0
        self._forks = _forks.count

    @property
    def is_lent(self) -> bool:
        """Whether the thread that the calling one acts for holds it."""
        return self.is_mine and self._owner != threading.get_ident()

    @property
    def is_mine(self) -> bool:
        """Whether the calling thread holds it, or the one that it acts for."""
        held = self._owner in (threading.get_ident(), _acting.principal)
        return held and bool(self._owner) and self._forks == _forks.count

    def acquire(self) -> bool:
        """Take the lock, return whether this thread did not hold it before."""
        if self._forks != _forks.count:
            self._renew()
        self._lock.acquire()
        self._depth += 1
        self._owner = threading.get_ident()
        return self._depth == 1

    def release(self) -> None:
        """Give the lock back."""
        self._depth -= 1
        if not self._depth:
            self._owner = 0
        self._lock.release()

    def _renew(self) -> None:
        with _forks.renewing:
            if self._forks == _forks.count:
                return
            if self._lock.acquire(blocking=False):
                self._lock.release()
            else:
                self._lock, self._owner, self._depth = threading.RLock(), 0, 0
                self.was_lost = True
            self._forks = _forks.count

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a lock that nobody holds."""
        return (StageLock, ())


class Holdable(Protocol):
    """A stage, as far as holding it goes."""

    _lock: StageLock

    def held_with(self) -> Iterable[Any]:
        """Return the stage and all that it sends signals through."""

    def _when_held(self) -> None:
        """Do what is due when a thread begins to hold the stage."""

    def _recover(self) -> None:
        """Drop what a thread left half done that no longer exists."""


_of_plugins: WeakKeyDictionary[Any, StageLock] = WeakKeyDictionary()


def lock_of(thing: Any) -> StageLock:
    """Return the lock of a stage, or of a native plugin, which keeps none itself."""
    own = getattr(thing, "_lock", None)
    if isinstance(own, StageLock):
        return own
    return _of_plugins.get(thing) or _of_plugins.setdefault(thing, StageLock())


@contextmanager
def hold(*stages: Holdable) -> Iterator[None]:
    """Use stages alone: other threads' calls of them, and of their parts, wait.

    Calls from the thread that holds them go on as usual. A stage's own methods hold it for one
    call each; this holds it for several, such as a call and the findings that belong to it.

    Parameters
    ----------
    *stages : Stage
        Processors, chains, parallel mixes, hosted plugins.

    Examples
    --------
    >>> with hold(declicker):
    ...     restored = declicker(audio, sample_rate)
    ...     found = declicker.findings()
    """
    taken = _take(stages)
    try:
        yield
    finally:
        _give_back(taken)


def _take(stages: Iterable[Holdable]) -> list[Any]:
    """Take the locks of stages and their parts; what is held is returned, and so kept alive."""
    stages = tuple(stages)
    while True:
        things = _in_order(stages)
        taken: list[Any] = []
        try:
            began = [thing for thing in things if _taken(thing, taken)]
            if [id(thing) for thing in _in_order(stages)] == [id(thing) for thing in things]:
                _begin(began)
                return taken
        except BaseException:
            _give_back(taken)
            raise
        _give_back(taken)  # a chain was changed while another thread held it


def _in_order(stages: Iterable[Holdable]) -> list[Any]:
    found = {id(thing): thing for stage in stages for thing in stage.held_with()}
    return sorted(found.values(), key=lambda thing: lock_of(thing).place)


def _taken(thing: Any, taken: list[Any]) -> bool:
    lock = lock_of(thing)
    if lock.is_lent:
        return False
    first = lock.acquire()
    taken.append(thing)
    return first


def _give_back(taken: list[Any]) -> None:
    for thing in reversed(taken):
        lock_of(thing).release()


def _begin(began: Iterable[Any]) -> None:
    for thing in began:
        lock = lock_of(thing)
        lost, lock.was_lost = lock.was_lost, False
        if hasattr(thing, "_when_held"):
            if lost:
                thing._recover()
            thing._when_held()


def locked(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Have a stage's method hold the stage while it runs."""

    @functools.wraps(method)
    def holding(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        stage = cast("Holdable", self)
        if stage._lock.is_mine:
            return method(self, *args, **kwargs)
        with hold(stage):
            return method(self, *args, **kwargs)

    holding.is_locked = True  # type: ignore[attr-defined]
    return cast("Callable[Concatenate[S, P], R]", holding)


def lock_methods(cls: type) -> None:
    """Have the methods hold the stage that a class defines among :data:`LOCKED`."""
    for name in LOCKED:
        own = vars(cls).get(name)
        if callable(own) and not hasattr(own, "is_locked"):
            setattr(cls, name, locked(own))
