"""Values of a parameter by its texts alone, as DawDreamer shows them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from restorack.hosting.parameters.by_node import NodeParameter

DESCRIPTION = {"index": 0, "name": "A", "label": "", "numSteps": 3, "isAutomatable": True}


class Node:
    def __init__(self, shown: Callable[[float], str]) -> None:
        self.value, self._shown = 0.25, shown

    def get_parameter(self, _: int) -> float:
        return self.value

    def set_parameter(self, _: int, value: float) -> None:
        self.value = value

    def get_parameter_text(self, _: int) -> str:
        return self._shown(self.value)


@pytest.mark.parametrize(
    ("shown", "text", "raw"),
    [
        (lambda raw: f"{20 * raw - 10:.2f}", "5.0", 0.75),
        (lambda raw: f"{20 * 1000**raw:.4f} Hz", "200.0", 1 / 3),
        (lambda raw: f"{20 * 1000 ** (1 - raw):.4f}", "200.0", 2 / 3),
        (lambda raw: f"{round(4 * raw)}", "2", 0.5),
        (lambda raw: "Off" if raw < 0.5 else "On", "1.0", 0.0),
        (lambda raw: f"{20 * raw:.2f}" if raw > 0.01 else "-inf", "5.0", 0.25),
        (lambda _: "7", "7", 0.0),
    ],
    ids=["straight", "rising", "falling", "steps", "words", "half words", "one"],
)
def test_a_number_is_found_by_what_is_shown(
    shown: Callable[[float], str], text: str, raw: float
) -> None:
    node = Node(shown)
    assert NodeParameter(node, DESCRIPTION).get_raw_value_for_text(text) == pytest.approx(raw)
    assert node.value == 0.25  # as before
