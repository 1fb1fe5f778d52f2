"""Numbers as people write them."""

from __future__ import annotations

import pytest

from restorack.config.quantities import number_from, unit_of
from restorack.io.output_formats import full_subtype


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("1:02.5", "s", 62.5),
        ("1:00:00", "s", 3600.0),
        ("90", "s", 90.0),
        ("500ms", "s", 0.5),
        ("2 min", "s", 120.0),
        ("0:01", "ms", 1000.0),
        ("44.1k", "hz", 44_100.0),
        ("48 kHz", "hz", 48_000.0),
        ("-6dB", "db", -6.0),
        ("-14 LUFS", "db", -14.0),
        ("0.5s", "ms", 500.0),
        ("30%", "percent", 30.0),
        ("10k", "", 10_000.0),
        (".5", "", 0.5),
    ],
)
def test_numbers_with_their_units(text: str, unit: str, number: float) -> None:
    assert number_from(text, unit) == pytest.approx(number)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("1:75", "s"), ("1:61:00", "s"), ("6ms", "db"), ("1:02", "hz"), ("five", "s"), ("6x", "")],
)
def test_what_is_no_number_or_of_another_unit(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=text):
        number_from(text, unit)


def test_units_of_parameters() -> None:
    assert unit_of("attack_ms") == "ms"
    assert unit_of("cutoff_frequency_hz") == "hz"
    assert unit_of("target", "dBTP") == "db"
    assert unit_of("ratio") == ""


def test_bits_stand_for_subtypes() -> None:
    written = {
        "24": "PCM_24", "24-bit": "PCM_24", "16 bits": "PCM_16", "32f": "FLOAT", "64f": "DOUBLE",
        "float": "FLOAT", "pcm_32": "PCM_32", "mpeg": "MPEG_LAYER_III",
    }  # fmt: skip
    assert {text: full_subtype(text) for text in written} == written
