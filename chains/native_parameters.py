"""pedalboard's own effects by name: their parameters, checked before pedalboard sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from restorack.errors import ParameterError, RegistryError, suggest

if TYPE_CHECKING:
    import pedalboard

PREFIX = "pedalboard."
_CONTAINERS = ("Chain", "Mix", "Pedalboard")
_BASES = ("Plugin", "ExternalPlugin", "IIRFilter", "PluginContainer", "VST3Plugin")
_NOT_EFFECTS = (*_BASES, *_CONTAINERS)


def native_names() -> list[str]:
    """Return the names of pedalboard's effects, such as ``pedalboard.Compressor``."""
    import pedalboard

    found = [
        name
        for name, value in vars(pedalboard).items()
        if isinstance(value, type) and issubclass(value, pedalboard.Plugin)
    ]
    return sorted(PREFIX + name for name in found if name not in _NOT_EFFECTS)


def native_class(name: str) -> type[pedalboard.Plugin]:
    """Return one of pedalboard's effects, or raise :class:`RegistryError`."""
    import pedalboard

    if name not in native_names():
        raise RegistryError(f"no stage {name!r}", remedy=suggest(name, native_names()))
    found: type[pedalboard.Plugin] = getattr(pedalboard, name.removeprefix(PREFIX))
    return found


def native_values(plugin: pedalboard.Plugin) -> dict[str, Any]:
    """Return the settable attributes of an effect with their values."""
    names = [
        name
        for name in dir(type(plugin))
        if not name.startswith("_")
        and isinstance(getattr(type(plugin), name), property)
        and name not in ("is_effect", "is_instrument")
    ]
    return {name: _plain(getattr(plugin, name)) for name in names}


def _plain(value: Any) -> Any:
    return getattr(value, "name", value)  # enumerations are written by their member's name


def native_instance(cls: type[pedalboard.Plugin], params: Mapping[str, Any]) -> pedalboard.Plugin:
    """Make an effect with parameters.

    Raises
    ------
    ParameterError
        For a name that it has not, or a value that it refuses.
    """
    where = f"{PREFIX}{cls.__name__}"
    known = _parameter_names(cls)
    for name, value in params.items():
        if name not in known:
            raise ParameterError(f"no parameter {name!r}", where=where, remedy=suggest(name, known))
        if isinstance(value, bool) != isinstance(known[name], bool) and known[name] is not None:
            raise ParameterError(f"{name} = {value!r}", where=where, rule=_rule(name, known[name]))
    given = {name: _converted(cls, name, value) for name, value in params.items()}
    try:
        return cls(**given)
    except (TypeError, ValueError, RuntimeError) as error:
        shown = ", ".join(f"{name} = {value!r}" for name, value in params.items())
        raise ParameterError(
            shown or "cannot be made without parameters",
            where=where,
            rule=" ".join(str(error).split("\n")[0].split()),
        ) from error


def set_native(plugin: pedalboard.Plugin, name: str, value: Any) -> None:
    """Set an attribute; pedalboard itself takes unknown names without a word."""
    checked = native_instance(type(plugin), {name: value})
    setattr(plugin, name, getattr(checked, name))


def _converted(cls: type[pedalboard.Plugin], name: str, value: Any) -> Any:
    kinds = {
        type(member).__name__: type(member)
        for member in vars(cls).values()
        if hasattr(type(member), "__members__")
    }
    if isinstance(value, str):
        for kind in kinds.values():
            if value in kind.__members__:
                return kind.__members__[value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _parameter_names(cls: type[pedalboard.Plugin]) -> dict[str, Any]:
    try:
        return native_values(cls())
    except TypeError:  # needs arguments: its properties are all that can be known
        return {
            name: None
            for name in dir(cls)
            if isinstance(getattr(cls, name), property) and not name.startswith("is_")
        } | dict.fromkeys(("b", "a", "impulse_response_filename"))


def _rule(name: str, example: Any) -> str:
    return f"{name} is {'true or false' if isinstance(example, bool) else 'a number'}"
