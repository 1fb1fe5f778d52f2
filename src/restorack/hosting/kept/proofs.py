"""What was proven of plugins, kept from run to run for as long as their files stay the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from restorack.hosting.installed import installed_lv2
from restorack.hosting.kept.cache import cache_folder, keep, kept
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.version import __version__

FORMAT = 1
"""Of the file; one of another format is begun anew."""
MOST_KEPT = 1000
"""Proofs; the oldest are given up first."""

_SEEN: dict[str, bool] = {}
"""Of this process, where no cache can be written too."""


class Proofs:
    """Statements about plugins with certain settings that are true or not."""

    def key(self, statement: str, specs: Sequence[PluginSpec]) -> str:
        """Return what a statement about plugins is kept under.

        Parameters
        ----------
        statement : str
            With all that it depends on but the plugins' files and the hosts.
        specs : sequence of PluginSpec
        """
        stamps = [_stamp(spec) for spec in specs]
        text = json.dumps([statement, _versions(), stamps, str(cache_folder())], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def get(self, key: str) -> bool | None:
        """Return whether a statement is true, None where that is not known."""
        if key in _SEEN:
            return _SEEN[key]
        found = _entries().get(key)
        return found if isinstance(found, bool) else None

    def assume(self, key: str, value: bool) -> None:
        """Take a statement for true or not in this process alone."""
        _SEEN[key] = value

    def put(self, key: str, value: bool) -> None:
        """Keep whether a statement is true."""
        _SEEN[key] = value
        entries = _entries()
        entries.pop(key, None)
        entries[key] = value
        latest = dict(list(entries.items())[-MOST_KEPT:])
        keep(_file(), {"format": FORMAT, "proofs": latest})


@lru_cache(maxsize=1)
def _versions() -> list[str]:
    from importlib import metadata  # here: the child imports this module, and needs none

    found = [__version__]
    for name in ("dawdreamer", "pedalboard"):
        with suppress(metadata.PackageNotFoundError):  # DawDreamer is not for every system
            found.append(f"{name} {metadata.version(name)}")
    return found


def _file() -> Path:
    return cache_folder() / "proofs.json"


def _entries() -> dict[str, Any]:
    document = kept(_file())
    entries = document.get("proofs")
    return entries if document.get("format") == FORMAT and isinstance(entries, dict) else {}


def _stamp(spec: PluginSpec) -> list[Any]:
    """Return what changes with a plugin's files; of a Faust program the code says it."""
    if spec.kind == "faust":
        return []
    by_path = spec.kind in BY_PATH
    bundle = Path(spec.reference) if by_path else installed_lv2().get(spec.reference)
    if bundle is None:
        return []
    files = [bundle] if bundle.is_file() else sorted(f for f in bundle.rglob("*") if f.is_file())
    stats = [file.stat() for file in files]
    latest = max((stat.st_mtime_ns for stat in stats), default=0)
    return [str(bundle), len(stats), sum(stat.st_size for stat in stats), latest]
