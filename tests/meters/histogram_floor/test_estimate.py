"""The blind noise floor: unbiased on noise, blind to music, and following noise in time."""

from __future__ import annotations

import numpy as np
import pytest
from signals.floor_scenes import estimated, level_db

from restorack.dsp.welch import DensityFrames, MeanDensity
from restorack.meters.histogram_floor.bands import gathering
from restorack.meters.histogram_floor.estimate import NoiseFloorEstimator
from restorack.meters.histogram_floor.patch_histogram import (
    NOISE_RATIO_DB,
    LevelHistograms,
    level_at,
)

RATE = 44_100.0


def white(seconds, level=0.01, channels=1, seed=3, rate=RATE):
    random = np.random.default_rng(seed)
    return (level * random.standard_normal((channels, round(seconds * rate)))).astype(np.float32)


def organ(seconds, rate=RATE):
    """A held chord of four notes with eight partials each, slowly beating."""
    time = np.arange(round(seconds * rate)) / rate
    out = np.zeros_like(time)
    for number, note in enumerate((130.8, 196.0, 261.6, 329.6)):
        for partial in range(1, 9):
            for detune in (-0.4, 0.3):
                phase = 2 * np.pi * (note * partial + detune) * time + number + partial
                out += 0.03 / partial * np.sin(phase)
    return out[np.newaxis].astype(np.float32)


def estimate(rows, rate=RATE, blocks=(1 << 16,)):
    return estimated(NoiseFloorEstimator(rate, rows.shape[0]), rows, blocks)


