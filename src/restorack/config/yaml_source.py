"""YAML as a tree of plain values that know their place: no tags, no aliases, no code."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restorack.errors import PresetError

# Bounds of a document, many times any real one; 60,000 values are where half a minute of parsing
# hostile text ends.
MAX_BYTES = 1 << 18
MAX_DEPTH = 30
MAX_EVENTS = 60_000
_BEYOND_UNICODE = re.compile(r"\\U(?!000|0010)[0-9A-Fa-f]{8}")
_UNWANTED = re.compile(r"[\x00\ud800-\udfff]")
_TEXT_RULE = "presets hold no control characters"
_ESCAPE_RULE = "texts hold no NUL and no halves of surrogate pairs"
_FINITE_RULE = "numbers are finite, and whole ones below 2**63"


@dataclass(frozen=True)
class Mark:
    """A place in a file, or where ``line`` is 0 an option of a command, called ``file``."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def folder(self) -> Path:
        """From where relative paths count."""
        return Path(self.file).parent if self.line else Path()


@dataclass
class Item:
    """A YAML value and where it stands.

    Attributes
    ----------
    value : dict of str to Item, list of Item, or a scalar
    mark : Mark
        Where the value begins.
    keys : dict
        For mappings: where each key stands.
    """

    value: Any
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def place(self, path: Sequence[str | int] = ()) -> Mark:
        """Return where what a path of keys and indices leads to stands: its key, if it has one.

        Where the path leaves the tree, the place of its last part inside is returned.
        """
        item, at = self, self.mark
        for step in path:
            if isinstance(item.value, dict) and step in item.value:
                at = item.keys[str(step)]
                item = item.value[step]
            elif isinstance(item.value, list) and isinstance(step, int) and step < len(item.value):
                item = item.value[step]
                at = item.mark
            else:
                break
        return at

    def over(self, base: Item, merged: Sequence[str] = ()) -> Item:
        """Return the mapping ``base`` with this one's entries over it.

        Parameters
        ----------
        base : Item
        merged : sequence of str
            Keys whose mappings are merged in the same way instead of replaced.
        """
        values, keys = dict(base.value), dict(base.keys)
        for key, item in self.value.items():
            below = values.get(key)
            both = below is not None and isinstance(below.value, dict)
            if key in merged and both and isinstance(item.value, dict):
                values[key] = item.over(below)
            elif not (key in merged and both and item.value is None):
                values[key], keys[key] = item, self.keys[key]
        return Item(values, base.mark, keys)

    def without(self, key: str) -> Item:
        """Return the mapping less one key."""
        return Item({k: item for k, item in self.value.items() if k != key}, self.mark, self.keys)


