"""A CLAP plugin, rendered as a graph is."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from restorack.core.automation import Automation
from restorack.dsp.arrays import Rows
from restorack.errors import ParameterError, PluginError, suggest
from restorack.hosting.clap import abi
from restorack.hosting.clap.plugin import ClapPlugin, name_of
from restorack.hosting.engines.streaming import RINGING_SECONDS, TAIL_SECONDS, buffer_size, peak_of
from restorack.hosting.exchange.refusals import is_instrument
from restorack.hosting.parameters.described import SWITCH
from restorack.hosting.parameters.names import (
    NamedParameter,
    find_parameter,
    python_name,
    refuse_repeated,
    same_word,
    unique_names,
)
from restorack.hosting.parameters.numbers import number_in
from restorack.hosting.parameters.states import has_state, read_state
from restorack.hosting.spec import PluginSpec

MOST_CHOICES = 100
"""Steps up to which a parameter's values are listed as words."""


class ClapParameter:
    """A parameter.

    Attributes
    ----------
    named : NamedParameter
    id : int
    low, high, default : float
    choices : list of str
        Words of its steps, where these are no numbers.
    """

    def __init__(self, plugin: ClapPlugin, here: int, info: abi.ParamInfo) -> None:
        self._plugin, self._here = plugin, here
        self.title = info.name.decode("utf-8", "replace")
        self.groups = info.module.decode("utf-8", "replace").strip("/").split("/")
        self.named = NamedParameter(python_name(self.title), self.title)
        self.id = int(info.id)
        self.low, self.high, self.default = float(info.low), float(info.high), float(info.default)
        self.stepped = bool(info.flags & abi.STEPPED)
        steps = round(self.high - self.low) + 1 if self.stepped else 0
        words = [self.shown(self.low + at) for at in range(steps if steps <= MOST_CHOICES else 0)]
        self.choices = [] if any(_is_number(word) for word in words) else words
        self.is_switch = self.stepped and (self.low, self.high) == (0.0, 1.0)

    def shown(self, value: float) -> str:
        """Return a value in the plugin's words."""
        text = ctypes.create_string_buffer(256)
        if not self._plugin.params.to_text(self._here, self.id, value, ctypes.addressof(text), 256):
            return f"{value:g}"
        return text.value.decode("utf-8", "replace")

    def range_text(self) -> str:
        """Return the allowed values in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        kind = "a whole number" if self.stepped else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}"

    def number(self, value: Any, label: str) -> float:
        """Return a value as a number within the range, or raise :class:`ParameterError`."""
        try:
            number = self._number(value)
        except (ValueError, TypeError):
            number = float("nan")
        whole = not self.stepped or number.is_integer()
        if not self.low <= number <= self.high or not whole:
            word = isinstance(value, str) and bool(self.choices)
            raise ParameterError(
                f"{self.named.name} = {value!r}",
                where=label,
                rule=f"{self.named.name} is {self.range_text()}",
                remedy=suggest(str(value), self.choices) if word else "",
            )
        return number

    def _number(self, value: Any) -> float:
        for at, word in enumerate(self.choices):
            if isinstance(value, str) and same_word(word, value):
                return self.low + at
        if self.is_switch and str(value).strip().lower() in SWITCH:
            return float(SWITCH[str(value).strip().lower()])
        if isinstance(value, bool):
            raise ValueError(value)
        if not isinstance(value, str):
            return float(value)
        try:
            return number_in(value, "")
        except ValueError:
            return self._as_shown(value)

    def _as_shown(self, text: str) -> float:
        """Return the value of a text that the plugin shows in the same words."""
        found = ctypes.c_double()
        taken = self._plugin.params.from_text(
            self._here, self.id, text.encode(), ctypes.byref(found)
        )
        if not taken or not same_word(self.shown(found.value), text):
            raise ValueError(text)
        return found.value

    def describe(self) -> dict[str, Any]:
        """Return the parameter as JSON-ready values."""
        now = ctypes.c_double(self.default)
        self._plugin.params.value(self._here, self.id, ctypes.byref(now))
        number = not self.choices
        return {
            "name": self.named.name, "title": self.title, "unit": "", "range": self.range_text(),
            "minimum": self.low if number else None, "maximum": self.high if number else None,
            "choices": self.choices or None,
            "default": self.shown(self.default), "current": self.shown(now.value),
        }  # fmt: skip


class ClapGraph:
    """One plugin; every render begins anew.

    Parameters
    ----------
    specs : sequence of PluginSpec
        One, with its path as reference.
    rate : float
        In Hz.
    """

    def __init__(self, specs: Sequence[PluginSpec], rate: float) -> None:
        [self._spec] = specs
        self._rate, self._block = rate, buffer_size(specs)
        self._plugin = ClapPlugin(self._spec, rate, self._block)
        if not sum(self._plugin.outputs):
            raise PluginError("has no audio output", where=self._spec.label)
        if not sum(self._plugin.inputs):
            raise is_instrument(self._spec.label)
        if has_state(self._spec):
            self._plugin.load(read_state(self._spec))
            self._plugin.restart()
        self.parameters = self._parameters()
        self.nodes = [self]
        self.tail_peak = 0.0

    def _parameters(self) -> list[ClapParameter]:
        params, here = self._plugin.params, self._plugin._here
        found = []
        for index in range(params.count(here) if params is not None else 0):
            info = abi.ParamInfo()
            shown = params.info(here, index, ctypes.byref(info))
            if shown and not info.flags & (abi.HIDDEN | abi.READ_ONLY):
                found.append(ClapParameter(self._plugin, here, info))
        names = [parameter.named.name for parameter in found]
        paths = [[group for group in parameter.groups if group] for parameter in found]
        for parameter, name in zip(found, unique_names(names, paths), strict=True):
            aliases = tuple({parameter.named.name} - {name})
            parameter.named = NamedParameter(name, parameter.title, aliases)
        return found

    def _find(self, name: str) -> ClapParameter:
        known = [parameter.named for parameter in self.parameters]
        return self.parameters[find_parameter(name, known, self._spec.label)]

    def check(self) -> None:
        """Raise :class:`ParameterError` where a parameter or a breakpoint is refused."""
        spec = self._spec
        refuse_repeated(list(spec.params), [p.named for p in self.parameters], spec.label)
        for name, value in spec.params.items():
            self._find(name).number(value, spec.label)
        for name, points in spec.automation.items():
            for _, value in Automation(points, where=spec.label).breakpoints:
                self._find(name).number(value, spec.label)

    def describe(self) -> dict[str, Any]:
        """Return name, maker, version and parameters, as JSON-ready values."""
        self.render(np.zeros((1, self._block), np.float32), [0])
        own = self._plugin.descriptor
        maker, version = (own.vendor or b"").decode(), (own.plugin_version or b"").decode()
        return {"name": name_of(own), "maker": maker, "version": version, "programs": [],
                "parameters": [parameter.describe() for parameter in self.parameters]}  # fmt: skip

    def save(self) -> bytes:
        """Return the state that it has with its parameters set."""
        self.render(np.zeros((1, self._block), np.float32), [0])
        return self._plugin.save()

    def get_num_input_channels(self) -> int:
        """Return the channels of all inputs."""
        return sum(self._plugin.inputs)

    def get_num_output_channels(self) -> int:
        """Return the channels of the first output."""
        return self._plugin.outputs[0]

    def can_set_bus(self, inputs: int, outputs: int) -> bool:
        """Return whether these are its channels: they are not changed."""
        return (inputs, outputs) == (self.get_num_input_channels(), self.get_num_output_channels())

    def latencies(self) -> list[int]:
        """Return what it reports or its spec states, in samples."""
        own = self._spec.latency_samples
        return [self._plugin.latency() if own is None else own]

    def render(self, rows: Rows, latencies: Sequence[int], key_rows: Rows | None = None) -> Rows:
        """Render rows, this latency taken off; further rows are for side-chain inputs."""
        self.check()
        samples, total = rows.shape[1], sum(latencies)
        length = samples + total + round(TAIL_SECONDS * self._rate)
        given = np.zeros((sum(self._plugin.inputs), length), np.float32)
        played = rows if key_rows is None else np.concatenate([rows, key_rows])
        used = min(len(played), len(given))
        given[:used, :samples] = played[:used]
        self._plugin.restart()
        parts = []
        for at in range(0, length, self._block):
            block = given[:, at : at + self._block]
            parts.append(self._plugin.process(block, self._values(at)))
        first = ((self._spec.band or 1) - 1) * len(rows)
        out = np.concatenate(parts, axis=1)[first : first + len(rows), total:]
        self.tail_peak = peak_of(out[:, samples + round(RINGING_SECONDS * self._rate) :])
        return np.ascontiguousarray(out[:, :samples])

    def _values(self, at: int) -> dict[int, float]:
        """Return what is set at a sample: all at the first, then what is automated."""
        spec, label = self._spec, self._spec.label
        found = {}
        for name, value in spec.params.items() if at == 0 else ():
            parameter = self._find(name)
            found[parameter.id] = parameter.number(value, label)
        for name, points in spec.automation.items():
            value = Automation(points, where=label).on_grid(at, self._rate)
            parameter = self._find(name)
            found[parameter.id] = parameter.number(float(value), label)
        return found

    def release(self) -> None:
        """Let go of the latest signal: nothing holds it."""


def _is_number(text: str) -> bool:
    try:
        float(text.split(maxsplit=1)[0] if text.split() else "")
    except ValueError:
        return False
    return True
