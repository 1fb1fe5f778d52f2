"""Which LV2 plugins are installed: the manifests of all bundles, read once as long as they stay."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from restorack.hosting.kept.cache import cache_folder, keep, kept, state_of
from restorack.hosting.lv2.turtle import CORE, UnreadableError, read_turtle, subjects

FORMAT = 1
"""Of the file; one of another format is read from the bundles again."""
_SEEN: dict[str, dict[str, Any]] = {}
"""What this process has read, by manifest."""

_RECALLED: set[Path] = set()
"""Files of the cache that were read already."""


def read_manifests(folders: Iterable[Path]) -> dict[Path, dict[str, Any]]:
    """Return what the bundles in some folders declare.

    Parameters
    ----------
    folders : iterable of Path

    Returns
    -------
    dict
        By bundle: ``uris``, its plugins; ``fault``, why the manifest cannot be read, if so.
    """
    found: dict[Path, dict[str, Any]] = {}
    changed = False
    for path in [path for folder in folders for path in sorted(folder.glob("*/manifest.ttl"))]:
        try:
            state = state_of(path)
        except OSError:
            continue  # unreadable for this user: not installed for them
        entry = _known(str(path), state)
        if entry is None:
            entry = _SEEN[str(path)] = {"state": state, **_declared(path)}
            changed = True
        found[path.parent] = entry
    if changed:
        there = {path: entry for path, entry in _SEEN.items() if Path(path).exists()}
        keep(_file(), {"format": FORMAT, "manifests": there})
    return found


def _known(path: str, state: list[int]) -> dict[str, Any] | None:
    """Return what is known of a manifest in this state, by this process or an earlier one."""
    if _SEEN.get(path, {}).get("state") != state and _file() not in _RECALLED:
        _RECALLED.add(_file())
        document = kept(_file())
        entries = document.get("manifests")
        if document.get("format") == FORMAT and isinstance(entries, dict):
            whole = {key: entry for key, entry in entries.items() if _is_whole(entry)}
            _SEEN.update(whole)
    entry = _SEEN.get(path)
    return entry if entry is not None and entry["state"] == state else None


def _is_whole(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("state"), list)
        and isinstance(entry.get("fault"), str)
        and isinstance(entry.get("uris"), list)
        and all(isinstance(uri, str) for uri in entry["uris"])
    )


def _declared(manifest: Path) -> dict[str, Any]:
    try:
        graph = read_turtle([manifest])
    except UnreadableError as error:
        return {"uris": [], "fault": str(error)}
    return {"uris": subjects(graph, f"{CORE}Plugin"), "fault": ""}


def _file() -> Path:
    return cache_folder() / "lv2-manifests.json"
