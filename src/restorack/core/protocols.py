"""What a chain asks of a stage beyond the contract that all of them keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from restorack.core.stage import Stage


@runtime_checkable
class Automatable(Protocol):
    """A stage whose parameters can move over time."""

    def automate(self, name: str, breakpoints: Sequence[Sequence[float]], /) -> None:
        """Move a parameter through (seconds, value); an empty sequence ends the automation."""


@runtime_checkable
class JoinsRun(Protocol):
    """A stage that is rendered together with adjacent ones of its kind, in one host."""

    def join_run(self, members: Sequence[Any], places: Sequence[str] = ()) -> Stage:
        """Return the run of adjacent stages that begins with this one, as one stage."""
