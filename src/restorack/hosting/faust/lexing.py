"""Faust's text as tokens, cut where Faust's own lexer cuts it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from restorack.errors import PluginError

FOREIGN = ("ffunction", "fconstant", "fvariable")
"""Keywords by which a program calls into C."""

RULE = "programs compute sound and nothing else: no C functions, no files but their own imports"

_TOKEN = re.compile(
    r"""
      (?P<comment>/\*.*?\*/|//[^\n\r]*)
    | (?P<string>"[^"]*")
    | (?P<doc><mdoc>)
    | (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:e[-+]?\d+)?f?)
    | (?P<word>_*[A-Za-z][_A-Za-z0-9]*)
    | (?P<space>[ \t\r\n]+)
    | (?P<open>/\*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FOREIGN_ANYWHERE = re.compile("|".join(FOREIGN))


@dataclass(frozen=True)
class Token:
    """A word, a number, a string with its quotes, or one character of a sign.

    Attributes
    ----------
    kind : str
    text : str
    line : int
        From 1.
    spaced : bool
        Whether a space or a comment stands before it.
    """

    kind: str
    text: str
    line: int
    spaced: bool

    def plain(self) -> str:
        """Return a string's text, without quotes."""
        return self.text[1:-1]


def tokens_of(text: str, where: str) -> list[Token]:
    """Return a program's tokens; comments and spaces are none.

    Parameters
    ----------
    text : str
    where : str
        What errors call the program.

    Raises
    ------
    PluginError
        For control characters, comments without an end, and embedded documentation, whose text
        Faust reads by other rules.
    """
    control = _CONTROL.search(text)
    if control is not None:
        raise _refusal(f"the character {control[0]!r}", where, text.count("\n", 0, control.start()))
    found: list[Token] = []
    line, spaced = 1, False
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind in ("doc", "open"):
            what = "embedded documentation (<mdoc>)" if kind == "doc" else "a comment without end"
            raise _refusal(what, where, line - 1)
        if kind not in ("comment", "space"):
            found.append(Token(kind, match[0], line, spaced))
        spaced = kind in ("comment", "space")
        line += match[0].count("\n")
    return found


def refuse_foreign(tokens: Sequence[Token], where: str) -> None:
    """Refuse what reaches out of a program: C functions and variables, sound files.

    The words are looked for inside of longer ones too: nothing depends on where a lexer cuts.

    Raises
    ------
    PluginError
        With the line.
    """
    for token in tokens:
        if token.kind == "string":
            continue
        foreign = _FOREIGN_ANYWHERE.search(token.text)
        if foreign is not None or token.text == "soundfile":
            word = foreign[0] if foreign is not None else token.text
            raise _refusal(f"{word}", where, token.line - 1)


def _refusal(what: str, where: str, before: int) -> PluginError:
    return PluginError(f"line {before + 1}: {what} is refused", where=where, rule=RULE)
