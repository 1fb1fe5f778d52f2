"""Names of parameters: one for each, and no way to one that leads to two."""

from __future__ import annotations

import pytest

from restorack.errors import ParameterError
from restorack.hosting.parameters.names import (
    NamedParameter,
    find_parameter,
    plain_name,
    python_name,
    refuse_repeated,
    unique_names,
)


@pytest.mark.parametrize(
    ("title", "unit", "name"),
    [
        ("Boost/Cut 1", "dB", "boost_cut_1_db"), ("Time (ms)", "ms", "time_ms"), ("C", "", "c"),
        ("C#", "", "c_sharp"), ("E♭ Tune", "", "e_flat_tune"), ("Größe", "", "größe"),
        ("Fréquence", "Hz", "fréquence_hz"), ("Band #1", "", "band_1"), ("周波数", "", "周波数"),
        ("Ms", "ms", "ms"), ("Dims", "ms", "dims_ms"),
    ],
)  # fmt: skip
def test_a_title_becomes_a_name(title: str, unit: str, name: str) -> None:
    assert python_name(title, unit) == name


def test_names_that_are_the_same_are_told_apart() -> None:
    names = ["gain", "gain", "mix", "gain"]
    paths = [["top", "Band A"], ["top", "Band B"], ["top"], ["top"]]
    assert unique_names(names, paths) == ["band_a_gain", "band_b_gain", "mix", "gain"]
    assert unique_names(names) == ["gain_1", "gain_2", "mix", "gain_3"]
    assert unique_names(["gain", "gain", "gain_1"]) == ["gain_2", "gain_3", "gain_1"]
    assert unique_names(["", "a", ""]) == ["parameter_1", "a", "parameter_2"]


KNOWN = [
    NamedParameter("a_gain_db", "Gain", ("gain", "gain_db", "ga")),
    NamedParameter("b_gain_db", "Gain", ("gain", "gain_db", "gb")),
    NamedParameter("größe", "Größe", (plain_name("Größe"),)),
    NamedParameter("c", "C"),
    NamedParameter("c_sharp", "C#", ("c",)),
]


def test_names_titles_indices_and_aliases_lead_to_one() -> None:
    ways = {
        "a_gain_db": 0, "gb": 1, "größe": 2, "Größe": 2, "GRÖSSE": None, "gr_e": 2, "c": 3, "C": 3,
        "C#": 4, "#4": 4, "4": 4, "#5": None, "-1": None,
    }  # fmt: skip
    for wanted, at in ways.items():
        if at is not None:
            assert find_parameter(wanted, KNOWN, "vst3 x") == at
            continue
        with pytest.raises(ParameterError, match="no parameter"):
            find_parameter(wanted, KNOWN, "vst3 x")


@pytest.mark.parametrize("wanted", ["gain", "Gain", "gain_db"])
def test_a_name_of_two_is_refused_with_both(wanted: str) -> None:
    with pytest.raises(ParameterError, match=r"2 parameters.*a_gain_db, b_gain_db"):
        find_parameter(wanted, KNOWN, "vst3 x")


def test_a_parameter_is_set_once() -> None:
    refuse_repeated(["a_gain_db", "b_gain_db"], KNOWN, "vst3 x")
    with pytest.raises(ParameterError, match="'a_gain_db' and '#0' are one parameter"):
        refuse_repeated(["a_gain_db", "#0"], KNOWN, "vst3 x")
