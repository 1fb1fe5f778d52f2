"""Which plugins a preset may name by path: native code is run only where the user allowed it.

Allowed are plugins in the folders where plugins are installed, and those in the user's own list,
which holds the hash of each: a binary that was replaced since is not trusted any more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import ConfigError, PluginError, RestorackError
from restorack.hosting.bundles import hash_path
from restorack.hosting.installed import clap_folders, find_plugin, vst3_folders
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.io.atomic import write_whole
from restorack.system.folders import settings_folder

FORMAT = 1
"""Version of the list's file."""
_RULE = (
    "a plugin that a preset or a session names by path is loaded only in a plugin folder, or where "
    "you allowed it"
)
_SEEN: dict[str, tuple[list[tuple[int, ...]], str]] = {}
"""Hashes of this process, with the stamps of the files that they were taken of."""


@dataclass(frozen=True)
class Trusted:
    """A plugin of the user's list.

    Attributes
    ----------
    path : str
        Absolute, links resolved.
    sha256 : str
        Of the file, or of all names and files of the bundle.
    """

    path: str
    sha256: str

    @property
    def status(self) -> str:
        """Whether what is there now is what was trusted: ``trusted``, ``changed`` or ``gone``."""
        if not Path(self.path).exists():
            return "gone"
        return "trusted" if _hash(self.path) == self.sha256 else "changed"


def trust_file() -> Path:
    """Return the user's list: ``restorack/trusted-plugins.json`` in the settings folder."""
    return settings_folder() / "restorack" / "trusted-plugins.json"


def trusted_plugins() -> list[Trusted]:
    """Return the user's list.

    Raises
    ------
    ConfigError
        For a file that does not follow its form: nothing is trusted by guesswork.
    """
    path = trust_file()
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}")
        entries = [Trusted(entry["path"], entry["sha256"]) for entry in document["plugins"]]
        if not all(isinstance(value, str) for e in entries for value in (e.path, e.sha256)):
            raise ValueError("a path or a hash is no text")
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"cannot be read: {error}",
            where=str(path),
            rule='{"format": 1, "plugins": [{"path": ..., "sha256": ...}]}',
            remedy="delete it, and trust your plugins again",
        ) from None
    return entries


def trust(path: str | os.PathLike[str]) -> Trusted:
    """Put a VST3 into the user's list, as it is now.

    Raises
    ------
    PluginError
        Where there is none.
    """
    whole = _whole(find_plugin("vst3", os.path.join(".", os.fspath(path))))
    if not whole.endswith(tuple(BY_PATH.values())):
        raise PluginError(
            "is no VST3 or CLAP", where=whole, rule="the path of a file or bundle .vst3, or .clap"
        )
    entry = Trusted(whole, _hash(whole))
    if not entry.sha256:
        raise PluginError(
            "cannot be trusted",
            where=whole,
            rule="a bundle holds its own files: every one is readable, no folder is a link",
        )
    _write([*(known for known in trusted_plugins() if known.path != whole), entry])
    return entry


def distrust(path: str | os.PathLike[str]) -> None:
    """Take a plugin off the user's list.

    Raises
    ------
    PluginError
        Where it is not in it.
    """
    wanted = {os.path.abspath(os.path.expanduser(path)), _whole(Path(path))}
    entries = trusted_plugins()
    left = [entry for entry in entries if entry.path not in wanted]
    if len(left) == len(entries):
        raise PluginError("is not trusted", where=os.fspath(path), remedy="see --list")
    _write(left)


def is_allowed(path: str | os.PathLike[str]) -> bool:
    """Return whether a preset may have a plugin loaded from a path."""
    return _is_installed_at(Path(path)) or _is_trusted(_whole(Path(path)))


def require_allowed(spec: PluginSpec) -> None:
    """Refuse a plugin that a preset names by path, unless the user allowed it.

    Raises
    ------
    PluginError
        That says how to allow it.
    """
    if spec.from_preset and spec.kind in BY_PATH and not is_allowed(spec.reference):
        raise PluginError(
            _refusal(spec.reference),
            where=spec.label,
            rule=_RULE,
            remedy=f"if you know what it is: restorack plugins trust {spec.reference}",
        )


def _refusal(path: str) -> str:
    whole = _whole(Path(path))
    known = any(entry.path == whole for entry in trusted_plugins())
    return "has changed since it was trusted" if known else "is not allowed to be loaded"


def names_allowed(path: str, allowed: bool | Iterable[str | os.PathLike[str]]) -> bool:
    """Return whether a caller's own list holds a plugin; True holds all."""
    if isinstance(allowed, bool):
        return allowed
    return _whole(Path(path)) in {_whole(Path(one)) for one in allowed}


def _whole(path: Path) -> str:
    return os.path.realpath(path.expanduser())


def _is_installed_at(path: Path) -> bool:
    """Return whether a path leads into a plugin folder; what is a link there was put there."""
    whole = path.expanduser().absolute()
    there = os.path.join(os.path.realpath(whole.parent), whole.name)
    roots = [os.path.realpath(folder) for folder in (*vst3_folders(), *clap_folders())]
    return ".." not in whole.name and any(there.startswith(f"{root}{os.sep}") for root in roots)


def _is_trusted(whole: str) -> bool:
    return any(entry.path == whole and entry.sha256 == _hash(whole) for entry in trusted_plugins())


def _hash(path: str) -> str:
    """Return a plugin's hash, empty where it cannot be taken; once as long as no file changes."""
    try:
        stamps = _stamps(path)
        if path not in _SEEN or _SEEN[path][0] != stamps:
            _SEEN[path] = (stamps, hash_path(Path(path)))
    except (OSError, RestorackError):
        return ""
    return _SEEN[path][1]


def _stamps(path: str) -> list[tuple[int, ...]]:
    """Return what tells every file of a plugin; times of change of the inode cannot be set."""
    files = [path]
    for folder, below, names in os.walk(path):
        if any(os.path.islink(os.path.join(folder, name)) for name in below):
            raise PluginError("holds a link to a folder", where=path)
        files += [os.path.join(folder, name) for name in sorted([*below, *names])]
    found = [os.stat(file) for file in files]
    return [(s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in found]


def _write(entries: Iterable[Trusted]) -> None:
    path = trust_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    document: Mapping[str, object] = {
        "format": FORMAT,
        "plugins": [{"path": entry.path, "sha256": entry.sha256} for entry in entries],
    }
    write_whole(path, json.dumps(document, indent=1).encode())
