"""Chain: an ordered rack of processors, native or ours; parallel mix; latency.

The public names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from restorack.chains.chain import Chain
    from restorack.chains.parallel import Parallel
    from restorack.chains.settings import ChainSettings, OutputSettings
    from restorack.chains.walking import all_slots

_HOME_OF = {
    "Chain": "chain",
    "ChainSettings": "settings",
    "OutputSettings": "settings",
    "Parallel": "parallel",
    "all_slots": "walking",
}

__all__ = ["Chain", "ChainSettings", "OutputSettings", "Parallel", "all_slots"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
