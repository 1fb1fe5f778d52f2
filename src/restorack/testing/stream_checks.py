"""How a stage streams: any split, automation, latency."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.testing.contract import RATE, SPLITS, contract_check, require, stream
from restorack.testing.signals import worn_music


@contract_check()
def prepared_streams_equal_the_whole(cls: type[Processor]) -> None:
    """``prepare``, any split, ``flush`` equals ``process``, bit for bit."""
    audio = worn_music(RATE, 1.6, 2)
    whole = cls().process(audio, RATE)
    one = cls()
    one.prepare((audio[:, at : at + 5000] for at in range(0, audio.shape[1], 5000)), RATE)
    for sizes in SPLITS:
        one.reset()  # what was learned stays
        parts = stream(one, audio, RATE, sizes)
        require(np.array_equal(parts, whole), cls, f"blocks of {sizes} differ from the whole")


@contract_check()
def unprepared_streams_are_equal_for_every_split(cls: type[Processor]) -> None:
    """A stream without a first pass does not depend on its blocks either."""
    audio = worn_music(RATE, 1.2, 1)
    _require_equal(cls, cls, audio, SPLITS[1:], "unprepared")


@contract_check()
def automated_streams_are_equal_for_every_split(cls: type[Processor]) -> None:
    """Parameters move on a grid of samples, not with the blocks."""
    audio = worn_music(RATE, 0.9, 2)

    def moving() -> Processor:
        one = cls()
        for name, parameter in cls.parameters.items():
            if isinstance(parameter, FloatParameter) and parameter.automatable:
                low, high = parameter.from_unit_scale(0.2), parameter.from_unit_scale(0.8)
                one.automate(name, [(0.1, low), (0.5, high)])
        one.prepare([audio], RATE)
        return one

    _require_equal(cls, moving, audio, SPLITS[2:], "automated")


def _require_equal(
    cls: type[Processor],
    make: Callable[[], Processor],
    audio: Rows,
    splits: Sequence[list[int]],
    kind: str,
) -> None:
    first = stream(make(), audio, RATE, SPLITS[0])
    for sizes in splits:
        same = np.array_equal(stream(make(), audio, RATE, sizes), first)
        require(same, cls, f"{kind} blocks of {sizes} differ from one block")


@contract_check()
def constant_automation_equals_the_setting(cls: type[Processor]) -> None:
    """A parameter automated to stand still does what setting it does."""
    audio = worn_music(RATE, 0.5, 1)
    for name, parameter in cls.parameters.items():
        if isinstance(parameter, FloatParameter) and parameter.automatable:
            value = parameter.from_unit_scale(0.4)
            moved, fixed = cls(), cls(**{name: value})
            moved.automate(name, [(0.0, value)])
            same = np.array_equal(moved.process(audio, RATE), fixed.process(audio, RATE))
            require(same, cls, f"{name} automated to {value} differs from {name} = {value}")


@contract_check()
def latency_is_what_is_predicted(cls: type[Processor]) -> None:
    """``latency_samples`` is the most that is ever held back."""
    one = cls()
    predicted, step = one.predict_latency(RATE), 64
    count = int(2.3 * (predicted + step))
    audio = worn_music(RATE, count / RATE, 1)[:, :count]
    held_back = _held_back(one, audio, [step] * (count // step))
    require(one.latency_samples == predicted, cls, "latency_samples differs from the prediction")
    left = one.flush().shape[1]
    require(left == held_back[-1], cls, f"{held_back[-1]} samples held back, {left} flushed")
    # The most is held back within a block of where most was seen, so there every sample counts.
    highest = int(np.argmax(held_back))
    before = max(highest - 1, 0) * step
    most = max(*held_back, *_held_back(cls(), audio, [before, *[1] * (3 * step)]))
    require(most == predicted, cls, f"a latency of {most} samples, {predicted} predicted")


def _held_back(one: Processor, audio: Rows, sizes: Sequence[int]) -> list[int]:
    """Return how many samples are held back after each block of a stream."""
    held_back, at, pending = [], 0, 0
    for size in sizes:
        block = audio[:, at : at + size]
        pending += block.shape[1] - one.process(block, RATE, reset=False).shape[1]
        held_back.append(pending)
        at += size
    return held_back


@contract_check()
def input_is_never_written(cls: type[Processor]) -> None:
    """The caller's array stays as it was, and need not be writable."""
    audio = worn_music(RATE, 0.5, 2)
    before = audio.copy()
    audio.flags.writeable = False
    out = cls().process(audio, RATE)
    require(np.array_equal(audio, before), cls, "the input was written into")
    require(
        not np.shares_memory(out, audio) or not out.flags.writeable, cls, "output aliases input"
    )


@contract_check()
def runs_repeat(cls: type[Processor]) -> None:
    """The same input gives the same output, whatever was processed before."""
    audio, other = worn_music(RATE, 0.5, 2), worn_music(48_000.0, 0.3, 1)
    one = cls()
    first = one.process(audio, RATE)
    one.process(other, 48_000.0)
    one.process(other[:, :1000], 48_000.0, reset=False)
    require(np.array_equal(one.process(audio, RATE), first), cls, "a second run differs")
    require(
        np.array_equal(one.process(audio, RATE, buffer_size=777), first),
        cls,
        "buffer_size changes the result",
    )
