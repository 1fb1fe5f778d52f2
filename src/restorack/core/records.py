"""Records: the long lists of findings, kept as bytes until somebody reads them."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, overload


class Records(Sequence[dict[str, Any]], ABC):
    """Many entries of one kind, each a dictionary of JSON values that is made when asked for.

    An hour of a worn disc has a hundred thousand repairs: as dictionaries they would take more
    memory than all the rest of a render. Subclasses say how an entry is laid out.
    """

    layout: ClassVar[str]
    """Of the values of an entry, as :mod:`struct` writes it; with ``<`` or ``=`` in front."""

    def __init__(self) -> None:
        self._kept = bytearray()

    @abstractmethod
    def _entry(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Return what an entry says, from its values."""

    def _keep(self, *values: Any) -> None:
        """Append the values of an entry."""
        self._kept += struct.pack(self.layout, *values)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._kept) // struct.calcsize(self.layout)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        """Return an entry, or a list of them, made anew."""
        places = range(len(self))[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        at = places * struct.calcsize(self.layout)
        return self._entry(struct.unpack_from(self.layout, self._kept, at))


def plain(value: Any) -> Any:
    """Return findings with every :class:`Records` in them, at any depth, as a list."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return list(value) if isinstance(value, Records) else value
