"""VST3 plugins in pedalboard: loading, state, parameters on the hosts' scale of 0 to 1."""

from __future__ import annotations

import ctypes
import re
from functools import lru_cache
from typing import Any

from restorack.errors import ParameterError, PluginError, suggest
from restorack.hosting.described import number_in
from restorack.hosting.spec import PluginSpec

_HOST_OWNED = re.compile(r"(Buffer Size|Sample Rate|Current Program)$")
"""What the hosts set themselves, shown by some plugins as parameters.

pedalboard finds a parameter's range by trying it in 1,001 positions. Without these it loads
ZamVerb in 1 s instead of 2 minutes: every program change reads an impulse response.
"""


_kept: list[Any] = []
"""The first plugin loaded, never freed: with its last one pedalboard ends the JUCE that DawDreamer
shares, which then crashes."""

_WORDS = {
    **dict.fromkeys(("true", "on", "yes", "1", "1.0"), True),
    **dict.fromkeys(("false", "off", "no", "0", "0.0"), False),
}


def restore_float_environment() -> None:
    """Undo what loading a library built with -ffast-math did to this thread's arithmetic."""
    libm = ctypes.CDLL("libm.so.6")
    libm.fesetenv(ctypes.c_void_p(-1))  # FE_DFL_ENV


def settable(plugin: Any) -> dict[str, Any]:
    """Return a pedalboard plugin's parameters that a preset may set."""
    return {name: p for name, p in plugin.parameters.items() if not _HOST_OWNED.match(p.name)}


def raw_value(plugin: Any, name: str, value: Any, label: str) -> float:
    """Return a value of a pedalboard plugin's parameter on the hosts' scale of 0 to 1.

    Parameters
    ----------
    plugin : pedalboard.VST3Plugin
    name : str
        As pedalboard spells it, such as ``threshold_db``.
    value : float, bool or str
        In the parameter's unit; text as the plugin shows it.
    label : str
        Names the plugin in errors.

    Raises
    ------
    ParameterError
        For an unknown name or a value outside the range.
    """
    known = settable(plugin)
    if name not in known:
        raise ParameterError(f"no parameter {name!r}", where=label, remedy=suggest(name, known))
    parameter = known[name]
    try:
        return float(parameter.get_raw_value_for(_in_own_type(parameter, value)))
    except (ValueError, TypeError, KeyError) as error:
        raise ParameterError(
            f"{name} = {value!r}", where=label, rule=f"{name} is {range_text(parameter)}"
        ) from error


def _in_own_type(parameter: Any, value: Any) -> Any:
    if parameter.type is bool:
        word = str(value).strip().lower()
        if word not in _WORDS:
            raise ValueError(value)
        return _WORDS[word]
    if isinstance(value, bool):
        raise ValueError(value)
    if parameter.type is float:
        text = isinstance(value, str)
        number = number_in(value, parameter.units or "") if text else float(value)
        low, high = parameter.range[0], parameter.range[1]
        slack = 1e-6 * abs(high - low)
        if not low - slack <= number <= high + slack:
            raise ValueError(number)
        return min(high, max(low, number))
    return str(value)


def range_text(parameter: Any) -> str:
    """Return the allowed values of a pedalboard parameter in words."""
    if parameter.type is float:
        unit = (parameter.units or "").strip()
        low, high = parameter.range[0], parameter.range[1]
        return f"a number from {low:g} to {high:g} {unit}".rstrip()
    if parameter.type is bool:
        return "true or false"
    return "one of " + ", ".join(str(value) for value in parameter.valid_values)


def load_vst3(spec: PluginSpec) -> Any:
    """Load a VST3 with pedalboard, its state applied.

    Raises
    ------
    PluginError
        Where it is no plugin, or holds several.
    """
    import pedalboard

    _leave_host_owned_alone()
    try:
        plugin = pedalboard.VST3Plugin(spec.reference)
    except (ImportError, ValueError, RuntimeError) as error:
        lines = str(error).splitlines() or ["unknown reason"]
        raise PluginError(f"cannot be loaded: {lines[0]}", where=spec.label) from error
    finally:
        restore_float_environment()
    if not _kept:
        _kept.append(plugin)
    if spec.state is not None:
        apply_state(plugin, spec.state, spec.label)
    return plugin


def _leave_host_owned_alone() -> None:
    """Have pedalboard skip parameters that are the host's; older releases scan them, slowly."""
    from pedalboard import _pedalboard

    ignored = getattr(_pedalboard, "PARAMETER_NAME_REGEXES_TO_IGNORE", None)
    if ignored is not None:
        ignored.add(_HOST_OWNED)


@lru_cache(maxsize=64)
def ruler(path: str) -> Any:
    """Return an instance of a plugin that only converts values, loaded once per child."""
    return load_vst3(PluginSpec("vst3", path))


def described_vst3(spec: PluginSpec) -> list[dict[str, Any]]:
    """Return a plugin's parameters as JSON-ready values.

    ``default`` is what a fresh instance has, ``current`` what the spec's state and parameters
    make of it.
    """
    fresh, plugin = settable(load_vst3(PluginSpec("vst3", spec.reference))), load_vst3(spec)
    for name, value in spec.params.items():
        plugin.parameters[name].raw_value = raw_value(plugin, name, value, spec.label)
    found = []
    for name, p in settable(plugin).items():
        number = p.type is float
        found.append({
            "name": name, "title": p.name, "unit": (p.units or "").strip(), "range": range_text(p),
            "minimum": p.range[0] if number else None, "maximum": p.range[1] if number else None,
            "choices": None if number else [str(value) for value in p.valid_values],
            "default": fresh[name].string_value, "current": p.string_value,
        })  # fmt: skip
    return found


def apply_state(plugin: Any, path: str, label: str) -> None:
    """Load a ``.vstpreset``, or a raw state, into a pedalboard plugin."""
    try:
        if path.lower().endswith(".vstpreset"):
            plugin.load_preset(path)
        else:
            with open(path, "rb") as file:
                plugin.raw_state = file.read()
    except (OSError, ValueError, RuntimeError) as error:
        raise PluginError(f"state {path} cannot be loaded: {error}", where=label) from error
