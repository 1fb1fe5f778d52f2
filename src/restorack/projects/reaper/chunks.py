"""REAPER's text: chunks of lines, and lines of words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from restorack.errors import FileError
from restorack.projects.numbers import number

MAX_BYTES = 64 << 20
"""Of a project's text. By hand: states of plugins take a tenth."""

MAX_DEPTH = 100
"""Chunks within each other. By hand: takes' effects nest by tens."""

MAX_LINES = 2_000_000
"""Lines of a project: about 1 GB of memory. By hand: automation of an hour takes a tenth."""

_WORDS = re.compile(r'"([^"]*)"?|\'([^\']*)\'?|`([^`]*)`?|(\S+)')
_BREAKS = re.compile(r"[\r\n\x00]+")


@dataclass
class Line:
    """A line: its first word, and the others."""

    words: list[str]
    place: str = ""

    @property
    def name(self) -> str:
        """The first word, empty for an empty line."""
        return self.words[0] if self.words else ""

    def text(self, index: int, default: str = "") -> str:
        """Return a word behind the name, from 1."""
        return self.words[index] if index < len(self.words) else default

    def value(self, index: int, default: float, low: float, high: float) -> float:
        """Return a number behind the name, from 1; checked."""
        if index >= len(self.words):
            return default
        return number(self.words[index], f"{self.place}: {self.name}", low, high)


@dataclass
class Chunk(Line):
    """A chunk: a line that others stand within."""

    children: list[Line] = field(default_factory=list)

    def add(self, *words: object) -> None:
        """Append a line."""
        self.children.append(Line([written(word) for word in words]))

    def open(self, *words: object) -> Chunk:
        """Append a chunk and return it."""
        chunk = Chunk([written(word) for word in words])
        self.children.append(chunk)
        return chunk

    def all(self, name: str) -> Iterator[Line]:
        """Yield the lines and chunks of a name."""
        return (child for child in self.children if child.name == name)

    def chunks(self, name: str) -> Iterator[Chunk]:
        """Yield the chunks of a name."""
        return (child for child in self.all(name) if isinstance(child, Chunk))

    def one(self, name: str) -> Line:
        """Return the first line of a name, else one without words."""
        return next(self.all(name), Line([], self.place))

    def to_text(self) -> str:
        """Return the text."""
        return "".join(_lines(self, 0))


def written(word: object) -> str:
    """Return a word as a project has it; numbers without exponents."""
    if isinstance(word, bool):
        return str(int(word))
    return f"{Decimal(repr(word)):f}" if isinstance(word, float) else str(word)


def _lines(chunk: Chunk, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}<{_joined(chunk)}\n"
    for child in chunk.children:
        if isinstance(child, Chunk):
            yield from _lines(child, depth + 1)
        else:
            yield f"{'  ' * (depth + 1)}{_joined(child)}\n"
    yield f"{'  ' * depth}>\n"


def _joined(line: Line) -> str:
    return " ".join(_quoted(word) for word in line.words)


def _quoted(word: str) -> str:
    """Return a word in the quotes that it does not hold itself."""
    word = _BREAKS.sub(" ", word)
    if word and not re.search(r"[\s\"'`<>|;#]", word):
        return word
    for mark in "\"'`":
        if mark not in word:
            return f"{mark}{word}{mark}"
    return "`" + word.replace("`", "'") + "`"


def read_chunks(path: Path) -> Chunk:
    """Return the root chunk of a project.

    Raises
    ------
    FileError
        With file and line, for what is no project.
    """
    if not path.is_file():
        raise FileError("no such file", where=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise FileError(f"is longer than {MAX_BYTES >> 20} MiB", where=str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError("is no UTF-8 text", where=str(path), rule="as REAPER writes it") from None
    except OSError as error:
        raise FileError(f"cannot be read ({error.strerror})", where=str(path)) from None
    return _parsed(text, str(path))


def _parsed(text: str, where: str) -> Chunk:
    top = Chunk([], where)
    opened = [top]
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise FileError(f"more than {MAX_LINES} lines", where=where)
    for count, raw in enumerate(lines, 1):
        line, place = raw.strip(), f"{where}:{count}"
        if line == ">":
            if len(opened) == 1:
                raise FileError("a chunk ends that has not begun", where=place)
            opened.pop()
        elif line.startswith("<"):
            if len(opened) > MAX_DEPTH:
                raise FileError(f"more than {MAX_DEPTH} chunks within each other", where=place)
            chunk = Chunk(_words(line[1:]), place)
            opened[-1].children.append(chunk)
            opened.append(chunk)
        elif line:
            opened[-1].children.append(Line(_words(line), place))
    first = top.children[0] if top.children else top
    if not isinstance(first, Chunk) or first.name != "REAPER_PROJECT":
        raise FileError("is no project of REAPER", where=where, rule="begins: <REAPER_PROJECT")
    if len(opened) > 1:
        raise FileError(f"the chunk {opened[-1].name[:40]} has no end", where=opened[-1].place)
    return first


def _words(line: str) -> list[str]:
    return [
        next((p for p in found.groups() if p is not None), "") for found in _WORDS.finditer(line)
    ]
