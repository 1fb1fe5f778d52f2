"""SpectralDenoiser: noise goes, music stays, and nothing found means nothing done."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from restorack.errors import AudioError, FileError, ParameterError
from restorack.plugins.denoise.spectral import SpectralDenoiser
from restorack.testing.signals import clean_music

RATE = 44_100.0
MODES = ("logmmse", "gate", "subtract", "wiener", "median")


def white(seconds, level=0.01, channels=1, seed=5):
    random = np.random.default_rng(seed)
    return (level * random.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def tones(seconds, level=0.1):
    time = np.arange(round(seconds * RATE)) / RATE
    waves = [np.sin(2 * np.pi * f * time + f) for f in (220.3, 441.7, 1003.1, 3007.9)]
    return (level * np.sum(waves, axis=0))[np.newaxis].astype(np.float32)


def decibels(rows):
    return float(10 * np.log10(np.mean(rows.astype(float) ** 2)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("limit", [6.0, 15.0])
def test_noise_alone_is_lowered_by_the_limit(mode, limit):
    noise = white(4.0)
    out = SpectralDenoiser(mode=mode, max_attenuation_db=limit, noise_profile="0.1-3.9").process(
        noise, RATE
    )
    inside = slice(20_000, -20_000)
    lowered = decibels(noise[:, inside]) - decibels(out[:, inside])
    # What a threshold lets through by chance raises the rest by at most some decibels.
    assert limit - 3.5 < lowered < limit + 0.1


@pytest.mark.parametrize("mode", MODES)
def test_tones_in_noise_keep_their_level_and_lose_the_noise(mode):
    music, noise = tones(4.0), white(4.0)
    music[:, : round(RATE)] = 0.0
    out = SpectralDenoiser(mode=mode, noise_profile="0.05-0.95").process(music + noise, RATE)
    steady = slice(round(1.5 * RATE), round(3.5 * RATE))
    error = decibels(out[:, steady] - music[:, steady])
    assert error < decibels(noise) - 8.0
    gain = np.vdot(out[:, steady], music[:, steady]) / np.vdot(music[:, steady], music[:, steady])
    assert gain == pytest.approx(1.0, abs=0.01)


def test_blind_finds_the_noise_under_the_music():
    music, noise = tones(8.0, 0.03), white(8.0, 0.003)
    one = SpectralDenoiser()
    out = one.process(music + noise, RATE)
    assert decibels(out - music) < decibels(noise) - 8.0
    found = one.findings()
    assert found["noise_found"]
    assert found["source"] == "music"
    assert found["floor_db_per_octave"]["8000"] == pytest.approx(-50.5, abs=1.5)
    assert found["snr_db"] == pytest.approx(decibels(music) - decibels(noise), abs=1.5)
    json.dumps(found)


def test_clean_music_and_held_chords_pass_bit_for_bit():
    for audio in (clean_music(RATE, 6.0, 2), tones(6.0)):
        one = SpectralDenoiser()
        assert np.array_equal(one.process(audio, RATE), audio)
        assert one.findings() == {"noise_found": False}


def test_a_silent_region_changes_nothing():
    audio = clean_music(RATE, 2.0, 1) + white(2.0)
    audio[:, : round(0.5 * RATE)] = 0.0
    out = SpectralDenoiser(noise_profile="0.1-0.4").process(audio, RATE)
    assert np.array_equal(out, audio)


@pytest.mark.parametrize("off", [{"strength": 0.0}, {"max_attenuation_db": 0.0}])
def test_nothing_asked_nothing_done(off):
    audio = tones(2.0) + white(2.0)
    assert np.array_equal(SpectralDenoiser(noise_profile="0-1", **off).process(audio, RATE), audio)


def test_strength_scales_the_change():
    audio = tones(2.0) + white(2.0)

    def change(strength):
        one = SpectralDenoiser(noise_profile="0-1", strength=strength)
        return one.process(audio, RATE).astype(float) - audio

    assert change(0.5) == pytest.approx(0.5 * change(1.0), abs=1e-6)


def test_a_higher_floor_takes_more_off():
    audio = 0.02 * tones(2.0) + white(2.0)
    levels = [
        decibels(SpectralDenoiser(noise_profile="0-1.9", floor_offset_db=offset)(audio, RATE))
        for offset in (-12.0, 0.0, 6.0)
    ]
    assert levels[0] > levels[1] > levels[2]


def test_channels_share_their_gains():
    music, noise = tones(3.0), white(3.0, channels=2)
    panned = np.concatenate([music, 0.25 * music]) + np.array([[1.0], [0.25]]) * noise[:1]
    out = SpectralDenoiser(noise_profile="0-3").process(panned, RATE)
    assert out[1] == pytest.approx(0.25 * out[0], abs=1e-6)


@pytest.mark.parametrize("profile", ["auto", "0.1-0.9"])
def test_streams_equal_the_whole_and_hear_their_past_only(profile):
    audio = white(5.0, 0.003)
    audio[:, round(RATE) :] += tones(4.0)
    whole = SpectralDenoiser(noise_profile=profile)(audio, RATE)
    prepared, blind = (SpectralDenoiser(noise_profile=profile) for _ in range(2))
    prepared.prepare([audio], RATE)
    outs = []
    for one, sizes in ((prepared, (1, 999, 30_000)), (blind, (1 << 20,)), (blind, (333, 7777))):
        parts, at, turn = [], 0, 0
        while at < audio.shape[1]:
            size = sizes[turn % len(sizes)]
            parts.append(one.process(audio[:, at : at + size], RATE, reset=False))
            at, turn = at + size, turn + 1
        outs.append(np.concatenate([*parts, one.flush()], axis=1))
    assert np.array_equal(outs[0], whole)
    assert np.array_equal(outs[1], outs[2])
    assert np.array_equal(outs[1][:, :20_000], audio[:, :20_000])
    late = slice(round(4.0 * RATE), None)
    assert decibels(outs[1][:, late] - audio[:, late]) > decibels(audio[:, :40_000]) - 6.0


def test_a_file_of_noise_needs_no_first_pass(tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, white(2.0, seed=8).T, int(RATE), subtype="FLOAT")
    one = SpectralDenoiser(noise_profile=str(path))
    assert not one.needs_preparation
    music, noise = tones(3.0), white(3.0)
    out = one.process(music + noise, RATE)
    assert decibels(out - music) < decibels(noise) - 8.0
    assert one.findings()["source"] == "file"
    assert one.findings()["snr_db"] is None


def test_a_file_of_less_bandwidth_leaves_the_top_alone(tmp_path):
    path = tmp_path / "narrow.wav"
    random = np.random.default_rng(1)
    soundfile.write(path, 0.01 * random.standard_normal(22_050), 11_025, subtype="FLOAT")
    noise = white(2.0)
    out = SpectralDenoiser(noise_profile=str(path)).process(noise, RATE)
    removed = np.abs(np.fft.rfft(out - noise)) ** 2
    edge = round(6500 * noise.shape[1] / RATE)
    assert removed[:, edge:].sum() < 1e-4 * removed[:, :edge].sum()


def test_wrong_profiles_are_named_errors(tmp_path):
    with pytest.raises(ParameterError, match="noise_profile"):
        SpectralDenoiser(noise_profile="2-1")
    with pytest.raises(AudioError, match=r"recording of 2\.00 s"):
        SpectralDenoiser(noise_profile="1.5-2.5").process(white(2.0), RATE)
    missing = tmp_path / "missing.wav"
    with pytest.raises(FileError, match=r"missing\.wav"):
        SpectralDenoiser(noise_profile=str(missing)).process(white(1.0), RATE)


def test_another_profile_is_learned_anew():
    audio = white(3.0)
    audio[:, round(1.5 * RATE) :] *= 0.1
    one = SpectralDenoiser(noise_profile="0-1")
    one.prepare([audio], RATE)
    first = one.process(audio, RATE)
    one.noise_profile = "2-3"
    assert not one.is_prepared
    expected = SpectralDenoiser(noise_profile="2-3").process(audio, RATE)
    assert np.array_equal(one.process(audio, RATE), expected)
    assert not np.array_equal(first, expected)


def test_a_step_of_the_noise_is_followed():
    noise = white(130.0, 0.001)
    noise[:, round(65 * RATE) :] *= 2.0
    out = SpectralDenoiser().process(noise, RATE)
    for begin, end in ((5, 35), (100, 125)):
        part = slice(round(begin * RATE), round(end * RATE))
        assert decibels(noise[:, part]) - decibels(out[:, part]) > 10.0


def test_how_the_floor_is_found_belongs_to_the_preparation():
    music, noise = tones(6.0, 0.03), white(6.0, 0.003)
    one = SpectralDenoiser(floor_estimate="gathered")
    one.prepare([music + noise], RATE)
    assert one.is_prepared
    one.floor_estimate = "learned"
    assert not one.is_prepared
    one.floor_estimate = "gathered"
    assert one.is_prepared
    one.expect_noise = True
    assert not one.is_prepared


@pytest.mark.parametrize("way", ["learned", "gathered"])
def test_either_way_finds_white_noise_at_its_level(way):
    one = SpectralDenoiser(floor_estimate=way)
    one.process(tones(8.0, 0.03) + white(8.0, 0.003), RATE)
    assert one.findings()["floor_db_per_octave"]["8000"] == pytest.approx(-50.5, abs=1.0)
