"""Every registered processor keeps every law that its traits do not exempt it from."""

from __future__ import annotations

import multiprocessing
from typing import Any

import numpy as np
import pytest

from restorack.core.registry import processor_class, processor_names
from restorack.testing.checks import CONTRACT_CHECKS, RATE, ContractCheck
from restorack.testing.signals import worn_music


@pytest.mark.parametrize(
    "contract_check", CONTRACT_CHECKS, ids=lambda contract_check: contract_check.name
)
@pytest.mark.parametrize("name", processor_names())
def test_law(name: str, contract_check: ContractCheck) -> None:
    contract_check.check(processor_class(name))


def _process_all(audio: Any) -> dict[str, Any]:
    return {name: processor_class(name)().process(audio, RATE) for name in processor_names()}


def test_a_spawned_process_gives_the_same() -> None:
    audio = worn_music(RATE, 0.3, 2)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(_process_all, (audio,))
    here = _process_all(audio)
    assert here
    for name, expected in here.items():
        assert np.array_equal(there[name], expected), name
