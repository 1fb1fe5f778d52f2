"""NeuralCodecDamage keeps the bass' wave form, the top's energy, and nothing above its band."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from restorack.degrade.codecs.neural_codec_damage import NeuralCodecDamage
from restorack.testing.signals import clean_music

RATE = 32_000.0


@pytest.fixture(scope="module")
def noise():
    count = int(6 * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(count))
    signal = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), count)
    return (0.1 * signal / signal.std()).astype(np.float32)


def band(signal, low: float, high: float):
    spectrum = np.fft.rfft(np.asarray(signal, float))
    frequencies = np.fft.rfftfreq(signal.size, 1.0 / RATE)
    return np.fft.irfft(np.where((frequencies >= low) & (frequencies < high), spectrum, 0.0))


def snr_db(clean, coded) -> float:
    return float(10.0 * np.log10(np.sum(clean**2) / np.sum((coded - clean) ** 2)))


def test_more_codebooks_keep_more(noise) -> None:
    found = [
        snr_db(noise, NeuralCodecDamage(codebooks=count).process(noise, RATE))
        for count in (1, 2, 4, 8, 16)
    ]
    assert (np.diff(found) > 0.5).all(), found


def test_fidelity_falls_with_frequency(noise) -> None:
    out = NeuralCodecDamage().process(noise, RATE)
    edges = [50.0, 1_000.0, 4_000.0, 8_000.0, 15_000.0]
    found = [snr_db(band(noise, low, high), band(out, low, high)) for low, high in pairwise(edges)]
    assert (np.diff(found) < -0.5).all(), found
    assert found[0] > 6.0
    assert found[-1] < 3.0


def test_the_spectrum_keeps_its_shape(noise) -> None:
    out = NeuralCodecDamage().process(noise, RATE)
    for low, high in ((100, 400), (1_000, 1_500), (3_000, 4_000), (8_000, 9_000), (12_000, 14_000)):
        ratio = np.sum(band(out, low, high) ** 2) / np.sum(band(noise, low, high) ** 2)
        assert 10.0 * np.log10(ratio) == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("bandwidth", [8_000.0, 15_500.0])
def test_the_band_ends(noise, bandwidth: float) -> None:
    white = 0.1 * np.random.default_rng(1).standard_normal(noise.size)
    out = NeuralCodecDamage(bandwidth_hz=bandwidth).process(white, RATE)
    inside = np.sum(band(out, bandwidth - 1_000.0, bandwidth - 500.0) ** 2)
    above = np.sum(band(out, bandwidth + 250.0, bandwidth + 750.0) ** 2)
    assert inside > 0.8 * np.sum(band(white, bandwidth - 1_000.0, bandwidth - 500.0) ** 2)
    assert 10.0 * np.log10(above / inside) < -40.0


def test_the_top_warbles_at_the_frame_rate() -> None:
    """A steady high tone comes out with its level moving from frame to frame, a low one less."""

    def unrest(frequency: float) -> float:
        time = np.arange(int(3 * RATE)) / RATE
        tones = sum(np.sin(2 * np.pi * (frequency + k * 37.0) * time + k * k) for k in range(12))
        out = NeuralCodecDamage().process(0.02 * tones, RATE)
        near = [band(s, frequency - 100.0, frequency + 500.0) for s in (0.02 * tones, out)]
        frame = int(RATE / 50)
        levels = [
            10 * np.log10(np.mean(s[: s.size // frame * frame].reshape(-1, frame) ** 2, axis=1))
            for s in near
        ]
        return float(np.std((levels[1] - levels[0])[5:-5]))

    assert unrest(10_000.0) > 1.5 * unrest(300.0)


def test_transients_smear_over_a_frame_and_no_farther() -> None:
    signal = np.zeros(20_000)
    signal[10_000] = 1.0
    out = NeuralCodecDamage().process(signal, RATE)
    frame = int(RATE / 50)
    assert np.sum(out[10_000 - frame : 9_990] ** 2) > 0.05 * np.sum(out**2)
    assert not out[: 10_000 - 2 * frame].any()
    assert not out[10_000 + 2 * frame :].any()


def test_seeds_draw_other_codebooks() -> None:
    music = clean_music(RATE, 0.5, 1)
    one, two = (NeuralCodecDamage(seed=seed).process(music, RATE) for seed in (1, 2))
    assert not np.array_equal(one, two)
    assert np.array_equal(one, NeuralCodecDamage(seed=1).process(music, RATE))
