"""LongWindowRefinement: better partials, no worse attacks, and nothing where nothing was made."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.denoise.long_window import LongWindowRefinement

RATE, HOP = 44_100.0, 512
NOISE = 0.05


def white(count, channels=1, seed=4):
    random = np.random.default_rng(seed)
    return (NOISE * random.standard_normal((channels, count))).astype(np.float32)


def partials(count):
    time = np.arange(count) / RATE
    tones = [np.sin(2 * np.pi * 110.0 * k * time + k) / k for k in range(1, 30)]
    return 0.1 * np.sum(tones, axis=0, keepdims=True).astype(np.float32)


def strokes(count):
    """Short clicks, five a second."""
    out = np.zeros((1, count), np.float32)
    shape = np.hanning(24)[np.newaxis] * np.tile([1.0, -1.0], 12)
    for at in range(4000, count - 100, 8820):
        out[:, at : at + 24] += shape
    return out


def known(frequencies_hz, seconds):
    return np.full(len(frequencies_hz), NOISE**2)


def unknown(frequencies_hz, seconds):
    return None


def looked_at(dry, wet, density=known, blocks=None, limits=(1.0, 20.0)):
    """Return what long frames make, block by block."""
    again = LongWindowRefinement(dry.shape[0], HOP, RATE, density, lambda: limits)
    parts, at = [], 0
    for size in blocks or [dry.shape[1]]:
        piece = slice(at, min(at + size, dry.shape[1]))
        parts.append(again.push(dry[:, piece], wet[:, piece]))
        at = piece.stop
    parts.append(again.push(dry[:, at:], wet[:, at:]))
    parts.append(again.finish())
    return np.concatenate(parts, axis=1)


def error_db(made, music):
    inside = slice(20_000, -20_000)
    return 10 * np.log10(np.mean((made - music)[:, inside].astype(float) ** 2))


def test_a_third_of_the_noise_left_between_partials_is_found():
    music = partials(4 * 44_100)
    noise = white(music.shape[1])
    made = looked_at(music + noise, music + 0.33 * noise)
    assert error_db(made, music) < error_db(music + 0.33 * noise, music) - 2.0


def test_attacks_are_left_to_short_frames():
    music = strokes(4 * 44_100)
    noise = white(music.shape[1])
    near = np.convolve(np.abs(music[0]) > 0, np.ones(800), "same") > 0
    wet = music + noise * np.where(near, 0.5, 0.15).astype(np.float32)
    made = looked_at(music + noise, wet)
    assert error_db(made, music) < error_db(wet, music) + 0.1


def test_good_attacks_come_from_short_frames_alone():
    music = strokes(2 * 44_100)
    noise = white(music.shape[1])
    near = np.convolve(np.abs(music[0]) > 0, np.ones(800), "same") > 0
    wet = music + noise * np.where(near, 0.3, 0.05).astype(np.float32)
    # between them there is noise to find; a blend of both would smear it in again
    assert error_db(looked_at(music + noise, wet), music) < error_db(wet, music) - 0.5


def test_what_was_not_changed_passes_bit_for_bit():
    music = partials(2 * 44_100) + white(2 * 44_100)
    assert np.array_equal(looked_at(music, music.copy()), music)


def test_without_a_floor_the_guess_passes_bit_for_bit():
    music = partials(2 * 44_100)
    wet = music + np.float32(0.3) * white(music.shape[1])
    assert np.array_equal(looked_at(music + white(music.shape[1]), wet, unknown), wet)


@pytest.mark.parametrize("count", [0, 1, 511, 8192, 70_001])
def test_lengths_are_kept_and_blocks_do_not_matter(count):
    dry = (partials(count) if count else np.zeros((1, 0), np.float32)) + white(count)
    wet = np.float32(0.5) * dry
    whole = looked_at(dry, wet)
    assert whole.shape == dry.shape
    pieces = looked_at(dry, wet, blocks=[1, 7, 2048, 4095, 333] * 3)
    assert np.array_equal(pieces, whole)


def test_no_more_is_withheld_than_is_said():
    dry = partials(90_000) + white(90_000)
    again = LongWindowRefinement(1, HOP, RATE, known, lambda: (1.0, 20.0))
    given = 0
    for at in range(0, 90_000, 100):
        block = dry[:, at : at + 100]
        given += again.push(block, np.float32(0.5) * block).shape[1]
        assert at + block.shape[1] - given <= LongWindowRefinement.latency(HOP)


def test_half_the_strength_makes_half_the_change():
    music = partials(2 * 44_100)
    noise = white(music.shape[1])
    dry, whole = music + noise, music + np.float32(0.3) * noise
    full = looked_at(dry, whole) - dry
    half = looked_at(dry, dry + np.float32(0.5) * (whole - dry), limits=(0.5, 20.0)) - dry
    assert np.allclose(half, 0.5 * full, atol=2e-6)


def test_channels_share_one_gain():
    music = partials(2 * 44_100)
    noise = white(music.shape[1])
    dry, wet = music + noise, music + np.float32(0.3) * noise
    made = looked_at(np.concatenate([dry, -0.5 * dry]), np.concatenate([wet, -0.5 * wet]))
    assert np.allclose(made[1], -0.5 * made[0], atol=1e-6)
