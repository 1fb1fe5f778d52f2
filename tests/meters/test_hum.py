"""The phasors of a line, the path of the mains frequency, and the tracker, in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.hum import HumSpectra, find_path, hann_line, line_noise, line_phasors
from restorack.meters.hum_track import HumTrack, smooth_phasors, track_hum

RATE = 8_000.0


def spectra_of(signal: np.ndarray, top: float = 500.0) -> HumSpectra:
    spectra = HumSpectra(1, RATE, top)
    spectra.push(signal[np.newaxis].astype(np.float32))
    return spectra


def test_line_shape_is_the_transform_of_the_window() -> None:
    count = 4096
    window = np.hanning(count + 1)[:-1]
    centred = np.arange(count) - count / 2
    for offset in (0.0, 0.3, 1.0, -1.0, 1.7, 2.0, 2.5):
        direct = np.sum(window * np.cos(2 * np.pi * offset * centred / count)) / count
        assert hann_line(np.array([offset]))[0] == pytest.approx(direct, abs=1e-6)


@pytest.mark.parametrize("hertz", [50.0, 50.37, 60.81, 149.5])
def test_phasors_are_amplitude_and_phase_at_the_centres(hertz: float) -> None:
    time = np.arange(int(4 * RATE)) / RATE
    spectra = spectra_of(0.2 * np.cos(2 * np.pi * hertz * time + 0.7))
    bins = np.full(spectra.count, hertz / spectra.bin_hz)
    found = line_phasors(spectra.array(), bins, spectra.size)[0]
    expected = 0.2 * np.exp(1j * (2 * np.pi * hertz * spectra.centres() + 0.7))
    assert np.abs(found - expected).max() < 1e-4


def test_noise_of_phasors_is_predicted_from_the_bins_around() -> None:
    noise = 0.1 * np.random.default_rng(3).standard_normal(int(300 * RATE))
    spectra = spectra_of(noise)
    bins = np.full(spectra.count, 100.3 / spectra.bin_hz)
    power = np.mean(np.abs(line_phasors(spectra.array(), bins, spectra.size)) ** 2)
    predicted = np.mean(line_noise(spectra.array(), bins, spectra.size))
    assert 10 * np.log10(predicted / power) == pytest.approx(0.0, abs=1.5)


def test_path_follows_the_frequency() -> None:
    time = np.arange(int(16 * RATE)) / RATE
    cycles = 50.05 * time - 0.005 * time**2 / 2
    noise = 0.003 * np.random.default_rng(5).standard_normal(len(time))
    hum = sum(0.01 * np.cos(2 * np.pi * k * cycles) for k in (1, 2, 4))
    spectra = spectra_of(hum + noise)
    path, score = find_path(spectra, 50.0, 8)
    inner = slice(8, -8)
    truth = 50.05 - 0.005 * spectra.centres()
    assert np.abs(path - truth)[inner].max() < 0.02
    assert score > 5 * find_path(spectra, 60.0, 8)[1]


def test_smoother_is_the_mean_where_nothing_walks() -> None:
    random = np.random.default_rng(8)
    seen = (1 + 2j + 0.1 * random.standard_normal((1, 1, 50))).astype(complex)
    ones = np.ones((1, 1))
    states, errors = smooth_phasors(
        seen, np.full(seen.shape, 0.01), 0 * ones, 1e9 * ones, causal=False
    )
    assert np.allclose(states, seen.mean(), atol=1e-6)
    assert np.allclose(errors, 0.01 / 50, rtol=1e-3)


def test_a_track_continues_its_phase_beyond_its_ends() -> None:
    times = np.arange(5) * 0.25 + 0.5
    hertz = np.full(5, 50.02)
    lines = np.full((1, 1, 5), 0.3 + 0j)
    track = HumTrack(times, 50.02 * times, hertz, lines)
    made = track.synthesise(0, int(3 * RATE), RATE)[0]
    expected = 0.3 * np.cos(2 * np.pi * 50.02 * np.arange(int(3 * RATE)) / RATE)
    assert np.abs(made - expected).max() < 1e-9


def test_noise_has_no_hum() -> None:
    for seed in range(12):
        noise = np.random.default_rng(seed).standard_normal(int(8 * RATE))
        assert track_hum(spectra_of(noise, 1000.0), (50.0, 60.0), 16, 0.25) is None
