"""pedalboard's own effects by name: their parameters, checked before pedalboard sees them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from restorack.errors import ParameterError, RegistryError, suggest, suggest_parameter

if TYPE_CHECKING:
    import pedalboard

PREFIX = "pedalboard."
IMPULSE = "impulse_response_filename"

CONTAINERS = ("Chain", "Mix", "Pedalboard")
_NOT_EFFECTS = ("Plugin", "ExternalPlugin", "PluginContainer", "VST3Plugin", "AudioUnitPlugin",
                "IIRFilter", *CONTAINERS)  # fmt: skip
_NEED_ARGUMENTS: dict[str, dict[str, Any]] = {"Convolution": {IMPULSE: "", "mix": 1.0}}
_NOT_PARAMETERS = ("is_effect", "is_instrument", "impulse_response")


def native_names() -> list[str]:
    """Return the names of pedalboard's effects, such as ``pedalboard.Compressor``."""
    return sorted(native_descriptions())


def native_descriptions() -> dict[str, str]:
    """Return what pedalboard says of each of its effects; NumPy is not loaded for it."""
    native = import_module("pedalboard_native")
    found = {
        name: value
        for name, value in vars(native).items()
        if isinstance(value, type) and issubclass(value, native.Plugin)
    }
    return {
        PREFIX + name: inspect.getdoc(value) or ""
        for name, value in found.items()
        if name not in _NOT_EFFECTS and not name.startswith("_")
    }


def native_class(name: str) -> type[pedalboard.Plugin]:
    """Return one of pedalboard's effects by its name in any case.

    Raises
    ------
    RegistryError
        For a name that it has not.
    """
    import pedalboard

    full = full_native_name(name)
    if full is None:
        raise RegistryError(f"no stage {name!r}", remedy=suggest(name, native_names()))
    found: type[pedalboard.Plugin] = getattr(pedalboard, full.removeprefix(PREFIX))
    return found


def full_native_name(name: str) -> str | None:
    """Return the effect that a name in any case stands for, with or without ``pedalboard.``."""
    by_case = {one.lower(): one for one in native_names()}
    lowered = name.lower()
    return by_case.get(lowered) or by_case.get(PREFIX + lowered)


def native_values(plugin: pedalboard.Plugin) -> dict[str, Any]:
    """Return the settable attributes of an effect with their values."""
    names = [
        name
        for name in dir(type(plugin))
        if not name.startswith("_")
        and isinstance(getattr(type(plugin), name), property)
        and name not in _NOT_PARAMETERS
    ]
    return {name: _plain(getattr(plugin, name)) for name in names}


def native_defaults(cls: type[pedalboard.Plugin]) -> dict[str, Any]:
    """Return the parameters of a class with their defaults."""
    needs = _NEED_ARGUMENTS.get(cls.__name__)
    return dict(needs) if needs is not None else native_values(cls())


def _plain(value: Any) -> Any:
    return getattr(value, "name", value)  # enumerations are written by their member's name


def native_instance(cls: type[pedalboard.Plugin], params: Mapping[str, Any]) -> pedalboard.Plugin:
    """Make an effect with parameters.

    Raises
    ------
    ParameterError
        For a name that it has not, or a value that it refuses.
    """
    given = {name: _checked(cls, name, value) for name, value in params.items()}
    if cls.__name__ in _NEED_ARGUMENTS and IMPULSE not in given:
        raise ParameterError(f"no {IMPULSE}", where=f"{PREFIX}{cls.__name__}", rule="it needs one")
    try:
        return cls(**given)
    except (TypeError, ValueError, RuntimeError) as error:
        shown = ", ".join(f"{name} = {value!r}" for name, value in params.items())
        raise ParameterError(
            shown or "cannot be made without parameters",
            where=f"{PREFIX}{cls.__name__}",
            rule=_first_line(error),
        ) from error


def set_native(plugin: pedalboard.Plugin, name: str, value: Any) -> None:
    """Set an attribute; pedalboard itself takes unknown names without a word."""
    cls = type(plugin)
    checked = _checked(cls, name, value)
    try:
        setattr(plugin, name, checked)
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise ParameterError(
            f"{name} = {value!r}", where=f"{PREFIX}{cls.__name__}", rule=_first_line(error)
        ) from error


def check_native_track(
    plugin: pedalboard.Plugin, name: str, breakpoints: Sequence[Sequence[float]]
) -> None:
    """Refuse automation of what is no number, or through values that the effect refuses."""
    cls = type(plugin)
    example = native_defaults(cls).get(name, 0.0)
    if isinstance(example, (bool, str)):
        raise ParameterError(
            f"{name} cannot be automated",
            where=f"{PREFIX}{cls.__name__}",
            rule="only numbers move over time",
        )
    for _, value in breakpoints:
        _checked(cls, name, value)
        if cls.__name__ not in _NEED_ARGUMENTS:
            native_instance(cls, {name: value})


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split("\n")[0].split())


def _checked(cls: type[pedalboard.Plugin], name: str, value: Any) -> Any:
    """Return a value as pedalboard takes it.

    pedalboard refuses part of what is outside a range, but takes NaN, cutoffs of 0 Hz and
    negative times.
    """
    where, known = f"{PREFIX}{cls.__name__}", native_defaults(cls)
    if name not in known:
        raise ParameterError(
            f"no parameter {name!r}", where=where, remedy=suggest_parameter(name, known)
        )
    example, remedy = known[name], ""
    if isinstance(example, str):
        members = _members(cls, name)
        if isinstance(value, str) and (not members or value in members):
            return members.get(value, value)
        rule = f"one of {', '.join(members)}" if members else "a text"
        remedy = suggest(str(value), members) if members else ""
    elif isinstance(example, bool):
        if isinstance(value, bool):
            return value
        rule = "true or false"
    else:
        low, rule = _lower_end(name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and math.isfinite(value) and value >= low:
            return float(value)
    raise ParameterError(
        f"{name} = {value!r}", where=where, rule=f"{name} is {rule}", remedy=remedy
    )


def _lower_end(name: str) -> tuple[float, str]:
    if name.endswith("frequency_hz") or name == "cutoff_hz":
        return math.ulp(0.0), "a number of Hz above 0"
    if name.endswith(("_hz", "_ms", "_seconds")):
        return 0.0, "a number that is not negative"
    return -math.inf, "a number"


def _members(cls: type[pedalboard.Plugin], name: str) -> dict[str, Any]:
    """Return the words of a parameter that is an enumeration."""
    if cls.__name__ in _NEED_ARGUMENTS:
        return {}
    return dict(getattr(type(getattr(cls(), name)), "__members__", {}))
