"""DecoderPeaks against combs of known frequency and level, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from signals.damaged_music import rag

from restorack.degrade.codecs.deconvolution_peaks import DeconvolutionPeaks
from restorack.plugins.decoder_peaks import DecoderPeaks, sine_window_line
from restorack.testing.checks import stream

RATE = 32_000
Floats = NDArray[np.float64]


def seconds(count: float) -> Floats:
    return np.arange(int(count * RATE)) / RATE


def noise_of(count: float, level: float) -> Floats:
    return level * np.random.default_rng(5).standard_normal(int(count * RATE))


def sawtooth(hertz: float, time: Floats) -> Floats:
    orders = np.arange(1, int(0.45 * RATE / hertz) + 1)
    return np.asarray(sum(np.sin(2 * np.pi * hertz * n * time + n) / n for n in orders))


def music(count: float = 6.0) -> NDArray[np.float32]:
    """Pink noise in notes of changing loudness: no partial, no floor between."""
    size = int(count * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(2).standard_normal(size))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), size)
    swell = 0.3 + np.abs(np.sin(2 * np.pi * 0.7 * seconds(count)))
    return np.asarray(0.1 * swell * pink / pink.std(), np.float32)[np.newaxis]


def over_spectrum_db(signal: NDArray[np.floating], hertz: float) -> float:
    """How far the mean spectrum at multiples from 2 kHz on stands out, mean of dB."""
    frames = np.lib.stride_tricks.sliding_window_view(signal, 16_384)[::8_192]
    level = 20 * np.log10(np.abs(np.fft.rfft(frames * np.hanning(16_384), axis=1))).mean(axis=0)
    places = np.rint(
        hertz * np.arange(np.ceil(2_000.0 / hertz), 15_500.0 // hertz) * 16_384 / RATE
    ).astype(int)
    return float(
        np.mean([level[p - 1 : p + 2].max() - np.median(level[p - 20 : p + 21]) for p in places])
    )


@pytest.mark.parametrize(
    ("hertz", "level_db", "left"),
    [
        (2_000.0, -25.0, 0.35),
        (689.0625, -20.0, 0.35),
        (400.0, -20.0, 0.35),
        (689.0625, -25.0, 0.5),  # 6 dB over the spectrum: what is no higher than chance stays
    ],
)
def test_a_known_comb_is_named_and_goes(hertz: float, level_db: float, left: float) -> None:
    clean = music()
    damage = DeconvolutionPeaks(fundamental_hz=hertz, level_db=level_db, slope_db_per_octave=-3.0)
    damaged = damage.damage(clean, RATE)
    stage = DecoderPeaks()
    out = stage.process(damaged.audio, RATE)
    found = stage.findings()
    assert found["fundamental_hz"] == pytest.approx(hertz, abs=1e-3)
    assert found["confidence"] >= 0.5
    assert found["peaks"] > 0.6 * found["possible"]
    before, after, truth = (over_spectrum_db(one[0], hertz) for one in (damaged.audio, out, clean))
    assert before > 5.0
    assert after < truth + left * (before - truth)
    error = np.sum((out - clean).astype(float) ** 2)
    assert error < 0.6 * np.sum(damaged.tracks["peaks"].astype(float) ** 2)


def test_peaks_of_a_resampled_decoder_are_found() -> None:
    """32 kHz over 16, in a file of another rate."""
    damaged = DeconvolutionPeaks(level_db=-25.0).process(music(), 44_100)
    stage = DecoderPeaks()
    stage.process(damaged, 44_100)
    assert stage.findings()["fundamental_hz"] == 2_000.0


def test_a_finer_comb_under_a_strong_one_is_found() -> None:
    damaged = DeconvolutionPeaks(level_db=-22.0).process(music(), RATE)
    damaged = DeconvolutionPeaks(fundamental_hz=500.0, level_db=-27.0).process(damaged, RATE)
    stage = DecoderPeaks()
    stage.process(damaged, RATE)
    assert stage.findings()["fundamental_hz"] == 500.0


NO_COMBS: dict[str, Callable[[Floats], Floats]] = {
    "silence": lambda t: 0.0 * t,
    "white noise": lambda t: noise_of(5, 0.1),
    "a drone": lambda t: 0.1 * sawtooth(110.0, t) + noise_of(5, 1e-3),
    "a drone where a decoder's peaks are": lambda t: 0.1 * sawtooth(500.0, t) + noise_of(5, 1e-3),
    "a quiet drone": lambda t: 0.005 * sawtooth(440.0, t) + noise_of(5, 0.05),
    "a pilot tone": lambda t: 0.01 * np.sin(2 * np.pi * 15_625.0 * t) + noise_of(5, 0.05),
    "mains buzz": lambda t: 0.02 * sawtooth(50.0, t) + noise_of(5, 0.02),
    "mains buzz off": lambda t: 0.02 * sawtooth(59.97, t) + noise_of(5, 0.02),
    "a rectifier's buzz": lambda t: 0.02 * sawtooth(100.0, t) + noise_of(5, 0.02),
    "a test tone": lambda t: 0.3 * np.sin(2 * np.pi * 1_000.0 * t) + 0.004 * sawtooth(1_000.0, t),
}


@pytest.mark.parametrize("name", NO_COMBS)
def test_what_is_no_decoders_comb_passes_bit_for_bit(name: str) -> None:
    audio = np.asarray(NO_COMBS[name](seconds(5)), np.float32)
    stage = DecoderPeaks()
    assert np.array_equal(stage.process(audio, RATE), audio)
    assert stage.findings() == {"fundamental_hz": None, "peaks": 0, "confidence": 0.0}


def test_music_passes_bit_for_bit() -> None:
    audio = rag()[:, : 5 * 44_100]
    assert np.array_equal(DecoderPeaks().process(audio, 44_100), audio)


def test_a_note_on_a_peak_stays() -> None:
    time = seconds(6)
    note = np.where((time > 2) & (time < 4), 0.05 * np.sin(2 * np.pi * 4_000.0 * time), 0.0)
    damaged = DeconvolutionPeaks(level_db=-30.0).process(music(), RATE)
    out = DecoderPeaks().process(damaged + note.astype(np.float32), RATE)[0]
    inner = (time > 2.3) & (time < 3.7)
    turn = np.exp(-2j * np.pi * 4_000.0 * time[inner])
    kept = np.abs(np.mean(out[inner] * turn)) / np.abs(np.mean(note[inner] * turn))
    assert abs(20 * np.log10(kept)) < 0.5


def test_a_given_fundamental_is_taken_where_it_stands_out() -> None:
    """1,234 Hz is no decoder's, and only found by its number."""
    damaged = DeconvolutionPeaks(fundamental_hz=1_234.0, level_db=-25.0).process(music(), RATE)
    assert np.array_equal(DecoderPeaks().process(damaged, RATE), damaged)
    out = DecoderPeaks(fundamental_hz=1_234.0).process(damaged, RATE)
    before = np.sum((damaged - music()).astype(float) ** 2)
    assert np.sum((out - music()).astype(float) ** 2) < 0.6 * before


