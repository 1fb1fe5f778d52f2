"""The checks of the processor contract, which run over any processor class.

``for check in CONTRACT_CHECKS: check.check(Declicker)`` raises :class:`ContractError` where one of
them does not hold. Packages that add stages run the same checks over theirs.
"""

from __future__ import annotations

from restorack.testing import sound_checks, stream_checks, thread_checks
from restorack.testing.contract import (
    CONTRACT_CHECKS,
    RATE,
    SPLITS,
    ContractCheck,
    ContractError,
    stream,
)

__all__ = [
    "CONTRACT_CHECKS", "RATE", "SPLITS", "ContractCheck", "ContractError", "sound_checks",
    "stream", "stream_checks", "thread_checks",
]  # fmt: skip
