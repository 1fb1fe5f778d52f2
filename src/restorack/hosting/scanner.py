"""Scan installed plugins: each is loaded in the sandbox, and what crashes there is remembered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.errors import PluginError
from restorack.hosting.confine.modes import sandbox_mode
from restorack.hosting.installed import installed_clap, installed_lv2, installed_vst3
from restorack.hosting.kept.cache import cache_folder, keep
from restorack.hosting.spec import BY_PATH, Kind, PluginSpec
from restorack.version import __version__

if TYPE_CHECKING:
    from restorack.hosting.sandbox import Sandbox

SCAN_TIMEOUT = 20.0
"""Seconds for one bundle: many times what real ones take, so that one that hangs is given up. By
hand."""


@dataclass(frozen=True)
class Scanned:
    """What a scan found out about a plugin.

    Attributes
    ----------
    kind : {"vst3", "clap", "lv2"}
    name : str
        What presets write: a name (VST3) or a URI (LV2); of several in a bundle ``BUNDLE#NAME``.
    path : str
    stamp : str
        Changes with the bundle; an entry with another stamp is scanned again.
    fault : str
        Why it cannot be used, empty where it can.
    description : dict
        Channels, latency and parameters.
    """

    kind: Kind
    name: str
    path: str
    stamp: str
    fault: str = ""
    description: dict[str, Any] = field(default_factory=dict)


def scan(
    *, again: bool = False, on_plugin: Callable[[Scanned], None] | None = None
) -> list[Scanned]:
    """Describe every installed plugin; results are kept between runs.

    Parameters
    ----------
    again : bool
        Load also those that did not change since the last scan.
    on_plugin : callable, optional
        Called with each result as it comes.

    Returns
    -------
    list of Scanned
        A plugin that crashes, hangs or cannot be loaded is listed with its fault.
    """
    earlier = read_cache()
    known = {} if again else earlier
    found: dict[str, Scanned] = {}
    from restorack.hosting.sandbox import Sandbox

    sandbox = Sandbox(SCAN_TIMEOUT)
    try:
        for kind, name, path in _installed():
            for entry in _entries(sandbox, known, kind, name, path):
                found[f"{kind} {entry.name}"] = entry
                if on_plugin is not None:
                    on_plugin(entry)
    except BaseException:
        _write_cache(earlier | found)  # what was found until then need not be found again
        raise
    finally:
        sandbox.close()
    _write_cache(found)
    return list(found.values())


def _installed() -> Iterator[tuple[Kind, str, Path]]:
    for name, path in installed_vst3().items():
        yield "vst3", name, path
    for name, path in installed_clap().items():
        yield "clap", name, path
    for uri, bundle in installed_lv2().items():
        yield "lv2", uri, bundle


def _entries(
    sandbox: Sandbox, known: dict[str, Scanned], kind: Kind, name: str, path: Path
) -> Iterator[Scanned]:
    """Yield what is known of a plugin, or of each in a bundle of several, or find it out."""
    stamp = _stamp(path)
    entry = known.get(f"{kind} {name}")
    if entry is not None and (entry.stamp, entry.path) == (stamp, str(path)):
        yield entry
        return
    several = [known[key] for key in known if key.startswith(f"{kind} {name}#")]
    earlier = [one for one in several if (one.stamp, one.path) == (stamp, str(path))]
    if earlier:
        yield from earlier
        return
    whole = _described(sandbox, Scanned(kind, name, str(path), stamp))
    names: list[str] = []
    if whole.fault.startswith("holds ") and kind in BY_PATH:
        names = sandbox.plugins_in(PluginSpec(kind, str(path)))
    if not names:
        yield whole
    for plugin in names:
        yield _described(sandbox, Scanned(kind, f"{name}#{plugin}", str(path), stamp), plugin)


def _described(sandbox: Sandbox, entry: Scanned, plugin: str | None = None) -> Scanned:
    reference = entry.path if entry.kind in BY_PATH else entry.name
    try:
        return replace(
            entry, description=sandbox.describe(PluginSpec(entry.kind, reference, plugin=plugin))
        )
    except PluginError as error:
        return replace(entry, fault=error.what)


def _stamp(path: Path) -> str:
    """Return what changes when a bundle is updated, or hosted in another mode."""
    files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file())
    latest = max((f.stat().st_mtime_ns for f in files), default=0)
    size = sum(file.stat().st_size for file in files)
    return f"{__version__} {sandbox_mode()} {len(files)} {size} {latest}"


def cache_path() -> Path:
    """Return where scans are kept: ``restorack/plugins.json`` in the cache folder."""
    return cache_folder() / "plugins.json"


def read_cache() -> dict[str, Scanned]:
    """Return the results of the last scan; none where it cannot be read."""
    try:
        entries = json.loads(cache_path().read_text("utf-8"))
        return {key: Scanned(**entry) for key, entry in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write_cache(found: dict[str, Scanned]) -> None:
    keep(cache_path(), {key: asdict(entry) for key, entry in found.items()})
