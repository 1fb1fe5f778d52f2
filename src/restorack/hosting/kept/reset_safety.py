"""What the parent knows of plugins: whether a reset clears them, so that they may stay loaded."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Protocol

from restorack.errors import RestorackError
from restorack.hosting.kept.proofs import Proofs
from restorack.hosting.spec import PluginSpec


class Proving(Protocol):
    """A proof that goes on elsewhere."""

    def poll(self) -> bool | None:
        """Return what was proven, None as long as that is not known; waits for nothing."""

    def end(self) -> None:
        """Give it up."""


class ResetSafety:
    """What the parent knows of plugins: seen once, proven to be cleared by a reset, or not.

    A single signal is not worth a proof, so that it begins with the second one, and goes on
    beside those that follow: no signal waits for it. What an earlier process has proven holds from
    the first.
    """

    def __init__(self, proofs: Proofs | None = None) -> None:
        self._known: dict[str, bool | None] = {}
        self._proofs = proofs or Proofs()
        self._pending: dict[str, tuple[Proving, str | None]] = {}
        self._lock = threading.Lock()
        # What is known by the end of the process is kept for the next one.
        weakref.finalize(self, _end_proofs, self._pending, self._known, self._proofs)

    def may_keep(
        self, key: str, prove: Callable[[], Proving], specs: Sequence[PluginSpec] = ()
    ) -> bool:
        """Return whether plugins may be kept loaded after the signal that comes now.

        Parameters
        ----------
        key : str
            As of :func:`~restorack.hosting.warm.warm_key`.
        prove : callable
            Begins to find out; called at most once.
        specs : sequence of PluginSpec
            The plugins: a proof is kept for as long as their files stay the same.
        """
        with self._lock:
            if key not in self._known:
                self._known[key] = self._proofs.get(self._proofs.key(key, specs)) if specs else None
            elif self._known[key] is None and key not in self._pending:
                self._begin(key, prove, specs)
            self._take()
            return bool(self._known[key])

    def _begin(self, key: str, prove: Callable[[], Proving], specs: Sequence[PluginSpec]) -> None:
        kept_as = self._proofs.key(key, specs) if specs else None
        try:
            self._pending[key] = prove(), kept_as
        except RestorackError:
            self._known[key] = False  # of this process alone; no render fails for want of a proof

    def is_proving(self) -> bool:
        """Return whether a proof goes on."""
        with self._lock:
            self._take()
            return bool(self._pending)

    def close(self) -> None:
        """Keep what was proven until now, give up what was not."""
        with self._lock:
            _end_proofs(self._pending, self._known, self._proofs)

    def leave_fork(self) -> None:
        """Forget the proofs of the process that this one was forked from."""
        self._pending.clear()
        self._lock = threading.Lock()

    def _take(self) -> None:
        _take_proofs(self._pending, self._known, self._proofs)


def _take_proofs(
    pending: dict[str, tuple[Proving, str | None]], known: dict[str, bool | None], proofs: Proofs
) -> None:
    """Move what was proven from the pending to the known, and into the cache."""
    for key, (proof, kept_as) in list(pending.items()):
        found = proof.poll()
        if found is not None:
            known[key] = found
            del pending[key]
            if kept_as is not None:
                proofs.put(kept_as, found)


def _end_proofs(
    pending: dict[str, tuple[Proving, str | None]], known: dict[str, bool | None], proofs: Proofs
) -> None:
    _take_proofs(pending, known, proofs)
    for proof, _ in pending.values():
        proof.end()
    pending.clear()
