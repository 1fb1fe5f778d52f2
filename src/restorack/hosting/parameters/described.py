"""Parameters of LV2 plugins and Faust programs, as DawDreamer describes them."""

from __future__ import annotations

import math
import re
from typing import Any

from restorack.errors import ParameterError, suggest
from restorack.hosting.spec import PluginSpec


def number_in(text: str, unit: str) -> float:
    """Return the number in a text such as ``-20 dB`` or ``2 kHz``.

    Raises
    ------
    ValueError
        Where there is none, or another unit than the parameter's.
    """
    found = re.fullmatch(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*", text)
    if found is None:
        raise ValueError(text)
    number, written = float(found.group(1)), found.group(2).lower()
    own = unit.strip().lower()
    if written and written not in (own, f"k{own}"):
        raise ValueError(f"{text}: not in {unit}")
    return number * 1000 if own and written == f"k{own}" else number


def same_word(one: Any, other: Any) -> bool:
    """Return whether two texts are the same but for case and spaces."""
    return " ".join(str(one).lower().split()) == " ".join(str(other).lower().split())


def python_name(name: str, label: str = "") -> str:
    """Return a parameter's name as presets spell it: lower case, underscores, the unit last."""
    words = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")
    unit = re.sub(r"[^0-9a-z]+", "", label.lower())
    return f"{words}_{unit}" if unit and not words.endswith(f"_{unit}") else words


class DescribedParameter:
    """A parameter of an LV2 plugin or a Faust program, as DawDreamer describes it.

    Attributes
    ----------
    name : str
        As presets spell it.
    key : int or str
        Index (LV2) or address (Faust).
    low, high : float
        Range in the parameter's unit.
    choices : list of str
        Where the ends of the range are words (``Off``, ``On``).
    """

    def __init__(self, description: dict[str, Any], kind: str) -> None:
        self.unit = "" if kind == "faust" else str(description["label"]).strip()
        self.title = str(description["label" if kind == "faust" else "name"])
        self.name = python_name(self.title, self.unit)
        self.key = description["name"] if kind == "faust" else description["index"]
        self.low, self.high = _finite(description["min"]), _finite(description["max"])
        self.choices: list[str] = []
        if math.isnan(self.low) or math.isnan(self.high):
            words = list(description.get("valueStrings") or [])
            self.choices = words or [str(description["min"]), str(description["max"])]
            self.low, self.high = 0.0, float(len(self.choices) - 1)
        self.default = description.get("value", description.get("defaultValueText"))
        self.current = description.get("currentValText", self.default)

    def describe(self) -> dict[str, Any]:
        """Return the parameter as JSON-ready values."""
        number = not self.choices
        return {
            "name": self.name, "title": self.title, "unit": self.unit, "range": self.range_text(),
            "minimum": self.low if number else None, "maximum": self.high if number else None,
            "choices": self.choices or None,
            "default": str(self.default), "current": str(self.current),
        }  # fmt: skip

    def number(self, value: Any, label: str) -> float:
        """Return a value as a number within the range, or raise :class:`ParameterError`."""
        for index, choice in enumerate(self.choices):
            if isinstance(value, str) and same_word(choice, value):
                return float(index)
        try:
            number = number_in(value, self.unit) if isinstance(value, str) else float(value)
        except ValueError:
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

    def unit_scale(self, value: Any, label: str) -> float:
        """Return a value on the hosts' scale of 0 to 1."""
        span = self.high - self.low
        return (self.number(value, label) - self.low) / span if span else 0.0

    def range_text(self) -> str:
        """Return the allowed values in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return f"a number from {self.low:g} to {self.high:g} {self.unit}".rstrip()


def _finite(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def find_described(
    parameters: list[DescribedParameter], name: str, spec: PluginSpec
) -> DescribedParameter:
    """Return the parameter with a name, or raise :class:`ParameterError`."""
    for parameter in parameters:
        if parameter.name == name:
            return parameter
    known = [parameter.name for parameter in parameters]
    raise ParameterError(f"no parameter {name!r}", where=spec.label, remedy=suggest(name, known))
