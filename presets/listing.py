"""The presets that can be used by name, with what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restorack.errors import RestorackError
from restorack.presets.at_a_glance import glance
from restorack.presets.finding import preset_files


@dataclass(frozen=True)
class ListedPreset:
    """A preset of the list.

    Attributes
    ----------
    name : str
    path : Path
    kind : {"restores", "damages"}
    description : str
    error : RestorackError or None
        Why it cannot be loaded.
    """

    name: str
    path: Path
    kind: str = "restores"
    description: str = ""
    error: RestorackError | None = None


def list_presets() -> list[ListedPreset]:
    """Return the presets by name: the user's, and those that come with restorack.

    One that cannot be loaded does not hide the others: it is listed with its error.
    """
    return [_listed(name, path) for name, path in sorted(preset_files().items())]


def _listed(name: str, path: Path) -> ListedPreset:
    known = glance(path)
    if known is not None:
        return ListedPreset(name, path, known["kind"], known["description"])
    from restorack.degrade.degradation import Degradation
    from restorack.presets.loader import load_preset

    try:
        chain = load_preset(path)
    except RestorackError as error:
        return ListedPreset(name, path, error=error)
    damages = any(isinstance(stage, Degradation) for stage in chain)
    return ListedPreset(
        name, path, "damages" if damages else "restores", chain.settings.description
    )
