"""VST3 parameters by DawDreamer, for plugins that pedalboard does not load.

pedalboard takes no plugin whose outputs are more than its inputs: one that makes stereo of mono.
Here DawDreamer's processor stands in for pedalboard's plugin, as far as its parameters go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from restorack.hosting.engines.dawdreamer import load_dawdreamer
from restorack.hosting.parameters.described import decoded
from restorack.system.floating_point import restore_float_environment

_HALVINGS = 30
"""Until the hosts' scale of float32 has no value between."""


class NodeConverter:
    """A plugin that only converts values, with what is asked of pedalboard's.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        dawdreamer = load_dawdreamer(path)
        self._engine = dawdreamer.RenderEngine(44_100, 512)
        try:
            node = self._engine.make_plugin_processor("converter", path)
        finally:
            restore_float_environment()
        self.parameters: dict[str, Any] = {}  # pedalboard's by name; of ours there are none
        found = node.get_parameters_description()
        self._parameters = [NodeParameter(node, description) for description in found]


class NodeParameter:
    """A parameter, on the hosts' scale of 0 to 1 and in the plugin's words."""

    def __init__(self, node: Any, description: dict[str, Any]) -> None:
        self._node, self._index = node, int(description["index"])
        self.name, self.label = decoded(description["name"]), decoded(description["label"])
        self.num_steps = int(description["numSteps"])
        self.is_automatable = bool(description["isAutomatable"])

    @property
    def raw_value(self) -> float:
        """Its value from 0 to 1."""
        return float(self._node.get_parameter(self._index))

    @raw_value.setter
    def raw_value(self, value: float) -> None:
        self._node.set_parameter(self._index, float(value))

    @property
    def string_value(self) -> str:
        """Its value as the plugin shows it."""
        return decoded(self._node.get_parameter_text(self._index))

    def get_text_for_raw_value(self, value: float) -> str:
        """Return how the plugin shows a value."""
        before = self.raw_value
        self.raw_value = value
        shown = self.string_value
        self.raw_value = before
        return shown

    def get_raw_value_for_text(self, text: str) -> float:
        """Return the value that is shown so, 0 where none is found: DawDreamer asks no plugin.

        Numbers that rise or fall over the scale are found by halving it.
        """
        try:
            wanted, ends = float(text), (self._number(0.0), self._number(1.0))
        except ValueError:
            return 0.0
        if ends[0] == ends[1]:
            return 0.0
        straight = (wanted - ends[0]) / (ends[1] - ends[0])
        try:
            if 0.0 <= straight <= 1.0 and self._number(straight) == wanted:
                return straight
            sign = 1.0 if ends[1] > ends[0] else -1.0
            first = _halved(lambda raw: sign * self._number(raw) >= sign * wanted)
            behind = _halved(lambda raw: sign * self._number(raw) > sign * wanted)
        except ValueError:
            return 0.0
        return (first + behind) / 2

    def _number(self, value: float) -> float:
        words = self.get_text_for_raw_value(value).split()
        return float(words[0] if words else "")


def _halved(is_beyond: Callable[[float], bool]) -> float:
    """Return where on the scale from 0 to 1 something begins to hold."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_beyond(middle) else (middle, high)
    return high
