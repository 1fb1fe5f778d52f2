"""Curves: published values, the notation, and labels."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.errors import ParameterError
from restorack.plugins.disc.curves import NAMED_CURVES, named_curve, parse_notation
from restorack.plugins.disc.labels import SOURCES, find_curve, find_entries, label_entries

RIAA_DB = {
    20: 19.274, 50: 16.946, 100: 13.088, 200: 8.219, 500: 2.648, 1_000: 0.0, 2_000: -2.589,
    5_000: -8.210, 10_000: -13.734, 15_000: -17.157, 20_000: -19.620,
}  # fmt: skip
"""IEC 60098, as tabulated by Lipshitz, JAES 27 (1979), and everywhere since."""


def levels(curve: str, *frequencies: float) -> list[float]:
    gain = find_curve(curve).gain(np.array(frequencies, float))
    return [float(level) for level in 20 * np.log10(gain)]


def test_riaa_is_as_published():
    assert levels("RIAA", *RIAA_DB) == pytest.approx(list(RIAA_DB.values()), abs=0.002)


@pytest.mark.parametrize(
    ("curve", "at_50", "at_10k"),
    # As Graumann and Galo give them, to the tenth that a chart tells.
    [("Columbia-LP", 13.6, -15.5), ("NAB", 17.5, -15.6), ("IEC-N78", 14.0, -10.5),
     ("AES", 18.1, -12.3), ("London-LP", 12.5, -10.9), ("RCA-old", 22.2, -9.9)],
)  # fmt: skip
def test_other_curves_are_as_published(curve, at_50, at_10k):
    assert levels(curve, 50, 10_000) == pytest.approx([at_50, at_10k], abs=0.8)


@pytest.mark.parametrize(
    ("name", "code"),
    # Turnover, shelf and roll-off as Copeland, Galo and Graumann print them, to the tenth.
    [("RIAA", "500R-13.7"), ("NAB", "500R-16.1"), ("Columbia-LP", "500C-16.1"),
     ("AES", "400N-12.3"), ("Decca-ffrr-78", "300N-5.4"), ("flat", "flat")],
)  # fmt: skip
def test_codes_are_as_printed(name, code):
    assert named_curve(name).code == code


def test_every_name_is_found_in_any_spelling_and_agrees_with_its_own_code():
    for curve in NAMED_CURVES:
        spelt = curve.name.upper().replace("-", " ")
        assert named_curve(spelt) is curve
        if curve.code == "flat":
            continue
        again = parse_notation(curve.code)
        assert again is not None
        both = [20 * np.log10(one.gain(np.geomspace(100, 10_000, 50))) for one in (curve, again)]
        assert np.abs(both[0] - both[1]).max() < 1.6  # the code rounds turnover and shelf


@pytest.mark.parametrize(
    ("notation", "corner_db"),
    [("500R-13.7", 13.7), ("250N-0", 0.0), ("400N-12.7", 12.7), ("629C-16", 16.0)],
)
def test_the_notation_says_turnover_and_roll_off(notation, corner_db):
    curve = parse_notation(notation)
    assert curve is not None
    fall = 0.0 if curve.rolloff_hz is None else 10 * np.log10(1 + (1e4 / curve.rolloff_hz) ** 2)
    assert fall == pytest.approx(corner_db)
    assert curve.turnover_hz == float(notation[:3])
    shelf = {"R": 20.0, "C": 14.0}.get(notation[3])
    if shelf is None:
        assert curve.shelf_hz is None
    else:
        assert 20 * np.log10(curve.turnover_hz / curve.shelf_hz) == pytest.approx(shelf)


def test_a_bass_without_a_shelf_rises_by_six_decibels_an_octave():
    low = levels("250N-0", 20, 40)
    assert low[0] - low[1] == pytest.approx(6.0, abs=0.1)


def test_the_table_of_labels_names_curves_sources_and_years():
    assert len(label_entries()) > 150
    for entry in label_entries():
        named_curve(entry.curve)
        assert entry.sources
        assert set(entry.sources) <= set(SOURCES)
        assert entry.medium in ("78", "LP")
        assert (entry.first or 1900) <= (entry.last or 2000)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Columbia (American) 1940", "Columbia-78"),
        ("columbia (american), 1935", "250N-8"),
        ("Columbia (American) LP 1950", "Columbia-LP"),
        ("Decca (British) 78 1948", "Decca-ffrr-78"),
        ("Blue Note 1954", "AES"),
    ],
)
def test_a_label_and_a_year_name_a_curve(text, name):
    assert find_curve(text).name == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RIIA", "did you mean 'RIAA'"),
        ("500Q-13", "500R-13.7"),
        ("Columbia 1950", "sources or media differ.*Columbia .British."),
        ("Blue Note 1970", "known: Blue Note -1955"),
        ("Nobody's Records 1950", "Records"),
        ("", "a name"),
    ],
)
def test_what_names_no_curve_is_told(text, said):
    with pytest.raises(ParameterError, match=said):
        find_curve(text)


def test_labels_are_found_by_a_part_of_their_name_and_a_year():
    assert {entry.label for entry in find_entries("vocalion")} == {"Vocalion (British)"}
    assert [entry.curve for entry in find_entries("RCA Victor", 1940)] == ["RCA-Orthophonic-old"]
    assert len(find_entries("")) == len(label_entries())
