"""Parameters of VST3 plugins in pedalboard: all of them, each by a name of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from restorack.errors import ParameterError, suggest
from restorack.hosting.parameters.described import SWITCH
from restorack.hosting.parameters.names import (
    NamedParameter,
    find_parameter,
    plain_name,
    python_name,
    same_word,
    unique_names,
)
from restorack.hosting.parameters.numbers import number_in

HOST_OWNED = re.compile(r"(Buffer Size|Sample Rate|Current Program)$")
"""What the hosts set themselves, shown by some plugins as parameters.

pedalboard finds a parameter's range by trying it in 1,001 positions. Without these it loads
ZamVerb in 1 s instead of 2 minutes: every program change reads an impulse response.
"""

_NUMBERED = (re.compile("MIDI CC "), re.compile(r"P\d\d\d"))
"""Placeholders that hosts make for messages of controllers; pedalboard leaves them out too."""

_KEPT = "__restorack_parameters__"


@dataclass(frozen=True)
class Vst3Parameter:
    """A parameter as pedalboard shows it.

    Attributes
    ----------
    named : NamedParameter
    index : int
        Among all that the plugin has, those of the host included.
    shown : pedalboard's AudioProcessorParameter
    """

    named: NamedParameter
    index: int
    shown: Any

    @property
    def name(self) -> str:
        """What presets write."""
        return self.named.name


class _Place:
    """Stands for a plugin towards one of its parameters, which pedalboard finds by title only."""

    def __init__(self, plugin: Any, index: int) -> None:
        self._plugin, self._index = plugin, index

    def _get_parameter(self, _: str) -> Any:
        return self._plugin._parameters[self._index]


def is_host_owned(title: str) -> bool:
    """Return whether a parameter is the host's, by its title: no preset sets it."""
    return any(pattern.match(title) for pattern in (HOST_OWNED, *_NUMBERED))


def vst3_parameters(plugin: Any) -> list[Vst3Parameter]:
    """Return a pedalboard plugin's parameters that a preset may set."""
    kept: list[Vst3Parameter] | None = getattr(plugin, "__dict__", {}).get(_KEPT)
    if kept is None:
        kept = _all_parameters(plugin)
        setattr(plugin, _KEPT, kept)
    return kept


def _all_parameters(plugin: Any) -> list[Vst3Parameter]:
    from pedalboard._pedalboard import AudioProcessorParameter

    by_title = {parameter.name: parameter for parameter in plugin.parameters.values()}
    seen: set[str] = set()
    places, shown = [], []
    for index, own in enumerate(plugin._parameters):
        title = own.name
        if is_host_owned(title):
            continue
        if title in seen or title not in by_title:
            place: Any = _Place(plugin, index)
            shown.append(AudioProcessorParameter(place, title))
        else:
            shown.append(by_title[title])
        seen.add(title)
        places.append(index)
    names = [_name(parameter) for parameter in shown]
    return [
        Vst3Parameter(NamedParameter(name, own.name, _aliases(own, name, first)), index, own)
        for name, first, index, own in zip(unique_names(names), names, places, shown, strict=True)
    ]


def _name(shown: Any) -> str:
    """Return pedalboard's name; it knows no letters but those of ASCII."""
    if shown.name.isascii():
        return str(shown.python_name or "")
    return python_name(shown.name, shown.label or "")


def _aliases(shown: Any, name: str, first: str) -> tuple[str, ...]:
    title, unit = shown.name, shown.label or ""
    ways = {first, shown.python_name or "", python_name(title), plain_name(title)}
    return tuple(sorted((ways | {plain_name(title, unit)}) - {name, ""}))


def find_vst3_parameter(plugin: Any, name: str, label: str) -> Vst3Parameter:
    """Return the parameter that a name means, or raise :class:`ParameterError`."""
    known = vst3_parameters(plugin)
    return known[find_parameter(name, [parameter.named for parameter in known], label)]


def raw_value(parameter: Vst3Parameter, value: Any, label: str) -> float:
    """Return a value of a parameter on the hosts' scale of 0 to 1.

    Parameters
    ----------
    parameter : Vst3Parameter
    value : float, bool or str
        In the parameter's unit; text as the plugin shows it.
    label : str
        Names the plugin in errors.

    Raises
    ------
    ParameterError
        For a value outside the range.
    """
    shown, name = parameter.shown, parameter.name
    try:
        return _raw(shown, value)
    except (ValueError, TypeError, KeyError) as error:
        words = isinstance(value, str) and shown.type is not float
        raise ParameterError(
            f"{name} = {value!r}",
            where=label,
            rule=f"{name} is {range_text(shown)}",
            remedy=suggest(str(value), map(str, shown.valid_values)) if words else "",
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
        if word not in SWITCH:
            raise ValueError(value)
        return SWITCH[word]
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
