"""XML as plain nodes that know their line: written, and read without DTDs and entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import count
from xml.parsers import expat

from restorack.errors import FileError

MAX_DEPTH = 200
"""Elements within each other. By hand: groups and clips nest by tens."""

MAX_NODES = 2_000_000
"""Elements of a document: about 1 GB of memory. By hand: automation of an hour takes a tenth."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass
class Node:
    """An element.

    Attributes
    ----------
    place : str
        File and line where it was read.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""
    place: str = ""

    def add(self, tag: str, /, text: str = "", **attributes: object) -> Node:
        """Append a child and return it; attributes that are None are left out."""
        kept = {name: _written(value) for name, value in attributes.items() if value is not None}
        child = Node(tag, kept, text=text)
        self.children.append(child)
        return child

    def all(self, *tags: str) -> Iterator[Node]:
        """Yield the children of these names."""
        return (child for child in self.children if child.tag in tags)

    def one(self, tag: str) -> Node | None:
        """Return the first child of a name."""
        return next(self.all(tag), None)

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute."""
        return self.attributes.get(name, default)

    def to_text(self) -> str:
        """Return the document."""
        return "".join(('<?xml version="1.0" encoding="UTF-8"?>\n', *_lines(self, 0)))


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, float) else str(value)


def _lines(node: Node, depth: int) -> Iterator[str]:
    given = "".join(f' {name}="{_escaped(value)}"' for name, value in node.attributes.items())
    head = f"{'  ' * depth}<{node.tag}{given}"
    if not node.children:
        text = _escaped(node.text)
        yield f"{head}>{text}</{node.tag}>\n" if text else f"{head}/>\n"
        return
    yield f"{head}>\n"
    for child in node.children:
        yield from _lines(child, depth + 1)
    yield f"{'  ' * depth}</{node.tag}>\n"


def _escaped(text: str) -> str:
    clean = escape(_UNWRITABLE.sub("", text), quote=True)
    return clean.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def parse_xml(data: bytes, where: str) -> Node:
    """Return the root of a document.

    Raises
    ------
    FileError
        For what is no XML, has a DTD (entities are defined there), or nests without end.
    """
    parser = expat.ParserCreate()
    root = Node("")
    open_nodes = [root]
    seen = count(1)

    def start(tag: str, attributes: dict[str, str]) -> None:
        place = f"{where}:{parser.CurrentLineNumber}"
        if len(open_nodes) > MAX_DEPTH:
            raise FileError(f"more than {MAX_DEPTH} elements within each other", where=place)
        if next(seen) > MAX_NODES:
            raise FileError(f"more than {MAX_NODES} elements", where=place)
        node = Node(tag, attributes, place=place)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def end(_: str) -> None:
        open_nodes.pop()

    def doctype(*_: object) -> None:
        raise FileError(
            "a document type declaration",
            where=f"{where}:{parser.CurrentLineNumber}",
            rule="a project has none: entities are defined there",
        )

    def text(found: str) -> None:
        open_nodes[-1].text += found

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text, parser.CharacterDataHandler = True, text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise FileError(f"is no well-formed XML: {error}", where=where) from None
    return root.children[0]
