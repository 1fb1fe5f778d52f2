"""Turtle files, in which LV2 bundles describe their plugins.

rdflib reads them: it knows the whole language and is pure Python, while lilv's bindings are no
package that can be installed with this one. It is imported when a file has changed, not before.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdflib import Graph

MAX_BYTES = 1 << 24
"""Of a file; the longest of Debian's have a tenth of it."""

CORE = "http://lv2plug.in/ns/lv2core#"
UNITS = "http://lv2plug.in/ns/extensions/units#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"


class UnreadableError(Exception):
    """A file that is not there or no Turtle, with the reason."""


def read_turtle(paths: Iterable[Path]) -> Graph:
    """Return what Turtle files say, joined; relative names count from each file.

    Raises
    ------
    UnreadableError
        With the file and the reason.
    """
    from rdflib import Graph

    graph = Graph()
    for path in paths:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise UnreadableError(f"{path.name} is longer than {MAX_BYTES >> 20} MiB")
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableError(f"{path.name} cannot be read: {error.strerror}") from None
        parse_turtle(data, path.name, path.absolute().as_uri(), graph)
    return graph


def parse_turtle(data: bytes, name: str, base: str, graph: Graph | None = None) -> Graph:
    """Return what a Turtle text says, in addition to what a graph holds.

    Parameters
    ----------
    data : bytes
    name : str
        What errors call it.
    base : str
        The address that relative ones count from.

    Raises
    ------
    UnreadableError
        With the reason.
    """
    import logging

    from rdflib import Graph

    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # it remarks on names with spaces
    graph = Graph() if graph is None else graph
    try:
        graph.parse(data=data, format="turtle", publicID=base)
    except Exception as error:  # its parser raises whatever a broken text leads to
        raise UnreadableError(f"{name} is no Turtle: {_reason(error)}") from None
    return graph


def _reason(error: Exception) -> str:
    line = getattr(error, "lines", None)
    why = getattr(error, "_why", None)
    if isinstance(line, int) and isinstance(why, str):
        return f"line {line + 1}: {why}"
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def subjects(graph: Graph, kind: str) -> list[str]:
    """Return the URIs that are declared to be of a class, in the order of their names."""
    from rdflib import RDF, URIRef

    found = graph.subjects(RDF.type, URIRef(kind))
    return sorted({str(subject) for subject in found if isinstance(subject, URIRef)})


def objects(graph: Graph, subject: Any, predicate: str) -> list[Any]:
    """Return the objects of a subject's predicate; a text names the subject by its URI."""
    from rdflib import URIRef

    node = URIRef(subject) if type(subject) is str else subject
    return list(graph.objects(node, URIRef(predicate)))


def text(graph: Graph, subject: Any, predicate: str) -> str:
    """Return a text: without a language or in English if there is one; else empty or any."""
    from rdflib import Literal

    found = [value for value in objects(graph, subject, predicate) if isinstance(value, Literal)]
    ranked = sorted(found, key=lambda value: (_rank(value.language), str(value.language), value))
    return str(ranked[0]) if ranked else ""


def _rank(language: str | None) -> int:
    return 0 if language is None else 1 if language.lower().startswith("en") else 2


def number(graph: Graph, subject: Any, predicate: str) -> float | None:
    """Return a number, None where there is none."""
    for value in objects(graph, subject, predicate):
        try:
            return float(value)
        except ValueError:
            continue
    return None
