"""What comes out: mix, residual, silence, channels, rates, hard signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.errors import AudioError, AudioTypeError, ParameterError, RestorackError
from restorack.testing.contract import RATE, contract_check, require
from restorack.testing.signals import clean_music, worn_music


@contract_check(Trait.CHANGES_LENGTH)
def mix_zero_returns_the_input(cls: type[Processor]) -> None:
    """``mix=0`` is bit-exact; half a mix lies half-way."""
    audio = worn_music(RATE, 0.8, 2)
    dry = cls(mix=0.0).process(audio, RATE)
    require(np.array_equal(dry, audio), cls, "mix=0 changes the signal")
    wet, half = cls().process(audio, RATE), cls(mix=0.5).process(audio, RATE)
    close = np.allclose(half, (audio.astype(float) + wet) / 2, atol=1e-6)
    require(close, cls, "mix=0.5 is not half-way between dry and wet")


@contract_check(Trait.CHANGES_LENGTH)
def residual_is_what_was_removed(cls: type[Processor]) -> None:
    """Input minus output is the residual output."""
    audio = worn_music(RATE, 0.8, 2)
    removed = cls(residual=True).process(audio, RATE)
    same = np.array_equal(audio - cls().process(audio, RATE), removed)
    require(same, cls, "residual is not input minus output")


@contract_check(Trait.ADDS_SOUND)
def silence_stays_silence(cls: type[Processor]) -> None:
    """Zeros in, zeros out."""
    out = cls().process(np.zeros((2, 30_000), np.float32), RATE)
    require(not out.any(), cls, "silence became sound")


@contract_check(Trait.STOCHASTIC)
def dual_mono_is_mono_twice(cls: type[Processor]) -> None:
    """Each channel of dual mono equals the mono result."""
    audio = worn_music(RATE, 0.8, 1)
    mono = cls().process(audio[0], RATE)
    dual = cls().process(np.repeat(audio, 2, axis=0), RATE)
    require(mono.ndim == 1, cls, "a mono array came back with two dimensions")
    same = np.array_equal(dual[0], mono) and np.array_equal(dual[1], mono)
    require(same, cls, "dual mono differs from mono")


@contract_check(Trait.CHANGES_LENGTH)
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
        require(out.shape == audio.shape, cls, f"{audio.shape} became {out.shape} at {rate} Hz")
        require(bool(np.isfinite(out).all()), cls, f"not finite at {rate} Hz")
        require(out.dtype == np.float32, cls, f"output is {out.dtype}")


@contract_check(Trait.CHANGES_LENGTH)
def short_and_hard_signals_survive(cls: type[Processor]) -> None:
    """Empty, one sample, squares, constants, impulses, tiny and huge values."""
    for length in (0, 1, 2, 63, 1000):
        for shape in ((length,), (2, length)):
            out = cls().process(np.full(shape, 0.25, np.float32), RATE)
            require(out.shape == shape, cls, f"shape {shape} became {out.shape}")
    count = 20_000
    impulse = np.zeros(count)
    impulse[count // 2] = 1.0
    square = np.sign(np.sin(np.arange(count) * 0.05 + 0.01))
    noise = np.random.default_rng(1).standard_normal(count)
    for signal in (impulse, square, np.ones(count), 1e-30 * noise, 1e-41 * noise, 50.0 * noise):
        out = cls().process(signal, RATE)
        require(bool(np.isfinite(out).all()), cls, "a hard signal made it not finite")


@contract_check()
def sound_stays_sound(cls: type[Processor]) -> None:
    """Music in, something of its level out: no stage may mute by mistake."""
    audio = worn_music(RATE, 1.0, 2)
    out = cls().process(audio, RATE)
    ratio = float(np.sqrt(np.mean(out.astype(float) ** 2) / np.mean(audio.astype(float) ** 2)))
    require(0.05 < ratio < 20.0, cls, f"level changed by a factor of {ratio:.3g}")


@contract_check()
def clean_input_passes(cls: type[Processor]) -> None:
    """Where nothing is wrong, a restoring stage returns its input bit for bit."""
    if Trait.RESTORES in cls.traits:
        audio = clean_music(RATE, 2.5, 2)
        changed = cls().process(audio, RATE) != audio
        require(not changed.any(), cls, f"{changed.mean():.2%} of clean samples changed")


@contract_check()
def bad_input_is_refused(cls: type[Processor]) -> None:
    """Integers, NaN, too many rows, a changed rate and unknown parameters are named errors."""
    one = cls()
    music = worn_music(RATE, 0.1, 1)
    poisoned = music.copy()
    poisoned[0, 17] = np.nan
    cases: list[tuple[Callable[[], Any], type[RestorackError], str]] = [
        (lambda: one.process(np.zeros(9, np.int16), RATE), AudioTypeError, "32768|2.0**15"),
        (lambda: one.process(poisoned, RATE), AudioError, "position 17"),
        (lambda: one.process(np.zeros((100, 70)), RATE), AudioError, "transpose"),
        (lambda: one.process(music, -1.0), AudioError, "sample rate"),
        (lambda: cls(no_such_parameter=1), ParameterError, "no_such_parameter"),
    ]
    for attempt, kind, word in cases:
        try:
            attempt()
        except kind as error:
            said = any(part in str(error) for part in word.split("|"))
            require(said, cls, f"the error does not say {word!r}: {error}")
        else:
            require(False, cls, f"no {kind.__name__} for bad input")
    one.process(music, RATE, reset=False)
    try:
        one.process(music, RATE / 2, reset=False)
    except AudioError:
        return
    require(False, cls, "a stream may change its rate")


@contract_check()
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
        require(bool(np.isfinite(out).all()), cls, f"{name} became not finite {settings}")
