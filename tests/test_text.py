"""Others' text steers no terminal, and any path can be had again from its text in JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from restorack.reports.json_text import json_pieces
from restorack.text import path_of_text, path_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;OWNED\x07\x1b[2J", r"\x1b]0;OWNED\x07\x1b[2J"),
        ("\x9b31mC1\x7f\x08", r"\x9b31mC1\x7f\x08"),
        ("evil\u202egnp.wav", r"evil\u202egnp.wav"),
        ("\u2066a\u2069\u200f\u2028", r"\u2066a\u2069\u200f\u2028"),
        ("caf\udce9.wav", r"caf\xe9.wav"),
        ("half \ud83c", r"half \ud83c"),
        ("a\rb\0c", r"a\x0db\x00c"),
    ],
)
def test_what_steers_a_terminal_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


def test_text_of_any_language_is_left_alone() -> None:
    text = "Žižka 音楽 🎻 👩‍🚀 עברית العربية\n\tzwei"
    assert visible(text) == text
    assert visible(text, keep="").endswith(r"\x0a\x09zwei")


NAMES = st.binary(min_size=1, max_size=30).map(lambda name: name.replace(b"\0", b"0"))


@example(b"caf\xe9.wav")
@example(rb"caf\xe9.wav")
@example(rb"a\b" + b"\xff")
@example(rb"\\xe9")
@example(b"\\\xe9\\xe9\\")
@given(NAMES)
def test_every_name_can_be_had_again(name: bytes) -> None:
    path = Path(os.fsdecode(name))
    text = path_text(path)
    text.encode("utf-8")
    assert os.fsencode(path_of_text(text)) == os.fsencode(path)


def test_names_that_are_utf8_stay_as_they_are() -> None:
    for name in ("a.wav", "é\n.wav", r"a\b.wav", "音楽"):
        assert path_text(Path(name)) == name
    assert path_text(Path(os.fsdecode(b"caf\xe9.wav"))) == r"caf\xe9.wav"


@given(st.dictionaries(st.text(), st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_json_says_the_same_and_steers_nothing(document: dict[str, str]) -> None:
    document = {key.encode("utf-8", "ignore").decode(): text for key, text in document.items()}
    written = "".join(json_pieces(document))
    assert json.loads(written) == document
    assert visible(written, keep="\n") == written


def test_json_holds_names_that_are_no_utf8() -> None:
    written = "".join(json_pieces({"where": "caf\udce9.wav", "\udcff": ["\ud83c"]}))
    assert json.loads(written.encode("utf-8")) == {
        "where": r"caf\xe9.wav", r"\xff": [r"\ud83c"]
    }  # fmt: skip
