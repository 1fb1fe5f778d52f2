"""Recording curves of discs: time constants, names, and the notation of turnover and roll-off.

Curves are given as they are played: the bass below the turnover is raised, down to where a shelf
ends the rise, and the treble above the roll-off is lowered.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import amplitude_to_db, db_to_amplitude, db_to_power, power_to_db
from restorack.errors import ParameterError, suggest

Floats: TypeAlias = NDArray[np.float64]

REFERENCE_HZ = 1_000.0
"""Every curve has 0 dB there."""

LOWEST_SHELF_HZ = 2.0
"""A bass without a shelf ends to rise here: 0.04 dB at 20 Hz, and direct current stays finite."""

ROLLOFF_AT_HZ = 10_000.0
"""Where the notation tells how far the treble is lowered."""

SHELVES_DB = {"R": 20.0, "B": 18.0, "A": 16.0, "C": 14.0, "X": 12.0}
"""The notation's letters: how far the bass rises at most; N is a bass without a shelf."""

_NOTATION = re.compile(r"(\d{2,4})\s*([NRBACX])\s*-\s*(\d{1,2}(?:\.\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class Curve:
    """A curve's corners, as frequencies.

    Attributes
    ----------
    name : str
    shelf_hz, turnover_hz, rolloff_hz : float or None
        Where the bass ends to rise, where it begins to, and where the treble begins to fall;
        None where the curve has no such corner. A turnover without a shelf rises to 2 Hz.
    used : str
        By whom, where and when.
    source : str
        Where the values are from.
    """

    name: str
    shelf_hz: float | None
    turnover_hz: float | None
    rolloff_hz: float | None
    used: str = ""
    source: str = ""

    @property
    def poles_hz(self) -> tuple[float, ...]:
        """Corners above which the level falls."""
        shelf = () if self.turnover_hz is None else (self.shelf_hz or LOWEST_SHELF_HZ,)
        return (*shelf, *(() if self.rolloff_hz is None else (self.rolloff_hz,)))

    @property
    def zeros_hz(self) -> tuple[float, ...]:
        """Corners above which the level rises."""
        return () if self.turnover_hz is None else (self.turnover_hz,)

    @property
    def code(self) -> str:
        """The curve as turnover, letter of the shelf, and roll-off at 10 kHz."""
        if self.turnover_hz is None and self.rolloff_hz is None:
            return "flat"
        letter = "N"
        if self.turnover_hz and self.shelf_hz:
            shelf_db = amplitude_to_db(self.turnover_hz / self.shelf_hz)
            letter = min(SHELVES_DB, key=lambda key: abs(SHELVES_DB[key] - shelf_db))
        rolloff = 0.0
        if self.rolloff_hz:
            rolloff = power_to_db(1 + (ROLLOFF_AT_HZ / self.rolloff_hz) ** 2)
        return f"{self.turnover_hz or 0:.0f}{letter}-{round(rolloff, 1):g}"

    def gain(self, frequencies: Floats) -> Floats:
        """Return the playback side's gain, 1 at 1 kHz.

        Parameters
        ----------
        frequencies : ndarray of float64
            In Hz.
        """
        return corner_gain(frequencies, self.zeros_hz, self.poles_hz)


def corner_gain(
    frequencies: Floats, zeros_hz: tuple[float, ...], poles_hz: tuple[float, ...]
) -> Floats:
    """Return the gain of first-order corners, 1 at 1 kHz.

    Parameters
    ----------
    frequencies : ndarray of float64
        In Hz.
    zeros_hz, poles_hz : tuple of float
        Corners above which the level rises, and falls, by 6 dB per octave.
    """

    def power(at: Floats) -> Floats:
        out = np.ones_like(at)
        for corner in zeros_hz:
            out = out * (1.0 + (at / corner) ** 2)
        for corner in poles_hz:
            out = out / (1.0 + (at / corner) ** 2)
        return out

    reference = power(np.array([REFERENCE_HZ]))[0]
    return np.asarray(np.sqrt(power(np.asarray(frequencies, np.float64)) / reference))


def from_time_constants(
    name: str, shelf_us: float, turnover_us: float, rolloff_us: float, used: str, source: str
) -> Curve:
    """Return a curve from time constants in microseconds; 0 where it has none."""

    def corner(microseconds: float) -> float | None:
        return 1e6 / (2 * math.pi * microseconds) if microseconds else None

    return Curve(name, corner(shelf_us), corner(turnover_us), corner(rolloff_us), used, source)


_GRAUMANN = "H. O. Graumann, Funkschau 15/1958"
_GALO = "G. A. Galo, ARSC Journal, fall 1996"
_COPELAND = "P. Copeland, Manual of Analogue Sound Restoration Techniques, 2008"
_MOYER = "R. C. Moyer, Audio Engineering, July 1953"

NAMED_CURVES: tuple[Curve, ...] = (
    Curve("flat", None, None, None, "acoustic recordings, to 1925", "no standard"),
    from_time_constants(
        "RIAA", 3180, 318, 75, "nearly all records since 1955", "RIAA 1954, IEC 60098"
    ),
    from_time_constants("NAB", 3180, 318, 100, "America, LPs 1949 to 1958", f"NAB 1949; {_GALO}"),
    from_time_constants(
        "Columbia-LP", 1590, 318, 100, "Columbia (American), LPs 1948 to 1956", _GALO
    ),
    from_time_constants("AES", 0, 398, 63.7, "America, 1951 to 1958", f"AES 1951; {_GRAUMANN}"),
    from_time_constants(
        "Decca-ffrr-78", 0, 531, 25, "Decca (British), London: 78s 1944 to 1956", _COPELAND
    ),
    from_time_constants(
        "London-LP", 1590, 318, 50, "Decca (British), London: LPs 1949 to 1956",
        "W. Leister, ARSC Journal 48:2, 2017",
    ),
    from_time_constants("CCIR-78", 0, 450, 50, "Germany, 1952 to 1955", f"CCIR 134; {_GRAUMANN}"),
    from_time_constants(
        "IEC-N78", 3180, 450, 50, "78s of Europe and Britain, from 1955", "IEC 98, B.S. 1928"
    ),
    from_time_constants(
        "TELDEC", 3180, 318, 50, "Germany, 1955 to 1962", f"proposed for DIN 45533; {_GRAUMANN}"
    ),
    from_time_constants("European-78", 0, 636, 0, "Europe and Britain, 1926 to 1946", _GRAUMANN),
    from_time_constants("Blumlein-300", 0, 531, 0, "EMI (British), 1927 to 1946", _COPELAND),
    from_time_constants("500-flat", 0, 318, 0, "Britain and America, 1926 to 1953", _COPELAND),
    from_time_constants(
        "Columbia-78", 0, 530, 100, "Columbia (American), 78s 1938 to 1948", _GRAUMANN
    ),
    from_time_constants("RCA-old", 0, 199, 36.7, "RCA Victor, 1941 to 1947", _GRAUMANN),
    from_time_constants("RCA-45", 0, 200, 75, "RCA Victor, 45s 1949 to 1952", _MOYER),
    from_time_constants(
        "RCA-Orthophonic-old", 0, 318, 75, "RCA Victor, 1938 to August 1952", _MOYER
    ),
    from_time_constants("NAB-1942", 0, 318, 100, "American broadcast transcriptions", "NAB 1942"),
    Curve("American-78-6", None, 250.0, 5_800.0, "America, 1926 to 1951 (6 dB)", _GRAUMANN),
    Curve("American-78-8", None, 250.0, 4_333.0, "America, 1926 to 1951 (8 dB)", _GRAUMANN),
)  # fmt: skip


def parse_notation(text: str) -> Curve | None:
    """Return the curve of a notation such as ``500R-13.7``, or None if it is none.

    Turnover in Hz; N for a bass that rises without end, or the height of its shelf: R 20 dB, B 18,
    A 16, C 14, X 12; fall of the treble at 10 kHz in dB.
    """
    found = _NOTATION.fullmatch(text.strip())
    if found is None:
        return None
    turnover, letter, rolloff = float(found[1]), found[2].upper(), float(found[3])
    shelf = None if letter == "N" else turnover * db_to_amplitude(-SHELVES_DB[letter])
    corner = ROLLOFF_AT_HZ / math.sqrt(db_to_power(rolloff) - 1) if rolloff else None
    name = f"{found[1]}{letter}-{found[3]}"
    return Curve(name, shelf, turnover, corner, "", "the notation's own values")


def named_curve(text: str) -> Curve:
    """Return a curve by its name or its notation.

    Parameters
    ----------
    text : str
        A name in any case, or a notation such as ``500R-13.7``.

    Raises
    ------
    ParameterError
        Where it is neither.
    """
    wanted = _folded(text)
    for curve in NAMED_CURVES:
        if _folded(curve.name) == wanted:
            return curve
    parsed = parse_notation(text)
    if parsed is not None:
        return parsed
    names = [curve.name for curve in NAMED_CURVES]
    raise ParameterError(
        f"the curve {text!r}",
        rule="a name (see restorack curves list), a label and a year such as 'HMV 1935', or "
        "turnover, shelf and roll-off such as 500R-13.7 or 250N-0",
        remedy=suggest(text, names),
    )


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()
