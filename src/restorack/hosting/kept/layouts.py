"""Channels and latencies of plugins, kept from run to run: rendering need not load them twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restorack.hosting.kept.cache import cache_folder, keep, kept
from restorack.hosting.kept.proofs import Proofs
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import warm_key

FORMAT = 1
"""Of the file; one of another format is begun anew."""

MOST_KEPT = 1000
"""Layouts; the oldest are given up first."""

FIELDS = ("inputs", "outputs", "latency_samples")


class KeptLayout:
    """What a plugin said of its channels and its latency, until its files or the hosts change.

    A render asks the plugin for its latency itself, so that nothing is aligned by what is kept.

    Parameters
    ----------
    spec : PluginSpec
        With full paths.
    rate : float
        In Hz.
    mode : str
        How the sandbox is confined.
    """

    def __init__(self, spec: PluginSpec, rate: float, mode: str) -> None:
        self._key = Proofs().key(f"layout {mode} {warm_key('graph', [spec], rate, 0)}", [spec])
        self._known: dict[str, int] | None = None

    def read(self) -> dict[str, int] | None:
        """Return the layout, None where none is kept."""
        found = _entries().get(self._key)
        if not isinstance(found, list) or len(found) != len(FIELDS):
            return None
        if any(type(value) is not int or value < 0 for value in found):
            return None
        self._known = dict(zip(FIELDS, found, strict=True))
        return dict(self._known)

    def write(self, layout: Mapping[str, Any]) -> None:
        """Keep a layout, if it is not kept already."""
        found = {name: int(layout[name]) for name in FIELDS}
        if found == self._known:
            return
        entries = _entries()
        entries.pop(self._key, None)
        entries[self._key] = list(found.values())
        keep(_file(), {"format": FORMAT, "layouts": dict(list(entries.items())[-MOST_KEPT:])})


def _file() -> Path:
    return cache_folder() / "layouts.json"


def _entries() -> dict[str, Any]:
    document = kept(_file())
    entries = document.get("layouts")
    return entries if document.get("format") == FORMAT and isinstance(entries, dict) else {}
