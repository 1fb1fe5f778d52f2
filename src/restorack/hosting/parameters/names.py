"""Names of parameters: one for each, and all the ways by which it can be found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from restorack.errors import ParameterError, suggest

_NOTE = re.compile(r"\b([a-g])(#|♯|♭)", re.IGNORECASE)
_SIGNS = {"#": "sharp", "♯": "sharp", "♭": "flat"}
_INDEX = re.compile(r"#?\d+")


@dataclass(frozen=True)
class NamedParameter:
    """How a parameter can be named.

    Attributes
    ----------
    name : str
        As presets spell it; no other of the plugin has it.
    title : str
        As the plugin shows it.
    aliases : tuple of str
        Further ways to it, which others may share.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()


def same_word(one: object, other: object) -> bool:
    """Return whether two texts are the same but for case and spaces."""
    return " ".join(str(one).lower().split()) == " ".join(str(other).lower().split())


def python_name(title: str, unit: str = "") -> str:
    """Return a title as presets spell it: lower case, underscores, the unit last.

    Letters of all alphabets stay, so does the sharp of ``C#``: ``c_sharp``.
    """
    plain = _NOTE.sub(lambda found: f"{found[1]} {_SIGNS[found[2]]}", title)
    words = re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", plain).lower()).strip("_")
    short = re.sub(r"[\W_]+", "", unit.lower())
    return f"{words}_{short}" if short and not f"_{words}".endswith(f"_{short}") else words


def plain_name(title: str, unit: str = "") -> str:
    """Return the name in the letters of ASCII alone, as it was once spelled."""
    words = re.sub(r"[^0-9a-z]+", "_", title.lower()).strip("_")
    short = re.sub(r"[^0-9a-z]+", "", unit.lower())
    return f"{words}_{short}" if short and not words.endswith(f"_{short}") else words


def unique_names(names: Sequence[str], paths: Sequence[Sequence[str]] = ()) -> list[str]:
    """Return a name of its own for each parameter.

    Parameters
    ----------
    names : sequence of str
        Where several are the same, none of them stays as it is.
    paths : sequence of sequences of str, optional
        The groups that each stands in: put before names that are the same, without what these have
        in common. What is then still the same is numbered from 1.
    """
    found = [name or "parameter" for name in names]
    for same in _repeated(found) if paths else ():
        common = _common([paths[at] for at in same])
        for at in same:
            groups = (python_name(group) for group in paths[at][common:])
            found[at] = "_".join(filter(None, [*groups, found[at]]))
    taken = set(found)
    for same in _repeated(found):
        number = 0
        for at in same:
            number += 1
            while f"{found[at]}_{number}" in taken:
                number += 1
            found[at] = f"{found[at]}_{number}"
            taken.add(found[at])
    return found


def _repeated(names: Sequence[str]) -> list[list[int]]:
    places: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        places.setdefault(name, []).append(at)
    return [same for same in places.values() if len(same) > 1]


def _common(paths: Sequence[Sequence[str]]) -> int:
    """Return how many groups all of the paths begin with."""
    return next(
        (at for at, groups in enumerate(zip(*paths, strict=False)) if len(set(groups)) > 1),
        min(len(path) for path in paths),
    )


def find_parameter(wanted: str, known: Sequence[NamedParameter], label: str) -> int:
    """Return which parameter is meant.

    Parameters
    ----------
    wanted : str
        Its name; else its title, its index from 0 (``3`` or ``#3``), or an alias, where only one
        parameter has it.
    known : sequence of NamedParameter
    label : str
        Names the plugin in errors.

    Raises
    ------
    ParameterError
        Where none is meant, or several.
    """
    for at, parameter in enumerate(known):
        if parameter.name == wanted:
            return at
    for found in (
        [at for at, parameter in enumerate(known) if same_word(parameter.title, wanted)],
        [at for at, parameter in enumerate(known) if wanted in parameter.aliases],
    ):
        if len(found) > 1:
            names = [known[at].name for at in found]
            raise ParameterError(
                f"{wanted!r} is the name of {len(found)} parameters",
                where=label,
                rule="a parameter is set by the name that it alone has",
                remedy=f"say which: {', '.join(names[:20])}" + (", ..." if names[20:] else ""),
            )
        if found:
            return found[0]
    if _INDEX.fullmatch(wanted) and int(wanted.lstrip("#")) < len(known):
        return int(wanted.lstrip("#"))
    names = [parameter.name for parameter in known]
    raise ParameterError(f"no parameter {wanted!r}", where=label, remedy=suggest(wanted, names))


def refuse_repeated(names: Sequence[str], known: Sequence[NamedParameter], label: str) -> None:
    """Raise :class:`ParameterError` where two names mean the same parameter."""
    seen: dict[int, str] = {}
    for name in names:
        at = find_parameter(name, known, label)
        if at in seen:
            raise ParameterError(
                f"{seen[at]!r} and {name!r} are one parameter",
                where=label,
                rule=f"a parameter is set once: {known[at].name}",
            )
        seen[at] = name
