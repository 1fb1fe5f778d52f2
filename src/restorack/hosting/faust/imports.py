"""Faust programs with what they import worked in: one text that reads no file of the user's.

Faust itself would look for imports in the working folder, in system folders and on the network.
So imports are resolved here: those of the Faust libraries stay for Faust to read, files of the
program's own folder are put in their place, and everything else is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from restorack.errors import PluginError, suggest
from restorack.hosting.engines.dawdreamer import missing_dawdreamer
from restorack.hosting.faust.lexing import Token, refuse_foreign, tokens_of

MOST_FILES = 100
"""That a program may import; more than the standard libraries have. By hand."""
MAX_BYTES = 1 << 20
"""Of a program with all that it imports."""

_IMPORT_RULE = "imports name one of the Faust libraries, or a file in the preset's own folder"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LIBRARY = "restorackImported{}"


@dataclass(frozen=True)
class Program:
    """A program that imports nothing but the Faust libraries.

    Attributes
    ----------
    code : str
        Without comments.
    files : tuple of str
        What was imported and put in its place, in the order of reading.
    """

    code: str
    files: tuple[str, ...]


def libraries_folder() -> Path:
    """Return the folder of the Faust libraries, which come with DawDreamer."""
    found = find_spec("dawdreamer")
    places = found.submodule_search_locations if found is not None else None
    if not places:
        raise missing_dawdreamer()
    return Path(next(iter(places))).resolve() / "faustlibraries"


@lru_cache(maxsize=1)
def library_names() -> frozenset[str]:
    """Return what the Faust libraries are imported by, such as ``stdfaust.lib``."""
    folder = libraries_folder()
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*.lib"))


def load_program(code: str, where: str, folder: str | None, file: str | None = None) -> Program:
    """Return a program with its imports worked in.

    Parameters
    ----------
    code : str
    where : str
        What errors call it.
    folder : str or None
        Inside of which its imports lie; None: it may import the Faust libraries alone.
    file : str, optional
        Where the code was read from: its imports count from there.

    Raises
    ------
    PluginError
        For foreign functions, constants and variables, sound files, and imports that are not
        allowed or not there; also in what is imported.
    """
    return _Linker(where, folder, file).link(code)


@dataclass
class _Scope:
    """What surrounds a token: the files that are imported already, for each open brace."""

    imported: list[set[str]] = field(default_factory=lambda: [set()])

    def see(self, token: Token) -> None:
        if token.text == "{":
            self.imported.append(set())
        elif token.text == "}" and len(self.imported) > 1:
            self.imported.pop()

    def take(self, name: str) -> bool:
        """Return whether a file is not imported here yet; from now on it is."""
        new = name not in self.imported[-1]
        self.imported[-1].add(name)
        return new


@dataclass(frozen=True)
class _Place:
    """A text's name in errors, and the folder that its imports count from."""

    where: str
    home: str | None


