"""Dereverb: rooms become drier, what is dry keeps its bits, nothing becomes louder."""

from __future__ import annotations

import numpy as np
import pytest
from signals.rooms import RATE, dry_sounds, in_room

from restorack.plugins.room.dereverb import Dereverb, cross_faded
from restorack.testing.checks import stream

DRY = dry_sounds(7.0)


def distance_db(one: np.ndarray, other: np.ndarray) -> float:
    """The log-spectral distance, levels below -50 dB taken for that."""
    spectra = []
    for signal in (one, other):
        frames = np.lib.stride_tricks.sliding_window_view(signal, 512)[::256]
        spectra.append(np.abs(np.fft.rfft(frames * np.hanning(512), axis=1)))
    floor = spectra[0].max() * 10 ** (-50 / 20)
    levels = [20 * np.log10(np.maximum(spectrum, floor)) for spectrum in spectra]
    return float(np.sqrt(((levels[0] - levels[1]) ** 2).mean(axis=1)).mean())


@pytest.mark.parametrize("rt60", [0.6, 1.0])
def test_a_room_becomes_drier(rt60: float) -> None:
    wet = in_room(DRY, rt60).astype(np.float32)
    stage = Dereverb()
    out = stage.process(wet, RATE)
    assert distance_db(DRY, out) < 0.75 * distance_db(DRY, wet)
    found = stage.findings()
    assert found["rt60_after_s"] < found["rt60_before_s"]
    assert found["certainty"] > 0.5
    assert stage.summary().startswith(f"reverberation time {found['rt60_before_s']:.2f} to ")


def test_what_is_dry_keeps_its_bits() -> None:
    signal = DRY.astype(np.float32)
    stage = Dereverb()
    assert np.array_equal(stage.process(signal, RATE), signal)
    assert stage.summary().endswith("unchanged")


@pytest.mark.slow
def test_strength_and_depth() -> None:
    wet = in_room(DRY, 0.8).astype(np.float32)
    assert np.array_equal(Dereverb(strength=0.0).process(wet, RATE), wet)
    half, shallow, deep = (
        distance_db(wet, Dereverb(**values).process(wet, RATE))
        for values in ({"strength": 0.4}, {"max_attenuation_db": 6.0}, {})
    )
    assert half < deep
    assert shallow < deep


@pytest.mark.slow
def test_nothing_becomes_louder() -> None:
    wet = in_room(DRY, 0.8).astype(np.float32)
    out = Dereverb().process(wet, RATE).astype(np.float64)
    size = 4096
    before, after = (
        (x[: x.size // size * size].reshape(-1, size).astype(float) ** 2).sum(axis=1)
        for x in (wet, out)
    )
    assert (after <= 1.02 * before + 1e-6).all()


def test_a_stream_without_a_first_pass_passes() -> None:
    wet = in_room(DRY, 0.8).astype(np.float32)
    stage = Dereverb()
    with pytest.warns(Warning, match="first pass"):
        parts = [
            stage.process(wet[at : at + 9999], RATE, reset=False) for at in range(0, wet.size, 9999)
        ]
    out = np.concatenate([*parts, stage.flush()])
    assert np.array_equal(out, wet)
    assert stage.summary().endswith("no first pass: unchanged")


def test_blocks_do_not_matter() -> None:
    wet = np.stack([in_room(DRY, 0.8, seed=n) for n in (1, 2)]).astype(np.float32)
    stage = Dereverb()
    stage.prepare([wet], RATE)
    whole = stage.process(wet, RATE)
    assert (whole != wet).any()
    assert np.array_equal(stream(stage, wet, RATE, [30_001, 777]), whole)


def test_estimates_fade_into_each_other() -> None:
    ones, zeros = np.ones((2, 8, 3), np.complex128), np.zeros((2, 8, 3), np.complex128)
    assert np.allclose(cross_faded(ones, ones), 1.0)
    rise = cross_faded(zeros, ones)[0, :, 0].real
    assert np.allclose(np.diff(rise), 1 / 8)
    assert np.allclose(rise + rise[::-1], 1.0)
    assert np.allclose(cross_faded(ones, zeros)[0, :, 0].real, 1.0 - rise)
