"""The likeliest playback curve: told at the ends of what music does, else left open."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.analysis.disc_figures import curve_figures
from restorack.analysis.playback_curve import (
    HYPOTHESES,
    curve_gains_db,
    fitted_model,
    likeliest_curve,
    shipped_model,
)
from restorack.meters.findings import SpectrumFigures

MODEL = shipped_model()


def spectrum(levels_db, noise_db=None):
    listed = np.asarray(levels_db, float).tolist()
    return SpectrumFigures(
        frequencies_hz=np.round(MODEL.frequencies_hz, 1).tolist(),
        quiet_db=[],
        median_db=listed,
        loud_db=listed,
        noise_db=[] if noise_db is None else np.asarray(noise_db, float).tolist(),
    )


def cut(name, undo=None):
    """Return the mean of music as a disc holds it, played by another curve or flat."""
    at = [one[:2] for one in HYPOTHESES].index((name, undo))
    return MODEL.mean_db - curve_gains_db(MODEL.frequencies_hz)[at]


@pytest.mark.parametrize(
    ("curve", "treble"), [(("RIAA", None), "to be lowered"), (("NAB", None), "to be lowered"),
                          (("500-flat", "RIAA"), "to be raised")],
)  # fmt: skip
def test_what_a_curve_does_to_the_treble_of_mean_music_is_found(curve, treble):
    found = likeliest_curve(spectrum(cut(*curve)), 60.0)
    assert found is not None
    assert found.treble == treble


def test_the_level_of_the_recording_tells_nothing():
    low, high = (likeliest_curve(spectrum(cut("RIAA") + shift), 60.0) for shift in (-50.0, 0.0))
    assert low == high


def test_music_within_its_own_spread_is_left_open():
    found = curve_figures(spectrum(MODEL.mean_db), 60.0)
    assert found.curve is None
    assert 0.0 < found.confidence < 0.9


def test_the_brightest_transfer_is_told():
    bright = cut("RIAA") + 4.0 * np.log2(MODEL.frequencies_hz / 1000.0)
    found = curve_figures(spectrum(bright), 60.0)
    assert found.treble == "to be lowered"
    assert found.confidence >= 0.9
    assert found.curve is not None


def test_too_little_is_not_judged():
    bright = cut("RIAA") + 4.0 * np.log2(MODEL.frequencies_hz / 1000.0)
    assert likeliest_curve(spectrum(bright), 10.0) is None
    noise = np.where(MODEL.frequencies_hz < 1000.0, bright - 60.0, bright - 2.0)
    assert likeliest_curve(spectrum(bright, noise), 60.0) is None


def test_a_model_holds_groups_alike():
    hertz = np.array([100.0, 1000.0, 10_000.0])
    many = np.tile([3.0, 0.0, -3.0], (9, 1))
    one = np.array([[-3.0, 0.0, 3.0]])
    model = fitted_model(hertz, [many, one])
    assert model.mean_db == pytest.approx([0.0, 0.0, 0.0])
    assert model.covariance[0, 0] > 0.0 > model.covariance[0, 2]
