"""What values are sane: the spread of the shipped presets, around what a preset has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from restorack.chains import Chain, all_slots
from restorack.core.processor import Processor
from restorack.presets import load_preset
from restorack.presets.finding import shipped_files
from restorack.presets.overrides import find_slot
from restorack.tuning.knobs import Knob

LEAST_SPREAD = 0.15
"""Of a range: presets that agree by chance bind no closer. By hand."""
UNKNOWN_SPREAD = 0.5
"""Of a range, for parameters that fewer than two presets set: hardly a prior at all."""


@dataclass(frozen=True)
class Expectation:
    """What is expected of a parameter, as places from 0 to 1 in its range.

    Attributes
    ----------
    centre, spread : float
    presets : int
        That set it.
    """

    centre: float
    spread: float
    presets: int

    def surprise(self, place: float) -> float:
        """Return the squared distance of a place in spreads."""
        return ((place - self.centre) / self.spread) ** 2


def expectations(chain: Chain, knobs: Sequence[Knob]) -> list[Expectation]:
    """Return what the shipped presets expect of parameters: around what the preset has.

    Its own value is the centre; the presets say how far such parameters are moved.
    """
    shipped = [load_preset(path) for path in shipped_files().values()]
    found = []
    for knob in knobs:
        stage = find_slot(chain, knob.stage).stage
        values = [
            knob.place(float(getattr(slot.stage, knob.parameter)))
            for preset in shipped
            for slot in all_slots(preset)
            if isinstance(stage, Processor)
            and type(slot.stage) is type(stage)
            and knob.parameter in slot.given
        ]
        known = len(values) > 1
        spread = max(float(np.std(values)), LEAST_SPREAD) if known else UNKNOWN_SPREAD
        found.append(Expectation(knob.place(knob.start), spread, len(values)))
    return found
