"""Copies and threads: pickles, shared stages, parameters that are set meanwhile."""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.testing.contract import RATE, contract_check, require
from restorack.testing.signals import worn_music


@contract_check()
def pickles_and_threads_change_nothing(cls: type[Processor]) -> None:
    """A pickled copy, and one in another thread, give the same."""
    audio = worn_music(RATE, 0.5, 2)
    one = cls()
    expected = one.process(audio, RATE)
    one.prepare([audio], RATE)
    copy = pickle.loads(pickle.dumps(one))  # noqa: S301  own object, pickled just now
    require(np.array_equal(copy.process(audio, RATE), expected), cls, "a pickled copy differs")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: cls().process(audio, RATE), range(2)))
    same = all(np.array_equal(result, expected) for result in results)
    require(same, cls, "a run in a thread differs")


@contract_check()
def threads_may_share_a_stage(cls: type[Processor]) -> None:
    """Several threads' calls of one object, and of one each, give what they give alone."""
    signals = [worn_music(RATE, seconds, 2) for seconds in (0.2, 0.27)]
    expected = [cls().process(signal, RATE) for signal in signals]
    shared = cls()

    def differs(turn: int) -> str:
        one, which = (shared if turn < 4 else cls()), turn % 2
        out = one.process(signals[which], RATE)
        return "" if np.array_equal(out, expected[which]) else "other samples"

    _require_nothing(_in_threads(differs, 6), cls, "called from several threads")


@contract_check()
def parameters_set_meanwhile_wait_for_the_next_call(cls: type[Processor]) -> None:
    """What another thread sets while a stage processes has effect from its next call on."""
    floats = {n: p for n, p in cls.parameters.items() if isinstance(p, FloatParameter)}
    name = next((n for n, p in floats.items() if p.automatable), None)
    if name is None:
        return
    audio = worn_music(RATE, 0.2, 1)
    values = [floats[name].from_unit_scale(share) for share in (0.3, 0.7)]
    expected = [cls(**{name: value}).process(audio, RATE) for value in values]
    one, done = cls(**{name: values[0]}), threading.Event()

    def differs(turn: int) -> str:
        if turn == 0:
            while not done.wait(0.0005):
                setattr(one, name, values[getattr(one, name) == values[0]])
            return ""
        try:
            outs = [one.process(audio, RATE, buffer_size=1000) for _ in range(3)]
        finally:
            done.set()
        same = [any(np.array_equal(out, each) for each in expected) for out in outs]
        return "" if all(same) else f"samples of neither value of {name}"

    _require_nothing(_in_threads(differs, 2), cls, "set from another thread")


def _in_threads(work: Callable[[int], str], turns: int) -> list[str]:
    """Do pieces of work in threads that take turns often; return what each says is wrong."""

    def caught(turn: int) -> str:
        try:
            return work(turn)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(caught, range(turns)))
    finally:
        sys.setswitchinterval(before)


def _require_nothing(wrong: list[str], cls: type[Processor], how: str) -> None:
    require(not any(wrong), cls, f"{how}: {'; '.join(filter(None, wrong))}")