def read_text(path: Path) -> str:
    """Return a preset file's text, or raise :class:`PresetError`."""
    try:
        if path.exists() and not path.is_file():
            raise PresetError("is not a regular file", where=str(path))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise PresetError(f"cannot be read: {reason}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise PresetError("is too long", where=str(path), rule=f"at most {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        where = str(Mark(str(path), len(before), len(before[-1]) + 1))
        raise PresetError("not UTF-8", where=where, rule="presets are UTF-8 text") from error


def parse_yaml(text: str, file: str) -> Item:
    """Return the tree of a YAML document.

    Raises
    ------
    PresetError
        For YAML that does not parse, a key given twice, tags, aliases, or too deep a nesting;
        with file, line and column.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        _refuse_excess(YAML(typ="safe", pure=True).parse(text), file)
        node = YAML(typ="safe", pure=True).compose(text)
    except PresetError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PresetError(
            f"not YAML: {error.problem or error.context}",
            where=str(_mark(file, mark)) if mark is not None else file,
            remedy="check indentation (spaces, no tabs), colons and brackets",
        ) from error
    except ReaderError as error:
        before = text[: error.position].split("\n")
        raise PresetError(
            f"not text: the character {error.character!r}",
            where=str(Mark(file, len(before), len(before[-1]) + 1)),
            rule=_TEXT_RULE,
        ) from error
    except YAMLError as error:
        raise PresetError(f"not YAML: {error}", where=file) from error
    except Exception as error:  # the parser's own, such as chr() of an escape beyond Unicode
        raise _unreadable(error, text, file) from error
    if node is None:
        raise PresetError("an empty document", where=file, rule="a preset is a mapping")
    return _item(node, file)


def _unreadable(error: Exception, text: str, file: str) -> PresetError:
    """Return the error for what the parser itself does not see coming."""
    escape = _BEYOND_UNICODE.search(text)
    if escape is None:
        return PresetError(f"not YAML: {error or type(error).__name__}", where=file)
    before = text[: escape.start()].split("\n")
    return PresetError(
        f"not YAML: {escape[0]} is no character",
        where=str(Mark(file, len(before), len(before[-1]) + 1)),
        rule="escapes end at \\U0010FFFF",
    )


def _mark(file: str, mark: Any) -> Mark:
    return Mark(file, mark.line + 1, mark.column + 1)


def _refuse_excess(events: Any, file: str) -> None:
    """Refuse what a preset has no use for, before anything is built from it.

    The parser's events come one after the other, so that neither nesting nor aliases can make
    them many; composing recurses.
    """
    depth = 0
    for number, event in enumerate(events):
        where = str(_mark(file, event.start_mark))
        if number > MAX_EVENTS:
            raise PresetError("too many values", where=where, rule=f"at most {MAX_EVENTS}")
        kind = type(event).__name__
        depth += kind.endswith(("MappingStartEvent", "SequenceStartEvent"))
        depth -= kind.endswith(("MappingEndEvent", "SequenceEndEvent"))
        if depth > MAX_DEPTH:
            raise PresetError("nested too deeply", where=where, rule=f"at most {MAX_DEPTH} levels")
        if kind == "AliasEvent":
            raise PresetError("an alias", where=where, remedy="write the value out")
        if getattr(event, "version", None) is not None:
            raise PresetError("a %YAML directive", where=where, rule="presets are YAML 1.2")
        if getattr(event, "tag", None) is not None:
            raise PresetError(
                f"a value tagged {event.tag}",
                where=where,
                rule="values are numbers, words, true and false",
            )


def _item(node: Any, file: str) -> Item:
    mark = _mark(file, node.start_mark)
    if node.id == "mapping":
        return _mapping(node, mark)
    if node.id == "sequence":
        return Item([_item(part, file) for part in node.value], mark)
    return Item(_scalar(node, mark), mark)


def _mapping(node: Any, mark: Mark) -> Item:
    values: dict[str, Item] = {}
    keys: dict[str, Mark] = {}
    for key_node, value_node in node.value:
        at = _mark(mark.file, key_node.start_mark)
        if key_node.id != "scalar":
            raise PresetError("a key that is not a word", where=str(at))
        key = _text(str(key_node.value), at)
        if key in values:
            raise PresetError(f"{key!r} is given twice", where=str(at), rule="each key stands once")
        values[key] = _item(value_node, mark.file)
        keys[key] = at
    return Item(values, mark, keys)


def _scalar(node: Any, mark: Mark) -> Any:
    kind, text = str(node.tag).rsplit(":", 1)[-1], str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float"):
        return _number(kind, text.lower().replace("_", ""), mark)
    return _text(text, mark)


def _text(text: str, mark: Mark) -> str:
    """Return a text; refuse what an escape can put into it, and no file can be called or hold."""
    found = _UNWANTED.search(text)
    if found is not None:
        raise PresetError(
            f"a text with the character {found[0]!a}", where=str(mark), rule=_ESCAPE_RULE
        )
    return text


def _number(kind: str, text: str, mark: Mark) -> int | float:
    try:
        if kind == "int":
            number: int | float = int(text, 10 if text.lstrip("+-").isdigit() else 0)
        else:
            number = float(text.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:  # more digits than Python reads
        number = math.inf
    if abs(number) >= 2**63 if isinstance(number, int) else not math.isfinite(number):
        shown = text if len(text) <= 24 else f"{text[:20]}..."
        raise PresetError(f"the number {shown}", where=str(mark), rule=_FINITE_RULE)
    return number
