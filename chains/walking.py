"""The stages of a chain at any depth: those of branches and nested chains too."""

from __future__ import annotations

from collections.abc import Iterator

from restorack.chains.chain import Chain
from restorack.chains.parallel import Parallel
from restorack.chains.slot import Slot


def all_slots(chain: Chain, *, active: bool = False) -> Iterator[Slot]:
    """Yield the slots of single stages, in order.

    Parameters
    ----------
    chain : Chain
    active : bool
        Only those that a signal goes through.
    """
    for slot in chain.slots:
        if active and not slot.active:
            continue
        if isinstance(slot.stage, Parallel):
            for branch in slot.stage.branches:
                yield from all_slots(branch, active=active)
        elif isinstance(slot.stage, Chain):
            yield from all_slots(slot.stage, active=active)
        else:
            yield slot
