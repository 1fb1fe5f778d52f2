"""Numbers with units and prefixes: the number that is meant, or none."""

from __future__ import annotations

import pytest

from restorack.hosting.parameters.numbers import number_in

TAKEN = [
    ("-20 dB", "dB", -20.0), ("-20", "dB", -20.0), (" 3.5db ", "dB", 3.5), (".5", "", 0.5),
    ("2 kHz", "Hz", 2000.0), ("2kHz", "Hz", 2000.0), ("2k", "Hz", 2000.0), ("12k", "", 12_000.0),
    ("12K", "", 12_000.0), ("440 Hz", "kHz", 0.44), ("1e3 Hz", "Hz", 1000.0),
    ("5 ms", "s", 0.005), ("0.5 s", "ms", 500.0), ("0.5 sec", "ms", 500.0), ("250 µs", "ms", 0.25),
    ("2 kSt", "st", 2000.0), ("50 %", "%", 50.0), ("0.3", "Hz", 0.3),
]  # fmt: skip
REFUSED = [
    ("12m", ""), ("12M", ""), ("12k", "dB"), ("12 Hz", ""), ("2 kHz", "ms"), ("5 ms", "Hz"),
    ("12kk", ""), ("12 k Hz", "Hz"), ("1,5", "dB"), ("1.2.3", ""), ("1:30", "s"), ("12_000", ""),
    ("", ""), ("k", ""), ("50 %", ""), ("3 dBTP", "dB"), ("0x10", ""), ("2k", "kHz"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit", "number"), TAKEN)
def test_a_number_is_read_in_its_unit(text: str, unit: str, number: float) -> None:
    assert number_in(text, unit) == number  # exactly: prefixes are applied to the decimals


@pytest.mark.parametrize(("text", "unit"), REFUSED)
def test_what_is_not_clear_is_refused(text: str, unit: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the caller says what is allowed
        number_in(text, unit)
