"""A number that may be left to be measured."""

import numpy as np
import pytest

from restorack.core.parameters import AutoFloatParameter
from restorack.errors import ParameterError
from restorack.plugins.declick.declicker import Declicker

PARAMETER = AutoFloatParameter(0.0, 8.0, unit="Hz", description="How many.")


class Holder:
    rate = PARAMETER


def test_it_takes_auto_and_numbers_of_its_range():
    assert PARAMETER.default == "auto"
    assert PARAMETER.check("auto") == "auto"
    assert PARAMETER.check(0) == 0.0
    assert PARAMETER.check(np.float32(8.0)) == 8.0
    assert not PARAMETER.automatable


@pytest.mark.parametrize("value", [-0.1, 8.1, float("nan"), True, "2", "Auto", None, [1.0]])
def test_it_refuses_all_else_with_its_range(value):
    with pytest.raises(ParameterError, match="auto, or a number from 0 to 8 Hz"):
        PARAMETER.check(value)


def test_its_schema_takes_what_it_takes():
    assert PARAMETER.json_schema() == {
        "anyOf": [{"const": "auto"}, {"type": "number", "minimum": 0.0, "maximum": 8.0}]
    }


def test_a_stage_keeps_either():
    stage = Declicker()
    assert stage.clicks_per_second == "auto"
    stage.clicks_per_second = 3
    assert str(stage) == "Declicker(clicks_per_second=3.0)"
    stage.clicks_per_second = "auto"
    assert str(stage) == "Declicker()"