@pytest.mark.parametrize("rate", [22_050.0, 44_100.0, 96_000.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_stationary_white_noise_is_estimated_without_bias(rate, channels):
    floor = estimate(white(8.0, channels=channels, rate=rate), rate)
    # Variance 1e-4 is -40 dB at every frequency; 0.5 dB is the step of the histograms.
    assert level_db(floor, 100.0, 0.45 * rate) == pytest.approx(-40.0, abs=0.7)


def test_sloping_noise_keeps_its_slope():
    noise = white(12.0, 0.1)
    spectrum = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(noise.shape[1], 1 / RATE)
    shaped = np.fft.irfft(spectrum * (1000 / np.maximum(frequency, 100)) ** 0.5, noise.shape[1])
    floor = estimate(shaped.astype(np.float32))
    # A power density proportional to 1/f: -20 dB at 1 kHz, 3.01 dB less per octave.
    for frequency_hz in (500.0, 1000.0, 4000.0, 10_000.0):
        expected = -20.0 - 10 * np.log10(frequency_hz / 1000.0)
        assert level_db(floor, 0.9 * frequency_hz, 1.1 * frequency_hz) == pytest.approx(
            expected, abs=1.5
        )


def test_a_held_chord_is_not_taken_for_noise():
    assert estimate(organ(12.0)) is None


def test_noise_under_a_held_chord_is_found_at_its_own_level():
    floor = estimate(organ(12.0) + white(12.0, 0.001))
    assert floor is not None
    assert floor.source == "music"
    # Variance 1e-6 is -60 dB; the chord is 40 dB above it in its bands.
    assert level_db(floor, 4000.0, 18_000.0) == pytest.approx(-60.0, abs=1.0)
    assert level_db(floor, 100.0, 2500.0) < -57.0


def test_noise_far_below_the_music_is_no_finding():
    assert estimate(organ(12.0) + white(12.0, 1e-5)) is None


def test_a_lead_in_of_noise_is_found():
    rows = white(8.0, 0.003)
    rows[:, round(1.5 * RATE) :] += 0.3 * np.sign(organ(6.5)) * np.abs(organ(6.5)) ** 0.5
    floor = estimate(rows)
    assert floor.source == "lead-in"
    assert level_db(floor, 200.0, 18_000.0) == pytest.approx(-50.5, abs=1.0)


def test_digital_silence_is_no_noise():
    rows = organ(8.0)
    rows[:, : round(2.0 * RATE)] = 0.0
    assert estimate(rows) is None
    assert estimate(np.zeros((2, 400_000), np.float32)) is None
    assert estimate(np.zeros((1, 0), np.float32)) is None


def test_a_step_of_the_noise_is_followed():
    rows = white(160.0, 0.001)
    rows[:, round(80 * RATE) :] *= 2.0
    floor = estimate(rows)
    assert level_db(floor, 200.0, 18_000.0, 20.0) == pytest.approx(-60.0, abs=1.0)
    assert level_db(floor, 200.0, 18_000.0, 150.0) == pytest.approx(-54.0, abs=1.0)


def test_blocks_do_not_matter():
    rows = organ(6.0) + white(6.0)
    whole, parts = estimate(rows), estimate(rows, blocks=(1, 77, 4096, 50_000))
    assert np.array_equal(whole.density_db, parts.density_db)


def test_octaves_name_centres_below_the_top():
    found = estimate(white(6.0, rate=16_000.0), 16_000.0).octaves()
    assert set(found) == {"31.5", "63", "125", "250", "500", "1000", "2000", "4000"}
    assert found["1000"] == pytest.approx(-40.0, abs=1.5)


def test_densities_of_white_noise_are_its_variance():
    rows = white(4.0, 0.5)
    for frame in (512, 2048):
        measured = MeanDensity(1, frame)
        measured.push(rows)
        assert measured.mean()[1:-1].mean() == pytest.approx(0.25, rel=0.02)


def test_the_ratio_of_exponential_quantiles_is_the_known_one():
    expected = 10 * np.log10(np.log(1 - 0.7) / np.log(1 - 0.2))
    assert pytest.approx(expected, abs=0.01) == NOISE_RATIO_DB
    frames = DensityFrames(1, 2048, 2048, 20)
    cells = next(frames.push(white(2.0)))[0, :, 1:-1]
    low, high = np.quantile(cells, [0.2, 0.7])
    assert 10 * np.log10(high / low) == pytest.approx(expected, abs=0.2)


def test_quantiles_of_a_histogram_lie_within_its_steps():
    histograms = LevelHistograms(np.array([64]))
    for level in np.linspace(-70.0, -50.0, 401):
        histograms.add(np.array([level]), np.array([NOISE_RATIO_DB]))
    for share in (0.05, 0.5, 0.9):
        assert level_at(histograms.all[0], share) == pytest.approx(-70 + 20 * share, abs=0.5)
    assert np.array_equal(histograms.all, histograms.like_noise)


def test_patches_count_as_noise_by_the_ratio_of_their_quantiles():
    """Exponential powers have 7.3 dB; partials in silence more, words of few steps less."""
    histograms = LevelHistograms(np.array([64, 64, 64, 64]))
    spread = float(histograms.spreads_db[0])
    ratios = NOISE_RATIO_DB + np.array([0.0, 2.0 * spread, 2.0 * spread + 3.0, -3.5])
    like = histograms.add(np.full(4, -50.0), ratios)
    assert like.tolist() == [True, True, False, False]
    assert histograms.all.sum(axis=1).tolist() == [1, 1, 1, 1]
    assert histograms.like_noise.sum(axis=1).tolist() == [1, 1, 0, 0]


def test_a_plateau_of_partials_is_no_plateau_of_noise():
    """Dense chords have one level for long, as noise has, but partials and gaps between them."""
    time = np.arange(round(12 * RATE)) / RATE
    partials = sum(np.sin(2 * np.pi * hz * time + hz) for hz in np.arange(150.0, 20_000.0, 151.0))
    assert estimate((0.01 * partials)[np.newaxis].astype(np.float32)) is None


@pytest.mark.parametrize(("excess_db", "least", "most"), [(0.0, 0.9, 1.0), (2.0, 0.0, 0.1)])
def test_a_level_is_steady_noise_only_where_the_mean_ratio_is_noises(excess_db, least, most):
    """Each patch of dense music may pass for noise; all of them together do not."""
    histograms = LevelHistograms(np.array([16]))
    random = np.random.default_rng(2)
    for level in random.normal(-50.0, float(histograms.spreads_db[0]), 200):
        ratio = NOISE_RATIO_DB + excess_db
        assert histograms.add(np.array([level]), np.array([ratio]))[0]
    assert least <= gathering(histograms, 0, -50.0) <= most


def judged(rows, level_db, sure):
    """Return the floor where a judge gives every band one level; low bands are sure of it."""

    def judge(counts, patches, mean_db, centres_hz):
        return np.full(len(centres_hz), level_db), np.where(centres_hz < 5000.0, 1.0, sure)

    estimator = NoiseFloorEstimator(RATE, rows.shape[0], judge)
    estimator.push(rows)
    return estimator.estimate()


@pytest.mark.parametrize(
    ("snr_db", "lower", "upper"),
    [(14.0, 0.0, 0.2), (24.0, 0.7, 2.5), (34.0, 2.8, 3.5)],
)
def test_unsure_bands_are_believed_where_there_is_much_noise(snr_db, lower, upper):
    """The upper bound is what the judge says, the lower one 3 dB less; between them a blend."""
    music = organ(12.0)
    level = float(np.sqrt(np.mean(music.astype(float) ** 2))) * 10 ** (-snr_db / 20)
    floor = judged(music + white(12.0, level), 20 * np.log10(level), 0.0)
    below = 20 * np.log10(level) - level_db(floor, 8000.0, 16_000.0)
    assert lower <= below <= upper
