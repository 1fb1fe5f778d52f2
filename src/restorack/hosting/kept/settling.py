"""Plugins whose own defaults do not hold: they sound different once their parameters were sent."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeAlias

from restorack.errors import RestorackError
from restorack.hosting.kept.proofs import Proofs
from restorack.hosting.parameters.states import has_state
from restorack.hosting.spec import PluginSpec


class Answer(Protocol):
    """An answer that comes from elsewhere."""

    def wait(self) -> bool | None:
        """Return it, None where the plugin fails."""

    def end(self) -> None:
        """Give it up."""


FindOut: TypeAlias = Callable[[PluginSpec], Answer]


class Settling:
    """Which plugins need their parameters sent after loading: found out once for each.

    What was found is kept until the plugin's files change.
    """

    def __init__(self) -> None:
        self._proofs = Proofs()
        self._pending: dict[str, Answer] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _end_all, self._pending)  # also where nobody asked again

    def leave_fork(self) -> None:
        """Forget the answers that the process waits for that this one was forked from."""
        self._pending.clear()
        self._lock = threading.Lock()

    def begin(self, spec: PluginSpec, find_out: FindOut) -> None:
        """Begin to find it out, where it is not known; waits for nothing."""
        bare = _bare(spec)
        if bare is None or not self._lock.acquire(blocking=False):
            return  # another thread waits for one: this one can begin later
        try:
            key = self._key(bare)
            if self._proofs.get(key) is None:
                self._begin(key, bare, find_out)
        finally:
            self._lock.release()

    def settled(self, spec: PluginSpec, find_out: FindOut) -> PluginSpec:
        """Return the spec with its parameters sent after loading, where the plugin needs that.

        Parameters
        ----------
        spec : PluginSpec
        find_out : callable
            Has it found out of a bare plugin, beside this process's own work.
        """
        bare = _bare(spec)
        if bare is None:
            return spec
        key = self._key(bare)
        with self._lock:
            known = self._proofs.get(key)
            if known is None:
                known = self._found(key, bare, find_out)
        return spec if known else replace(spec, settle=True)

    def close(self) -> None:
        """Give up what was not found out."""
        _end_all(self._pending)

    def _key(self, bare: PluginSpec) -> str:
        return self._proofs.key(f"settled {bare.plugin}", [bare])

    def _begin(self, key: str, bare: PluginSpec, find_out: FindOut) -> None:
        if key not in self._pending:
            with suppress(RestorackError):  # the render will say how it fails
                self._pending[key] = find_out(bare)

    def _found(self, key: str, bare: PluginSpec, find_out: FindOut) -> bool:
        self._begin(key, bare, find_out)
        answer = self._pending.get(key)
        found = None if answer is None else answer.wait()
        self._pending.pop(key, None)
        if found is None:
            self._proofs.assume(key, True)
            return True
        self._proofs.put(key, found)
        return found


def _end_all(pending: dict[str, Answer]) -> None:
    while pending:
        pending.popitem()[1].end()


def _bare(spec: PluginSpec) -> PluginSpec | None:
    """Return the plugin alone; None where there is no question: a state or program sends all."""
    if spec.kind != "vst3" or has_state(spec) or spec.program is not None:
        return None
    return PluginSpec("vst3", spec.reference, plugin=spec.plugin, from_preset=spec.from_preset)
