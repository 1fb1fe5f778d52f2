"""A slot of the rack: a stage with its name, on or off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from restorack.chains.native import is_native
from restorack.chains.native_copies import NativeCopy
from restorack.chains.native_parameters import check_native_track, native_values
from restorack.chains.on_part import checked_part
from restorack.core.attributes import unknown_attribute
from restorack.core.automation import Automation
from restorack.core.protocols import Automatable
from restorack.core.stage import Stage
from restorack.dsp.arrays import Rows
from restorack.errors import ParameterError, suggest_parameter

if TYPE_CHECKING:
    import pedalboard

StageLike: TypeAlias = "Stage | pedalboard.Plugin"
"""What a chain holds: a stage of ours (processor, chain, hosted plugin) or a pedalboard plugin."""


class EmptyPlace(Stage):
    """A place without a stage, which pedalboard writes as None."""

    @property
    def default_name(self) -> str:
        """What a chain calls the place."""
        return "none"

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._channels = channels

    def _push(self, block: Rows) -> Rows:
        return block

    def _finish(self) -> Rows:
        return np.zeros((self._channels, 0), np.float32)


@dataclass
class Slot:
    """A stage in a chain.

    Parameters
    ----------
    stage : Stage or pedalboard.Plugin
        The stage itself.
    name : str
        Unique in its chain: what ``--set``, ``--bypass`` and automation use.
    enabled : bool
        False: bypassed, the signal passes bit for bit.
    native_automation : dict
        Automation of a pedalboard plugin's attributes; our stages keep their own.
    given : frozenset of str
        Parameters that somebody chose: a preset keeps them even where they equal the default.
    on : {"harmonic", "percussive", "voice"} or None
        The part of the signal that goes through the stage; the others are put back.
    """

    stage: StageLike
    name: str
    enabled: bool = True
    native_automation: dict[str, Automation] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    on: str | None = None

    @property
    def missing(self) -> bool:
        """Whether the stage is an optional plugin that is not installed."""
        return isinstance(self.stage, Stage) and self.stage.missing

    @property
    def active(self) -> bool:
        """Whether the signal goes through the stage."""
        return not (self.bypass or self.missing or self.is_empty)

    @property
    def is_empty(self) -> bool:
        """Whether there is no stage in it."""
        return isinstance(self.stage, EmptyPlace)

    @property
    def bypass(self) -> bool:
        """Whether the signal passes unchanged: the slot is off, or the stage itself."""
        return not (self.enabled and (not isinstance(self.stage, Stage) or self.stage.enabled))

    @bypass.setter
    def bypass(self, bypassed: bool) -> None:
        self.enabled = not bypassed
        if isinstance(self.stage, Stage) and not bypassed:
            self.stage.enabled = True

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            """Set a field; refuse what is none."""
            if name == "on":
                checked_part(value)
            if name not in _FIELDS and name != "bypass":
                raise unknown_attribute("Slot", name, (*_FIELDS, "bypass"))
            object.__setattr__(self, name, value)

        def __getattr__(self, name: str) -> Any:
            """Refuse what is not there, and say which attribute was meant."""
            if name.startswith("_"):
                raise AttributeError(f"'Slot' object has no attribute {name!r}")
            raise unknown_attribute("Slot", name, [n for n in dir(Slot) if n[0] != "_"])

    def __copy__(self) -> Slot:
        """Return another slot with the same stage."""
        return replace(self, native_automation=dict(self.native_automation))

    def __getstate__(self) -> dict[str, Any]:
        """Deep copy and pickle; pedalboard's effects are made anew from their values."""
        stage: Any = self.stage
        kept = NativeCopy.of(stage) if is_native(stage) else stage
        return self.__dict__ | {"stage": kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore."""
        stage = state["stage"]
        made = stage.made() if isinstance(stage, NativeCopy) else stage
        self.__dict__.update(state | {"stage": made})

    def automate(self, parameter: str, breakpoints: Sequence[Sequence[float]]) -> None:
        """Move a parameter over time, whichever kind of stage this is.

        Parameters
        ----------
        parameter : str
            Name of a parameter of the stage.
        breakpoints : sequence of (seconds, value)
            An empty sequence ends the automation.
        """
        if isinstance(self.stage, Automatable):
            self.stage.automate(parameter, breakpoints)
            return
        known = native_values(cast("Any", self.stage))
        if parameter not in known:
            raise ParameterError(
                f"no parameter {parameter!r}",
                where=self.name,
                remedy=suggest_parameter(parameter, known),
            )
        tracks = dict(self.native_automation)  # another thread may go through the present one
        if len(breakpoints) == 0:
            tracks.pop(parameter, None)
        else:
            track = Automation(breakpoints, where=f"{self.name}.{parameter}")
            check_native_track(cast("Any", self.stage), parameter, track.breakpoints)
            tracks[parameter] = track
        self.native_automation = tracks


_FIELDS = tuple(one.name for one in fields(Slot))


def require_stage(candidate: object) -> StageLike:
    """Return the candidate if a chain can hold it; a list becomes a nested chain elsewhere."""
    if isinstance(candidate, Stage) or is_native(candidate):
        return candidate
    hint = f"{candidate.__name__}()" if isinstance(candidate, type) else ""
    raise TypeError(
        f"a chain holds processors, pedalboard plugins and chains, not {candidate!r}"
        + (f"; did you mean {hint}?" if hint else "")
    )


def unique_name(stage: StageLike, taken: Iterable[str]) -> str:
    """Return the default name: the class in lower case, ``_2`` for the second one."""
    base = stage.default_name if isinstance(stage, Stage) else type(stage).__name__
    base, used = base.lower(), set(taken)
    name, turn = base, 1
    while name in used:
        turn += 1
        name = f"{base}_{turn}"
    return name
