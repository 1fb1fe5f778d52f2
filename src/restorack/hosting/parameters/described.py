"""Parameters of LV2 plugins and Faust programs, as DawDreamer describes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from restorack.errors import ParameterError, suggest
from restorack.hosting.parameters.names import (
    NamedParameter,
    find_parameter,
    plain_name,
    python_name,
    same_word,
    unique_names,
)
from restorack.hosting.parameters.numbers import number_in
from restorack.hosting.spec import PluginSpec

OFF_ON = ["Off", "On"]
SWITCH = {
    **dict.fromkeys(("true", "on", "yes", "1", "1.0"), True),
    **dict.fromkeys(("false", "off", "no", "0", "0.0"), False),
}
"""What a switch may be set to."""


class DescribedParameter:
    """A parameter of an LV2 plugin or a Faust program, as DawDreamer describes it.

    Attributes
    ----------
    named : NamedParameter
    key : int or str
        Index (LV2) or address (Faust).
    symbol : str
        Of an LV2 plugin's port.
    low, high : float
        Range in the parameter's unit.
    is_switch : bool
        Whether it is on or off.
    choices : list of str
        Words for the values of a switch or a list, in its order.
    points : list of (float, str)
        Values that have words; those of a list are all that it takes.
    """

    def __init__(self, description: dict[str, Any], kind: str, port: Mapping[str, Any]) -> None:
        self.kind = kind
        self.unit = "" if kind == "faust" else str(port.get("unit") or description["label"]).strip()
        self.title = decoded(str(description["label" if kind == "faust" else "name"]))
        self.named = NamedParameter(python_name(self.title, self.unit), self.title)
        self.key = description["name"] if kind == "faust" else description["index"]
        self.points = [(float(value), str(word)) for value, word in port.get("points", ())]
        self.symbol = str(port.get("symbol", ""))
        self.integer = bool(port.get("integer"))
        self.is_switch = bool(description.get("isBoolean") or port.get("toggled"))
        self.choices, self.low, self.high = self._values(description, port)
        self.default = decoded(str(description.get("value", description.get("defaultValueText"))))
        self.current = decoded(str(description.get("currentValText", self.default)))

    @property
    def name(self) -> str:
        """What presets write."""
        return self.named.name

    def _values(
        self, description: dict[str, Any], port: Mapping[str, Any]
    ) -> tuple[list[str], float, float]:
        """Return the words of a switch or a list, and the range of its numbers."""
        low, high = _finite(description["min"]), _finite(description["max"])
        if self.kind == "faust":
            self.is_switch = (low, high, description.get("step")) == (0.0, 1.0, 1.0)
        if self.is_switch:
            own = [decoded(str(description[end])) for end in ("min", "max")]
            return own if math.isnan(low) and math.isnan(high) else list(OFF_ON), 0.0, 1.0
        words = [decoded(word) for word in description.get("valueStrings") or []]
        named = math.isnan(low) or math.isnan(high)
        if words and (named or port.get("enumeration")):
            return words, 0.0, float(len(words) - 1)
        if not named:
            return [], low, high
        ends = [decoded(str(description[end])) for end in ("min", "max")]
        values = [
            number if not math.isnan(number) else self._pointed(word)
            for number, word in zip((low, high), ends, strict=True)
        ]
        if any(math.isnan(value) for value in values):
            return ends, 0.0, 1.0
        return [], values[0], values[1]

    def _pointed(self, word: str) -> float:
        return next((value for value, own in self.points if same_word(own, word)), math.nan)

    def describe(self) -> dict[str, Any]:
        """Return the parameter as JSON-ready values."""
        number = not self.choices
        return {
            "name": self.name, "title": self.title, "unit": self.unit, "range": self.range_text(),
            "minimum": self.low if number else None, "maximum": self.high if number else None,
            "choices": self.choices or None, "default": self.default, "current": self.current,
        }  # fmt: skip

    def number(self, value: Any, label: str) -> float:
        """Return a value as a number within the range, or raise :class:`ParameterError`."""
        try:
            number = self._number(value)
        except (ValueError, TypeError):
            number = math.nan
        if not self.low <= number <= self.high:
            word = isinstance(value, str) and bool(self.choices)
            raise ParameterError(
                f"{self.name} = {value!r}",
                where=label,
                rule=f"{self.name} is {self.range_text()}",
                remedy=suggest(str(value), self.choices) if word else "",
            )
        return number

    def _number(self, value: Any) -> float:
        if self.is_switch:
            words = [same_word(choice, value) for choice in self.choices]
            switched = SWITCH.get(str(value).strip().lower(), math.nan)
            return float(words.index(True) if True in words else switched)
        if isinstance(value, bool):
            return math.nan
        if isinstance(value, str):
            for index, choice in enumerate(self.choices):
                if same_word(choice, value):
                    return float(index)
            for number, word in self.points:
                if same_word(word, value) and not self.choices:
                    return number
        number = number_in(value, self.unit) if isinstance(value, str) else float(value)
        if self.choices:
            return self._place(number)
        return number if number.is_integer() or not self.integer else math.nan

    def _place(self, number: float) -> float:
        """Return which choice a number means: the one of that value, else of that place."""
        if len(self.points) != len(self.choices):
            return number if number.is_integer() else math.nan
        places = [at for at, (value, _) in enumerate(self.points) if value == number]
        return float(places[0]) if places else math.nan

    def unit_scale(self, value: Any, label: str) -> float:
        """Return a value on the hosts' scale of 0 to 1."""
        span = self.high - self.low
        return (self.number(value, label) - self.low) / span if span else 0.0

    def range_text(self) -> str:
        """Return the allowed values in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        kind = "a whole number" if self.integer else "a number"
        text = f"{kind} from {self.low:g} to {self.high:g} {self.unit}".rstrip()
        words = ", ".join(word for _, word in self.points if word)
        return f"{text}, or {words}" if words else text


def described_parameters(
    descriptions: Sequence[dict[str, Any]], spec: PluginSpec
) -> list[DescribedParameter]:
    """Return all parameters of an LV2 plugin or a Faust program, every name its own.

    Parameters
    ----------
    descriptions : sequence of dict
        As DawDreamer gives them; those of Faust may say in which ``groups`` a parameter stands.
    spec : PluginSpec
        With the ports that an LV2 plugin's Turtle describes.
    """
    ports = _ports_of(descriptions, spec.ports)
    found = [
        DescribedParameter(description, spec.kind, port)
        for description, port in zip(descriptions, ports, strict=True)
    ]
    paths = [_groups(d) for d in descriptions] if spec.kind == "faust" else []
    names = unique_names([parameter.name for parameter in found], paths)
    for parameter, name in zip(found, names, strict=True):
        title, unit = parameter.title, parameter.unit
        others = (python_name(title), plain_name(title), plain_name(title, unit))
        aliases = {parameter.name, *others, parameter.symbol} - {name, ""}
        parameter.named = NamedParameter(name, title, tuple(sorted(aliases)))
    return found


def _ports_of(
    descriptions: Sequence[dict[str, Any]], ports: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the port of each parameter: those of a title belong together in their order."""
    waiting: dict[str, list[Mapping[str, Any]]] = {}
    for port in ports:
        waiting.setdefault(str(port["title"]), []).append(port)
    found: list[Mapping[str, Any]] = []
    for description in descriptions:
        same = waiting.get(decoded(str(description["name"])), [])
        found.append(same.pop(0) if same else {})
    return found


def _groups(description: dict[str, Any]) -> list[str]:
    """Return the groups that a Faust parameter stands in, the outermost first, without nameless."""
    found = description.get("groups")
    if found is None:
        found = decoded(str(description["name"])).strip("/").split("/")[:-1]
    return [group for group in found if group not in ("", "0x00")]


def decoded(text: str) -> str:
    """Return a text of DawDreamer's as it was meant: UTF-8, read as Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _finite(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def find_described(
    parameters: Sequence[DescribedParameter], name: str, spec: PluginSpec
) -> DescribedParameter:
    """Return the parameter with a name, or raise :class:`ParameterError`."""
    known = [parameter.named for parameter in parameters]
    return parameters[find_parameter(name, known, spec.label)]
