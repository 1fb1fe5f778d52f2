"""Parameters that are searched: where they are, their ranges, and their places from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.chains import Chain, all_slots
from restorack.chains.native_parameters import native_values
from restorack.core.parameters import FloatParameter, IntParameter
from restorack.core.processor import Processor
from restorack.errors import ParameterError
from restorack.hosting.stage import HostedPlugin
from restorack.presets.overrides import find_slot, in_own_case, set_parameter

Floats = NDArray[np.float64]

DIGITS = 4
"""Significant digits of what is set: more than anybody hears, and a preset that can be read."""

_FORM = "STAGE.PARAM or STAGE.PARAM=LOW..HIGH, such as zamcompx2.threshold_db=-40..0"


@dataclass(frozen=True)
class Knob:
    """A number of a stage that is searched.

    Attributes
    ----------
    stage, parameter : str
        The stage's path in the chain, and the parameter's name.
    low, high : float
        The range that is searched, in the parameter's unit.
    is_logarithmic : bool
        Whether it is searched along its logarithm.
    is_whole : bool
        Whether it takes whole numbers only.
    start : float
        What the preset has.
    """

    stage: str
    parameter: str
    low: float
    high: float
    is_logarithmic: bool
    is_whole: bool
    start: float

    @property
    def name(self) -> str:
        """Stage and parameter, as ``--set`` takes them."""
        return f"{self.stage}.{self.parameter}"

    def value(self, place: float) -> float:
        """Return the value at a place from 0 to 1."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        found = low + min(1.0, max(0.0, place)) * (high - low)
        found = math.exp(found) if self.is_logarithmic else found
        found = float(f"{found:.{DIGITS}g}")
        found = min(self.high, max(self.low, found))
        return float(round(found)) if self.is_whole else found

    def place(self, value: float) -> float:
        """Return the place of a value, 0 to 1."""
        value = min(self.high, max(self.low, value))
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(value) - low) / (high - low)

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.is_logarithmic else value


def knobs_of(chain: Chain, wanted: Sequence[str]) -> list[Knob]:
    """Return the parameters that are named.

    Parameters
    ----------
    chain : Chain
    wanted : sequence of str
        ``STAGE.PARAM`` or ``STAGE.PARAM=LOW..HIGH``; none: every number of restorack's stages that
        is set in the preset.

    Raises
    ------
    ParameterError
        For what is not there or no number, a wrong range, and one that has none of its own.
    """
    named = list(wanted) or _set_numbers(chain)
    found = [_knob(chain, text) for text in named]
    if not found:
        raise ParameterError(
            "nothing to tune", rule="parameters are named", remedy=f"write --vary {_FORM}"
        )
    names = [knob.name for knob in found]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(f"{name} is given twice", rule="each parameter once")
    return found


def set_knobs(chain: Chain, knobs: Sequence[Knob], values: Sequence[float]) -> None:
    """Set parameters; plugins take them unchecked where their checks were deferred."""
    for knob, value in zip(knobs, values, strict=True):
        slot = find_slot(chain, knob.stage)
        set_parameter(slot.stage, knob.parameter, int(value) if knob.is_whole else value)
        slot.given |= {knob.parameter}


def _set_numbers(chain: Chain) -> list[str]:
    """Return the numbers of our stages that the preset sets, at the top of the chain."""
    top = [slot.stage for slot in chain.slots]
    return [
        f"{slot.name}.{name}"
        for slot in all_slots(chain, active=True)
        if isinstance(slot.stage, Processor) and any(slot.stage is one for one in top)
        for name in sorted(slot.given)
        if isinstance(type(slot.stage).parameters.get(name), (FloatParameter, IntParameter))
    ]


def _knob(chain: Chain, text: str) -> Knob:
    path, _, span = text.partition("=")
    stage_path, dot, name = path.strip().rpartition(".")
    if not (dot and stage_path and name):
        raise ParameterError(f"--vary {text}", rule=_FORM)
    try:
        stage = find_slot(chain, stage_path).stage
        name = in_own_case(stage, name)
        start, declared, logarithmic, whole = _described(stage, name)
    except ParameterError as error:
        raise error.at(f"--vary {text}") from error
    low, high = _span(text, span.strip(), declared)
    if logarithmic and low <= 0.0:
        logarithmic = False
    return Knob(stage_path, name, low, high, logarithmic, whole, min(high, max(low, start)))


def _described(stage: Any, name: str) -> tuple[float, tuple[float, float] | None, bool, bool]:
    """Return a parameter's value, its own range, whether it is logarithmic, and whole."""
    if isinstance(stage, Processor):
        declared = type(stage).parameters.get(name)
        if isinstance(declared, FloatParameter):
            span = (declared.minimum, declared.maximum)
            return float(getattr(stage, name)), span, declared.logarithmic, False
        if isinstance(declared, IntParameter):
            return float(getattr(stage, name)), (declared.minimum, declared.maximum), False, True
        numbers = [n for n, p in type(stage).parameters.items()
                   if isinstance(p, (FloatParameter, IntParameter))]  # fmt: skip
        raise _no_number(name, numbers)
    if isinstance(stage, HostedPlugin):
        return _described_plugin(stage, name)
    values = native_values(stage)
    numbers = [n for n, v in values.items() if isinstance(v, float)]
    if name not in numbers:
        raise _no_number(name, numbers)
    return float(values[name]), None, name.endswith("_hz"), False


def _described_plugin(
    plugin: HostedPlugin, name: str
) -> tuple[float, tuple[float, float] | None, bool, bool]:
    numbers = {
        one["name"]: one
        for one in plugin.describe()["parameters"]
        if one["minimum"] is not None and not one["is_meter"]
    }
    if name not in numbers:
        raise _no_number(name, list(numbers))
    one = numbers[name]
    given = plugin.spec.params.get(name, one["current"])
    try:
        start = float(given)
    except (TypeError, ValueError):
        start = 0.5 * (one["minimum"] + one["maximum"])
    return start, (float(one["minimum"]), float(one["maximum"])), name.endswith("_hz"), False


def _no_number(name: str, numbers: Sequence[str]) -> ParameterError:
    return ParameterError(f"{name!r} is no number of it", rule=f"one of {', '.join(numbers)}")


def _span(text: str, span: str, declared: tuple[float, float] | None) -> tuple[float, float]:
    if not span:
        if declared is None:
            raise ParameterError(
                f"--vary {text}", rule="pedalboard's parameters have no range of their own",
                remedy=f"write --vary {text}=LOW..HIGH",
            )  # fmt: skip
        return declared
    first, dots, last = span.partition("..")
    try:
        low, high = float(first), float(last)
    except ValueError:
        raise ParameterError(f"--vary {text}", rule=_FORM) from None
    if not (dots and math.isfinite(low) and math.isfinite(high) and low < high):
        raise ParameterError(f"--vary {text}", rule=f"LOW is below HIGH: {_FORM}")
    if declared is not None and not declared[0] <= low < high <= declared[1]:
        raise ParameterError(
            f"--vary {text}", rule=f"within {declared[0]:g} to {declared[1]:g}, its own range"
        )
    return low, high
