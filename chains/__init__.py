"""Chain: an ordered rack of processors, native or ours; parallel mix; latency."""

from restorack.chains.chain import Chain
from restorack.chains.parallel import Parallel
from restorack.chains.settings import ChainSettings, OutputSettings
from restorack.chains.walking import all_slots

__all__ = ["Chain", "ChainSettings", "OutputSettings", "Parallel", "all_slots"]
