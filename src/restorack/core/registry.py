"""The registry: processors by name, from entry points and from programs that register their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, TypeVar, overload

from restorack.errors import RegistryError, suggest

if TYPE_CHECKING:
    from restorack.core.processor import Processor

GROUP = "restorack.processors"
"""Entry points: ``"acme.Deesser" = "acme.deess:Deesser"``; the name is what presets write."""


OURS = "restorack."
USERS = "user."
"""What the names of classes begin with that a program registers without a name."""

P = TypeVar("P", bound="type[Processor]")

_registered: dict[str, type[Processor]] = {}


@overload
def register(cls: P, /) -> P: ...


@overload
def register(cls: P, name: str, /) -> P: ...


@overload
def register(name: str, /) -> Callable[[P], P]: ...


def register(cls: P | str, name: str = "", /) -> P | Callable[[P], P]:
    """Make a class of this program known, so that presets and names can use it.

    Parameters
    ----------
    cls : type of Processor
        Registered anew where one of its name was, as when a notebook's cell runs again.
    name : str, optional
        As presets write it, such as ``acme.Deesser``; ``user.CLASS`` by default.

    Returns
    -------
    type of Processor
        The class itself; ``register("acme.Deesser")`` is a decorator.

    Raises
    ------
    RegistryError
        For what is no Processor, and for a name that an installed package has given.

    Notes
    -----
    It is known to this process alone: packages register their stages as entry points.
    """
    if isinstance(cls, str):
        return lambda decorated: register(decorated, cls)
    from restorack.core.processor import Processor

    if not (isinstance(cls, type) and issubclass(cls, Processor)):
        raise RegistryError(f"{cls!r} is not a Processor", rule="stages derive from Processor")
    name = name or USERS + cls.__name__
    if name in _entries() or "." not in name.strip("."):
        raise RegistryError(
            f"the name {name!r}",
            rule="a prefix, a dot and the class, which no installed package has",
            remedy=f"register it as {USERS}{cls.__name__}",
        )
    _registered[name] = cls
    return cls


def is_local(cls: type) -> bool:
    """Return whether a class is known to this process alone: its workers do not know it."""
    return cls in _registered.values()


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
    return sorted([*_entries(), *_registered])


def full_name(name: str) -> str | None:
    """Return the registered name that a name in any case, or its last part, stands for.

    Parameters
    ----------
    name : str
        Such as ``restorack.Declicker``, ``declicker`` or ``user.gain``. A last part alone stands
        for a stage of restorack first.

    Returns
    -------
    str or None
    """
    known = [*_registered, *_entries()]
    if name in known:
        return name
    lowered = name.lower()
    whole = [one for one in known if one.lower() == lowered]
    short = [one for one in known if one.lower().rpartition(".")[2] == lowered]
    short.sort(key=lambda one: not one.startswith(OURS))
    return next(iter([*whole, *short]), None)


def processor_class(name: str) -> type[Processor]:
    """Import and return a registered processor class.

    Parameters
    ----------
    name : str
        The full name, such as ``restorack.Declicker``, in any case, or its last part.

    Raises
    ------
    RegistryError
        For an unknown name, or an entry that is not a Processor.
    """
    from restorack.core.processor import Processor

    known = full_name(name)
    if known in _registered:
        return _registered[known]
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
    known = full_name(name)
    if known in _registered:
        return _registered[known].__module__, _registered[known].__qualname__
    entry = _entry(name)
    return entry.module, entry.attr


def _entry(name: str) -> EntryPoint:
    entry = _entries().get(full_name(name) or name)
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
    for name, known in _registered.items():
        if known is cls:
            return name
    value = f"{cls.__module__}:{cls.__qualname__}"
    for name, entry in _entries().items():
        if entry.value == value:
            return name
    raise RegistryError(
        f"{value} is not registered",
        rule=f"classes in presets are registered: entry points of the group {GROUP!r}, or "
        "restorack.register(MyStage)",
    )
