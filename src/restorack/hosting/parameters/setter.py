"""The parameters of a processor in a DawDreamer graph, by name and in their own units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.core.automation import GRID, Automation
from restorack.errors import PluginError
from restorack.hosting.engines.vst3 import described_vst3, program_values, value_converter
from restorack.hosting.lv2.states import port_values
from restorack.hosting.parameters.described import (
    DescribedParameter,
    decoded,
    described_parameters,
    find_described,
)
from restorack.hosting.parameters.names import NamedParameter, refuse_repeated
from restorack.hosting.parameters.programs import raw_program
from restorack.hosting.parameters.states import has_state, read_state, state_name
from restorack.hosting.parameters.vst3 import (
    find_vst3_parameter,
    is_host_owned,
    raw_value,
    vst3_parameters,
)
from restorack.hosting.spec import PluginSpec

Key: TypeAlias = "int | str"
"""DawDreamer's index of a plugin's parameter, or a Faust parameter's address."""


def is_set(spec: PluginSpec) -> bool:
    """Return whether a spec says anything of its plugin's knobs."""
    loaded = spec.kind == "lv2" and has_state(spec)
    return bool(spec.params or spec.automation or loaded) or spec.program is not None


class ParameterSetter:
    """Sets what a spec says on its processor.

    Parameters
    ----------
    node : dawdreamer processor
    spec : PluginSpec

    Raises
    ------
    ParameterError
        From the methods: a name that the plugin has not, a value outside its range.
    """

    def __init__(self, node: Any, spec: PluginSpec) -> None:
        self._node, self._spec = node, spec
        self._descriptions = node.get_parameters_description()
        self._described: list[DescribedParameter] = []
        if spec.kind != "vst3":
            self._described = described_parameters(self._descriptions, spec)

    def describe(self) -> list[dict[str, Any]]:
        """Return the parameters as JSON-ready values, as they are now."""
        if self._spec.kind == "vst3":
            return described_vst3(self._spec)
        now = described_parameters(self._node.get_parameters_description(), self._spec)
        return [
            parameter.describe() | {"current": latest.current}
            for parameter, latest in zip(self._described, now, strict=True)
        ]

    def check(self) -> None:
        """Raise where a parameter or a breakpoint is refused; sets nothing."""
        if self._spec.program is not None:
            raw_program(self._converter(), self._spec)
        refuse_repeated(list(self._spec.params), self._names(), self._spec.label)
        self._loaded()
        for name, value in self._spec.params.items():
            self._position(name, value)
        for name, points in self._spec.automation.items():
            for _, value in Automation(points, where=self._spec.label).breakpoints:
                self._position(name, value)

    def _converter(self) -> Any:
        return value_converter(self._spec.reference, self._spec.plugin)

    def _names(self) -> list[NamedParameter]:
        if self._spec.kind == "vst3":
            return [parameter.named for parameter in vst3_parameters(self._converter())]
        return [parameter.named for parameter in self._described]

    def set_all(self) -> None:
        """Send what is to be sent, choose the program, then set the parameters."""
        if self._spec.settle:
            self._send_all()
        for key, number in self._loaded():
            self._node.set_parameter(key, number)
        if self._spec.program is not None:
            plugin = self._converter()
            parameter, raw = raw_program(plugin, self._spec)
            known = {own.name: own for own in vst3_parameters(plugin)}
            titles = [own.name for own in plugin._parameters]
            self._node.set_parameter(self._index(titles.index(parameter.name), titles), raw)
            values = program_values(self._spec.reference, self._spec.plugin, raw)
            for name, number in values.items():
                self._node.set_parameter(self._index(known[name].index, titles), number)
        for name, value in self._spec.params.items():
            self._node.set_parameter(*self._position(name, value))

    def _loaded(self) -> list[tuple[int, float]]:
        """Return what an LV2 plugin's state sets, as the processor takes it."""
        spec = self._spec
        if spec.kind != "lv2" or not has_state(spec):
            return []
        values = port_values(read_state(spec), spec.reference, spec.label)
        by_symbol = {parameter.symbol: parameter for parameter in self._described}
        found = []
        for symbol, value in values.items():
            if symbol not in by_symbol:
                what = f"{state_name(spec)} sets a port {symbol!r} that it has not"
                raise PluginError(what, where=spec.label)
            parameter = by_symbol[symbol]
            found.append((int(parameter.key), parameter.unit_scale(value, spec.label)))
        return found

    def _send_all(self) -> None:
        """Send each parameter as it is; DawDreamer sends those alone that were set."""
        for description in self._descriptions:
            if not is_host_owned(decoded(description["name"])):
                at = int(description["index"])
                self._node.set_parameter(at, self._node.get_parameter(at))

    def automate(self, ahead: int, samples: int, rate: float) -> None:
        """Set the automation of a render, delayed by the latency of the plugins ahead."""
        for name, points in self._spec.automation.items():
            track = Automation(points, where=self._spec.label)
            values = _on_grid(track, ahead, samples, rate)
            distinct, places = np.unique(values, return_inverse=True)
            settings = [self._position(name, float(value)) for value in distinct]
            scaled = np.array([number for _, number in settings], np.float32)[places]
            self._node.set_automation(settings[0][0], np.repeat(scaled, GRID))

    def _position(self, name: str, value: Any) -> tuple[Key, float]:
        """Return a parameter's key and a value of it as the processor takes it."""
        label = self._spec.label
        if self._spec.kind == "vst3":
            plugin = self._converter()
            found = find_vst3_parameter(plugin, name, label)
            titles = [own.name for own in plugin._parameters]
            return self._index(found.index, titles), raw_value(found, value, label)
        parameter = find_described(self._described, name, self._spec)
        convert = parameter.number if self._spec.kind == "faust" else parameter.unit_scale
        return parameter.key, convert(value, label)

    def _index(self, at: int, titles: Sequence[str]) -> int:
        """Return DawDreamer's index of a parameter that pedalboard has at a place."""
        title = titles[at]
        earlier = list(titles[:at]).count(title)
        same = [d for d in self._descriptions if decoded(d["name"]) == title]
        if len(same) <= earlier:
            what = f"its parameter {title!r} is not in both hosts"
            raise PluginError(what, where=self._spec.label)
        return int(same[earlier]["index"])


def _on_grid(track: Automation, ahead: int, samples: int, rate: float) -> NDArray[np.float64]:
    starts = range(0, samples + GRID, GRID)
    return np.array([track.on_grid(max(0, start - ahead), rate) for start in starts])
