"""The laws of the processor contract, as checks that run over any processor class.

``for law in LAWS: law.check(Declicker)`` raises :class:`ContractError` where one does not hold.
Packages that add stages run the same checks over theirs.
"""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.errors import AudioError, AudioTypeError, ParameterError, RestorackError
from restorack.testing.signals import clean_music, worn_music

RATE = 44_100.0


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
            self.check_class(cls)


CONTRACT_CHECKS: list[ContractCheck] = []


def _contract_check(*exempt: Trait) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        CONTRACT_CHECKS.append(ContractCheck(check.__name__, check, frozenset(exempt)))
        return check

    return register


def _require(holds: bool, cls: type[Processor], what: str) -> None:
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


@_contract_check()
def prepared_streams_equal_the_whole(cls: type[Processor]) -> None:
    """``prepare``, any split, ``flush`` equals ``process``, bit for bit."""
    audio = worn_music(RATE, 1.6, 2)
    whole = cls().process(audio, RATE)
    for sizes in SPLITS:
        one = cls()
        one.prepare((audio[:, at : at + 5000] for at in range(0, audio.shape[1], 5000)), RATE)
        parts = stream(one, audio, RATE, sizes)
        _require(np.array_equal(parts, whole), cls, f"blocks of {sizes} differ from the whole")


@_contract_check()
def unprepared_streams_are_equal_for_every_split(cls: type[Processor]) -> None:
    """A stream without a first pass does not depend on its blocks either."""
    audio = worn_music(RATE, 1.2, 1)
    first = stream(cls(), audio, RATE, SPLITS[0])
    for sizes in SPLITS[1:]:
        _require(
            np.array_equal(stream(cls(), audio, RATE, sizes), first),
            cls,
            f"unprepared blocks of {sizes} differ from one block",
        )


@_contract_check()
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

    first = stream(moving(), audio, RATE, SPLITS[0])
    for sizes in SPLITS[2:]:
        _require(
            np.array_equal(stream(moving(), audio, RATE, sizes), first),
            cls,
            f"automated blocks of {sizes} differ from one block",
        )


@_contract_check()
def constant_automation_equals_the_setting(cls: type[Processor]) -> None:
    """A parameter automated to stand still does what setting it does."""
    audio = worn_music(RATE, 0.5, 1)
    for name, parameter in cls.parameters.items():
        if isinstance(parameter, FloatParameter) and parameter.automatable:
            value = parameter.from_unit_scale(0.4)
            moved, fixed = cls(), cls(**{name: value})
            moved.automate(name, [(0.0, value)])
            same = np.array_equal(moved.process(audio, RATE), fixed.process(audio, RATE))
            _require(same, cls, f"{name} automated to {value} differs from {name} = {value}")


