"""Threads share stages and chains: each call as if alone, and nobody waits for ever."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pedalboard
import pytest
from toys import Gain, Withholder

from restorack.chains import Chain, Parallel
from restorack.core.stage import Stage
from restorack.core.stage_lock import StageLock, hold, lock_of
from restorack.errors import RestorackError
from restorack.testing.signals import worn_music

RATE = 44_100.0
LONG = 60.0
"""Seconds after which a thread counts as stuck, on the busiest machine."""


def run_all(*work: Callable[[], Any]) -> list[Any]:
    """Do all at once, each in a thread; fail for errors and for threads that do not end."""
    out: list[Any] = [None] * len(work)
    wrong: list[BaseException] = []

    def one(index: int) -> None:
        try:
            out[index] = work[index]()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=one, args=(k,), daemon=True) for k in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    assert not wrong, wrong
    return out


def signals(count: int) -> list[Any]:
    return [worn_music(RATE, 0.1 + 0.03 * k, 2) * np.float32(1 - 0.1 * k) for k in range(count)]


class Learner(Gain):
    """Divides by the peak that it heard in its first pass."""

    peak: float | None = None

    @property
    def needs_preparation(self) -> bool:
        return True

    def _learn(self, blocks: Any, sample_rate: float) -> None:
        self.peak = max(float(np.abs(block).max()) for block in blocks)

    def _unlearn(self) -> None:
        self.peak = None

    def _push(self, block: Any) -> Any:
        return block / np.float32(self.peak or 1.0)


def mixed_chain() -> Chain:
    native = pedalboard.Delay(0.01, 0.3, 0.5)
    inner = Chain([Withholder(samples=500), Learner()])
    return Chain([Gain(), native, inner, Parallel([[Gain()], [Withholder()]]), pedalboard.Gain(-3)])


@pytest.mark.parametrize("make", [Gain, Learner, mixed_chain], ids=["stage", "learner", "chain"])
def test_calls_from_threads_give_what_they_give_alone(make: Callable[[], Stage]) -> None:
    given = signals(5)
    expected = [make()(signal, RATE) for signal in given]
    shared = make()
    for _ in range(4):
        outs = run_all(*(lambda x=x: shared(x, RATE, 1000) for x in given))
        assert all(np.array_equal(a, b) for a, b in zip(outs, expected, strict=True))


def test_chains_that_share_stages_in_opposite_order_never_wait_for_each_other() -> None:
    a, b, c = Gain(), Learner(), pedalboard.Delay(0.01, 0.3, 0.5)
    chains = [Chain([a, Chain([b, c])]), Chain([c, b, a]), Chain([Parallel([[b], [a]]), c])]
    given = signals(3)
    alone = [chain(x, RATE) for chain, x in zip(chains, given, strict=True)]

    def often(chain: Chain, x: Any) -> list[Any]:
        return [chain(x, RATE, 1000) for _ in range(20)]

    many = run_all(
        *(lambda k=k: often(chains[k], given[k]) for k in range(3)), lambda: b(given[0], RATE)
    )
    for outs, expected in zip(many, alone, strict=False):
        assert all(np.array_equal(out, expected) for out in outs)


def test_a_stage_that_stands_twice_in_a_chain_is_refused_and_set_free() -> None:
    stage, x = Gain(), signals(1)[0]
    chain = Chain([stage, Chain([stage, Chain([Gain()])])])

    def refused() -> None:
        with pytest.raises(RestorackError, match="no stream was started"):
            chain(x, RATE)

    run_all(refused, refused)
    assert np.array_equal(run_all(lambda: stage(x, RATE))[0], Gain()(x, RATE))


def test_blocks_from_two_threads_are_one_signal_in_the_order_they_came() -> None:
    stage, block = Withholder(samples=300), signals(1)[0][:, :1000]

    def push() -> int:
        return sum(stage.process(block, RATE, reset=False).shape[1] for _ in range(50))

    counts = run_all(push, push, push)
    assert sum(counts) + stage.flush().shape[1] == 3 * 50 * 1000


def test_a_chain_is_changed_between_calls_not_during_them() -> None:
    chain, x = Chain([Gain(gain_db=0.0), pedalboard.Gain(0.0)]), signals(1)[0]

    def edit() -> None:
        for _ in range(100):
            chain.append(Gain(gain_db=-6.0))
            del chain[-1]
            chain.bypass("gain")
            chain.bypass("gain", bypassed=False)

    def process() -> list[Any]:
        return [chain(x, RATE, 500) for _ in range(30)]

    outs = run_all(edit, process)[1]
    lowered = x * np.float32(10 ** (-6 / 20))
    assert all(np.array_equal(out, x) or np.array_equal(out, lowered) for out in outs)


def test_automation_is_set_while_another_thread_processes() -> None:
    chain, x = Chain([Gain(), pedalboard.Gain(0.0)]), signals(1)[0]
    names = chain.names

    def automate() -> None:
        for turn in range(200):
            chain.slot(names[0]).automate("mix", [] if turn % 2 else [(0, 0.5)])
            chain.slot(names[1]).automate("gain_db", [] if turn % 2 else [(0, -3.0)])

    run_all(automate, lambda: [chain(x, RATE, 500) for _ in range(30)])


def test_held_stages_keep_their_call_and_its_findings_together() -> None:
    class Counts(Gain):
        def _push(self, block: Any) -> Any:
            self.count = getattr(self, "count", 0) + block.shape[1]
            return super()._push(block)

        def _begin(self, sample_rate: float, channels: int) -> None:
            super()._begin(sample_rate, channels)
            self.count = 0

        def findings(self) -> dict[str, Any]:
            return {"samples": self.count}

    chain = Chain([Counts()])

    def together(x: Any) -> bool:
        with hold(chain):
            return bool(chain(x, RATE).shape[1] == chain.findings()["counts"]["samples"])

    assert all(run_all(*(lambda x=x: together(x) for x in signals(4) * 5)))


def test_what_the_holding_thread_sets_has_effect_at_once() -> None:
    stage, x = Gain(gain_db=0.0), signals(1)[0]
    with hold(stage):
        stage.gain_db = -20.0
        assert stage.gain_db == -20.0
        assert np.allclose(stage(x, RATE), 0.1 * x)


def test_copies_and_pickles_have_locks_of_their_own() -> None:
    chain = Chain([Gain(), Parallel([[Learner()]])])
    with hold(chain):
        for other in (copy.deepcopy(chain), pickle.loads(pickle.dumps(chain))):  # noqa: S301  our own
            assert not lock_of(other).is_mine
            mine = {id(lock_of(thing)) for thing in chain.held_with()}
            assert mine.isdisjoint(id(lock_of(thing)) for thing in other.held_with())
            assert run_all(lambda other=other: other(signals(1)[0], RATE))[0].size


def test_native_plugins_are_held_wherever_they_stand() -> None:
    plugin = pedalboard.Reverb()
    box = pedalboard.Pedalboard([pedalboard.Chain([plugin])])
    chain = Chain([box])
    with hold(chain):
        assert lock_of(plugin).is_mine
        assert not run_all(lambda: lock_of(plugin).is_mine)[0]
    assert not lock_of(plugin).is_mine


def test_a_fork_while_another_thread_processes_leaves_the_child_free() -> None:
    """What the other thread held is free there, and what it had half done is dropped."""
    stage, x = Learner(), signals(2)
    expected = Learner()(x[1], RATE)
    inside, go_on = threading.Event(), threading.Event()

    class Waits(Gain):
        def _push(self, block: Any) -> Any:
            inside.set()
            go_on.wait(LONG)
            return block

    chain = Chain([stage, Waits()])
    thread = threading.Thread(target=lambda: chain(x[0], RATE), daemon=True)
    thread.start()
    assert inside.wait(LONG)
    assert stage.is_prepared, "the other thread's first pass is half of its call"
    child = os.fork()
    if child == 0:
        signal.alarm(int(LONG))  # a child that waits for ever is a failure, not a hang
        go_on.set()
        try:
            fine = np.array_equal(stage(x[1], RATE), expected) and chain(x[1], RATE).size > 0
            os._exit(0 if fine else 3)
        except BaseException:
            os._exit(4)
    go_on.set()
    thread.join(LONG)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert np.array_equal(stage(x[1], RATE), expected)


def _spawned(stage: Stage, x: Any) -> Any:
    return stage(x, RATE)


def test_a_spawned_process_gets_a_stage_that_is_held_here() -> None:
    stage, x = Chain([Gain()]), signals(1)[0]
    with hold(stage), multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(_spawned, (stage, x))
    assert np.array_equal(there, stage(x, RATE))


def test_an_error_gives_every_lock_back() -> None:
    class Fails(Gain):
        def _push(self, block: Any) -> Any:
            raise ValueError("no")

    failing, other = Fails(), Gain()
    with pytest.raises(ValueError, match="no"):
        Chain([other, failing])(signals(1)[0], RATE)
    assert run_all(lambda: other(signals(1)[0], RATE))[0].size


def test_locks_are_taken_in_one_order() -> None:
    assert StageLock().place < StageLock().place
