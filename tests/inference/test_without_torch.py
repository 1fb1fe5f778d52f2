"""Restoring needs no torch: networks run where it cannot be imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1] / "support"

REFUSED = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError("torch is refused here")

sys.meta_path.insert(0, Refuse())
"""

PROGRAM = """
sys.path.insert(0, {support!r})
import numpy as np
from signals.frozen_signals import SIGNALS
from restorack import LearnedMask, load_preset
from restorack.chains.walking import all_slots
from restorack.presets.finding import shipped_files

NETWORKS = ("Declicker", "Decrackler", "UNetDenoiser", "BandwidthExtender")
slots = [slot for name in sorted(shipped_files()) for slot in all_slots(load_preset(name))]
stages = {{str(slot.stage): slot.stage for slot in slots if type(slot.stage).__name__ in NETWORKS}}
for stage in (*stages.values(), LearnedMask()):
    dull = type(stage).__name__ == "BandwidthExtender"
    given = SIGNALS["dull" if dull else "worn"](44_100, 1.0, 1)
    assert not np.array_equal(stage.process(given, 44_100), given), stage
assert "torch" not in sys.modules
print(*{{type(stage).__name__ for stage in stages.values()}})
"""


@pytest.mark.slow
def test_the_networks_of_every_preset_run_where_torch_cannot_be_imported() -> None:
    code = REFUSED + PROGRAM.format(support=str(SUPPORT))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    stages = {"Declicker", "Decrackler", "UNetDenoiser", "BandwidthExtender"}
    assert set(done.stdout.split()) == stages


def test_loading_every_shipped_network_needs_no_torch() -> None:
    code = REFUSED + (
        "from restorack.weights.native import load_native\n"
        "from restorack.weights.store import weight_names\n"
        "print(sum(len(load_native(name).networks) for name in weight_names()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 10