@_contract_check()
def latency_is_what_is_predicted(cls: type[Processor]) -> None:
    """``latency_samples`` is the most that is ever held back."""
    one = cls()
    predicted, step = one.predict_latency(RATE), 64
    count = int(2.3 * (predicted + step))
    audio = worn_music(RATE, count / RATE, 1)[:, :count]
    held_back = _held_back(one, audio, [step] * (count // step))
    _require(one.latency_samples == predicted, cls, "latency_samples differs from the prediction")
    left = one.flush().shape[1]
    _require(left == held_back[-1], cls, f"{held_back[-1]} samples held back, {left} flushed")
    # The most is held back within a block of where most was seen, so there every sample counts.
    highest = int(np.argmax(held_back))
    before = max(highest - 1, 0) * step
    most = max(*held_back, *_held_back(cls(), audio, [before, *[1] * (3 * step)]))
    _require(most == predicted, cls, f"{most} samples of latency, {predicted} predicted")


def _held_back(one: Processor, audio: Rows, sizes: Sequence[int]) -> list[int]:
    """Return how many samples are held back after each block of a stream."""
    held_back, at, pending = [], 0, 0
    for size in sizes:
        block = audio[:, at : at + size]
        pending += block.shape[1] - one.process(block, RATE, reset=False).shape[1]
        held_back.append(pending)
        at += size
    return held_back


@_contract_check(Trait.CHANGES_LENGTH)
def mix_zero_returns_the_input(cls: type[Processor]) -> None:
    """``mix=0`` is bit-exact; half a mix lies half-way."""
    audio = worn_music(RATE, 0.8, 2)
    dry = cls(mix=0.0).process(audio, RATE)
    _require(np.array_equal(dry, audio), cls, "mix=0 changes the signal")
    wet, half = cls().process(audio, RATE), cls(mix=0.5).process(audio, RATE)
    close = np.allclose(half, (audio.astype(float) + wet) / 2, atol=1e-6)
    _require(close, cls, "mix=0.5 is not half-way between dry and wet")


@_contract_check(Trait.CHANGES_LENGTH)
def residual_is_what_was_removed(cls: type[Processor]) -> None:
    """Input minus output is the residual output."""
    audio = worn_music(RATE, 0.8, 2)
    removed = cls(residual=True).process(audio, RATE)
    same = np.array_equal(audio - cls().process(audio, RATE), removed)
    _require(same, cls, "residual is not input minus output")


@_contract_check(Trait.ADDS_SOUND)
def silence_stays_silence(cls: type[Processor]) -> None:
    """Zeros in, zeros out."""
    out = cls().process(np.zeros((2, 30_000), np.float32), RATE)
    _require(not out.any(), cls, "silence became sound")


@_contract_check(Trait.STOCHASTIC)
def dual_mono_is_mono_twice(cls: type[Processor]) -> None:
    """Each channel of dual mono equals the mono result."""
    audio = worn_music(RATE, 0.8, 1)
    mono = cls().process(audio[0], RATE)
    dual = cls().process(np.repeat(audio, 2, axis=0), RATE)
    _require(mono.ndim == 1, cls, "a mono array came back with two dimensions")
    same = np.array_equal(dual[0], mono) and np.array_equal(dual[1], mono)
    _require(same, cls, "dual mono differs from mono")


@_contract_check()
def input_is_never_written(cls: type[Processor]) -> None:
    """The caller's array stays as it was, and need not be writable."""
    audio = worn_music(RATE, 0.5, 2)
    before = audio.copy()
    audio.flags.writeable = False
    out = cls().process(audio, RATE)
    _require(np.array_equal(audio, before), cls, "the input was written into")
    _require(
        not np.shares_memory(out, audio) or not out.flags.writeable, cls, "output aliases input"
    )


@_contract_check()
def runs_repeat(cls: type[Processor]) -> None:
    """The same input gives the same output, whatever was processed before."""
    audio, other = worn_music(RATE, 0.5, 2), worn_music(48_000.0, 0.3, 1)
    one = cls()
    first = one.process(audio, RATE)
    one.process(other, 48_000.0)
    one.process(other[:, :1000], 48_000.0, reset=False)
    _require(np.array_equal(one.process(audio, RATE), first), cls, "a second run differs")
    _require(
        np.array_equal(one.process(audio, RATE, buffer_size=777), first),
        cls,
        "buffer_size changes the result",
    )


@_contract_check()
def pickles_and_threads_change_nothing(cls: type[Processor]) -> None:
    """A pickled copy, and one in another thread, give the same."""
    audio = worn_music(RATE, 0.5, 2)
    one = cls()
    expected = one.process(audio, RATE)
    one.prepare([audio], RATE)
    copy = pickle.loads(pickle.dumps(one))  # noqa: S301  own object, pickled just now
    _require(np.array_equal(copy.process(audio, RATE), expected), cls, "a pickled copy differs")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: cls().process(audio, RATE), range(2)))
    same = all(np.array_equal(result, expected) for result in results)
    _require(same, cls, "a run in a thread differs")


@_contract_check()
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


@_contract_check()
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
    _require(not any(wrong), cls, f"{how}: {'; '.join(filter(None, wrong))}")


@_contract_check(Trait.CHANGES_LENGTH)
def every_rate_and_channel_count_works(cls: type[Processor]) -> None:
    """8 to 192 kHz, one to six channels: finite and as long as the input."""
    cases = [
        (8000, 1),
        (11_025, 2),
        (32_000, 1),
        (48_000, 3),
        (96_000, 2),
        (192_000, 1),
        (44_100, 6),
    ]
    for rate, channels in cases:
        audio = worn_music(float(rate), 0.4, channels)
        out = cls().process(audio, rate)
        _require(out.shape == audio.shape, cls, f"{audio.shape} became {out.shape} at {rate} Hz")
        _require(bool(np.isfinite(out).all()), cls, f"not finite at {rate} Hz")
        _require(out.dtype == np.float32, cls, f"output is {out.dtype}")


