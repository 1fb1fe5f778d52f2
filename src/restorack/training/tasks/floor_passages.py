"""Passages to learn noise floors from: music or steady sounds, with noise under them or none."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.degrade.randomness import log_uniform
from restorack.dsp.decibels import db_to_amplitude
from restorack.training.task import Clips
from restorack.training.tasks.denoise_noise import (
    RATE,
    NoiseMaker,
    Samples,
    coloured,
    hiss,
    unit,
)
from restorack.training.tasks.denoise_scene import PEAK, band_limited, in_a_room
from restorack.training.tasks.steady_sounds import steady_sound

# By hand: lengths; shares of steady sounds, of music in a room and of bands cut off; of floors of
# their own, and how far down those are; of clean passages and of hardly noisy ones, and the SNR of
# these and of the others; of passages through MP3 and libsndfile's settings for 320 to 64 kbit/s;
# of two channels; of passages known to be noisy.
SECONDS = (3.5, 6.0, 6.0, 9.0, 12.0, 20.0, 28.0)
STEADY, IN_A_ROOM, BAND_LIMITED = 0.16, 0.4, 0.12
OWN_FLOOR, OWN_FLOOR_DB = 0.5, (28.0, 70.0)
CLEAN, HARDLY_NOISY = 0.2, 0.12
HARDLY_NOISY_DB, NOISY_DB = (28.0, 45.0), (2.0, 28.0)
CODED, COMPRESSION = 0.35, (0.3, 0.5, 0.65, 0.8, 0.9, 0.95)
STEREO, EXPECTED = 0.3, 0.35
RECORDED, HUMMING = 0.4, 0.12
MAINS_HZ = (50.0, 60.0, 49.7, 59.2, 100.0, 120.0)
LONGEST_LAG = 4000
"""Samples of delay of a decoder that are looked for."""


@dataclass(frozen=True)
class Passage:
    """What is heard, and the noise in it.

    Parameters
    ----------
    given, noise : ndarray of float32, shape (channels, samples)
        Without noise the latter is silent.
    clean : bool
        Whether there is none.
    expected : bool
        Whether it is known that there is.
    groups : tuple of int
        Which recordings of music and noise it is made from, to leave some out; 0 for none.
    """

    given: Samples
    noise: Samples
    clean: bool
    expected: bool
    groups: tuple[int, int]


def make_passage(rng: np.random.Generator, clips: Clips, noises: NoiseMaker) -> Passage:
    """Make a passage of 3.5 to 28 s."""
    count = int(rng.choice(SECONDS) * RATE)
    clean, music = _sound(rng, clips, count)
    level = np.sqrt(np.mean(clean**2)) + 1e-9
    if rng.random() < OWN_FLOOR:
        own = unit(coloured(rng, rng.standard_normal(count, dtype=np.float32)))
        clean = clean + own * np.float32(level * db_to_amplitude(-rng.uniform(*OWN_FLOOR_DB)))
    noise, kind = _noise(rng, noises, count)
    chance = rng.random()
    is_clean = chance < CLEAN
    hardly = chance < CLEAN + HARDLY_NOISY
    below = rng.uniform(*(HARDLY_NOISY_DB if hardly else NOISY_DB))
    given = clean if is_clean else clean + noise * np.float32(level * db_to_amplitude(-below))
    if rng.random() < CODED:
        given = coded(given, float(rng.choice(COMPRESSION)))
    noise = np.zeros_like(given) if is_clean else given - clean
    rows, noise_rows = given[np.newaxis], noise[np.newaxis]
    if rng.random() < STEREO:
        rows, noise_rows = _in_stereo(rng, given - noise, noise)
    expected = not is_clean and rng.random() < EXPECTED
    return Passage(rows, noise_rows, is_clean, expected, (music, 0 if is_clean else kind))


def _sound(rng: np.random.Generator, clips: Clips, count: int) -> tuple[Samples, int]:
    """Return music or a steady sound, and which."""
    if rng.random() < STEADY:
        sound, group = steady_sound(rng, count), 0
    else:
        excerpt = clips.draw(rng, count / RATE, RATE)
        sound, group = excerpt.audio[:count].copy(), zlib.crc32(excerpt.piece.file.encode())
        if excerpt.piece.kind != "music" and rng.random() < IN_A_ROOM:
            sound = in_a_room(rng, sound)[:count]
    if rng.random() < BAND_LIMITED:
        sound = band_limited(rng, sound)
    loud = PEAK / (np.abs(sound).max() + 1e-9) * db_to_amplitude(rng.uniform(-14, 3))
    return (sound * np.float32(loud)).astype(np.float32), group


def _noise(rng: np.random.Generator, noises: NoiseMaker, count: int) -> tuple[Samples, int]:
    """Return noise of a mean power of 1: recorded, hum, or made; and which recording it is."""
    chance = rng.random()
    if noises.recordings and chance < RECORDED:
        kind = int(rng.integers(noises.recordings))
        noise = noises.recorded(rng, count, kind)
        if rng.random() < 0.3:
            noise = noise + unit(hiss(rng, count)) * np.float32(
                db_to_amplitude(rng.uniform(-25, 0))
            )
        return unit(noise), 1 + kind
    if chance < RECORDED + HUMMING:
        loud = np.float32(db_to_amplitude(rng.uniform(-12, 12)))
        return unit(loud * hum(rng, count) + unit(hiss(rng, count))), 0
    return noises.make(rng, count), 0


def hum(rng: np.random.Generator, count: int) -> Samples:
    """Return partials of the mains, of a mean power of 1."""
    time = np.arange(count) / RATE
    pitch = rng.choice(MAINS_HZ) * (1.0 + rng.normal(0, 0.004))
    fall, out = rng.uniform(0.2, 1.6), np.zeros(count)
    for k in range(1, rng.integers(3, 60)):
        if k * pitch < RATE / 3:
            phase = rng.uniform(0, 2 * np.pi)
            out += rng.uniform(0.1, 1.0) / k**fall * np.sin(2 * np.pi * k * pitch * time + phase)
    return unit(out.astype(np.float32))


def coded(audio: Samples, compression: float) -> Samples:
    """Return audio through MP3, aligned to the sample, of the same length.

    Parameters
    ----------
    audio : ndarray of float32, shape (samples,)
        At 44.1 kHz.
    compression : float
        0 to 1, of libsndfile: .3 is 224 kbit/s of one channel, .95 is 48.
    """
    import soundfile

    file = io.BytesIO()
    options = {"bitrate_mode": "CONSTANT", "compression_level": compression}
    soundfile.write(file, np.clip(audio, -1.0, 1.0), RATE, format="MP3", **options)
    file.seek(0)
    back: Samples = soundfile.read(file, dtype="float32")[0]
    count = min(len(audio), len(back), 8 * RATE)
    one, other = (np.fft.rfft(rows[:count], 2 * count) for rows in (audio, back))
    lag = int(np.argmax(np.fft.irfft(np.conj(one) * other)[:LONGEST_LAG]))
    return np.pad(back[lag:], (0, len(audio)))[: len(audio)]


def _in_stereo(
    rng: np.random.Generator, clean: Samples, noise: Samples
) -> tuple[Samples, NDArray[np.float32]]:
    """Return two channels: the sound in both, the noise of each its own."""
    away = int(log_uniform(rng, 0.1, 0.5) * len(noise))
    other = np.roll(noise, away)
    balance = np.float32(rng.uniform(0.5, 1.0))
    return np.stack([clean + noise, balance * clean + other]), np.stack([noise, other])
