"""The registry: processors by name, from entry points, so that other packages can add stages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from restorack.errors import RegistryError, suggest

if TYPE_CHECKING:
    from restorack.core.processor import Processor

GROUP = "restorack.processors"
"""Entry points: ``"acme.Deesser" = "acme.deess:Deesser"``; the name is what presets write."""


@cache
def _entries() -> dict[str, EntryPoint]:
    return index_entries(entry_points(group=GROUP))


def index_entries(found: Iterable[EntryPoint]) -> dict[str, EntryPoint]:
    """Index entry points by name.

    Raises
    ------
    RegistryError
        Where two packages give the same name to different classes.
    """
    by_name: dict[str, EntryPoint] = {}
    for entry in found:
        other = by_name.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise RegistryError(
                f"processor {entry.name!r} is given twice: {other.value} and {entry.value}",
                rule=f"names in the entry-point group {GROUP!r} are unique",
                remedy="uninstall one of the two packages",
            )
    return by_name


def processor_names() -> list[str]:
    """Return the registered names, sorted; nothing is imported."""
    return sorted(_entries())


def processor_class(name: str) -> type[Processor]:
    """Import and return a registered processor class.

    Parameters
    ----------
    name : str
        The full name, such as ``restorack.Declicker``.

    Raises
    ------
    RegistryError
        For an unknown name, or an entry that is not a Processor.
    """
    from restorack.core.processor import Processor

    entry = _entry(name)
    found = entry.load()
    if not (isinstance(found, type) and issubclass(found, Processor)):
        raise RegistryError(f"{entry.value} is not a Processor", where=name)
    return found


def processor_home(name: str) -> tuple[str, str]:
    """Return the module and the class of a registered name; nothing is imported.

    Raises
    ------
    RegistryError
        For an unknown name.
    """
    entry = _entry(name)
    return entry.module, entry.attr


def _entry(name: str) -> EntryPoint:
    entry = _entries().get(name)
    if entry is None:
        raise RegistryError(f"no processor {name!r}", remedy=suggest(name, processor_names()))
    return entry


def registered_name(cls: type[Processor]) -> str:
    """Return the name under which a class is registered.

    Raises
    ------
    RegistryError
        Where it is not: such a class cannot be written to a preset.
    """
    value = f"{cls.__module__}:{cls.__qualname__}"
    for name, entry in _entries().items():
        if entry.value == value:
            return name
    raise RegistryError(
        f"{value} is not registered",
        rule=f"classes in presets are entry points of the group {GROUP!r}",
    )
