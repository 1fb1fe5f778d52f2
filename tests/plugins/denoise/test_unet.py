"""UNetDenoiser: less noise than its start, the classical gains; never worse than its input."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from scipy import signal

from restorack.errors import AudioError
from restorack.plugins.denoise.spectral import SpectralDenoiser
from restorack.plugins.denoise.unet import UNetDenoiser
from restorack.testing.signals import clean_music

RATE = 44_100.0


def hiss(count, channels=1, seed=5):
    random = np.random.default_rng(seed)
    white = random.standard_normal((channels, count + 1))
    return (white[:, 1:] + 0.6 * white[:, :-1]).astype(np.float32)


def notes(seconds, rate=RATE):
    """Struck notes with eight partials each, that fade."""
    time = np.arange(round(seconds * rate)) / rate
    music = np.zeros_like(time)
    for index, base in enumerate((220.0, 277.2, 329.6, 164.8, 440.0, 246.9)):
        since = time - 0.4 * index
        while since[-1] > 0:
            fade = np.where(since > 0, np.exp(-2.5 * np.maximum(since, 0)), 0.0)
            fade *= 1.0 - np.exp(-400.0 * np.maximum(since, 0))
            for partial in range(1, 9):
                music += 0.1 / partial * fade * np.sin(2 * np.pi * base * partial * since)
            since = since - 2.4
    return music[np.newaxis].astype(np.float32)


def at_snr(music, snr_db, seed=5):
    noise = hiss(music.shape[1], seed=seed)
    return noise * np.float32(np.std(music) / np.std(noise) * 10 ** (-snr_db / 20))


def decibels(rows):
    return float(10 * np.log10(np.mean(rows.astype(float) ** 2) + 1e-20))


def gain_db(stage, music, noise):
    """How much nearer the music is the output than the input."""
    out = stage.process(music + noise, RATE)
    return decibels(noise) - decibels(out - music)


@pytest.mark.parametrize("snr", [0, 10, 20, 30, 40])
def test_it_is_never_worse_than_its_input(snr):
    music = notes(6.0)
    noise = at_snr(music, snr)
    assert gain_db(UNetDenoiser(), music, noise) > (0.0 if snr == 40 else 1.0)


def test_it_is_better_than_the_classical_gains():
    music = notes(6.0)
    noise = at_snr(music, 15)
    assert gain_db(UNetDenoiser(), music, noise) > gain_db(SpectralDenoiser(), music, noise)


def test_the_small_network_does_nearly_as_well():
    music = notes(6.0)
    noise = at_snr(music, 15.0)
    full, small = UNetDenoiser(), UNetDenoiser(network="small")
    assert gain_db(small, music, noise) > gain_db(full, music, noise) - 0.7
    assert not np.array_equal(small(music + noise, RATE), full(music + noise, RATE))


def test_a_swell_once_a_turn_is_followed():
    music = notes(8.0)
    time = np.arange(music.shape[1]) / RATE
    swell = 10 ** (6.0 * np.maximum(0.0, np.sin(2 * np.pi * 78 / 60 * time)) / 20)
    noise = at_snr(music, 18) * swell.astype(np.float32)
    assert gain_db(UNetDenoiser(), music, noise) > gain_db(SpectralDenoiser(), music, noise) + 0.3


def rumble(count):
    white = np.random.default_rng(9).standard_normal(count)
    sections = signal.butter(2, [8, 40], "bandpass", fs=RATE, output="sos")
    shaped = signal.sosfilt(sections, white)
    return (shaped / np.std(shaped))[np.newaxis].astype(np.float32)


def lowest_octaves(rows):
    return decibels(signal.sosfilt(signal.butter(4, 60, "lowpass", fs=RATE, output="sos"), rows))


@pytest.mark.parametrize("snr_db", [20, 40])
def test_rumble_is_taken_off_too_also_under_hardly_any_hiss(snr_db):
    music = notes(8.0)
    below = np.float32(0.1 * np.std(music)) * rumble(music.shape[1])
    noisy = music + at_snr(music, snr_db) + below
    out = UNetDenoiser().process(noisy, RATE)
    assert lowest_octaves(out) < lowest_octaves(noisy) - 8.0


def test_long_frames_bring_it_nearer_the_music():
    music = notes(6.0)
    noise = at_snr(music, 15)
    short = UNetDenoiser(long_frames=False)
    assert gain_db(UNetDenoiser(), music, noise) > gain_db(short, music, noise) + 0.3


def test_clean_music_passes_bit_for_bit():
    audio = clean_music(RATE, 6.0, 2)
    one = UNetDenoiser()
    assert np.array_equal(one.process(audio, RATE), audio)
    assert one.findings() == {"noise_found": False}


def test_noise_alone_is_lowered_by_the_limit():
    noise = 0.01 * hiss(round(4 * RATE))
    out = UNetDenoiser(max_attenuation_db=12.0, noise_profile="0.1-3.9").process(noise, RATE)
    inside = slice(20_000, -20_000)
    lowered = decibels(noise[:, inside]) - decibels(out[:, inside])
    assert 9.0 < lowered < 12.1


def test_what_is_left_of_noise_has_few_lone_peaks():
    noise = 0.01 * hiss(round(6 * RATE))

    def lone(audio):
        frames = np.lib.stride_tricks.sliding_window_view(audio[0], 2048)[::512]
        power = np.abs(np.fft.rfft(frames * np.hanning(2048), axis=1))[20:-20, 8:-8] ** 2
        around = np.stack([np.roll(power, by, axis=axis) for axis in (0, 1) for by in (-4, 4)])
        return float(np.mean(power > 100.0 * np.median(around, axis=0)))

    left = [
        stage(noise_profile="0.1-3.9").process(noise, RATE)
        for stage in (SpectralDenoiser, UNetDenoiser)
    ]
    assert lone(left[1]) < lone(left[0])


@pytest.mark.parametrize("setting", [{"strength": 0.0}, {"max_attenuation_db": 0.0}])
def test_no_strength_and_no_attenuation_change_nothing(setting):
    music = notes(2.0)
    noisy = music + at_snr(music, 15)
    assert np.array_equal(UNetDenoiser(**setting).process(noisy, RATE), noisy)


def test_half_the_strength_makes_half_the_change():
    music = notes(2.0)
    noisy = music + at_snr(music, 15)
    whole = UNetDenoiser().process(noisy, RATE) - noisy
    half = UNetDenoiser(strength=0.5).process(noisy, RATE) - noisy
    assert np.allclose(half, 0.5 * whole, atol=1e-6)


def test_channels_share_one_gain():
    music = notes(3.0)
    noisy = music + at_snr(music, 15)
    left = np.concatenate([noisy, 0.5 * noisy])
    out = UNetDenoiser().process(left, RATE)
    assert np.allclose(out[1], 0.5 * out[0], atol=1e-6)


def test_chunks_have_no_seams():
    """A block further on the grid's beginning changes nothing: only the context counts."""
    music = notes(9.0)
    noisy = music + at_snr(music, 15)
    hop = UNetDenoiser.hop_for(RATE)
    shift = 8 * hop * 5  # the networks' blocks are of 64 frames
    noise_file_rows = at_snr(music, 15, seed=8)
    whole = _with_profile(noisy, noise_file_rows)
    later = _with_profile(noisy[:, shift:], noise_file_rows)
    inside = slice(3 * round(RATE), 6 * round(RATE))
    moved = slice(inside.start - shift, inside.stop - shift)
    assert decibels(whole[:, inside] - later[:, moved]) < decibels(noisy) - 120.0