def test_depth_limits_what_is_taken() -> None:
    damaged = DeconvolutionPeaks(level_db=-25.0).process(music(), RATE)
    whole = damaged - DecoderPeaks().process(damaged, RATE)
    half = damaged - DecoderPeaks(depth_db=6.0206).process(damaged, RATE)
    ratio = np.sqrt(np.sum(half.astype(float) ** 2) / np.sum(whole.astype(float) ** 2))
    assert ratio == pytest.approx(0.5 / 0.99, abs=0.01)


def test_the_level_of_the_file_does_not_matter() -> None:
    damaged = DeconvolutionPeaks(level_db=-25.0).process(music(), RATE)
    out = DecoderPeaks().process(damaged, RATE)
    quiet = DecoderPeaks().process(damaged / np.float32(256.0), RATE)
    assert np.allclose(256.0 * quiet, out, atol=1e-6)


@pytest.mark.filterwarnings("ignore::restorack.errors.StreamWarning")
def test_streams_are_equal_for_every_split_prepared_or_not() -> None:
    damaged = DeconvolutionPeaks(level_db=-20.0).process(music(7.0), RATE)
    for prepared in (True, False):
        outs = []
        for sizes in ([1 << 30], [977, 31, 12_000]):
            stage = DecoderPeaks()
            if prepared:
                stage.prepare([damaged], RATE)
            outs.append(stream(stage, damaged, RATE, sizes))
        assert all(np.array_equal(one, outs[0]) for one in outs[1:])
        changed = np.flatnonzero((outs[0] != damaged)[0])
        assert changed.size  # unprepared: from where it has heard enough
        assert (changed[0] < RATE) == prepared


def test_one_channel_with_peaks_leaves_the_other() -> None:
    clean = music()
    damaged = DeconvolutionPeaks(level_db=-20.0).process(clean, RATE)
    out = DecoderPeaks().process(np.concatenate([damaged, clean]), RATE)
    assert np.sum((out[0] - clean[0]) ** 2) < 0.6 * np.sum((damaged - clean) ** 2)
    assert np.sum((out[1] - clean[0]) ** 2) < 0.05 * np.sum((damaged - clean) ** 2)


@pytest.mark.parametrize("offset", [0.0, 0.5, -0.5, 0.31, 3.0, -7.6])
def test_the_line_of_a_sine_window(offset: float) -> None:
    n = np.arange(256)
    direct = np.sum(np.sin(np.pi * (n + 0.5) / 256) * np.exp(-2j * np.pi * offset * n / 256))
    assert sine_window_line(np.array([offset]), 256)[0] == pytest.approx(direct, abs=1e-6)


def test_it_says_what_it_did() -> None:
    stage = DecoderPeaks()
    stage.process(music(), RATE)
    assert stage.summary() == "no decoder peaks found, unchanged"
    stage.process(DeconvolutionPeaks(level_db=-20.0).process(music(), RATE), RATE)
    assert stage.summary().startswith("7 decoder peaks at multiples of 2000 Hz, ")
