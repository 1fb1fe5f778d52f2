"""Damage of known parameters is measured back; clean music and silence are left in peace."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import soundfile
from signals.damaged_music import RATE, rag, tone

from restorack.analysis import analyze, analyze_audio
from restorack.analysis.recording import passages
from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.hiss import Hiss
from restorack.degrade.additive.hum import Hum
from restorack.degrade.additive.rumble import Rumble
from restorack.degrade.additive.surface_noise import SurfaceNoise
from restorack.degrade.channel.band_limit import BandLimit
from restorack.degrade.codecs.deconvolution_peaks import DeconvolutionPeaks
from restorack.errors import ParameterError
from restorack.synthesis.ragtime import SECONDS
from restorack.testing.signals import clean_music


def once():
    """Return the rag without its repeat."""
    return rag()[:, : round(SECONDS * RATE)]


MUSIC = {"rag": rag, "notes": lambda: clean_music(RATE, 30.0, 1)}


@pytest.fixture(scope="module")
def worn():
    """Return the rag with 15 clicks a second, surface noise, hum, and figures of it."""
    music = rag()
    damaged = Clicks(rate_per_s=15.0, seed=1).damage(music, RATE)
    noise = SurfaceNoise(level_db=-28.0, seed=1).damage(music, RATE).tracks["noise"]
    hum = Hum(level_db=-30.0, seed=1).damage(music, RATE).tracks["hum"]
    return damaged, analyze_audio(damaged.audio + noise + hum, RATE)


def test_fifteen_clicks_a_second_are_measured_back(worn):
    _, found = worn
    assert found.clicks.per_second == pytest.approx(15.0, rel=0.1)


def test_click_levels_are_measured_back(worn):
    damaged, found = worn
    peak = np.abs(rag()).max()
    truth = 20 * np.log10(np.quantile([e.peak for e in damaged.events], (0.1, 0.5, 0.9)) / peak)
    measured = [found.clicks.peak_db.p10, found.clicks.peak_db.p50, found.clicks.peak_db.p90]
    assert measured == pytest.approx(truth, abs=2.0)  # noise adds to them, music hides some


def test_levels_of_noise_and_hum_are_measured_back(worn):
    _, found = worn
    assert found.noise.snr_db == pytest.approx(28.0, abs=1.5)
    assert found.noise.tilt_db_per_octave == pytest.approx(-2.0, abs=0.7)
    assert found.hum.frequency_hz == pytest.approx(50.0, rel=0.005)
    assert found.hum.below_music_db == pytest.approx(30.0, abs=2.0)
    assert found.rotation.rpm == pytest.approx(78.26, rel=0.015)
    assert found.condition.word in ("worn", "heavy")


def test_a_decoders_peaks_are_named():
    damage = DeconvolutionPeaks(fundamental_hz=1_000.0, level_db=-20.0)
    found = analyze_audio(damage.process(once(), RATE), RATE).decoder
    assert found.fundamental_hz == 1_000.0
    assert found.peaks >= 10
    assert found.over_spectrum_db > 5.0
    assert found.confidence >= 0.5


def test_rumble_is_no_hiss():
    hissing = Hiss(level_db=-36.0, seed=3)(once(), RATE)
    calm = analyze_audio(hissing, RATE).noise
    found = analyze_audio(Rumble(level_db=-12.0, seed=3)(hissing, RATE), RATE).noise
    assert found.snr_db < calm.snr_db - 6.0
    assert found.hiss_below_music_db == pytest.approx(calm.hiss_below_music_db, abs=0.5)
    assert found.tilt_db_per_octave == pytest.approx(calm.tilt_db_per_octave, abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "rate"), [("rag", 5.0), ("rag", 25.0), ("notes", 10.0), ("notes", 20.0)]
)
def test_click_rates_are_measured_back(kind, rate):
    music, measured = MUSIC[kind](), []
    for seed in range(math.ceil(450 / (30 * rate))):
        damaged = Clicks(rate_per_s=rate, seed=seed).damage(music, RATE).audio
        measured.append(analyze_audio(damaged, RATE).clicks.per_second)
    # At least 450 clicks in times of 30 s: 5 % is their own deviation.
    assert np.mean(measured) == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("level", [-15.0, -25.0, -32.0])
def test_noise_levels_are_measured_back(level):
    damaged = Hiss(level_db=level, seed=2).process(once(), RATE)
    # A tenth of the level in dB at most, and half of that where there is more of it.
    assert analyze_audio(damaged, RATE).noise.snr_db == pytest.approx(-level, abs=1.5)


@pytest.mark.parametrize("edge", [3_500.0, 5_000.0, 8_000.0])
def test_band_edges_are_measured_back(edge):
    limited = BandLimit(low_hz=0.0, high_hz=edge, shape="elliptic", order=8).process(once(), RATE)
    assert analyze_audio(limited, RATE).band.edge_hz == pytest.approx(edge, rel=0.1)


def test_clean_music_is_clean():
    for music in (make() for make in MUSIC.values()):
        found = analyze_audio(music, RATE)
        assert found.condition.word == "clean"
        assert found.clicks.per_second < 0.1
        assert found.rotation.rpm is None


@pytest.mark.parametrize("samples", [0, 1, 100, 30_000])
def test_short_and_silent_signals_have_figures(samples):
    found = analyze_audio(np.zeros((2, samples)), RATE)
    assert found.level.sample_peak_dbfs is None
    assert found.condition.word == "clean"
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("rate", [8_000.0, 192_000.0])
def test_rates(rate):
    found = analyze_audio(tone(440.0, 1.0, 0.4)[: round(rate)], rate)
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.recording.sample_rate_hz == rate


def test_a_file_has_the_figures_of_its_samples(tmp_path):
    path = tmp_path / "rag.wav"
    music = rag()[:, : round(4 * RATE)]
    soundfile.write(path, music.T, int(RATE), subtype="FLOAT")
    heard, progress = analyze(path, on_progress=(seen := []).append), seen
    direct = analyze_audio(music, RATE)
    assert heard.recording.path == str(path)
    assert heard.model_copy(update={"recording": direct.recording}) == direct
    assert [moment.fraction for moment in progress] == sorted(m.fraction for m in progress)
    assert progress[-1].fraction == pytest.approx(1.0)


def test_long_recordings_are_sampled_evenly():
    rate, hour = 48_000.0, 48_000 * 3_600
    spans = passages(hour, rate, 300.0)
    assert sum(stop - start for start, stop in spans) == 300 * 48_000
    assert (spans[0][0], spans[-1][1]) == (0, hour)
    assert passages(48_000 * 100, rate, 300.0)[0][0] == 0
    assert sum(b - a for a, b in passages(48_000 * 100, rate, 300.0)) == 48_000 * 100
    with pytest.raises(ParameterError):
        analyze_audio(rag(), RATE, most_seconds=10.0)