class _Linker:
    """Works imports into one program."""

    def __init__(self, where: str, folder: str | None, file: str | None) -> None:
        self._root = None if folder is None else os.path.realpath(folder)
        home = os.path.dirname(os.path.realpath(file)) if file else self._root
        self._main = _Place(where, home)
        self._tokens: dict[str, list[Token]] = {}
        self._libraries: dict[str, str] = {}
        self._size = 0

    def link(self, code: str) -> Program:
        """Return the whole program: first its own text, then the libraries that it names."""
        main = self._read_tokens(code, self._main.where)
        parts = [self._text(main, self._main, _Scope())]
        done: set[str] = set()
        while len(done) < len(self._libraries):
            for path in [path for path in self._libraries if path not in done]:
                done.add(path)
                own = self._text(self._tokens[path], _place_of(path), _Scope())
                parts.append(f"{self._libraries[path]} = environment {{\n{own}\n}};")
        self._refuse_own_names([main, *self._tokens.values()])
        return Program("\n".join(parts), tuple(self._tokens))

    def _refuse_own_names(self, texts: Sequence[Sequence[Token]]) -> None:
        """Refuse names that are given to imported libraries: one of them would hide the other."""
        for name in self._libraries.values():
            if any(token.text == name for tokens in texts for token in tokens):
                raise PluginError(f"uses the name {name}", where=self._main.where)

    def _read_tokens(self, code: str, where: str) -> list[Token]:
        self._grow(len(code))
        tokens = tokens_of(code, where)
        refuse_foreign(tokens, where)
        return tokens

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_BYTES:
            raise PluginError(
                "is too long", where=self._main.where, rule=f"at most {MAX_BYTES} bytes in all"
            )

    def _text(self, tokens: Sequence[Token], place: _Place, scope: _Scope) -> str:
        """Return tokens as text, line by line as they were, imports worked in."""
        parts: list[str] = []
        line = 1
        for piece in _pieces(tokens, place.where):
            first = piece[0]
            parts.append("\n" * (first.line - line) or (" " if first.spaced else ""))
            line = max(line, first.line)
            if len(piece) == 1:
                scope.see(first)
                parts.append(first.text)
            elif first.text != "declare":
                parts.append(f" {self._imported(first, piece[2], place, scope)} ")
            elif place is self._main:  # what an imported file declares is not the program's
                parts += [f" {token.text}" for token in piece]
        text = "".join(parts)
        self._grow(len(text))
        return text

    def _imported(self, word: Token, named: Token, place: _Place, scope: _Scope) -> str:
        name, path = self._resolved(named, place)
        if path is None:
            end = ";" if word.text == "import" else ""
            return f'{word.text}("{name}"){end}'
        if word.text == "import":
            new = scope.take(path)
            return self._text(self._tokens[path], _place_of(path), scope) if new else ""
        label = self._libraries.setdefault(path, _LIBRARY.format(len(self._libraries)))
        return f"{label}.process" if word.text == "component" else label

    def _resolved(self, named: Token, place: _Place) -> tuple[str, str | None]:
        """Return a library's name, or the full path of a file, its tokens read."""
        name = _checked_name(named, place.where)
        path = self._beside(name, named, place)
        if name in library_names():
            if path is not None:
                why = "is a file here and one of the Faust libraries"
                raise _refusal(named, why, place.where, "give the file another name")
            return name, None
        if path is None:
            near = suggest(name, library_names())
            raise _refusal(named, "is not there", place.where, near if near[-1:] == "?" else "")
        if path not in self._tokens:
            if len(self._tokens) >= MOST_FILES:
                raise PluginError(f"imports over {MOST_FILES} files", where=self._main.where)
            self._tokens[path] = self._read_tokens(_read(path, named, place), _place_of(path).where)
        return name, path

    def _beside(self, name: str, named: Token, place: _Place) -> str | None:
        """Return a file's full path: beside what imports it, else beside the program."""
        for folder in dict.fromkeys((place.home, self._main.home)):
            if folder is None or self._root is None:
                continue
            path = os.path.realpath(os.path.join(folder, name))
            if not os.path.exists(path):
                continue
            if os.path.commonpath([path, self._root]) != self._root:
                raise _refusal(named, "leads out of the preset's folder", place.where)
            return path
        return None


def _place_of(path: str) -> _Place:
    return _Place(f"faust {path}", os.path.dirname(path))


def _refusal(named: Token, why: str, where: str, remedy: str = "") -> PluginError:
    what = f"line {named.line}: import of {named.plain()!r}: {why}"
    return PluginError(what, where=where, rule=_IMPORT_RULE, remedy=remedy)


def _pieces(tokens: Sequence[Token], where: str) -> Iterator[Sequence[Token]]:
    """Yield tokens one by one; an import, a library, a component and a declaration as one piece."""
    at = 0
    while at < len(tokens):
        size = 1
        if tokens[at].text in ("import", "library", "component"):
            size = _import_size(tokens, at, where)
        elif tokens[at].text == "declare":
            size = _declaration_size(tokens, at)
        yield tokens[at : at + size]
        at += size


def _declaration_size(tokens: Sequence[Token], at: int) -> int:
    """Return how many tokens ``declare NAME "TEXT";`` has; 1 for what is no such statement."""
    for size in (4, 5):  # or declare DEFINITION NAME "TEXT";
        piece = tokens[at : at + size]
        kinds = [token.kind for token in piece]
        if kinds == ["word"] * (size - 2) + ["string", "other"] and piece[-1].text == ";":
            return size
    return 1


def _import_size(tokens: Sequence[Token], at: int, where: str) -> int:
    first = tokens[at]
    size = 5 if first.text == "import" else 4
    piece = tokens[at : at + size]
    signs = "".join(token.text for token in piece if token.kind == "other")
    if len(piece) < size or piece[2].kind != "string" or signs != "();"[: size - 2]:
        raise PluginError(
            f"line {first.line}: {first.text} without a file's name",
            where=where,
            rule=f'{first.text}("FILE") names what is imported',
        )
    return size


def _checked_name(named: Token, where: str) -> str:
    """Return what an import names in its plain form, or refuse it."""
    name = named.plain()
    pure = PurePosixPath(name)
    fault = ""
    if _SCHEME.match(name) or "\\" in name:
        fault = "is no file's name"
    elif not name.strip() or not pure.parts:
        fault = "names nothing"
    elif pure.is_absolute() or name.startswith("~"):
        fault = "is a whole path"
    elif ".." in pure.parts:
        fault = "leads out of its folder"
    if fault:
        raise _refusal(named, fault, where)
    return str(pure)


def _read(path: str, named: Token, place: _Place) -> str:
    try:
        if not os.path.isfile(path):
            raise _refusal(named, "is not a regular file", place.where)
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
        raise _refusal(named, why, place.where) from None
    except UnicodeDecodeError:
        raise _refusal(named, "is not UTF-8", place.where) from None
