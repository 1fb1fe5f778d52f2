"""What all stages that change the signal have in common, in settings other than the defaults."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from restorack.core.parameters import (
    BoolParameter,
    ChoiceParameter,
    FloatParameter,
    IntParameter,
)
from restorack.core.processor import Processor
from restorack.degrade.channel.band_limit import BandLimit
from restorack.degrade.channel.horn_resonance import HornResonance
from restorack.degrade.channel.phone_microphone import PhoneMicrophone
from restorack.degrade.channel.room import Room
from restorack.degrade.channel.tracing_distortion import TracingDistortion
from restorack.degrade.channel.tube_distortion import TubeDistortion
from restorack.degrade.channel.wow_flutter import WowFlutter
from restorack.degrade.codecs.codec_damage import CodecDamage
from restorack.degrade.codecs.neural_codec_damage import NeuralCodecDamage
from restorack.degrade.degradation import Degradation
from restorack.testing.checks import CONTRACT_CHECKS, ContractCheck

STAGES: list[type[Degradation]] = [
    BandLimit,
    CodecDamage,
    HornResonance,
    NeuralCodecDamage,
    PhoneMicrophone,
    Room,
    TracingDistortion,
    TubeDistortion,
    WowFlutter,
]

SETTINGS: list[tuple[type[Degradation], dict[str, Any]]] = [
    (BandLimit, {"phase": "minimum", "shape": "elliptic"}),
    (BandLimit, {"shape": "random", "seed": 5}),
    (CodecDamage, {"codec": "aac"}),
    (CodecDamage, {"codec": "gsm"}),
    (PhoneMicrophone, {"codec": "narrow"}),
    (PhoneMicrophone, {"codec": "wide", "suppression_db": 0.0, "high_hz": 7_000.0}),
    (TracingDistortion, {"cut": "lateral", "inward_mm_per_min": 50.0, "stylus_um": 100.0}),
    (Room, {"rt60_s": 1.6, "distance_m": 1.5, "volume_m3": 2_000.0}),
]

QUICK = {"latency_is_what_is_predicted", "silence_stays_silence", "dual_mono_is_mono_twice"}
BINDING = [
    pytest.param(
        contract_check,
        id=contract_check.name,
        marks=[] if contract_check.name in QUICK else pytest.mark.slow,
    )
    for contract_check in CONTRACT_CHECKS
    if contract_check.name
    != "pickles_and_threads_change_nothing"  # classes made here do not pickle
]


def with_settings(stage: type[Degradation], settings: dict[str, Any]) -> type[Processor]:
    """Return a class whose defaults are these settings."""

    def start(self: Any, **parameters: Any) -> None:
        stage.__init__(self, **{**settings, **parameters})

    return type(stage.__name__, (stage,), {"__init__": start})


@pytest.mark.parametrize("contract_check", BINDING)
@pytest.mark.parametrize(("stage", "settings"), SETTINGS, ids=str)
def test_laws_hold_in_other_settings(
    stage: type[Degradation], settings: dict[str, Any], contract_check: ContractCheck
) -> None:
    contract_check.check(with_settings(stage, settings))


def drawn(stage: type[Degradation], rng: np.random.Generator) -> Degradation:
    """Return a stage all of whose parameters are drawn."""
    values: dict[str, Any] = {}
    for name, parameter in stage.parameters.items():
        if name in stage.parameters_shared:
            continue
        if isinstance(parameter, FloatParameter):
            values[name] = parameter.from_unit_scale(float(rng.uniform()))
        elif isinstance(parameter, IntParameter):
            values[name] = int(rng.integers(parameter.minimum, parameter.maximum + 1))
        elif isinstance(parameter, ChoiceParameter):
            values[name] = str(rng.choice(parameter.choices))
        elif isinstance(parameter, BoolParameter):
            values[name] = bool(rng.integers(2))
    if stage is BandLimit and values["low_hz"] >= values["high_hz"]:
        values["low_hz"] = 0.5 * values["high_hz"]
    return stage(**values)


def stays_finite_and_in_range(stage: type[Degradation], seed: int) -> None:
    rng = np.random.default_rng([seed, STAGES.index(stage)])
    rate = float(rng.choice([8_000.0, 16_000.0, 22_050.0]))
    channels, count = int(rng.integers(1, 3)), int(rng.integers(0, 3_000))
    audio = rng.uniform(-1.0, 1.0, (channels, count)).astype(np.float32)
    damaged = drawn(stage, rng).damage(audio, rate)
    assert damaged.audio.shape == audio.shape
    assert damaged.audio.dtype == np.float32
    assert np.isfinite(damaged.audio).all()
    assert np.abs(damaged.audio).max(initial=0.0) < 1_000.0
    assert damaged.tracks == {}
    assert damaged.events == ()


@pytest.mark.parametrize("stage", STAGES)
def test_any_setting_stays_finite(stage: type[Degradation]) -> None:
    for seed in range(12):
        stays_finite_and_in_range(stage, seed)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_more_settings_stay_finite(stage: type[Degradation]) -> None:
    slow = stage in (Room, PhoneMicrophone)  # a tenth of a second each
    for seed in range(12, 60 if slow else 150):
        stays_finite_and_in_range(stage, seed)


@pytest.mark.parametrize(
    ("stage", "settings"),
    [
        *((stage, {}) for stage in STAGES if stage is not WowFlutter),
        (CodecDamage, {"codec": "aac"}),
        (CodecDamage, {"codec": "gsm"}),
        (PhoneMicrophone, {"codec": "wide"}),
    ],
    ids=str,
)
def test_the_output_lies_where_the_input_did(
    stage: type[Degradation], settings: dict[str, Any]
) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(40_000)
    for seed in range(3):
        out = stage(seed=seed, **settings).process(noise, 44_100.0)
        spectra = np.fft.rfft([noise, out], 1 << 17)
        correlation = np.fft.irfft(spectra[1] * np.conj(spectra[0]))
        assert np.argmax(correlation) == 0


@pytest.mark.parametrize("stage", STAGES)
def test_one_sample_and_none(stage: type[Degradation]) -> None:
    for count in (0, 1):
        out = stage().process(np.full((2, count), 0.5, np.float32), 48_000.0)
        assert out.shape == (2, count)
        assert np.isfinite(out).all()


@pytest.mark.parametrize("stage", [HornResonance, NeuralCodecDamage, Room, WowFlutter])
def test_seeds_differ_and_repeat(stage: type[Degradation]) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(8_000)
    one, two, again = (stage(seed=seed).process(noise, 16_000.0) for seed in (1, 2, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, two)
