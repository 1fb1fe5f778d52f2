"""States of LV2 plugins: Turtle that gives a value to each of a plugin's ports."""

from __future__ import annotations

from collections.abc import Mapping

from restorack.errors import PluginError
from restorack.hosting.lv2.turtle import CORE, UnreadableError, number, objects, parse_turtle, text

PRESETS = "http://lv2plug.in/ns/ext/presets#"
_STATE = "http://lv2plug.in/ns/ext/state#state"
PREFIXES = (
    f"@prefix lv2: <{CORE}> .\n@prefix pset: <{PRESETS}> .\n"
    "@prefix state: <http://lv2plug.in/ns/ext/state#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    "@prefix atom: <http://lv2plug.in/ns/ext/atom#> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)
"""What hosts leave out of states, and presets in bundles do not."""

RULE = "a state of an LV2 plugin is Turtle with pset:value of ports, as plugins save-state writes"


def port_values(data: bytes, uri: str, where: str, *, strict: bool = True) -> dict[str, float]:
    """Return the values of a state by the ports' symbols.

    Parameters
    ----------
    data : bytes
        A state, or a preset of a bundle.
    uri : str
        Of the plugin, which it has to belong to.
    where : str
        Names the plugin in errors.
    strict : bool
        Refuse a state that holds more than ports' values.

    Raises
    ------
    PluginError
    """

    def refused(what: str) -> PluginError:
        return PluginError(f"its state {what}", where=where, rule=RULE)

    try:
        graph = parse_turtle(PREFIXES.encode() + data, "the state", "file:///state/")
    except UnreadableError as error:
        raise refused(f"cannot be read: {error}") from None
    owners = {
        subject: str(owner)
        for subject, predicate, owner in graph
        if str(predicate) == f"{CORE}appliesTo"
    }
    own = [subject for subject, owner in owners.items() if owner == uri]
    if len(own) != 1:
        others = ", ".join(sorted(set(owners.values())))
        fault = f"belongs to another plugin: {others}" if owners and not own else ""
        raise refused(fault or ("is none" if not owners else f"holds {len(own)} for it"))
    if strict and objects(graph, own[0], _STATE):
        raise refused("holds more than values of ports, which is not loaded")
    found = {}
    for port in objects(graph, own[0], f"{CORE}port"):
        value = number(graph, port, f"{PRESETS}value")
        if value is not None:
            found[text(graph, port, f"{CORE}symbol")] = value
    return found


def state_text(uri: str, values: Mapping[str, float]) -> str:
    """Return values of ports as a state."""
    ports = " ,\n".join(
        f'    [ lv2:symbol "{symbol}" ; pset:value {value!r} ]' for symbol, value in values.items()
    )
    head = f"{PREFIXES}\n<{uri}#state>\n  a pset:Preset ;\n  lv2:appliesTo <{uri}>"
    return f"{head} ;\n  lv2:port\n{ports} .\n" if values else f"{head} .\n"
