"""Parameters of LV2 and Faust: values are what was meant, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from restorack.errors import ParameterError
from restorack.hosting.parameters.described import DescribedParameter, described_parameters
from restorack.hosting.spec import PluginSpec

NUMBER: dict[str, Any] = {
    "index": 0, "name": "Split", "label": "", "min": "10", "max": "18000", "valueStrings": [],
    "isBoolean": False, "defaultValueText": "6000", "currentValText": "500",
}  # fmt: skip
SWITCH = NUMBER | {"name": "Bypass", "min": "Off", "max": "On", "isBoolean": True}
LIST = NUMBER | {"name": "Mode", "min": "Low", "max": "High", "valueStrings": ["Low", "High"]}


def port(**fields: Any) -> dict[str, Any]:
    return {"symbol": "x", "title": "", "unit": "", "toggled": False, "integer": False,
            "enumeration": False, "points": []} | fields  # fmt: skip


@pytest.mark.parametrize(
    ("value", "number"),
    [(500, 500.0), ("500 Hz", 500.0), ("12k", 12_000.0), ("12 kHz", 12_000.0)],
)
def test_a_number_has_the_ports_unit(value: Any, number: float) -> None:
    parameter = DescribedParameter(NUMBER, "lv2", port(unit="Hz"))
    assert parameter.name == "split_hz"
    assert parameter.number(value, "x") == number
    assert parameter.describe()["current"] == "500"


@pytest.mark.parametrize("value", ["12m", "5 ms", True, "much", 9, float("nan"), [3]])
def test_another_value_is_refused(value: Any) -> None:
    with pytest.raises(ParameterError, match="split_hz is a number from 10 to 18000 Hz"):
        DescribedParameter(NUMBER, "lv2", port(unit="Hz")).number(value, "x")


@pytest.mark.parametrize(
    ("value", "number"),
    [("On", 1), ("on", 1), (True, 1), ("true", 1), (1, 1), ("Off", 0), (False, 0), (0.0, 0)],
)
def test_a_switch_takes_its_words(value: Any, number: float) -> None:
    assert DescribedParameter(SWITCH, "lv2", port(toggled=True)).number(value, "x") == number


@pytest.mark.parametrize("value", [0.7, 2, "0.7", "maybe", ""])
def test_a_switch_takes_nothing_between(value: Any) -> None:
    with pytest.raises(ParameterError, match="bypass is one of Off, On"):
        DescribedParameter(SWITCH, "lv2", port(toggled=True)).number(value, "x")


def test_a_switch_with_words_of_its_own() -> None:
    own = DescribedParameter(SWITCH | {"min": "Average", "max": "Peak"}, "lv2", port(toggled=True))
    assert [own.number(value, "x") for value in ("peak", "Average", True, "off")] == [1, 0, 1, 0]
    with pytest.raises(ParameterError, match="bypass is one of Average, Peak"):
        own.number(0.5, "x")


def test_a_list_takes_words_and_the_ports_own_values() -> None:
    points = [[0.0, "Low"], [8.0, "High"]]
    mode = DescribedParameter(LIST, "lv2", port(enumeration=True, points=points))
    assert [mode.number(value, "x") for value in ("low", "HIGH", 8, "0")] == [0, 1, 1, 0]
    for value in (1, 0.5, True, "medium"):
        with pytest.raises(ParameterError, match="mode is one of Low, High"):
            mode.number(value, "x")


def test_whole_numbers_and_words_for_numbers() -> None:
    whole = DescribedParameter(NUMBER, "lv2", port(integer=True, points=[[10.0, "Least"]]))
    assert whole.number("least", "x") == 10
    assert whole.number(12, "x") == 12
    with pytest.raises(ParameterError, match="a whole number from 10 to 18000, or Least"):
        whole.number(12.5, "x")


def test_titles_are_decoded_and_ports_found_by_them() -> None:
    mangled = "Größe".encode().decode("latin-1")
    descriptions = [NUMBER | {"name": mangled, "index": 4}, NUMBER | {"name": "C#", "index": 5}]
    ports = [port(title="C#", symbol="m01"), port(title="Größe", unit="Hz", symbol="size")]
    found = described_parameters(descriptions, PluginSpec("lv2", "urn:x", ports=ports))
    assert [(p.name, p.key) for p in found] == [("größe_hz", 4), ("c_sharp", 5)]
    assert set(found[0].named.aliases) == {"größe", "gr_e", "gr_e_hz", "size"}
    assert set(found[1].named.aliases) == {"c", "m01"}


def test_faust_groups_tell_parameters_apart() -> None:
    wide = {"label": "gain", "min": 0.0, "max": 2.0, "step": 0.1, "value": 1.0}
    compiled = [wide | {"name": f"/dawdreamer/{group}/gain"} for group in ("a", "b_c")]
    evaluated = [wide | {"name": "gain", "groups": [group]} for group in ("a", "b c")]
    for descriptions in (compiled, evaluated):
        found = described_parameters(descriptions, PluginSpec("faust", "process = _;"))
        assert [parameter.name for parameter in found] == ["a_gain", "b_c_gain"]
