"""The signs of noise: the same at every gain and rate, and each tells what it is named after."""

from __future__ import annotations

import numpy as np
import pytest
from signals.floor_scenes import RATE, organ, plucked, times, white

from restorack.meters.noise_floor.band_signs import NAMES, SIGNS, band_signs
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.meters.noise_floor.white_noise import white_noise


def unread(heard, white):
    raise AssertionError(heard)


def heard(rows, rate=RATE, expected=False):
    estimator = SteadyFloorEstimator(rate, len(rows), unread, expected=expected)
    estimator.push(np.asarray(rows, np.float32))
    measured, sounds = estimator.heard()
    assert sounds.any()
    return measured


def signs_of(rows, rate=RATE, expected=False):
    return band_signs(heard(rows, rate, expected), white_noise(rate))


def test_every_band_has_every_sign():
    found = signs_of(plucked(6.0) + white(6.0, -50.0))
    assert found.values.dtype == np.float32
    assert found.values.shape == (len(found.first_decile_db), SIGNS)
    assert np.isfinite(found.values).all()
    assert len(set(NAMES)) == SIGNS


def test_gain_changes_no_sign():
    rows = plucked(6.0) + white(6.0, -45.0)
    loud, quiet = signs_of(rows), signs_of(np.float32(0.05) * rows)
    assert np.abs(loud.values - quiet.values).max() < 2e-3
    moved = loud.first_decile_db - quiet.first_decile_db
    assert moved == pytest.approx(26.0, abs=0.05)


@pytest.mark.parametrize("rate", [8000.0, 22_050.0, 44_100.0, 96_000.0])
def test_white_noise_is_neither_tonal_nor_moving_at_any_rate(rate):
    found = signs_of(white(10.0, -40.0, rate), rate)
    assert found.spread == pytest.approx(1.0, abs=0.15)
    for name in ("spread", "tone"):
        assert np.abs(found.named(name)).mean() < 0.2
    assert found.named("full").mean() > 0.6
    for name, least, most in (("low spread", 0.2, 0.5), ("half spread", 0.2, 0.5)):
        assert least < found.named(name).mean() < most
    levels = 20.0 * found.named("mean")
    assert np.abs(levels).mean() < 0.5


def test_partials_that_stand_out_are_told_from_noise():
    found = signs_of(organ(8.0))
    between = (found.named("octave") > -0.5) & (found.named("octave") < 0.3)
    assert found.named("tone")[between].mean() > 1.0
    assert found.named("full")[between].mean() < -0.9


def test_a_pause_of_all_bands_shows_the_noise_below():
    rows = white(9.0, -60.0)
    loud = white(9.0, -30.0)[:, ::-1] * (times(9.0) % 3.0 < 2.0)
    found = signs_of(rows + loud)
    density = heard(rows + loud).density_db
    in_pauses = 20.0 * found.named("in pauses") + density
    assert np.median(in_pauses) == pytest.approx(-61.7, abs=0.7)  # of the quieter bins
    assert found.named("pause")[0] == pytest.approx(1 / 3, abs=0.06)
    assert found.named("in pause").min() > 0.9
    # Pauses of one second are runs of about twenty frames.
    assert np.exp(found.named("runs")).mean() == pytest.approx(19.0, abs=4.0)
    assert found.named("range").mean() == pytest.approx(1.5, abs=0.1)


def test_what_a_codec_emptied_is_marked():
    spectrum = np.fft.rfft(white(6.0, -40.0))
    spectrum[:, np.fft.rfftfreq(round(6.0 * RATE), 1 / RATE) > 8000.0] = 0.0
    found = signs_of(np.fft.irfft(spectrum, round(6.0 * RATE)))
    top = found.named("octave") > np.log2(9.0) / 3.0
    assert found.named("emptied")[top].all()
    assert not found.named("emptied")[:-6].any()


def test_between_the_partials_of_a_chord_fine_bins_show_the_noise():
    rows = white(8.0, -70.0)
    rows[0] += sum(0.1 * np.sin(2 * np.pi * 220.0 * k * times(8.0)) for k in range(1, 20))
    found, density = signs_of(rows), heard(rows).density_db
    octave = found.named("octave")
    chord = (octave > np.log2(0.4) / 3) & (octave < np.log2(3.0) / 3)
    lowest = 20.0 * found.named("fine lowest")[chord] + density
    highest = 20.0 * found.named("fine highest")[chord] + density
    assert np.median(lowest) == pytest.approx(-71.0, abs=2.5)
    assert np.median(highest) > -40.0
    assert not found.named("fine")[octave > np.log2(6.5) / 3].any()


def test_a_dying_note_is_smoother_than_noise():
    fall = 10 ** (-30.0 * times(6.0) / 20)
    noise = signs_of(white(6.0, -40.0)).named("roughness")
    note = np.sin(2 * np.pi * 1000.0 * times(6.0)) * fall
    dying = signs_of(note[np.newaxis] + 1e-7).named("roughness")
    near = np.abs(signs_of(white(6.0, -40.0)).named("octave")) < 0.03
    assert np.abs(dying[near] - noise[near]).min() > 0.2


def test_the_whole_says_how_long_how_wide_and_what_is_expected():
    mono = signs_of(white(10.0, -40.0))
    stereo = signs_of(white(20.0, -40.0, channels=2), expected=True)
    assert mono.named("length")[0] == pytest.approx(0.0, abs=0.03)
    assert stereo.named("length")[0] == pytest.approx(np.log(2.0), abs=0.03)
    for name, one, other in (("stereo", 0.0, 1.0), ("expected", 0.0, 1.0)):
        assert (mono.named(name)[0], stereo.named(name)[0]) == (one, other)
