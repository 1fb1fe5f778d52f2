"""``restorack curves``: list, show, plot."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

from restorack.plugins.disc.curves import NAMED_CURVES


def test_the_list_names_every_curve(cli: Cli) -> None:
    entries = cli("curves", "list", "--json").document
    assert [entry["name"] for entry in entries] == [curve.name for curve in NAMED_CURVES]
    assert all(entry["source"] for entry in entries)
    assert "500R-13.7" in cli("curves", "list").out


def test_labels_are_listed_with_their_sources(cli: Cli) -> None:
    entries = cli("curves", "list", "--label", "columbia", "--year", 1940, "--json").document
    assert [(entry["label"], entry["curve"]) for entry in entries] == [
        ("Columbia (American)", "Columbia-78"), ("Columbia (British)", "European-78"),
    ]  # fmt: skip
    assert "Graumann" in entries[0]["source"]
    assert "no label" in cli("curves", "list", "--label", "nobody").out


def test_a_curve_is_shown(cli: Cli) -> None:
    found = cli("curves", "show", "RIAA", "--json").document
    assert found["level_db"]["100"] == 13.09
    assert found["turnover_hz"] == pytest.approx(500.5, abs=0.1)
    shown = cli("curves", "show", "Columbia (American) 1940").out
    assert "Columbia-78" in shown
    assert "1000 Hz    +0.00 dB" in shown


def test_curves_are_drawn(cli: Cli, tmp_path: Path) -> None:
    picture = tmp_path / "c.png"
    ran = cli("curves", "plot", "RIAA", "250N-0", "-o", picture, "--json")
    assert ran.code == 0
    assert [curve["code"] for curve in ran.document["curves"]] == ["500R-13.7", "250N-0"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert cli("curves", "plot", "RIAA", "-o", picture).code == 5  # it exists


@pytest.mark.parametrize("words", [("show", "RIIA"), ("plot", "RIAA", "500Q-3")])
def test_a_wrong_name_ends_with_2(cli: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = cli("curves", *words, *(("-o", tmp_path / "c.png") if words[0] == "plot" else ()))
    assert ran.code == 2
    assert "the curve" in ran.err
    assert not list(tmp_path.iterdir())
