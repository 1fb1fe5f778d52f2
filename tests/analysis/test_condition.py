"""The estimate: the worst of the reasons, and reasons in its order."""

from __future__ import annotations

import pytest

from restorack.analysis.condition import RULES, condition_of
from restorack.meters.findings import figure_names

HEALTHY = {rule.figure: None if rule.falling else 0 for rule in RULES} | {"crackle.peak_db": -40.0}


def word(**changes):
    figures = HEALTHY | {name.replace("__", "."): value for name, value in changes.items()}
    return condition_of(figures.__getitem__)


def test_nothing_wrong_is_clean_without_reasons():
    found = word()
    assert (found.word, found.reasons) == ("clean", [])


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.1, "clean"), (1, "light"), (5, "worn"), (20, "heavy")]
)
def test_clicks(rate, expected):
    assert word(clicks__at_least_per_second=rate).word == expected


@pytest.mark.parametrize(
    ("snr", "expected"), [(45, "clean"), (33, "light"), (22, "worn"), (9, "heavy")]
)
def test_noise_is_worse_the_nearer_it_is(snr, expected):
    assert word(noise__snr_db=snr).word == expected


def test_the_worst_reason_comes_first_and_names_the_condition():
    found = word(clicks__at_least_per_second=1.0, noise__snr_db=10.0)
    assert found.word == "heavy"
    assert "noise" in found.reasons[0]
    assert len(found.reasons) == 2


def test_crackle_far_below_the_music_is_not_heard():
    assert word(crackle__per_second=200.0).word == "heavy"
    assert word(crackle__per_second=200.0, crackle__peak_db=-80.0).word == "clean"


def test_rules_name_figures_that_exist():
    assert {rule.figure for rule in RULES} <= set(figure_names()) | {"clicks.per_second"}
