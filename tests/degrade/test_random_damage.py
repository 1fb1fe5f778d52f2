"""Random damage: repeatable data, an exact truth, light to heavy, for many seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.stage import AdditiveDegradation
from restorack.degrade.random_damage import (
    build_damage,
    damage_excerpt,
    draw_damage,
    draw_settings,
)
from restorack.errors import AudioTypeError, ParameterError
from restorack.testing.signals import clean_music

KINDS = ("clicks", "noise", "record", "film", "band")
RATES = (8_000, 16_000, 22_050, 44_100, 48_000, 96_000)


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples.astype(float) ** 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_draws_are_data_and_repeat(kind: str) -> None:
    for seed in range(30):
        settings = draw_settings(np.random.default_rng(seed), kind)
        assert settings == draw_settings(np.random.default_rng(seed), kind)
        again = [tuple(setting) for setting in json.loads(json.dumps(settings))]
        assert again == settings
        built = build_damage(again)
        assert [type(one).__name__ for one in built] == [name for name, _ in settings]
        for one, (_, parameters) in zip(built, settings, strict=True):
            assert {name: one.values()[name] for name in parameters} == parameters
        drawn = draw_damage(np.random.default_rng(seed), kind)
        assert [one.values() for one in drawn] == [one.values() for one in built]


@pytest.mark.parametrize("kind", KINDS)
def test_some_draws_damage_nothing(kind: str) -> None:
    rng = np.random.default_rng(7)
    untouched = sum(not draw_settings(rng, kind) for _ in range(1000))
    assert 30 <= untouched <= 95  # 60, four standard deviations of 7.5
    clean = clean_music(8_000.0, 0.2, 1)
    nothing = damage_excerpt([], clean, 8_000)
    assert np.array_equal(nothing.audio, clean)
    assert np.array_equal(nothing.target, clean)
    assert nothing.audio is not clean
    assert nothing.tracks == {}


@pytest.mark.parametrize("kind", ["clicks", "noise", "record", "film"])
def test_more_severe_damage_is_louder(kind: str) -> None:
    clean = clean_music(22_050.0, 1.0, 1)
    levels = []
    for severity in (0.0, 0.5, 1.0):
        drawn = [
            damage_excerpt(
                draw_damage(np.random.default_rng(seed), kind, (severity, severity)), clean, 22_050
            )
            for seed in range(9)
        ]
        levels.append(np.median([rms(one.audio - one.target) for one in drawn]))
    assert levels[0] < 0.5 * levels[1] < 0.25 * levels[2]


def test_noise_draws_cover_zero_to_forty_decibels() -> None:
    rng = np.random.default_rng(3)
    levels = [
        parameters["level_db"]
        for _ in range(400)
        for name, parameters in draw_settings(rng, "noise")
        if name in ("Hiss", "SurfaceNoise")
    ]
    counts, _ = np.histogram(levels, bins=(-48, -36, -24, -12, 3))
    assert counts.min() > 60


def test_a_folder_gives_a_third_of_the_noises(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "fan.wav", np.random.default_rng(1).uniform(-0.1, 0.1, 9_000), 8_000)
    rng = np.random.default_rng(4)
    drawn = [draw_settings(rng, "noise", noise_folder=str(tmp_path)) for _ in range(300)]
    share = np.mean([any(name == "NoiseFolder" for name, _ in one) for one in drawn])
    assert share == pytest.approx(0.94 / 3, abs=0.1)
    one = next(one for one in drawn if one and one[0][0] == "NoiseFolder")
    clean = clean_music(8_000.0, 0.5, 1)
    assert rms(damage_excerpt(build_damage(one), clean, 8_000).tracks["noise"]) > 0


def test_bad_requests_are_named() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ParameterError, match="'clicks'"):
        draw_settings(rng, "click")
    with pytest.raises(ParameterError, match="least"):
        draw_settings(rng, "noise", (0.9, 0.1))
    with pytest.raises(ParameterError, match="not a degradation"):
        build_damage([("Declicker", {})])
    with pytest.raises(AudioTypeError, match="int16"):
        damage_excerpt([], np.zeros(9, np.int16), 8_000)


def damaged_by(seed: int) -> tuple[list[Any], np.ndarray, Any, int]:
    rng = np.random.default_rng(seed)
    rate = int(rng.choice(RATES))
    channels = int(rng.integers(1, 4))
    clean = clean_music(float(rate), float(rng.uniform(0.2, 0.5)), channels)
    clean *= np.float32(10.0 ** rng.uniform(-2.0, 0.0))
    chain = draw_damage(rng, KINDS[seed % len(KINDS)])
    return chain, clean, damage_excerpt(chain, clean, rate), rate


def lag_of(chain: list[Any], rate: int) -> int:
    """Return where the cross-correlation of white noise before and after is highest."""
    noise = 0.1 * np.random.default_rng(2).standard_normal(rate // 4)
    other = damage_excerpt(chain, noise.astype(np.float32), rate).target
    size = 2 * noise.size
    spectrum = np.fft.rfft(other.astype(float), size) * np.conj(np.fft.rfft(noise, size))
    lag = int(np.fft.irfft(spectrum).argmax())
    return lag if lag < noise.size else lag - size


def check_seed(seed: int) -> None:
    chain, clean, damaged, rate = damaged_by(seed)
    assert damaged.audio.shape == damaged.target.shape == clean.shape
    assert damaged.audio.dtype == np.float32
    assert np.isfinite(damaged.audio).all()
    assert np.abs(damaged.audio).max() < 30.0 * np.abs(clean).max()
    tracks: Any = sum(damaged.tracks.values())
    assert np.array_equal(damaged.audio, damaged.target + tracks)
    for event in damaged.events:
        assert 0 <= event.start_sample < clean.shape[1]
        assert 1 <= event.length <= clean.shape[1] - event.start_sample
        assert 0.0 < event.peak < 4.0 * np.abs(damaged.target).max()
    for one in chain:
        for name, parameter in type(one).parameters.items():
            if isinstance(parameter, FloatParameter):
                assert parameter.minimum <= getattr(one, name) <= parameter.maximum
        if isinstance(one, AdditiveDegradation):  # added: it cannot have moved anything
            assert set(one.tracks_made) <= set(damaged.tracks)
    changes = [one for one in chain if not isinstance(one, AdditiveDegradation)]
    if changes:
        # resonances of minimum phase delay their own band: by less than 0.05 ms
        assert abs(lag_of(changes, rate)) <= max(0.5, 5e-5 * rate)


@pytest.mark.parametrize("seed", range(0, 1000, 40))
def test_some_seeds_keep_the_promises(seed: int) -> None:
    check_seed(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(3))
def test_more_seeds_keep_the_promises(first: int) -> None:
    for seed in range(1 + first, 1000, 20):
        check_seed(seed)
