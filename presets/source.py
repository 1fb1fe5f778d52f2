"""YAML as a tree of plain values that know their line: no tags, no aliases, no code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restorack.errors import PresetError

MAX_BYTES = 1 << 20
MAX_DEPTH = 30
_SCALARS = ("null", "bool", "int", "float", "str")


@dataclass
class Item:
    """A YAML value and where it stands.

    Attributes
    ----------
    value : dict of str to Item, list of Item, or a scalar
    line, column : int
        Counted from 1.
    keys : dict
        For mappings: line and column of each key.
    """

    value: Any
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return the value without positions."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def position(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Return line and column of what a path of keys and indices leads to.

        Where the path leaves the tree, the position of its last part inside is returned.
        """
        item, at = self, (self.line, self.column)
        for step in path:
            if isinstance(item.value, dict) and step in item.value:
                at = item.keys[str(step)]
                item = item.value[step]
            elif isinstance(item.value, list) and isinstance(step, int) and step < len(item.value):
                item = item.value[step]
                at = (item.line, item.column)
            else:
                break
        return at


def read_text(path: Path) -> str:
    """Return a preset file's text, or raise :class:`PresetError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise PresetError(f"cannot be read: {reason}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise PresetError(f"{len(data)} bytes", where=str(path), rule=f"at most {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PresetError(
            "not UTF-8", where=f"{path}:{line}", rule="presets are UTF-8 text"
        ) from error


def parse_yaml(text: str, file: str) -> Item:
    """Return the tree of a YAML document.

    Raises
    ------
    PresetError
        For YAML that does not parse, a key given twice, tags, aliases, or too deep a nesting;
        with file and line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    reader = YAML(typ="safe", pure=True)
    try:
        node = reader.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise PresetError(
            f"not YAML: {error.problem or error.context}",
            where=f"{file}:{line}",
            remedy="check indentation (spaces, no tabs), colons and brackets",
        ) from error
    except YAMLError as error:
        raise PresetError(f"not YAML: {error}", where=file) from error
    if node is None:
        raise PresetError("an empty document", where=file, rule="a preset is a mapping")
    return _Builder(file).build(node, 0)


class _Builder:
    """Turns composed nodes into items."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: set[int] = set()

    def build(self, node: Any, depth: int) -> Item:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        where = f"{self._file}:{line}"
        if depth > MAX_DEPTH:
            raise PresetError("nested too deeply", where=where, rule=f"at most {MAX_DEPTH} levels")
        if id(node) in self._seen:
            raise PresetError("an alias", where=where, remedy="write the value out")
        self._seen.add(id(node))
        if node.id == "mapping":
            return self._mapping(node, depth, line, column)
        if node.id == "sequence":
            parts = [self.build(part, depth + 1) for part in node.value]
            return Item(parts, line, column)
        return Item(self._scalar(node, where), line, column)

    def _mapping(self, node: Any, depth: int, line: int, column: int) -> Item:
        values: dict[str, Item] = {}
        keys: dict[str, tuple[int, int]] = {}
        for key_node, value_node in node.value:
            at = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            where = f"{self._file}:{at[0]}"
            if key_node.id != "scalar":
                raise PresetError("a key that is not a word", where=where)
            key = str(key_node.value)
            if key in values:
                raise PresetError(
                    f"{key!r} is given twice", where=where, rule="each key stands once"
                )
            values[key] = self.build(value_node, depth + 1)
            keys[key] = at
        return Item(values, line, column, keys)

    def _scalar(self, node: Any, where: str) -> Any:
        kind = str(node.tag).rsplit(":", 1)[-1]
        if kind not in _SCALARS:
            raise PresetError(
                f"a value tagged {node.tag}",
                where=where,
                rule="values are numbers, words, true and false",
            )
        return scalar_value(kind, str(node.value))


def scalar_value(kind: str, text: str) -> Any:
    """Return a scalar of a YAML kind: null, bool, int, float or str."""
    lowered = text.lower().replace("_", "")
    if kind == "null":
        return None
    if kind == "bool":
        return lowered == "true"
    if kind == "int":
        return int(lowered, 0) if not lowered.lstrip("+-").isdigit() else int(lowered)
    if kind == "float":
        return float(lowered.replace(".inf", "inf").replace(".nan", "nan"))
    return text
