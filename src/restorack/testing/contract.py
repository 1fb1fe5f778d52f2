"""What a check of the processor contract is, and how a stage is streamed for one."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.errors import RestorackError, StreamWarning

RATE = 44_100.0
"""In Hz, where a check is not about rates."""


class ContractError(RestorackError):
    """A processor class that does not keep a law."""


Check = Callable[[type[Processor]], None]


@dataclass(frozen=True)
class ContractCheck:
    """One law: its check, and the traits that exempt a class from it."""

    name: str
    check_class: Check
    exempt: frozenset[Trait]

    def binds(self, cls: type[Processor]) -> bool:
        """Return whether the law is meant for the class."""
        return not (self.exempt & cls.traits)

    def check(self, cls: type[Processor]) -> None:
        """Raise :class:`ContractError` where the law does not hold."""
        if self.binds(cls):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", StreamWarning)  # checks stream unprepared stages
                self.check_class(cls)


CONTRACT_CHECKS: list[ContractCheck] = []


def contract_check(*exempt: Trait) -> Callable[[Check], Check]:
    """Register a check that does not bind classes with one of these traits."""

    def register(check: Check) -> Check:
        CONTRACT_CHECKS.append(ContractCheck(check.__name__, check, frozenset(exempt)))
        return check

    return register


def require(holds: bool, cls: type[Processor], what: str) -> None:
    """Raise :class:`ContractError` for a class where something does not hold."""
    if not holds:
        raise ContractError(what, where=cls.__name__)


def stream(processor: Processor, audio: Rows, rate: float, sizes: list[int]) -> Rows:
    """Process audio as a stream, in blocks whose sizes repeat; flushed at the end."""
    parts, at, turn = [], 0, 0
    while at < audio.shape[-1]:
        size = sizes[turn % len(sizes)]
        parts.append(processor.process(audio[..., at : at + size], rate, reset=False))
        at, turn = at + size, turn + 1
    parts.append(processor.flush())
    return np.concatenate(parts, axis=-1) if audio.shape[-1] else audio


SPLITS = ([1 << 30], [8192], [1, 2, 3, 5, 4000], [64], [977, 31, 12_000])
"""Sizes of blocks that are repeated to the end: the whole, pedalboard's default, single samples, a
grid cell, primes."""
