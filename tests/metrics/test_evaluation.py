"""All metrics at once: what is measured, what is left out and why."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import signal

from restorack import metrics
from restorack.errors import AudioError, ParameterError
from restorack.testing.signals import clean_music

RATE = 44_100
MUSIC = clean_music(RATE, 2.0, 2).astype(float)
RANDOM = np.random.default_rng(5)
HISS = 0.01 * RANDOM.standard_normal(MUSIC.shape)
CLICKS = np.zeros_like(MUSIC)
for at in range(3_000, 85_000, 5_000):
    CLICKS[:, at : at + 40] = 0.3 * np.hanning(42)[1:-1]


def test_a_perfect_estimate_gets_what_is_perfect() -> None:
    values = metrics.evaluate(MUSIC, MUSIC, RATE, clicks=CLICKS)
    values |= metrics.evaluate(MUSIC, MUSIC, RATE, noise=HISS, metrics=["noise"])
    for name, value in values.items():
        perfect = metrics.METRICS[name].perfect
        # the degraded signal is a sum in float64, and its rounding is left
        tolerance = 10.0 if name == "residual_clicks_db" else 1e-6
        assert perfect is None or value == pytest.approx(perfect, abs=tolerance), name
    assert values["noise_attenuation_db"] > 20
    json.dumps(values, allow_nan=False)


def test_clicks_alone_are_told_from_noise() -> None:
    of_clicks = metrics.evaluate(MUSIC, MUSIC, RATE, MUSIC + CLICKS)
    assert of_clicks["impulse_removal_rate"] == 1.0
    assert of_clicks["residual_clicks_db"] < -140
    assert of_clicks["damage_outside_clicks_db"] == -150
    assert "weak_partials_db" not in of_clicks
    of_noise = metrics.evaluate(MUSIC, MUSIC + 0.5 * HISS, RATE, MUSIC + HISS)
    assert of_noise["noise_attenuation_db"] == pytest.approx(6.02, abs=0.2)
    assert of_noise["si_sdr_gain_db"] == pytest.approx(6.02, abs=0.05)
    assert "impulse_removal_rate" not in of_noise


def test_a_filter_s_damage_is_no_noise() -> None:
    low = signal.butter(10, 6_000, fs=RATE, output="sos")
    full = MUSIC + HISS
    cut = signal.sosfiltfilt(low, full)
    found = metrics.measure(full, full, RATE, cut)
    assert "weak_partials_db" in found.notes
    assert found.values["distance_above_edge"] == 0.0
    assert found.values["snr_below_edge_db"] == 150.0


def test_both_kinds_of_damage_can_be_given() -> None:
    degraded = MUSIC + CLICKS + HISS
    found = metrics.measure(MUSIC, MUSIC + HISS, RATE, degraded, clicks=CLICKS)
    assert found.values["impulse_removal_rate"] == 1.0
    assert found.values["noise_attenuation_db"] == pytest.approx(0.0, abs=1e-6)
    alone = metrics.evaluate(MUSIC, MUSIC + HISS, RATE, clicks=CLICKS, noise=HISS)
    assert alone == pytest.approx(found.values)


def test_a_late_estimate_is_measured_where_it_lies() -> None:
    late = np.pad(0.9 * MUSIC, ((0, 0), (123, 0)))
    windows = metrics.clicks.click_windows(CLICKS, RATE)
    found = metrics.measure(MUSIC, late, RATE, MUSIC + CLICKS, clicks=CLICKS, windows=windows)
    assert found.alignment.offset_samples == 123
    assert found.notes["alignment"] == "the estimate is late by 123 samples"
    assert found.values["si_sdr_db"] == 150.0
    assert found.samples == MUSIC.shape[1]
    early = metrics.measure(
        MUSIC, MUSIC[:, 4_000:], RATE, MUSIC + CLICKS, clicks=CLICKS, windows=windows
    )
    assert early.alignment.offset_samples == -4_000
    assert early.samples == MUSIC.shape[1] - 4_000
    assert early.values["impulse_removal_rate"] == 1.0


def test_as_it_is_means_without_looking() -> None:
    late = np.pad(MUSIC, ((0, 0), (5, 0)))[:, :-5]
    found = metrics.measure(MUSIC, late, RATE, max_offset_seconds=0)
    assert found.alignment.offset_samples == 0
    assert found.values["si_sdr_db"] < 40


def test_polarity_and_drift_are_noted() -> None:
    assert "polarity" in metrics.measure(MUSIC, -MUSIC, RATE).notes["alignment"]


def test_another_performance_voids_what_compares_samples() -> None:
    other = MUSIC[:, ::-1]
    found = metrics.measure(MUSIC, other, RATE, MUSIC + HISS)
    assert found.notes["alignment"].startswith("not the same performance: coherence 0.")
    assert found.notes["si_sdr_db"] == "void: not the same performance"
    assert {"log_spectral_distance", "loudness_change_lu"} <= set(found.values)
    for name in found.values:
        assert not metrics.METRICS[name].by_sample


def test_metrics_are_chosen_by_name_and_family() -> None:
    chosen = metrics.choose_metrics(["mse", "levels"])
    assert {metric.family for metric in chosen} == {"distortion", "levels"}
    assert chosen[0].name == "mse"
    assert len(metrics.choose_metrics(["all"])) == len(metrics.METRICS)
    assert [m.name for m in metrics.choose_metrics(None)] == list(metrics.DEFAULT)
    assert list(metrics.evaluate(MUSIC, MUSIC, RATE, metrics=["mse"])) == ["mse"]
    with pytest.raises(ParameterError, match="did you mean 'si_sdr_db'"):
        metrics.choose_metrics(["si_sdr"])


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(AudioError, match="lengths differ by no more than"):
        metrics.evaluate(MUSIC, MUSIC[:, 10_000:], RATE)
    with pytest.raises(AudioError, match="reference and degraded"):
        metrics.evaluate(MUSIC, MUSIC, RATE, MUSIC[:, 1:])
    with pytest.raises(AudioError, match="empty"):
        metrics.evaluate(MUSIC[:, :0], MUSIC[:, :0], RATE)
    with pytest.raises(AudioError, match="sample rate"):
        metrics.evaluate(MUSIC, MUSIC, 0)


@pytest.mark.parametrize("count", [1, 2, 100, 3_000])
def test_short_signals_have_figures_too(count: int) -> None:
    values = metrics.evaluate(MUSIC[:, 5_000:][:, :count], 0.5 * MUSIC[:, 5_000:][:, :count], RATE)
    assert values["mse"] > 0
    json.dumps(values, allow_nan=False)


def test_silence_has_figures_too() -> None:
    nothing = 0 * MUSIC
    found = metrics.measure(nothing, nothing, RATE, nothing)
    assert found.alignment.same_performance
    assert found.values["snr_db"] == 150.0
    assert found.values["mse"] == 0.0
