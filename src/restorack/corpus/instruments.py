"""The instruments of General MIDI, in families, with the pitches that suit them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Instrument:
    """A program.

    Attributes
    ----------
    program : int
        From 0.
    lowest, highest : int
        MIDI pitches between which it sounds like itself.
    """

    program: int
    lowest: int
    highest: int

    def suits(self, pitch: float) -> bool:
        """Return whether a part around a pitch can be given to it."""
        return self.lowest + 4 <= pitch <= self.highest - 4


def _family(*rows: tuple[int, int, int]) -> tuple[Instrument, ...]:
    return tuple(Instrument(*row) for row in rows)


FAMILIES: dict[str, tuple[Instrument, ...]] = {
    "piano": _family((0, 21, 108), (1, 21, 108), (4, 28, 103)),
    "harpsichord": _family((6, 29, 89),),
    "organ": _family((16, 36, 96), (19, 24, 108), (20, 36, 96), (21, 41, 93)),
    "mallets": _family((9, 72, 108), (11, 53, 89), (12, 45, 96), (13, 65, 108), (8, 60, 108)),
    "guitars": _family(
        (24, 40, 84), (25, 40, 84), (26, 40, 86), (27, 40, 86), (29, 40, 86), (30, 40, 86),
        (32, 28, 60), (33, 28, 60), (105, 48, 86), (46, 24, 103),
    ),
    "strings": _family(
        (40, 55, 103), (41, 48, 91), (42, 36, 76), (43, 28, 60), (48, 28, 96), (49, 28, 96),
        (44, 36, 96), (45, 28, 91),
    ),
    "voices": _family((52, 40, 84), (53, 40, 84), (54, 40, 84)),
    "brass": _family((56, 52, 86), (57, 36, 72), (58, 26, 62), (60, 34, 77), (61, 36, 86)),
    "reeds": _family(
        (64, 56, 88), (65, 49, 81), (66, 44, 76), (67, 36, 69), (68, 58, 91), (69, 52, 84),
        (70, 34, 75), (71, 50, 91),
    ),
    "pipes": _family((72, 74, 108), (73, 60, 96), (74, 60, 91), (75, 55, 91), (79, 60, 96)),
}  # fmt: skip

_MIXED = ("strings", "reeds", "brass", "pipes", "piano", "guitars", "mallets")


def instruments_for(pitches: list[float], rng: np.random.Generator) -> list[int]:
    """Return a program for each part.

    Parameters
    ----------
    pitches : list of float
        The median pitch of each part.
    rng : numpy.random.Generator
        One family plays in two pieces of three, several in the others; keyboards play all
        parts alike.
    """
    names = list(FAMILIES)
    if rng.random() < 2 / 3:
        chosen = [names[int(rng.integers(len(names)))]] * len(pitches)
    else:
        chosen = [_MIXED[int(rng.integers(len(_MIXED)))] for _ in pitches]
    programs = [
        _one_of(FAMILIES[name], pitch, rng) for name, pitch in zip(chosen, pitches, strict=True)
    ]
    alike = chosen[0] in ("piano", "harpsichord", "organ") and len(set(chosen)) == 1
    return [programs[0]] * len(programs) if alike else programs


def _one_of(family: tuple[Instrument, ...], pitch: float, rng: np.random.Generator) -> int:
    suited = [one for one in family if one.suits(pitch)]
    if not suited:  # the nearest, rather than none
        return min(family, key=lambda one: abs(0.5 * (one.lowest + one.highest) - pitch)).program
    return suited[int(rng.integers(len(suited)))].program
