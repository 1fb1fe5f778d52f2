"""Notes as they stand in a score, and the scores of the music21 corpus."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restorack.errors import CorpusError

SUFFIXES = (".mxl", ".xml", ".musicxml", ".krn", ".abc")
LICENCE = "music21 corpus: scores out of copyright, encodings free to use, some not commercially"


@dataclass(frozen=True)
class Note:
    """A note.

    Attributes
    ----------
    part : int
        From 0.
    onset, length : float
        In quarter notes.
    pitch : int
        MIDI's: 60 is the middle C.
    """

    part: int
    onset: float
    length: float
    pitch: int


def score_names() -> list[str]:
    """Return the scores there are, such as ``bach/bwv66.6.mxl``, sorted.

    Raises
    ------
    CorpusError
        Without music21.
    """
    folder = _folder()
    from music21 import corpus

    found = (str(path) for path in corpus.getPaths())
    return sorted(path.removeprefix(f"{folder}/") for path in found if path.endswith(SUFFIXES))


def varied_order(names: list[str], rng: np.random.Generator) -> list[str]:
    """Return names in a random order in which large collections do not crowd out small ones.

    Two thirds of the corpus are two collections; each is drawn by the square root of its size.
    """
    sizes: dict[str, int] = {}
    for name in names:
        sizes[name.split("/")[0]] = sizes.get(name.split("/")[0], 0) + 1
    # Drawing without replacement by weights: the smallest of exponential times comes first.
    rates = np.array([sizes[name.split("/")[0]] ** -0.5 for name in names])
    times = rng.exponential(size=len(names)) / rates
    return [names[int(number)] for number in np.argsort(times)]


def read_notes(name: str, rng: np.random.Generator) -> list[Note]:
    """Return the notes of a score; of a book of tunes, one tune.

    Raises
    ------
    CorpusError
        For a score that cannot be parsed, or has no notes.
    """
    folder = _folder()
    from music21 import converter, stream

    try:
        # Its cache of parsed scores would be pickles in a shared folder.
        path = Path(folder) / name
        tunes = _tunes(path)
        chosen = {"number": tunes[int(rng.integers(len(tunes)))]} if len(tunes) > 1 else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # overfull bars are played as they stand
            parsed: Any = converter.parseFile(path, forceSource=True, storePickle=False, **chosen)
            if isinstance(parsed, stream.Opus):
                parsed = parsed.scores[0]
            parts = list(parsed.parts) or [parsed]
            notes = [one for number, part in enumerate(parts[:12]) for one in _notes(part, number)]
    except Exception as error:
        raise CorpusError(
            f"cannot be parsed ({type(error).__name__}: {' '.join(str(error).split())[:120]})",
            where=name,
        ) from error
    if len(notes) < 8:
        raise CorpusError(f"has {len(notes)} notes", where=name, rule="at least eight")
    return sorted(notes, key=lambda note: (note.onset, note.part, note.pitch))


def _tunes(path: Path) -> list[int]:
    """Return the numbers of the tunes in a book in ABC notation: parsing all takes minutes."""
    if path.suffix != ".abc":
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return [int(number) for number in re.findall(r"^X:\s*(\d+)", text, re.MULTILINE)]


def _notes(part: object, number: int) -> list[Note]:
    flat = part.stripTies().flatten()  # type: ignore[attr-defined]
    # Chord symbols are written above the staff, not played; grace notes have no length.
    played = [one for one in flat.notes if type(one).__name__ != "ChordSymbol"]
    return [
        Note(number, float(one.offset), float(one.quarterLength) or 0.125, int(pitch.midi))
        for one in played
        for pitch in getattr(one, "pitches", ())
    ]


def _folder() -> str:
    try:
        import music21
    except ImportError:
        raise CorpusError(
            "music21 is not installed", remedy='pip install "restorack[corpus]"'
        ) from None
    return str(Path(music21.__file__).parent / "corpus")
