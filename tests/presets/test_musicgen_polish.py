"""What the presets for generated music leave alone: dynamics, and what has no noise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from restorack import Chain, DecoderPeaks, DeconvolutionPeaks, SpectralDenoiser, UNetDenoiser
from restorack.presets import load_preset
from restorack.presets.finding import shipped_files
from restorack.synthesis.loops import compose

RATE = 44_100
POLISH = ["musicgen-polish", "musicgen-polish-acoustic", "musicgen-polish-electronic"]
Rows = NDArray[np.float32]


def drums(seconds: float = 6.0) -> Rows:
    """Bursts of noise that die away, twice a second, every other one softer."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(3).standard_normal(time.size)
    beats = np.exp(-9.0 * (time % 0.5)) * np.where(time % 1.0 < 0.5, 1.0, 0.5)
    signal = 0.2 * beats * noise + 0.1 * np.sin(2 * np.pi * 98.0 * time)
    return np.asarray(signal, np.float32)[np.newaxis]


def dynamic_range_db(rows: Rows) -> float:
    """Loudest twentieth of all 20 ms over the median."""
    size = RATE // 50
    frames = rows[0, : rows.shape[1] // size * size].reshape(-1, size)
    levels = 10 * np.log10(np.mean(frames.astype(float) ** 2, axis=1) + 1e-12)
    return float(np.quantile(levels, 0.95) - np.median(levels))


def dynamics_of(preset: str) -> Chain:
    """Return the compressor of a preset and what goes before it for its sake."""
    chain = load_preset(shipped_files()[preset])
    return Chain([chain["programme"], chain["compressor"]])


@pytest.mark.parametrize("preset", POLISH)
def test_quiet_and_loud_clips_are_compressed_alike(preset: str) -> None:
    music, chain = drums(), dynamics_of(preset)
    made = [chain.process(music * np.float32(10 ** (g / 20)), RATE) for g in (-20, -6, 0, 6)]
    for one, other in pairwise(made):
        assert np.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("preset", POLISH)
def test_drums_keep_their_range_and_are_compressed_a_little(preset: str) -> None:
    music = drums()
    lost = dynamic_range_db(music) - dynamic_range_db(dynamics_of(preset).process(music, RATE))
    assert 0.05 < lost < 3.0


NO_FLOOR = {
    "a loop": lambda: compose("house", 6.0, RATE, 4),
    "strings": lambda: compose("strings", 6.0, RATE, 4),
    "notes between digital silence": lambda: np.where(
        np.arange(6 * RATE) / RATE % 1.0 < 0.5,
        0.2 * np.sin(2 * np.pi * 330.0 * np.arange(6 * RATE) / RATE),
        0.0,
    ),
    "a tone": lambda: 0.2 * np.sin(2 * np.pi * 440.0 * np.arange(6 * RATE) / RATE),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NO_FLOOR)
@pytest.mark.parametrize("denoiser", [UNetDenoiser, SpectralDenoiser])
def test_nothing_is_denoised_where_there_is_no_noise_floor(denoiser: type, name: str) -> None:
    audio = np.asarray(NO_FLOOR[name](), np.float32)[np.newaxis]
    change = denoiser().process(audio, RATE) - audio
    below = np.sum(change.astype(float) ** 2) / np.sum(audio.astype(float) ** 2)
    assert below < 1e-12 or 10 * np.log10(below) < -60.0


def test_a_decoders_peaks_go_before_anything_else_hears_them() -> None:
    chain = load_preset(shipped_files()["musicgen-polish"])
    noise = 0.05 * np.random.default_rng(1).standard_normal((1, 5 * RATE)).astype(np.float32)
    damaged = DeconvolutionPeaks(level_db=-20.0).process(noise, RATE)
    stage = chain["decoderpeaks"]
    assert isinstance(stage, DecoderPeaks)
    stage.process(damaged, RATE)
    assert stage.findings()["fundamental_hz"] == 2_000.0
    assert chain.names.index("declicker") < chain.names.index("decoderpeaks")
    assert chain.names.index("decoderpeaks") < chain.names.index("unetdenoiser")
