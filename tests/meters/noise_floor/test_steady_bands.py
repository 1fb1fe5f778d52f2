"""A band's own level, its trust, and bridges over bands that music fills."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import istft, stft
from signals.floor_scenes import RATE, white

from restorack.meters.noise_floor.steady_bands import bridged, steady_bands
from restorack.meters.noise_floor.tracks import TrackMeter
from restorack.meters.noise_floor.white_noise import white_noise


def tracks_of(rows, rate=RATE):
    meter = TrackMeter(rate, rows.shape[0])
    quiet, mean = (np.concatenate(part) for part in zip(*meter.push(rows), strict=True))
    return (10 * np.log10(quiet), 10 * np.log10(mean)), meter


@pytest.mark.parametrize("rate", [8000.0, 44_100.0])
def test_white_noise_has_its_variance_and_is_trusted(rate):
    levels, meter = tracks_of(white(12.0, -37.0, rate), rate)
    found = steady_bands(*levels, meter.bands.centres_hz, white_noise(rate))
    assert np.abs(found.floor_db + 37.0).max() < 0.9
    assert found.trust.mean() > 0.95


def test_noise_with_holes_as_a_codec_leaves_keeps_its_level():
    """Every second cell, by chance, is put to nothing, as at low bit rates."""
    random = np.random.default_rng(7)
    rows = white(12.0, -40.0)
    _, _, cells = stft(rows[0], RATE, nperseg=576)
    cells *= random.random(cells.shape) < 0.5
    _, coded = istft(cells, RATE, nperseg=576)
    levels, meter = tracks_of(coded[np.newaxis].astype(np.float32))
    found = steady_bands(*levels, meter.bands.centres_hz, white_noise(RATE))
    wide = (meter.bands.centres_hz > 200) & (meter.bands.centres_hz < 9000)
    truth = 10 * np.log10(np.mean(coded**2))
    assert np.abs(found.floor_db[wide] - truth).max() < 3.0


def test_a_band_between_trusted_ones_is_bridged_and_never_raised():
    centres = 100.0 * 2 ** (np.arange(12) / 6)
    level = np.full(12, -50.0)
    level[4:7] = -30.0
    level[9] = -70.0
    trust = np.ones(12)
    trust[4:7] = 0.0
    trust[9] = 0.0
    found = bridged(level, level - 15.0, trust, centres)
    assert found[4:7] == pytest.approx(-49.0)
    assert found[9] == pytest.approx(-70.0)
    assert found[trust > 0] == pytest.approx(-50.0)


def test_a_band_far_from_trusted_ones_keeps_its_lowered_level():
    centres = 100.0 * 2.0 ** np.arange(8)
    trust = np.array([1.0, 1.0, 1.0, 0, 0, 0, 0, 0])
    level = np.full(8, -50.0)
    found = bridged(level, level - 15.0, trust, centres)
    assert found[-1] == pytest.approx(-65.0)
    assert bridged(level, level - 15.0, np.zeros(8), centres) == pytest.approx(-65.0)


def test_what_a_codec_emptied_says_nothing_of_the_bands_below():
    """Under notes from 400 Hz to 7 kHz, with nothing above 8 kHz: that top is steady, too."""
    rows = white(12.0, -50.0)
    notes = white(12.0, -20.0)[:, ::-1].copy()
    time = np.arange(rows.shape[1]) / RATE
    notes *= (0.02 + np.abs(np.sin(2 * np.pi * 1.3 * time)) ** 3).astype(np.float32)
    spectrum = np.fft.rfft(notes)
    hz = np.fft.rfftfreq(rows.shape[1], 1 / RATE)
    spectrum[:, (hz < 400) | (hz > 7000)] = 0.0
    mixed = np.fft.rfft(rows) + spectrum
    mixed[:, hz > 8000] = 0.0
    levels, meter = tracks_of(np.fft.irfft(mixed, rows.shape[1]).astype(np.float32))
    centres = meter.bands.centres_hz
    found = steady_bands(*levels, centres, white_noise(RATE))
    assert not found.trust[centres > 9000].any()
    filled = (centres > 500) & (centres < 6000)
    assert found.floor_db[filled].min() > -66.0


def test_far_from_trusted_bands_no_bridge_leads_down():
    centres = 50.0 * 2.0 ** np.arange(9)
    trust = np.array([1.0, 1.0, 0, 0, 0, 0, 0, 1.0, 1.0])
    level = np.array([-30.0, -30.0, -40, -40, -40, -40, -40, -90, -90])
    found = bridged(level, level - 6.0, trust, centres)
    assert found[4] == pytest.approx(-46.0)
