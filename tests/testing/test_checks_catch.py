"""The laws fail for processors that break them: each defect is caught by the law made for it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from toys import Gain

from restorack.core.traits import Trait
from restorack.testing.checks import CONTRACT_CHECKS, ContractError

BY_NAME = {contract_check.name: contract_check for contract_check in CONTRACT_CHECKS}


class BlockPeak(Gain):
    """Depends on the block it gets."""

    def _push(self, block):
        return block / np.float32(1.0 + np.abs(block).max(initial=0.0))


class Late(Gain):
    """Withholds one sample more than it says."""

    def _begin(self, sample_rate, channels):
        super()._begin(sample_rate, channels)
        self._kept = np.zeros((channels, 0), np.float32)

    def _push(self, block):
        joined = np.concatenate([self._kept, block], axis=1)
        self._kept = joined[:, -1:].copy()
        return joined[:, :-1]

    def _finish(self):
        return self._kept


class Offset(Gain):
    """Adds sound to silence without saying so."""

    def _push(self, block):
        return block + np.float32(0.01)


class Writer(Gain):
    """Writes into its input."""

    def _push(self, block):
        block.flags.writeable = True
        block *= np.float32(0.5)
        return block.copy()


class LeftOnly(Gain):
    """Treats the second channel otherwise."""

    def _push(self, block):
        out = super()._push(block)
        out[1:] *= 0.5
        return out


class Remembers(Gain):
    """Carries state from one run to the next."""

    def _push(self, block):
        self._count = getattr(self, "_count", 0) + block.shape[1]
        return block * np.float32(1.0 / (1 + self._count // 10_000))


class Polisher(Gain):
    """Says that it restores, yet changes clean sound."""

    traits = frozenset({Trait.RESTORES})


class Mute(Gain):
    """Loses the signal."""

    def _push(self, block):
        return np.zeros_like(block)


class SharedScratch(Gain):
    """Keeps what it works on in its class, which every thread's object shares."""

    scratch = None

    def _push(self, block):
        type(self).scratch = block
        time.sleep(0.002)
        return super()._push(type(self).scratch)


class Unlocked(Gain):
    """Is not held while it processes."""

    def _begin(self, sample_rate, channels):
        super()._begin(sample_rate, channels)
        time.sleep(0.1)  # long enough for another thread, also on a busy machine


Unlocked.process = Gain.process.__wrapped__


class ReadsTwice(Gain):
    """Reads a parameter as it stands, not as it stood when the call began."""

    def _push(self, block):
        first = self._values["gain_db"]
        time.sleep(0.002)
        second = self._values["gain_db"]
        out = block * np.float32(10 ** (first / 20))
        out[:, out.shape[1] // 2 :] *= np.float32(10 ** ((second - first) / 20))
        return out


class NotFinite(Gain):
    """Divides by the signal."""

    def _push(self, block):
        with np.errstate(all="ignore"):
            return np.where(block == 0.25, np.float32(np.nan), block / (block - block.mean()))


class Squares(Gain):
    """Divides by a power in single precision, which overflows."""

    def _push(self, block):
        with np.errstate(all="ignore"):
            power = (np.float32(1e9) * block) ** 2
            return block * (power / (power + np.float32(1e-9)))


DEFECTS = [
    (BlockPeak, "prepared_streams_equal_the_whole"),
    (BlockPeak, "unprepared_streams_are_equal_for_every_split"),
    (Late, "latency_is_what_is_predicted"),
    (Offset, "silence_stays_silence"),
    (LeftOnly, "dual_mono_is_mono_twice"),
    (Remembers, "runs_repeat"),
    (Polisher, "clean_input_passes"),
    (Mute, "sound_stays_sound"),
    (Squares, "finite_stays_finite"),
    (SharedScratch, "threads_may_share_a_stage"),
    (Unlocked, "threads_may_share_a_stage"),
    (ReadsTwice, "parameters_set_meanwhile_wait_for_the_next_call"),
    (NotFinite, "short_and_hard_signals_survive"),
]


@pytest.mark.parametrize(
    "contract_check", CONTRACT_CHECKS, ids=lambda contract_check: contract_check.name
)
def test_a_sound_processor_keeps_every_law(contract_check):
    contract_check.check(Gain)


@pytest.mark.parametrize(
    ("cls", "contract_check"), DEFECTS, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_defect_is_caught(cls, contract_check):
    with pytest.raises(ContractError):
        BY_NAME[contract_check].check(cls)


def test_writing_into_the_input_is_caught():
    with pytest.raises((ContractError, ValueError)):
        BY_NAME["input_is_never_written"].check(Writer)