def _with_profile(audio, noise):
    """Denoise with one profile, whatever the recording."""
    one = UNetDenoiser()
    one.prepare([noise], RATE)
    return one.process(audio, RATE)


@pytest.mark.parametrize("rate", [22_050.0, 48_000.0, 96_000.0])
def test_other_rates_are_denoised_as_well(rate):
    music = notes(5.0, rate)
    noise = at_snr(music, 15)
    out = UNetDenoiser().process(music + noise, rate)
    assert decibels(noise) - decibels(out - music) > 3.0


def test_the_noise_may_come_from_a_region_or_a_file(tmp_path):
    music = notes(5.0)
    music[:, : round(RATE)] = 0.0
    noise = at_snr(music, 10)
    assert gain_db(UNetDenoiser(noise_profile="0.05-0.95"), music, noise) > 4.0
    path = tmp_path / "noise.wav"
    soundfile.write(path, at_snr(music, 10, seed=9).T, int(RATE), subtype="FLOAT")
    stage = UNetDenoiser(noise_profile=str(path))
    assert gain_db(stage, music, noise) > 4.0
    assert stage.findings()["source"] == "file"
    json.dumps(stage.findings())


def test_a_region_beyond_the_end_is_refused():
    with pytest.raises(AudioError, match="within the recording"):
        UNetDenoiser(noise_profile="5-6").process(notes(2.0), RATE)


def test_a_gpu_that_is_asked_for_is_said_to_be_of_no_use():
    noisy = notes(0.5) + at_snr(notes(0.5), 15)
    with pytest.warns(FutureWarning, match="without effect"):
        out = UNetDenoiser(device="cuda").process(noisy, RATE)
    assert np.array_equal(out, UNetDenoiser().process(noisy, RATE))
