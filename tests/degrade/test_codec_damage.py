"""CodecDamage keeps its bit rate, its band and its time, and errs as the codecs do."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest

from restorack.degrade.codecs.codec_damage import CodecDamage
from restorack.degrade.codecs.gsm import FRAME, GsmCodec
from restorack.degrade.codecs.mdct import LappedFrames, Mdct, sine_slope
from restorack.degrade.codecs.perceptual import bark, quiet_threshold_spl
from restorack.degrade.codecs.transform_codec import FORMATS, TransformCodec, long_slope
from restorack.testing.signals import clean_music

RATE = 44_100.0


def snr_db(clean, coded) -> float:
    error = np.asarray(coded, float) - clean
    return float(10.0 * np.log10(np.sum(np.square(clean, dtype=float)) / np.sum(error**2)))


def pink(seconds: float, rate: float, seed: int = 0):
    count = int(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    signal = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), count)
    return (0.1 * signal / signal.std()).astype(np.float32)


@pytest.mark.parametrize("hop", [10, 160, 576, 882])
def test_the_transform_is_its_formula(hop: int) -> None:
    signal = np.random.default_rng(0).standard_normal(2 * hop)
    samples, bins = np.arange(2 * hop), np.arange(hop)[:, np.newaxis]
    angle = np.pi / hop * (samples + 0.5 + hop / 2) * (bins + 0.5)
    matrix = np.sqrt(2.0 / hop) * np.cos(angle)
    assert Mdct(hop).forward(signal) == pytest.approx(matrix @ signal, abs=1e-10)
    assert Mdct(hop).backward(matrix @ signal) == pytest.approx(
        matrix.T @ matrix @ signal, abs=1e-10
    )


@pytest.mark.parametrize("kaiser", [0.0, 4.0])
def test_uncoded_frames_give_the_signal_back(kaiser: float) -> None:
    hop, transform = 96, Mdct(96)
    slope = long_slope(hop, kaiser)
    assert slope**2 + slope[::-1] ** 2 == pytest.approx(np.ones(hop))  # Princen and Bradley
    window = np.concatenate([slope, slope[::-1]])
    frames = LappedFrames(
        2, hop, 4, lambda cut: window * transform.backward(transform.forward(window * cut))
    )
    signal = np.random.default_rng(1).uniform(-1, 1, (2, 1_003)).astype(np.float32)
    out = np.concatenate([frames.push(signal), frames.finish()], axis=1)
    assert out == pytest.approx(signal, abs=1e-6)


@pytest.mark.parametrize("codec", ["mp3", "aac"])
def test_plenty_of_bits_give_the_signal_back(codec: str) -> None:
    """Also across attacks: windows of either length overlap to one."""
    spectrum = np.fft.rfft(0.3 * pink(1.5, RATE))
    spectrum[24_000:] = 0.0  # 16 kHz: beyond 20 kHz nothing is heard, and so nothing is coded
    signal = np.fft.irfft(spectrum).astype(np.float32)
    signal[30_000:30_400] += (np.hanning(400) * np.sin(np.arange(400) * 0.7)).astype(np.float32)
    coder = TransformCodec(1, RATE, FORMATS[codec], 5_000.0, 18_000.0)
    out = np.concatenate([coder.push(signal[np.newaxis]), coder.finish()], axis=1)
    assert coder.switched > 0
    assert snr_db(signal, out[0]) > 75.0


@pytest.mark.parametrize("codec", ["mp3", "aac"])
@pytest.mark.parametrize("kind", ["pink", "notes"])
def test_snr_rises_with_the_bit_rate(codec: str, kind: str) -> None:
    signal = pink(2.0, RATE) if kind == "pink" else clean_music(RATE, 2.0, 1)[0]
    found = [
        snr_db(
            signal,
            CodecDamage(codec=codec, kbps_per_channel=kbps, bandwidth_hz=12_000.0).process(
                signal, RATE
            ),
        )
        for kbps in (24.0, 32.0, 48.0, 64.0, 96.0, 128.0)
    ]
    assert (np.diff(found) > 0.3).all(), found
    assert found[-1] > found[0] + 8.0


@pytest.mark.parametrize("codec", ["mp3", "aac"])
@pytest.mark.parametrize("kbps", [24.0, 64.0, 128.0])
def test_the_bit_rate_is_kept(codec: str, kbps: float) -> None:
    stage = CodecDamage(codec=codec, kbps_per_channel=kbps)
    stage.process(pink(3.0, RATE), RATE)
    found = stage.findings()
    # Attacks may have twice the bits; the last quarter of an octave of gain is not used.
    assert 0.8 * kbps < found["mean_kbps_per_channel"] <= kbps * (1.0 + found["switched_share"])
    assert found["switched_share"] < 0.1


@pytest.mark.parametrize(("codec", "kbps"), [("mp3", 32.0), ("mp3", 64.0), ("aac", 48.0)])
def test_the_band_ends_where_it_says(codec: str, kbps: float) -> None:
    edge = FORMATS[codec].bandwidth_hz(kbps)
    noise = 0.1 * np.random.default_rng(0).standard_normal(88_200)
    out = CodecDamage(codec=codec, kbps_per_channel=kbps).process(noise, RATE)
    power = np.abs(np.fft.rfft(out * np.hanning(out.size))) ** 2
    frequencies = np.fft.rfftfreq(out.size, 1.0 / RATE)
    inside = power[(frequencies > 0.3 * edge) & (frequencies < 0.6 * edge)].mean()
    above = power[frequencies > edge + 300.0].mean()
    assert 10.0 * np.log10(above / inside) < -60.0
    assert (power[(frequencies > 0.9 * edge) & (frequencies < 0.97 * edge)] > 0).any()


def test_noise_is_shaped_by_the_signal() -> None:
    """Where the music is loud there may be more noise: the error's spectrum follows it."""
    signal = pink(3.0, RATE)
    error = CodecDamage(kbps_per_channel=64.0).process(signal, RATE) - signal
    power = np.abs(np.fft.rfft(error.astype(float))) ** 2
    frequencies = np.fft.rfftfreq(error.size, 1.0 / RATE)
    bass = power[(frequencies > 100) & (frequencies < 400)].mean()
    top = power[(frequencies > 6_000) & (frequencies < 9_000)].mean()
    assert 10.0 * np.log10(bass / top) > 6.0


