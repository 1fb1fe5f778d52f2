"""Which label used which curve when, and who says so."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from restorack.errors import ParameterError, suggest
from restorack.plugins.disc.curves import Curve, named_curve

SOURCES = {
    "AT": "Audacity team's own research",
    "ES": "Esoteric Sound, manual of the Re-Equalizer",
    "GH": "H. O. Graumann, Funkschau 15/1958, p. 359",
    "Hi": "High Fidelity, October 1955, 'Dialing Your Disks'",
    "Hk": "Heathkit WA-P2 manual, 1954",
    "JP": "J. R. Powell, ARSC Journal 20-1, 1989, p. 14",
    "Mc": "McIntosh C-8 manual, 1956",
    "PC": "P. Copeland, Manual of Analogue Sound Restoration Techniques, British Library",
    "RB": "R. Brice, Pspatial Audio",
    "RF": "R. Fisher, W.A.M.S.",
    "RH": "R. Howe",
    "RM": "R. C. Moyer, Audio Engineering, July 1953, p. 19",
    "ia": "IASA-TC 04, replay equalisation",
    "mil": "Millennia, legacy recordings chart, 2010",
    "mm": "MidiMagic, mixed labels",
}
"""What the table's abbreviations stand for; collected in audacity-support at commit 01f1a23b."""

_WITH_YEAR = re.compile(r"\s*(?P<label>.*\S)[\s,]+(?P<year>1[89]\d\d)\s*")


@dataclass(frozen=True)
class LabelEntry:
    """What a label used.

    Attributes
    ----------
    label : str
    medium : str
        ``78`` or ``LP`` (45s too).
    first, last : int or None
        Years; None where the source names none.
    curve : str
        A name or a notation.
    sources : tuple of str
        Keys of ``SOURCES``.
    """

    label: str
    medium: str
    first: int | None
    last: int | None
    curve: str
    sources: tuple[str, ...]

    def covers(self, year: int) -> bool:
        """Return whether a year lies in its time."""
        return (self.first or 0) <= year <= (self.last or 9999)

    @property
    def years(self) -> str:
        """Its time in words."""
        if self.first is None and self.last is None:
            return ""
        return f"{self.first or ''}-{self.last or ''}"

    def cite(self) -> str:
        """Return who says so."""
        return "; ".join(SOURCES[key] for key in self.sources)


@cache
def label_entries() -> tuple[LabelEntry, ...]:
    """Return the table, by label."""
    text = files(__package__).joinpath("labels.csv").read_text("utf-8")

    def year(word: str) -> int | None:
        return int(word) if word else None

    return tuple(
        LabelEntry(
            row["label"], row["medium"], year(row["from"]), year(row["to"]), row["curve"],
            tuple(row["sources"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def find_entries(label: str, year: int | None = None) -> list[LabelEntry]:
    """Return what is known of a label.

    Parameters
    ----------
    label : str
        All or a part of its name, in any case.
    year : int, optional
    """
    wanted = _letters(label)
    alike = [entry for entry in label_entries() if wanted in _letters(entry.label)]
    exact = [entry for entry in alike if _letters(entry.label) == wanted] or alike
    return [entry for entry in exact if year is None or entry.covers(year)]


def find_curve(text: str) -> Curve:
    """Return a curve by name, by notation, or by label and year.

    Parameters
    ----------
    text : str
        ``RIAA``, ``500R-13.7``, or ``Columbia (American) 1940``; with ``78`` or ``LP`` before
        the year where a label made both.

    Raises
    ------
    ParameterError
        Where it is none of these, the label is not known for that year, or its entries differ.
    """
    found = _WITH_YEAR.fullmatch(text)
    try:
        return named_curve(text)
    except ParameterError:
        if found is None:
            raise
    return _curve_of_label(text, found["label"].strip(" ,"), int(found["year"]))


def _curve_of_label(text: str, label: str, year: int) -> Curve:
    stem, _, medium = label.rpartition(" ")
    medium = {"78": "78", "lp": "LP"}.get(medium.casefold(), "")
    entries = find_entries(stem if medium else label, year)
    entries = [entry for entry in entries if medium in ("", entry.medium)]
    if not entries:
        known = find_entries(stem if medium else label)
        names = sorted({entry.label for entry in label_entries()})
        times = ", ".join(sorted({f"{entry.label} {entry.years}".strip() for entry in known}))
        raise ParameterError(
            f"the curve {text!r}",
            rule="a label and a year that the table holds",
            remedy=f"known: {times}" if known else suggest(label, names),
        )
    if len({entry.curve for entry in entries}) > 1:
        named = ", ".join(f"{e.label} {e.medium} {e.years}: {e.curve}" for e in entries)
        raise ParameterError(
            f"the curve {text!r}",
            rule="one curve for a label and a year; here sources or media differ",
            remedy=f"name one of them: {named}",
        )
    return named_curve(entries[0].curve)


def _letters(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text).strip().casefold()
