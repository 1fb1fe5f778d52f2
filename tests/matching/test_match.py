"""Matching: what is known is found, nothing is changed without need, bounds hold."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from restorack import Match, match
from restorack.errors import AudioError, FileError, ParameterError
from restorack.meters.profile.sound_profile import CENTRES_HZ, measure_profile

RATE = 32_000
SECONDS = 8


@pytest.fixture(scope="module")
def music():
    """Noise of a falling spectrum with strokes and two passages, in stereo."""
    rng = np.random.default_rng(7)
    samples = RATE * SECONDS
    spectra = np.fft.rfft(rng.standard_normal((2, samples)))
    hz = np.fft.rfftfreq(samples, 1.0 / RATE)
    middle, side = np.fft.irfft(spectra / np.sqrt(np.maximum(hz, 30.0)), samples)
    at = np.arange(samples) / RATE
    shape = (0.3 + np.exp(-(at % 0.5) / 0.05)) * np.where(at < SECONDS / 2, 1.0, 0.5)
    rows = np.stack([middle + 0.5 * side, middle - 0.5 * side]) * shape
    return (0.3 * rows / np.abs(rows).max()).astype(np.float32)


def equalised(rows, gain_at):
    spectra = np.fft.rfft(rows.astype(float))
    hz = np.fft.rfftfreq(rows.shape[1], 1.0 / RATE)
    return np.fft.irfft(spectra * 10 ** (gain_at(hz) / 20), rows.shape[1]).astype(np.float32)


def shelf(hz):
    return 5.0 / (1.0 + (1_000.0 / np.maximum(hz, 1.0)) ** 2) - 3.0


def written(path, rows, rate=RATE, subtype="FLOAT"):
    soundfile.write(path, np.atleast_2d(rows).T, rate, subtype=subtype)
    return path


def read(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def profile(rows, rate=RATE):
    return measure_profile([np.atleast_2d(rows)], rate)


def matched(rows, reference, **parameters):
    stage = Match(**parameters)
    stage.set_profile(profile(reference))
    return stage(rows, RATE), stage


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_matching_to_itself_changes_nothing(music, tmp_path, subtype):
    target = written(tmp_path / "a.wav", music, subtype=subtype)
    report = match(target, tmp_path / "o.wav", [target, target])
    assert report.status == "unchanged"
    assert np.array_equal(read(target), read(tmp_path / "o.wav"))
    assert report.distance_after.tone_db == 0.0


def test_a_known_equaliser_is_found(music):
    out, stage = matched(music, equalised(music, shelf), dynamics=False, width=False)
    found = np.array(stage.findings()["middle_db"])
    inside = (CENTRES_HZ > 60) & (CENTRES_HZ < 12_000)
    error = found - shelf(CENTRES_HZ)
    assert np.ptp(error[inside]) < 1.0
    left = profile(out).tone_db - profile(equalised(music, shelf)).tone_db
    assert np.abs(left[inside]).max() < 0.5
    assert abs(profile(out).loudness_lufs - profile(music).loudness_lufs) < 0.5


def test_half_of_the_strength_does_half(music):
    _, whole = matched(music, equalised(music, shelf), dynamics=False)
    _, half = matched(music, equalised(music, shelf), dynamics=False, strength=0.5)
    moved = [np.array(stage.findings()["middle_db"]) for stage in (whole, half)]
    assert np.allclose(moved[1] - moved[1][15], 0.5 * (moved[0] - moved[0][15]), atol=0.1)


def test_width_is_found_and_the_power_of_bands_stays(music):
    middle, side = 0.5 * (music[0] + music[1]), 0.5 * (music[0] - music[1])
    wide = np.stack([middle + 1.8 * side, middle - 1.8 * side])
    out, _ = matched(music, wide, tone=False, dynamics=False)
    inside = slice(4, 26)
    assert np.abs(profile(out).width_db - profile(wide).width_db)[inside].max() < 0.5
    assert np.abs(profile(out).tone_db - profile(music).tone_db)[inside].max() < 0.3


def test_the_spread_of_levels_moves_to_the_references(music):
    at = np.arange(music.shape[1]) / RATE
    deep = (music * np.where(at < SECONDS / 2, 1.0, 0.6)).astype(np.float32)
    out, stage = matched(music, deep, tone=False, width=False)
    wanted, before, after = (profile(rows).spreads.slow_db for rows in (deep, music, out))
    assert abs(after - wanted) < 0.35 * abs(before - wanted)
    assert 1.0 < stage.findings()["slow_ratio"] <= 1.6


def test_matching_again_changes_little(music, tmp_path):
    target = written(tmp_path / "a.wav", music)
    reference = written(tmp_path / "b.wav", equalised(music, shelf) * 1.5)
    match(target, tmp_path / "once.wav", [reference])
    match(tmp_path / "once.wav", tmp_path / "twice.wav", [reference])
    once, twice = read(tmp_path / "once.wav"), read(tmp_path / "twice.wav")
    assert 10 * np.log10(np.mean((twice - once) ** 2) / np.mean(once**2)) < -25.0


@pytest.mark.parametrize("part", ["level", "tone", "width", "dynamics"])
def test_each_part_can_be_left_out(music, tmp_path, part):
    middle, side = 0.5 * (music[0] + music[1]), 0.5 * (music[0] - music[1])
    other = equalised(np.stack([middle + side / 2, middle - side / 2]), shelf) * 0.5
    other *= np.where(np.arange(music.shape[1]) < RATE * SECONDS / 2, 1.0, 0.6)
    target, reference = written(tmp_path / "a.wav", music), written(tmp_path / "b.wav", other)
    report = match(target, tmp_path / "o.wav", [reference], **{part: False})
    assert part not in report.matched
    was, now = report.distance_before.model_dump(), report.distance_after.model_dump()
    keys = {"level": "loudness_lu", "tone": "tone_db", "width": "width_db",
            "dynamics": "slow_spread_db"}  # fmt: skip
    for name, key in keys.items():
        if name == part:
            assert now[key] > 0.7 * was[key], name
        else:
            assert now[key] < 0.5 * was[key], name


def test_bounds_and_ceiling_are_kept(music, tmp_path):
    steep = equalised(music, lambda hz: np.clip(12 * np.log2(np.maximum(hz, 20) / 1e3), -40, 40))
    loud = np.clip(steep / np.abs(steep).max() * 8.0, -1.0, 1.0).astype(np.float32)
    target, reference = written(tmp_path / "a.wav", music), written(tmp_path / "b.wav", loud)
    report = match(target, tmp_path / "o.wav", [reference], max_tone_db=3.0, ceiling_dbtp=-2.0)
    assert max(abs(gain) for gain in report.changes.side_db) <= 3.0 + 9.0
    assert report.true_peak_dbtp <= -2.0 + 0.01
    assert any("loudness stayed" in text for text in report.warnings)
    alone = match(target, tmp_path / "t.wav", [reference], width=False, max_tone_db=3.0)
    assert max(abs(gain) for gain in alone.changes.middle_db) <= 3.0


def test_what_is_not_there_is_not_raised(music):
    dull = equalised(music, lambda hz: np.where(hz > 6_000, -120.0, 0.0))
    _, stage = matched(dull, music, dynamics=False, width=False)
    gains = np.array(stage.findings()["middle_db"])
    assert gains[(CENTRES_HZ > 8_500) & (CENTRES_HZ < 12_000)].max() <= 0.0


def test_several_references_count_as_their_mean(music, tmp_path):
    folder = tmp_path / "refs"
    folder.mkdir()
    up = written(folder / "up.wav", equalised(music, shelf))
    down = written(folder / "down.wav", equalised(music, lambda hz: -shelf(hz)))
    target = written(tmp_path / "a.wav", music)
    both = match(target, tmp_path / "o.wav", [up, down], level=False)
    assert max(abs(gain) for gain in both.changes.middle_db) < 0.3
    assert match(target, tmp_path / "p.wav", [folder], level=False).changes == both.changes


def test_the_stage_matches_in_a_preset_and_streams(music, tmp_path):
    reference = written(tmp_path / "b.wav", equalised(music, shelf))
    stage = Match(reference=str(reference))
    whole = stage(music, RATE)
    stage.prepare(lambda: iter([music]), RATE)
    parts = [stage.process(music[:, at : at + 5_003], RATE, reset=False)
             for at in range(0, music.shape[1], 5_003)]  # fmt: skip
    assert np.array_equal(np.concatenate([*parts, stage.flush()], axis=1), whole)
    assert not np.allclose(whole, music, atol=1e-3)
    assert np.array_equal(Match()(music, RATE), music)


def test_another_rate_and_mono_are_matched(music, tmp_path):
    mono = music.mean(axis=0)
    target = written(tmp_path / "a.wav", mono)
    reference = written(tmp_path / "b.wav", equalised(music, shelf)[:, ::2], RATE // 2)
    report = match(target, tmp_path / "o.wav", [reference])
    assert report.distance_after.tone_db < report.distance_before.tone_db
    assert any("two channels" in text for text in report.warnings)
    json.dumps(report.to_dict(), allow_nan=False)


def test_mistakes_are_named(music, tmp_path):
    target = written(tmp_path / "a.wav", music[:, :RATE])
    silent = written(tmp_path / "s.wav", np.zeros((2, RATE)))
    out = tmp_path / "o.wav"
    with pytest.raises(ParameterError, match="no reference"):
        match(target, out, [])
    with pytest.raises(ParameterError, match="ceiling"):
        match(target, out, [target], ceiling_dbtp=1.0)
    with pytest.raises(AudioError, match=r"s\.wav"):
        match(target, out, [silent])
    with pytest.raises(AudioError, match=r"s\.wav"):
        match(silent, out, [target])
    empty = tmp_path / "none"
    empty.mkdir()
    with pytest.raises(FileError, match="no audio"):
        match(target, out, [empty])
    assert not out.exists()
    assert np.array_equal(Match(reference=str(target))(np.zeros(900, np.float32), RATE),
                          np.zeros(900, np.float32))  # fmt: skip
