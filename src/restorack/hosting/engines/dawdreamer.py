"""DawDreamer where it is installed: no release of it is for Linux on ARM."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from restorack.errors import PluginError


def has_dawdreamer() -> bool:
    """Return whether DawDreamer is installed; nothing is loaded."""
    try:
        return find_spec("dawdreamer") is not None
    except (ImportError, ValueError):
        return False


def load_dawdreamer(needed_by: str = "") -> Any:
    """Return the module.

    Parameters
    ----------
    needed_by : str, optional
        Which plugin asks for it, for the error.

    Raises
    ------
    PluginError
        Where it is not installed.
    """
    if not has_dawdreamer():
        raise missing_dawdreamer(needed_by)
    return import_module("dawdreamer")


def missing_dawdreamer(needed_by: str = "") -> PluginError:
    """Return the error where DawDreamer is needed and not installed."""
    return PluginError(
        "DawDreamer is not installed",
        where=needed_by,
        rule="LV2 plugins, Faust, side-chains and --engine dawdreamer need it",
        remedy="pip install dawdreamer, where it is offered for this system; VST3 plugins are "
        "streamed without it",
    )
