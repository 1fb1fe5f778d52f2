"""VST3 plugins in pedalboard: loading, state, parameters on the hosts' scale of 0 to 1."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from restorack.errors import ParameterError, PluginError, suggest
from restorack.hosting.parameters.described import number_in, same_word
from restorack.hosting.parameters.programs import program_names, program_parameter, raw_program
from restorack.hosting.parameters.states import (
    has_state,
    is_vstpreset,
    preset_class,
    state_file,
    state_name,
)
from restorack.hosting.spec import PluginSpec
from restorack.system.floating_point import restore_float_environment

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
        return _raw(parameter, value)
    except (ValueError, TypeError, KeyError) as error:
        words = isinstance(value, str) and parameter.type is not float
        raise ParameterError(
            f"{name} = {value!r}",
            where=label,
            rule=f"{name} is {range_text(parameter)}",
            remedy=suggest(str(value), map(str, parameter.valid_values)) if words else "",
        ) from error


def _raw(parameter: Any, value: Any) -> float:
    try:
        return float(parameter.get_raw_value_for(_in_own_type(parameter, value)))
    except (ValueError, TypeError, KeyError):
        if not isinstance(value, str):
            raise
        return _raw_text(parameter, value)


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
    return next((own for own in parameter.valid_values if same_word(own, value)), str(value))


def _raw_text(parameter: Any, text: str) -> float:
    """Return the raw value of a text that only the plugin can read: a note, ``-inf dB``, ``Off``.

    Plugins take any text for some value. So it is taken only if the plugin shows the value in the
    same words.
    """
    raw = float(parameter.get_raw_value_for_text(text))
    shown = str(parameter.get_text_for_raw_value(raw))
    unit = (parameter.units or "").strip()
    if not any(same_word(text, own) for own in (shown, f"{shown} {unit}", f"{shown}{unit}")):
        raise ValueError(text)
    return raw


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
    if has_state(spec):
        _apply_state(plugin, spec)
    return plugin


def configure(plugin: Any, spec: PluginSpec) -> None:
    """Choose a spec's program and set its parameters in a pedalboard plugin."""
    if spec.program is not None:
        parameter, raw = raw_program(plugin, spec)
        parameter.raw_value = raw
        for name, number in program_values(spec.reference, raw).items():
            # Away from it first: a value that the plugin shows already is not sent to it.
            plugin.parameters[name].raw_value = 0.0 if number > 0.5 else 1.0
            plugin.parameters[name].raw_value = number
    for name, value in spec.params.items():
        plugin.parameters[name].raw_value = raw_value(plugin, name, value, spec.label)


def _leave_host_owned_alone() -> None:
    """Have pedalboard skip parameters that are the host's; older releases scan them, slowly."""
    from pedalboard import _pedalboard

    ignored = getattr(_pedalboard, "PARAMETER_NAME_REGEXES_TO_IGNORE", None)
    if ignored is not None:
        ignored.add(_HOST_OWNED)


@lru_cache(maxsize=64)
def value_converter(path: str) -> Any:
    """Return an instance of a plugin that only converts values, loaded once per child."""
    return load_vst3(PluginSpec("vst3", path))


@lru_cache(maxsize=64)
def program_values(path: str, raw: float) -> dict[str, float]:
    """Return what a program makes of a plugin's parameters, from 0 to 1, by name.

    These are set one by one besides: plugins made with DPF show a program that a host chooses, and
    process as if it had not.
    """
    plugin = load_vst3(PluginSpec("vst3", path))
    before = {name: parameter.raw_value for name, parameter in settable(plugin).items()}
    program_parameter(plugin).raw_value = raw
    return {
        name: float(parameter.raw_value)
        for name, parameter in settable(plugin).items()
        if parameter.is_automatable or parameter.raw_value != before[name]
    }


def described_vst3(spec: PluginSpec) -> list[dict[str, Any]]:
    """Return a plugin's parameters as JSON-ready values.

    ``default`` is what a fresh instance has, ``current`` what the spec's state and parameters
    make of it.
    """
    fresh, plugin = settable(load_vst3(PluginSpec("vst3", spec.reference))), load_vst3(spec)
    configure(plugin, spec)
    found = []
    for name, p in settable(plugin).items():
        number = p.type is float
        found.append({
            "name": name, "title": p.name, "unit": (p.units or "").strip(), "range": range_text(p),
            "minimum": p.range[0] if number else None, "maximum": p.range[1] if number else None,
            "choices": None if number else [str(value) for value in p.valid_values],
            "default": fresh[name].string_value, "current": p.string_value,
            "is_meter": not p.is_automatable and name != "current_program",
        })  # fmt: skip
    return found


def described_programs(spec: PluginSpec) -> list[str]:
    """Return the names of a plugin's own programs."""
    return program_names(value_converter(spec.reference))


def _apply_state(plugin: Any, spec: PluginSpec) -> None:
    with state_file(spec) as (path, data):
        try:
            if is_vstpreset(data):
                plugin.load_preset(str(path))
            else:
                plugin.raw_state = data
        except (OSError, ValueError, RuntimeError) as error:
            raise state_refused(spec, data, str(error)) from error


def state_refused(spec: PluginSpec, data: bytes, reason: str) -> PluginError:
    """Return the error for a state that a plugin does not load: another plugin's, if it is."""
    if is_vstpreset(data):
        own, given = preset_class(value_converter(spec.reference).preset_data), preset_class(data)
        if own != given:
            return PluginError(
                f"{state_name(spec)} belongs to another plugin",
                where=spec.label,
                rule=f"its class is {given}, the plugin's {own}",
            )
    return PluginError(f"{state_name(spec)} cannot be loaded: {reason}", where=spec.label)
