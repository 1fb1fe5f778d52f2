"""Pedalboard: a chain under the name that programs written for pedalboard use."""

from __future__ import annotations

from typing import Any

from restorack.chains.chain import Chain
from restorack.chains.slot import EmptyPlace, StageLike


class Pedalboard(Chain):
    """A :class:`~restorack.chains.chain.Chain`, for programs written for pedalboard.

    ``from restorack import Pedalboard`` in the place of ``from pedalboard import Pedalboard`` is
    the one line that changes. As there, None is a place without an effect.

    Parameters
    ----------
    plugins : iterable, optional
        pedalboard's effects, plugins that pedalboard has loaded, and stages of restorack.
    """

    def __repr__(self) -> str:
        """Return the plugins, as pedalboard does."""
        count = f"{len(self)} plugin{'' if len(self) == 1 else 's'}"
        return f"<Pedalboard with {count}: [{', '.join(self._texts())}]>"

    def _accepted(self, candidate: Any) -> StageLike:
        return EmptyPlace() if candidate is None else super()._accepted(candidate)
