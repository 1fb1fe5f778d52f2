"""Names fit onto disks, and stay apart where they are cut."""

from __future__ import annotations

import os

from hypothesis import given, strategies as st

from restorack.io.file_names import fitting_name


def test_names_that_fit_stay_as_they_are() -> None:
    assert fitting_name("a" * 251, ".wav") == "a" * 251 + ".wav"
    assert fitting_name("é" * 125 + "b", ".wav") == "é" * 125 + "b.wav"
    assert fitting_name("a") == "a"


@given(st.text(min_size=80, max_size=300), st.sampled_from([".wav", ".difference.wav", ""]))
def test_names_that_are_cut_are_whole_characters(stem: str, ending: str) -> None:
    stem = stem.encode("utf-8", "ignore").decode()
    name = fitting_name(stem, ending)
    assert len(name.encode("utf-8")) <= 255
    assert name.endswith(ending)


def test_names_that_begin_alike_stay_apart() -> None:
    names = {fitting_name("x" * 300 + str(number), ".wav") for number in range(100)}
    assert len(names) == 100
    odd = fitting_name(os.fsdecode(b"\xe9" * 300), ".wav")
    assert len(os.fsencode(odd)) <= 255
