"""Scenes to train the denoiser on: music, noise under it, and the floor that is believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from restorack.degrade.randomness import log_uniform
from restorack.dsp.decibels import db_to_amplitude, db_to_power
from restorack.dsp.welch import MeanDensity
from restorack.meters.histogram_floor.estimate import NoiseFloor, NoiseFloorEstimator
from restorack.plugins.denoise.noise_psd import neural_noise_psd
from restorack.plugins.denoise.noise_source import MusicLearner, measured_floor, profile_frame
from restorack.training.task import Clips
from restorack.training.tasks.denoise_noise import RATE, NoiseMaker, Samples, coloured, unit

FRAME, HOP = 2048, 512
"""Samples at 44.1 kHz, 46 ms: the denoiser's own."""
BINS = FRAME // 2 + 1
FREQUENCIES = np.arange(BINS) * RATE / FRAME
WINDOW = np.sin(np.pi * (np.arange(FRAME) + 0.5) / FRAME).astype(np.float32)
PEAK = 0.4
"""Of the music, full scale 1, before a random gain. By hand."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """Music and noise of one length, and a second of the noise before.

    Parameters
    ----------
    clean, noise, lead : ndarray of float32
        Samples.
    wall_hz : float
        Nothing real is above it.
    """

    clean: Samples
    noise: Samples
    lead: Samples
    wall_hz: float


@dataclass(frozen=True)
class Believed:
    """A floor as the denoiser gets it: density, confidence (bins,), and whether measured."""

    density: Floats
    confidence: Floats
    measured: bool


def spectra(audio: Samples) -> NDArray[np.complex64]:
    """Return frames as :class:`restorack.dsp.stft.FrameAnalysis` cuts them."""
    padded = np.concatenate([np.zeros(FRAME - HOP, np.float32), audio])
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP] * WINDOW
    return np.asarray(fft.rfft(frames, axis=-1))


def densities(frames: NDArray[np.complex64]) -> Samples:
    """Return the power density of each cell."""
    return np.asarray((frames.real**2 + frames.imag**2) / (BINS - 1), np.float32)


def make_scene(
    rng: np.random.Generator,
    clips: Clips,
    noises: NoiseMaker,
    seconds: float,
    snr_db: float | None = None,
) -> Scene:
    """Make a scene; without a signal-to-noise ratio from 3 to 40 dB, seldom up to 70."""
    count = int(seconds * RATE) // (4 * HOP) * 4 * HOP
    excerpt = clips.draw(rng, seconds, RATE)
    clean, wall, rendered = excerpt.audio[:count], excerpt.wall_hz, excerpt.piece.kind != "music"
    if rng.random() < 0.18:
        clean = band_limited(rng, clean)
    if rng.random() < 0.12:
        other = clips.draw(rng, seconds, RATE)
        clean = clean + other.audio[:count] * np.float32(rng.uniform(0.2, 1))
        wall = min(wall, other.wall_hz)
    if rendered and rng.random() < 0.5:
        clean = in_a_room(rng, clean)
    clean = clean * (PEAK / (np.abs(clean).max() + 1e-9) * db_to_amplitude(rng.uniform(-12, 3)))
    level = np.sqrt(np.mean(clean**2)) + 1e-9
    noise = noises.make(rng, count + RATE)
    if snr_db is None:
        snr_db = rng.uniform(3, 40) if rng.random() < 0.93 else rng.uniform(40, 70)
    if rng.random() < (0.75 if rendered else 0.25):
        # Recordings have a floor of their own, which is not to be dug out.
        own = unit(coloured(rng, rng.standard_normal(count, dtype=np.float32)))
        clean = clean + own * level * db_to_amplitude(-(max(snr_db, 8) + rng.uniform(5, 25)))
    noise = unit(noise) * np.float32(level * db_to_amplitude(-snr_db))
    return Scene(clean.astype(np.float32), noise[RATE:], noise[:RATE], wall)


def band_limited(rng: np.random.Generator, audio: Samples) -> Samples:
    """Return audio as through a horn: nothing below 30-250 Hz nor above 3.5-12 kHz."""
    size = fft.next_fast_len(len(audio), True)
    frequencies = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 1.0)
    high = log_uniform(rng, 3500, 12_000)
    low = log_uniform(rng, 30, 250)
    response = 1 / np.sqrt(1 + (frequencies / high) ** rng.choice([8, 16, 40]))
    response = response / np.sqrt(1 + (low / frequencies) ** 8)
    filtered = fft.irfft(fft.rfft(audio, size) * response.astype(np.float32), size)
    return np.asarray(filtered[: len(audio)], np.float32)


def in_a_room(rng: np.random.Generator, audio: Samples) -> Samples:
    """Return audio with a reverberation of 0.25 to 2.5 s, 4 to 22 dB down."""
    seconds = log_uniform(rng, 0.25, 2.5)
    tail = rng.standard_normal(int(RATE * seconds))
    tail *= np.exp(-6.9 * np.arange(len(tail)) / len(tail))
    tail[: int(RATE * rng.uniform(0.001, 0.02))] = 0.0
    size = fft.next_fast_len(len(audio) + len(tail), True)
    dull = 1 / (1 + (np.fft.rfftfreq(size, 1 / RATE) / rng.uniform(2500, 9000)) ** 2)
    wet = fft.irfft(fft.rfft(audio, size) * fft.rfft(tail, size) * dull, size)[: len(audio)]
    share = db_to_amplitude(rng.uniform(-22, -4)) / (np.sqrt(np.mean(wet**2)) + 1e-9)
    return np.asarray(audio + wet * share * np.sqrt(np.mean(audio**2)), np.float32)


def believed_floor(
    rng: np.random.Generator, scene: Scene, source: str | None = None
) -> Believed | None:
    """Return the floor that the denoiser would find, or one that is wrong in known ways.

    Parameters
    ----------
    rng : numpy.random.Generator
    scene : Scene
    source : str, optional
        ``auto`` or ``region``; without it one of these or the truth, somewhat wrong.

    Returns
    -------
    Believed or None
        None where nothing is found.
    """
    chosen = source or rng.choice(["auto", "region", "true"], p=[0.6, 0.25, 0.15])
    floor: NoiseFloor | None = None
    if chosen == "auto":
        learner = MusicLearner(NoiseFloorEstimator(RATE, 1, neural_noise_psd()))
        learner.push((scene.clean + scene.noise)[None])
        floor = learner.floor()
        if floor is None and (source is not None or rng.random() < 0.6):
            return None
    elif chosen == "region":
        begin = 0.05 if source else rng.uniform(0, 0.4)
        measured = MeanDensity(1, profile_frame(RATE, 0.95 - begin))
        measured.push(scene.lead[None, int(begin * RATE) : int(0.95 * RATE)])
        floor = measured_floor(measured.mean(), RATE, "region", None)
    return _true_but_wrong(rng, scene) if floor is None else _as_believed(floor)


def misled(rng: np.random.Generator, floor: Believed) -> Believed:
    """Return a floor that is wrong by a smooth curve, so that it is not simply believed."""
    places = np.sort(rng.uniform(4.3, 14.5, 8))
    wrong = np.interp(np.log2(FREQUENCIES + 20), places, rng.normal(0, rng.uniform(1, 6), 8))
    density = floor.density * db_to_power(wrong + rng.normal(0, 1.5))
    return Believed(density, floor.confidence * rng.uniform(0.2, 1), floor.measured)


def _as_believed(floor: NoiseFloor) -> Believed:
    if len(floor.confidence) == len(floor.frequencies_hz):
        sure = np.interp(FREQUENCIES, floor.frequencies_hz, floor.confidence)
    else:
        sure = np.full(BINS, floor.confidence.mean())
    return Believed(floor.density(FREQUENCIES, 0.0), sure, floor.source != "music")


def _true_but_wrong(rng: np.random.Generator, scene: Scene) -> Believed:
    mean = densities(spectra(scene.noise)).mean(axis=0).astype(np.float64)
    smooth = np.convolve(np.pad(mean, 4, mode="edge"), np.ones(9) / 9, "valid")
    density = smooth * db_to_power(rng.normal(0, 1.5))
    if rng.random() < 0.3:
        places = np.sort(rng.uniform(4.3, 14.5, 6))
        wrong = np.interp(np.log2(FREQUENCIES + 20), places, rng.normal(0, 2.5, 6))
        density = density * db_to_power(wrong)
    return Believed(density + 1e-16, np.full(BINS, rng.uniform(0.3, 1)), bool(rng.random() < 0.5))
