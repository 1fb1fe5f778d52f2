"""What an LV2 plugin's Turtle says of its ports: titles, units, steps, words for values."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from restorack.hosting.kept.cache import cache_folder, keep, kept, state_of
from restorack.hosting.lv2.turtle import (
    CORE,
    RDFS,
    UNITS,
    UnreadableError,
    number,
    objects,
    read_turtle,
    text,
)

if TYPE_CHECKING:
    from rdflib import Graph

FORMAT = 1
"""Of the file; one of another format is read from the bundle again."""
_RDF_VALUE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#value"
_SYMBOLS = {
    "bar": "bars", "beat": "beats", "bpm": "BPM", "cent": "cents", "cm": "cm", "coef": "",
    "db": "dB", "degree": "degrees", "frame": "samples", "hz": "Hz", "inch": "in", "khz": "kHz",
    "km": "km", "m": "m", "mhz": "MHz", "midiNote": "MIDI note", "mile": "mi", "min": "min",
    "mm": "mm", "ms": "ms", "oct": "octaves", "pc": "%", "s": "s", "semitone12TET": "semitones",
}  # fmt: skip
"""Of the units that LV2 defines."""

Port = dict[str, Any]


def control_ports(uri: str, bundle: Path) -> list[Port]:
    """Return a plugin's control inputs by their index; none where its Turtle cannot be read.

    Parameters
    ----------
    uri : str
    bundle : Path
        Where its manifest is.

    Returns
    -------
    list of dict
        ``symbol``, ``title``, ``unit``, ``toggled``, ``integer``, ``enumeration``, and ``points``,
        a list of values and their words.
    """
    place = cache_folder() / "lv2" / f"{hashlib.sha256(uri.encode()).hexdigest()[:24]}.json"
    known = kept(place)
    if known.get("format") == FORMAT and known.get("bundle") == str(bundle) and _same(known):
        return list(known["ports"])
    try:
        files, ports = _read(uri, bundle)
    except UnreadableError:
        return []
    states = [[str(file), state_of(file)] for file in files]
    keep(place, {"format": FORMAT, "bundle": str(bundle), "states": states, "ports": ports})
    return ports


def _same(known: dict[str, Any]) -> bool:
    try:
        states, ports = known["states"], known["ports"]
        whole = all({"symbol", "title", "unit", "points"} <= port.keys() for port in ports)
        return whole and all(state_of(Path(path)) == state for path, state in states)
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return False


def _read(uri: str, bundle: Path) -> tuple[list[Path], list[Port]]:
    manifest = bundle / "manifest.ttl"
    graph = read_turtle([manifest])
    named = [str(node) for node in objects(graph, uri, f"{RDFS}seeAlso")]
    files = [manifest, *(path for path in map(_local, sorted(named)) if path is not None)]
    graph = read_turtle(files)
    ports = []
    for node in objects(graph, uri, f"{CORE}port"):
        kinds = {str(kind).removeprefix(CORE) for kind in objects(graph, node, _TYPE)}
        index = number(graph, node, f"{CORE}index")
        if {"ControlPort", "InputPort"} <= kinds and index is not None:
            ports.append((index, _port(graph, node)))
    return files, [port for _, port in sorted(ports, key=lambda pair: pair[0])]


_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def _local(address: str) -> Path | None:
    """Return the path of a ``file:`` address of a Turtle file."""
    parts = urlparse(address)
    path = Path(unquote(parts.path))
    return path if parts.scheme == "file" and path.suffix == ".ttl" else None


def _port(graph: Graph, node: Any) -> Port:
    properties = {str(found).rpartition("#")[2] for found in objects(graph, node, _PROPERTY)}
    points = [
        [value, text(graph, point, f"{RDFS}label")]
        for point in objects(graph, node, f"{CORE}scalePoint")
        if (value := number(graph, point, _RDF_VALUE)) is not None
    ]
    return {
        "symbol": text(graph, node, f"{CORE}symbol"),
        "title": text(graph, node, f"{CORE}name"),
        "unit": _unit(graph, node),
        "toggled": "toggled" in properties,
        "integer": "integer" in properties,
        "enumeration": "enumeration" in properties,
        "points": sorted(points),
    }


_PROPERTY = f"{CORE}portProperty"


def _unit(graph: Graph, node: Any) -> str:
    for unit in objects(graph, node, f"{UNITS}unit"):
        name = str(unit)
        if name.startswith(UNITS):
            return _SYMBOLS.get(name.removeprefix(UNITS), "")
        return text(graph, unit, f"{UNITS}symbol")
    return ""
