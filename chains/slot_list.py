"""The stages of a chain as a list: by position, by name, added, copied."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import Any, Self, SupportsIndex, overload

from restorack.chains.native import is_native
from restorack.chains.settings import ChainSettings
from restorack.chains.slot import Slot, StageLike, require_stage, unique_name
from restorack.core.stage import Stage
from restorack.core.stage_lock import locked
from restorack.errors import ParameterError, suggest


class SlotList(Stage, MutableSequence[Any]):
    """What a chain holds, with a list's manners.

    Attributes
    ----------
    slots : list of Slot
        The stages with their names, in order.
    """

    def __init__(self, *stages: Any, settings: ChainSettings | None = None) -> None:
        super().__init__()
        if stages and isinstance(stages[-1], ChainSettings):
            *stages, settings = stages  # type: ignore[assignment]
        self.slots: list[Slot] = []
        self.settings = settings or ChainSettings()
        self.extend(_listed(stages))

    @overload
    def __getitem__(self, index: SupportsIndex | str) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: SupportsIndex | str | slice) -> Any:
        """Return a stage by position or name; a slice is a chain of the same stages."""
        if isinstance(index, slice):
            part = self._empty_like()
            part.slots = self.slots[index]
            return part
        slot = self.slot(index) if isinstance(index, str) else self.slots[index]
        return None if slot.is_empty else slot.stage

    @overload
    def __setitem__(self, index: SupportsIndex | str, value: Any) -> None: ...

    @overload
    def __setitem__(self, index: slice, value: Iterable[Any]) -> None: ...

    @locked
    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace a stage, or the stages of a slice; under a name it is kept."""
        self.reset()
        if isinstance(index, slice):
            kept = [slot for slot in self.slots if slot not in self.slots[index]]
            self.slots[index] = self._new_slots(value, kept)
        elif isinstance(index, str):
            self.slots[self._position(index)] = Slot(self._accepted(value), self.slot(index).name)
        else:
            position = range(len(self.slots))[index]
            kept = self.slots[:position] + self.slots[position + 1 :]
            self.slots[position] = self._new_slots([value], kept)[0]

    @locked
    def __delitem__(self, index: SupportsIndex | str | slice) -> None:
        """Remove a stage by position or name, or the stages of a slice."""
        self.reset()
        del self.slots[self._position(index) if isinstance(index, str) else index]

    def __len__(self) -> int:
        """Return the number of stages, bypassed ones too."""
        return len(self.slots)

    def __contains__(self, wanted: object) -> bool:
        """Return whether a stage, or one of a name, is in the chain."""
        if isinstance(wanted, str):
            return self._named(wanted) is not None
        return any(slot.stage is wanted for slot in self.slots)

    @locked
    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Insert a stage before a position."""
        self.reset()
        self.slots.insert(index, self._new_slots([value], self.slots)[0])

    def remove(self, value: Any) -> None:
        """Remove a stage, given itself or by its name."""
        if isinstance(value, str):
            del self[value]
        else:
            super().remove(value)

    def __add__(self, other: Any) -> Self:
        """Return a chain of the stages of both; the stages are shared, not copied."""
        joined = self._empty_like()
        joined.slots = [slot.__copy__() for slot in self.slots]
        joined._take_over(_listed([other]))
        return joined

    def __radd__(self, other: Any) -> Self:
        """Return a chain that begins with the other's stages."""
        joined = self._empty_like()
        joined._take_over(_listed([other]))
        joined._take_over(self)
        return joined

    @locked
    def add(self, stage: StageLike, name: str) -> Slot:
        """Append a stage under a name of its own and return its slot."""
        if name in self.names:
            raise ParameterError(
                f"two stages named {name!r}",
                rule="names are unique",
                remedy="give one another name",
            )
        self.reset()
        self.slots.append(Slot(self._accepted(stage), name))
        return self.slots[-1]

    @property
    def names(self) -> list[str]:
        """The stages' names, in order."""
        return [slot.name for slot in self.slots]

    def slot(self, name: str) -> Slot:
        """Return the slot with a name, in any case, or raise :class:`ParameterError`."""
        found = self._named(name)
        if found is None:
            raise ParameterError(
                f"no stage {name!r}", where="chain", remedy=suggest(name, self.names)
            )
        return found

    @property
    def skipped(self) -> list[str]:
        """Names of the optional plugins that are not installed."""
        return [slot.name for slot in self.slots if slot.missing]

    @locked
    def bypass(self, name: str, *, bypassed: bool = True) -> None:
        """Take a stage out of the signal's way, or put it back."""
        slot = self.slot(name)
        self.reset()
        slot.bypass = bypassed

    def __copy__(self) -> Self:
        """Return a chain of the same stages."""
        return self.__add__(())

    def _named(self, name: str) -> Slot | None:
        """Return the slot of a name: as it is written, else in any case."""
        lowered = name.lower()
        exact = (slot for slot in self.slots if slot.name == name)
        alike = (slot for slot in self.slots if slot.name.lower() == lowered)
        return next(exact, None) or next(alike, None)

    def _position(self, name: str) -> int:
        return self.slots.index(self.slot(name))

    def _empty_like(self) -> Self:
        return type(self)(settings=self.settings)

    def _accepted(self, candidate: Any) -> StageLike:
        """Return a candidate as a slot holds it, or raise TypeError."""
        return require_stage(candidate)

    def _take_over(self, stages: Iterable[Any]) -> None:
        """Append stages; those of a chain with their names, as far as these are free."""
        slots = stages.slots if isinstance(stages, SlotList) else None
        if slots is None:
            self.extend(stages)
            return
        for slot in slots:
            taken = slot.__copy__()
            if taken.name in self.names:
                taken.name = unique_name(taken.stage, self.names)
            self.slots.append(taken)

    def _new_slots(self, stages: Iterable[Any], others: list[Slot]) -> list[Slot]:
        taken = [slot.name for slot in others]
        made = []
        for stage in stages:
            accepted = self._accepted(stage)
            slot = Slot(accepted, unique_name(accepted, taken))
            taken.append(slot.name)
            made.append(slot)
        return made


def _listed(stages: Iterable[Any]) -> Iterable[Any]:
    """Return the stages of ``Chain(a, b)`` and of ``Chain([a, b])``."""
    given = tuple(stages)
    if len(given) != 1:
        return given
    [one] = given
    is_list = isinstance(one, SlotList) or (
        isinstance(one, Iterable) and not isinstance(one, (str, Stage)) and not is_native(one)
    )
    return one if is_list else given


def _is_plugin(candidate: object) -> bool:
    from restorack.chains.native import is_native

    return is_native(candidate)
