"""What a stage says it did: in an engineer's words, and true of what it did."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from signals.damaged_music import rag, tone, white

from restorack import Chain, Parallel
from restorack.core.registry import processor_class, processor_names
from restorack.core.stage import Stage

RATE = 44_100


@cache
def music() -> np.ndarray:
    """Return six seconds of ragtime; not to be written into."""
    made = rag()[:, : 6 * RATE]
    made.flags.writeable = False
    return made


def made(name: str, **values: Any) -> Stage:
    stage: Stage = processor_class(f"restorack.{name}")(**values)
    return stage


def said(stage: Stage, signal: np.ndarray) -> str:
    stage.process(signal, RATE)
    return stage.summary()


def test_repairs_are_counted() -> None:
    worn = music().copy()
    worn[0, RATE // 2 :: RATE] += 0.7
    stage = made("Declicker")
    text = said(stage, worn)
    found = stage.findings()
    share = 100 * found["repaired_samples"] / worn.size
    assert found["repairs"] >= 4
    assert text == f"{found['repairs']} clicks repaired ({share:.2g} % of samples)"
    assert said(stage, np.zeros_like(music())) == "no clicks found, unchanged"


def test_hum_is_named_by_its_frequency() -> None:
    hum = sum(tone(50.0 * n, 6.0, 0.02 / n) for n in (1, 2, 3))
    text = said(made("Dehum"), (0.3 * music() + hum).astype(np.float32))
    assert re.fullmatch(r"hum at 50\.0\d Hz, \d lines removed", text), text
    assert said(made("Dehum"), music()) == "no hum found, unchanged"


def test_noise_is_placed_below_the_music() -> None:
    noisy = music() + white(6.0, 0.01)
    text = said(made("SpectralDenoiser", max_attenuation_db=12.0), noisy)
    found = re.fullmatch(r"noise (\d+) dB below the music lowered by up to 12 dB", text)
    assert found, text
    truth = 20 * np.log10(np.std(music()) / 0.01)
    assert float(found[1]) == pytest.approx(truth, abs=3.0)


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("Derumble", {"cutoff_hz": 40.0}, "below 40 Hz lowered by 80 dB"),
        ("PlaybackEq", {"curve": "500R-13.7"}, r"500R-13\.7 curve applied"),
        ("WowCorrector", {}, "no wow found, unchanged"),
        ("Loudness", {"target": -20.0}, r"-\d+\.\d LUFS, gain [+-]\d+\.\d dB.*"),
        (
            "Limiter",
            {"gain_db": 20.0},
            r"gain \+20\.0 dB, limited to -1 dBTP: by up to \d+\.\d dB, .*",
        ),
        ("Dereverb", {}, r"reverberation .*"),
        ("Dither", {"subtype": "PCM_16"}, r"\d+(\.\d+)? % of samples shortened to PCM_16"),
        ("SpeedCorrector", {"method": "cents", "cents": 20.0}, r"speed changed by [+-]20\.0 cents"),
        ("Clicks", {"rate_per_s": 50.0}, r"impulses added: click \d+.*"),
    ],
)
def test_others_say(name: str, values: dict[str, Any], text: str) -> None:
    assert re.fullmatch(text, said(made(name, **values), music())), made(name).summary()


def test_every_stage_speaks_before_and_after_a_signal() -> None:
    for name in processor_names():
        stage = processor_class(name)()
        if isinstance(stage, Stage):
            assert "\n" not in stage.summary()


def test_chains_name_who_speaks() -> None:
    chain = Chain([made("Dehum"), made("WowCorrector")])
    assert (
        said(chain, music())
        == "dehum: no hum found, unchanged; wowcorrector: no wow found, unchanged"
    )
    mix = Parallel([Chain([made("Dehum")]), Chain([])])
    assert said(mix, music()) == "dehum: no hum found, unchanged"


def test_rumble_is_said_with_its_depth() -> None:
    adaptive = made("Derumble", adaptive=True)
    low = 0.05 * np.random.default_rng(3).standard_normal(10 * RATE)
    low = (low - made("Derumble", cutoff_hz=12.0).process(low, RATE)).astype(np.float32)
    text = said(adaptive, low + 0.2 * tone(440.0, 10.0, 1.0).astype(np.float32))
    found = adaptive.findings()
    wanted = f"rumble at {found['rumble_dbfs']:.0f} dBFS, lowered by {found['depth_db']:.0f} dB"
    assert found["depth_db"] >= 1.0
    assert text == wanted
    quiet = said(adaptive, 1e-6 * low + 0.2 * tone(440.0, 10.0, 1.0).astype(np.float32))
    assert quiet.endswith(", unchanged")


def test_a_speed_that_is_right_is_said_so() -> None:
    stage = made("WowCorrector")
    assert stage.summary() == "no wow found, unchanged"
    assert stage.findings() == {"corrected": False}


def test_walls_of_nothing_are_no_walls() -> None:
    stage = made("GrooveWalls")
    stage.prepare([], RATE)
    assert stage.process(np.zeros((2, 0), np.float32), RATE).shape == (2, 0)