@_contract_check(Trait.CHANGES_LENGTH)
def short_and_hard_signals_survive(cls: type[Processor]) -> None:
    """Empty, one sample, squares, constants, impulses, tiny and huge values."""
    for length in (0, 1, 2, 63, 1000):
        for shape in ((length,), (2, length)):
            out = cls().process(np.full(shape, 0.25, np.float32), RATE)
            _require(out.shape == shape, cls, f"shape {shape} became {out.shape}")
    count = 20_000
    impulse = np.zeros(count)
    impulse[count // 2] = 1.0
    square = np.sign(np.sin(np.arange(count) * 0.05 + 0.01))
    noise = np.random.default_rng(1).standard_normal(count)
    for signal in (impulse, square, np.ones(count), 1e-30 * noise, 1e-41 * noise, 50.0 * noise):
        out = cls().process(signal, RATE)
        _require(bool(np.isfinite(out).all()), cls, "a hard signal made it not finite")


@_contract_check()
def sound_stays_sound(cls: type[Processor]) -> None:
    """Music in, something of its level out: no stage may mute by mistake."""
    audio = worn_music(RATE, 1.0, 2)
    out = cls().process(audio, RATE)
    ratio = float(np.sqrt(np.mean(out.astype(float) ** 2) / np.mean(audio.astype(float) ** 2)))
    _require(0.05 < ratio < 20.0, cls, f"level changed by a factor of {ratio:.3g}")


def clean_input_passes(cls: type[Processor]) -> None:
    """Where nothing is wrong, a restoring stage returns its input bit for bit."""
    if Trait.RESTORES in cls.traits:
        audio = clean_music(RATE, 2.5, 2)
        changed = cls().process(audio, RATE) != audio
        _require(not changed.any(), cls, f"{changed.mean():.2%} of clean samples changed")


CONTRACT_CHECKS.append(ContractCheck("clean_input_passes", clean_input_passes, frozenset()))


@_contract_check()
def bad_input_is_refused(cls: type[Processor]) -> None:
    """Integers, NaN, too many rows, a changed rate and unknown parameters are named errors."""
    one = cls()
    music = worn_music(RATE, 0.1, 1)
    poisoned = music.copy()
    poisoned[0, 17] = np.nan
    cases: list[tuple[Callable[[], Any], type[RestorackError], str]] = [
        (lambda: one.process(np.zeros(9, np.int16), RATE), AudioTypeError, "32768|2.0**15"),
        (lambda: one.process(poisoned, RATE), AudioError, "position 17"),
        (lambda: one.process(np.zeros((100, 2)), RATE), AudioError, "transpose"),
        (lambda: one.process(music, -1.0), AudioError, "sample rate"),
        (lambda: cls(no_such_parameter=1), ParameterError, "no_such_parameter"),
    ]
    for attempt, kind, word in cases:
        try:
            attempt()
        except kind as error:
            said = any(part in str(error) for part in word.split("|"))
            _require(said, cls, f"the error does not say {word!r}: {error}")
        else:
            _require(False, cls, f"no {kind.__name__} for bad input")
    one.process(music, RATE, reset=False)
    try:
        one.process(music, RATE / 2, reset=False)
    except AudioError:
        return
    _require(False, cls, "a stream may change its rate")


@_contract_check()
def finite_stays_finite(cls: type[Processor]) -> None:
    """Samples that a float32 holds never become NaN or infinite, in them or after them."""
    largest = float(np.finfo(np.float32).max)
    music = worn_music(RATE, 0.2, 2)
    music /= np.abs(music).max()
    count = music.shape[1]
    spike = music.copy()
    spike[:, count // 3] = largest
    turns = np.array([largest, -largest], np.float32)
    signals = {
        "music at 1e30": music * np.float32(1e30),
        "music at full range": music * np.float32(largest),
        "music at 1e-42": music * np.float32(1e-42),
        "a constant of 1e30": np.full((2, count), 1e30, np.float32),
        "the largest floats in turn": np.tile(turns, (2, count // 2)),
        "one sample of the largest": spike,
    }
    cases: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in signals]
    cases += [("one sample of the largest", {"mix": 0.5}), ("music at 1e30", {"residual": True})]
    for name, settings in cases:
        out = cls(**settings).process(signals[name], RATE)
        _require(bool(np.isfinite(out).all()), cls, f"{name} became not finite {settings}")
