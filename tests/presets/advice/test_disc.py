"""What a disc's transfer needs beside a preset: a stage and its parameters, or why not."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.analysis import analyze_audio
from restorack.core.registry import processor_class
from restorack.meters.findings import (
    CurveFigures,
    Findings,
    RotationFigures,
    StereoFigures,
    TuningFigures,
    WallFigures,
)
from restorack.presets.advice.disc import disc_steps

EMPTY = analyze_audio(np.zeros((2, 4_410)), 44_100)
TURNING = RotationFigures(rpm=76.59, nominal_rpm=76.59, confidence=0.8)
GROOVE = StereoFigures(
    kind="mono groove", correlation=0.99, balance_db=0.0, vertical_over_lateral_db=-25.0
)
WALLS = WallFigures(
    delay_samples=0.4, balance_db=0.1, noise_left_over_right_db={"1000": 8.0, "2000": 7.0},
    best="right", difference_follows_music=0.1, vertical_low_db=-35.0,
)  # fmt: skip


def steps(**changes):
    found: Findings = EMPTY.model_copy(update=changes)
    return {one.topic: one for one in disc_steps(found)}


def test_what_is_no_disc_needs_nothing():
    assert steps() == {}
    stereo = GROOVE.model_copy(update={"kind": "stereo"})
    assert steps(stereo=stereo, tuning=TuningFigures(a4_hz=450.0, cents=38.9, confidence=1)) == {}


def test_a_disc_that_turned_as_it_should_stays():
    said = steps(rotation=TURNING)["speed"]
    assert said.stage is None
    assert "76.59" in said.reason


def test_a_doubtful_rotation_is_no_advice():
    doubtful = RotationFigures(rpm=77.5, nominal_rpm=78.26, confidence=0.29)
    said = steps(stereo=GROOVE, walls=WALLS, rotation=doubtful)["speed"]
    assert said.stage is None
    assert "0.29" in said.reason


@pytest.mark.parametrize(("rpm", "nominal", "recorded"), [
    (77.5, 78.26, 78.26), (33.0, 33.333, 33.333), (45.4, 45.0, 45.0),
])  # fmt: skip
def test_a_wrong_speed_gets_its_correction(rpm, nominal, recorded):
    said = steps(rotation=RotationFigures(rpm=rpm, nominal_rpm=nominal, confidence=0.9))["speed"]
    assert said.stage == "restorack.SpeedCorrector"
    assert said.parameters == {"rpm_played": rpm, "rpm_recorded": recorded}


def test_a_tuning_is_told_and_corrected_where_it_is_off():
    near = steps(rotation=TURNING, tuning=TuningFigures(a4_hz=442.5, cents=9.8, confidence=0.9))
    assert near["tuning"].stage is None
    off = steps(rotation=TURNING, tuning=TuningFigures(a4_hz=446.0, cents=23.5, confidence=0.9))
    assert off["tuning"].parameters == {"method": "tuning", "tuning_hz": 440.0}


def test_a_mono_groove_gets_its_walls_azimuth_and_low_end():
    found = steps(stereo=GROOVE, walls=WALLS)
    assert found["walls"].parameters == {"take": "right"}
    assert found["azimuth"].parameters == {"delay_ms": "auto"}
    assert found["low end"].parameters == {"below_hz": 1_000.0}
    assert list(found) == ["speed", "tuning", "azimuth", "curve", "low end", "walls"]


def test_near_mono_stereo_is_not_summed():
    music = WALLS.model_copy(update={"difference_follows_music": 0.6})
    found = steps(stereo=GROOVE, rotation=TURNING, walls=music)
    assert found["walls"].stage is None
    assert "azimuth" not in found
    assert "low end" not in found


def test_a_curve_is_named_or_left_open():
    assert steps(stereo=GROOVE, walls=WALLS)["curve"].stage is None
    told = CurveFigures(curve="European-78", undo="RIAA", treble="to be raised", confidence=0.95)
    said = steps(stereo=GROOVE, walls=WALLS, curve=told)["curve"]
    assert said.parameters == {"curve": "European-78", "undo": "RIAA"}
    assert "0.95" in said.reason


@pytest.mark.parametrize(("seconds", "is_side"), [(599.0, False), (600.0, True)])
def test_a_side_is_split_and_a_piece_is_not(seconds, is_side):
    long = EMPTY.recording.model_copy(update={"duration_seconds": seconds})
    said = steps(recording=long, rotation=TURNING)
    assert ("tracks" in said) == is_side
    if is_side:
        assert said["tracks"].stage is None
        assert "10 minutes" in said["tracks"].reason
        assert "restorack split" in said["tracks"].reason
    assert steps(recording=long) == {}


def test_every_stage_takes_what_is_advised():
    told = CurveFigures(curve="RIAA", treble="to be lowered", confidence=0.95)
    slow = RotationFigures(rpm=77.0, nominal_rpm=78.26, confidence=0.9)
    tuning = TuningFigures(a4_hz=446.0, cents=23.5, confidence=0.9)
    found = steps(stereo=GROOVE, walls=WALLS, curve=told, rotation=slow, tuning=tuning)
    made = [processor_class(one.stage)(**one.parameters) for one in found.values() if one.stage]
    assert len(made) == 6
