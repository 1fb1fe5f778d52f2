"""Chain: an ordered rack of processors, native or ours; parallel mix; latency.

The public names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.lazy_names import importer

if TYPE_CHECKING:
    from restorack.chains.chain import Chain
    from restorack.chains.parallel import Parallel
    from restorack.chains.pedalboard import Pedalboard
    from restorack.chains.settings import ChainSettings, OutputSettings
    from restorack.chains.walking import all_slots

_HOME_OF = {
    "Chain": "chain",
    "ChainSettings": "settings",
    "OutputSettings": "settings",
    "Parallel": "parallel",
    "Pedalboard": "pedalboard",
    "all_slots": "walking",
}

__all__ = ["Chain", "ChainSettings", "OutputSettings", "Parallel", "Pedalboard", "all_slots"]

__getattr__ = importer(__name__, {name: f"{__name__}.{home}" for name, home in _HOME_OF.items()})
