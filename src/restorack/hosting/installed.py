"""Which plugins are installed: standard folders, without loading anything."""

from __future__ import annotations

import os
from pathlib import Path

from restorack.errors import PluginError, suggest
from restorack.hosting.lv2.manifests import read_manifests
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.system import plugin_folders

VST3_FOLDERS = plugin_folders.VST3
CLAP_FOLDERS = plugin_folders.CLAP
LV2_FOLDERS = plugin_folders.LV2
"""Where DawDreamer looks; it does not heed ``LV2_PATH``."""


def _folders(standard: tuple[str, ...], variable: str | None = None) -> list[Path]:
    given = os.environ.get(variable, "") if variable is not None else ""
    extra = [folder for folder in given.split(os.pathsep) if folder]
    return [Path(folder).expanduser() for folder in (*extra, *standard)]


def vst3_folders() -> list[Path]:
    """Return the folders in which VST3 plugins are installed; ``VST3_PATH`` adds to them."""
    return _folders(VST3_FOLDERS, "VST3_PATH")


def installed_vst3() -> dict[str, Path]:
    """Return the installed VST3 bundles by name; ``VST3_PATH`` adds folders."""
    found: dict[str, Path] = {}
    for folder in vst3_folders():
        for bundle in sorted(folder.rglob("*.vst3")):
            inside_bundle = any(parent.suffix == ".vst3" for parent in bundle.parents)
            if not inside_bundle:
                found.setdefault(bundle.stem, bundle)
    return found


def clap_folders() -> list[Path]:
    """Return the folders in which CLAP plugins are installed; ``CLAP_PATH`` adds to them."""
    return _folders(CLAP_FOLDERS, "CLAP_PATH")


def installed_clap() -> dict[str, Path]:
    """Return the installed CLAP files by name."""
    found: dict[str, Path] = {}
    for folder in clap_folders():
        for path in sorted(folder.rglob("*.clap")):
            if path.is_file():
                found.setdefault(path.stem, path)
    return found


def installed_lv2() -> dict[str, Path]:
    """Return the installed LV2 plugins' URIs and bundles."""
    found: dict[str, Path] = {}
    for bundle, entry in read_manifests(_folders(LV2_FOLDERS)).items():
        for uri in entry["uris"]:
            found.setdefault(uri, bundle)
    return found


def unreadable_lv2() -> dict[Path, str]:
    """Return the LV2 bundles whose manifest cannot be read, each with the reason."""
    entries = read_manifests(_folders(LV2_FOLDERS))
    return {bundle: entry["fault"] for bundle, entry in entries.items() if entry["fault"]}


def find_vst3(name_or_path: str) -> Path:
    """Return the bundle of a VST3 that is named or given by path; see :func:`find_plugin`."""
    return find_plugin("vst3", name_or_path)


def find_plugin(kind: str, name_or_path: str) -> Path:
    """Return the bundle of a VST3, or the file of a CLAP, that is named or given by path.

    Raises
    ------
    PluginError
        Where there is none, with the nearest name that is installed.
    """
    as_path = Path(name_or_path).expanduser()
    if as_path.suffix == BY_PATH[kind] or os.sep in name_or_path:
        if as_path.exists():
            return as_path
        raise PluginError("no such file", where=f"{kind} {name_or_path}", remedy="check the path")
    known = installed_vst3() if kind == "vst3" else installed_clap()
    lowered = {name.lower(): path for name, path in known.items()}
    found = lowered.get(name_or_path.lower())
    if found is None:
        raise PluginError(
            "is not installed",
            where=f"{kind} {name_or_path}",
            rule=f"a name of an installed {kind.upper()}, or a path",
            remedy=suggest(name_or_path, known),
        )
    return found


def is_installed(spec: PluginSpec) -> bool:
    """Return whether a plugin is there; Faust code always is."""
    if spec.kind == "lv2":
        return spec.reference in installed_lv2()
    if spec.kind in BY_PATH:
        try:
            find_plugin(spec.kind, spec.reference)
        except PluginError:
            return False
    return True