@pytest.mark.parametrize("codec", ["mp3", "aac"])
def test_short_windows_keep_echoes_from_before_an_attack(codec: str) -> None:
    signal = np.zeros(60_000, np.float32)
    attack = 30_137
    burst = np.random.default_rng(0).standard_normal(3_000) * np.exp(-np.arange(3_000) / 500.0)
    signal[attack : attack + 3_000] = 0.3 * burst
    out = CodecDamage(codec=codec, kbps_per_channel=48.0).process(signal, RATE)
    hop = FORMATS[codec].hop_at(RATE)
    reach = 2 * hop // FORMATS[codec].shorts  # a short window
    assert np.abs(out[: attack - hop]).max() < 1e-9
    spread = np.sum(out[attack - hop : attack - reach].astype(float) ** 2)
    near = np.sum(out[attack - reach : attack].astype(float) ** 2)
    assert spread < 0.05 * near


def test_silence_between_notes_stays_silent() -> None:
    signal = np.zeros(50_000, np.float32)
    signal[:10_000] = pink(1.0, RATE)[:10_000]
    out = CodecDamage().process(signal, RATE)
    assert not out[15_000:].any()


def test_psychoacoustic_scales_are_the_published_ones() -> None:
    # Zwicker: 1 kHz is 8.5 Bark, 4 kHz 17.3; Terhardt: least near 3.3 kHz, at -5 dB.
    assert bark(np.array([1_000.0, 4_000.0])) == pytest.approx([8.5, 17.3], abs=0.15)
    frequencies = np.arange(100.0, 12_000.0, 10.0)
    threshold = quiet_threshold_spl(frequencies)
    assert frequencies[np.argmin(threshold)] == pytest.approx(3_300.0, abs=150.0)
    assert threshold.min() == pytest.approx(-5.0, abs=0.5)


def speech_like(seconds: float):
    """Make a buzz through moving formants, as a voice is."""
    rate = 8_000.0
    time = np.arange(int(seconds * rate)) / rate
    pitch = 120.0 + 20.0 * np.sin(2 * np.pi * 0.7 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    voice = sum(
        np.sin(k * phase)
        / (1.0 + ((k * pitch - 600.0 - 250.0 * np.sin(2 * np.pi * 1.3 * time)) / 300.0) ** 2)
        for k in range(1, 25)
    )
    return (0.3 * voice / np.abs(voice).max()).astype(np.float32)


def test_gsm_is_as_good_as_the_real_codec() -> None:
    for signal in (speech_like(3.0), clean_music(8_000.0, 3.0, 1)[0]):
        codec = GsmCodec(1)
        ours = np.concatenate([codec.push(signal[np.newaxis]), codec.finish()], axis=1)[0]
        real = pedalboard.GSMFullRateCompressor()(signal, 8_000.0)
        # Ours computes in floating point: half a decibel of difference is rounding and luck.
        assert snr_db(signal, ours) == pytest.approx(snr_db(signal, real), abs=0.7)


def test_gsm_frames_come_when_they_are_complete() -> None:
    codec = GsmCodec(1)
    signal = speech_like(0.1)[np.newaxis]
    assert codec.push(signal[:, : FRAME - 1]).shape[1] == 0
    assert codec.push(signal[:, FRAME - 1 : FRAME]).shape[1] == FRAME
    assert codec.finish().shape[1] == 0


def test_gsm_leaves_nothing_above_4_khz() -> None:
    out = CodecDamage(codec="gsm").process(pink(2.0, RATE), RATE)
    power = np.abs(np.fft.rfft(out.astype(float) * np.hanning(out.size))) ** 2
    frequencies = np.fft.rfftfreq(out.size, 1.0 / RATE)
    assert power[frequencies > 4_100.0].sum() < 1e-8 * power.sum()


def test_windows_of_lapped_frames_are_sines() -> None:
    assert sine_slope(4) == pytest.approx(np.sin(np.pi / 16 * np.array([1, 3, 5, 7])))
