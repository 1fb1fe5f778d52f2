"""What all additive damage has in common: exact truth, levels, streams, odd inputs."""

from __future__ import annotations

import numpy as np
import pytest
from additive_stages import ADDITIVE, IMPULSES, NOISES

from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.hiss import Hiss
from restorack.degrade.additive.stage import CHUNK, AdditiveDegradation
from restorack.errors import AudioError, AudioTypeError, ParameterError
from restorack.testing.signals import clean_music

RATE = 44_100.0

every = pytest.mark.parametrize("stage", ADDITIVE)


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples.astype(float) ** 2)))


@every
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_tracks_add_up_to_the_damage_exactly(
    stage: type[AdditiveDegradation], channels: int
) -> None:
    clean = clean_music(RATE, 1.5, channels)
    damaged = stage(seed=3).damage(clean, RATE)
    assert damaged.audio.dtype == np.float32
    assert set(damaged.tracks) == set(stage.tracks_made)
    assert all(track.shape == clean.shape for track in damaged.tracks.values())
    assert np.array_equal(damaged.audio, clean + sum(damaged.tracks.values()))
    assert np.array_equal(damaged.audio, stage(seed=3).process(clean, RATE))


@every
def test_the_truth_comes_in_the_shape_of_the_input(stage: type[AdditiveDegradation]) -> None:
    for shape in ((0,), (1,), (2, 0), (3, 1), (5000,), (2, 5000)):
        damaged = stage().damage(np.full(shape, 0.25, np.float32), RATE)
        assert damaged.audio.shape == shape
        assert set(damaged.tracks) == set(stage.tracks_made)
        assert all(track.shape == shape for track in damaged.tracks.values())
        assert all(event.start_sample + event.length <= shape[-1] for event in damaged.events)


@every
def test_seeds_differ_and_repeat(stage: type[AdditiveDegradation]) -> None:
    settings = {"rate_per_s": 10.0} if stage in (IMPULSES[0], IMPULSES[3]) else {}
    clean = clean_music(RATE, 1.0, 1)
    first, again, other = (stage(seed=seed, **settings).process(clean, RATE) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@every
@pytest.mark.parametrize("rate", [8_000.0, 32_000.0, 48_000.0, 96_000.0, 192_000.0])
def test_every_rate_is_damaged_about_as_much(stage: type[AdditiveDegradation], rate: float) -> None:
    settings = {"amplitude_min": 0.3, "amplitude_max": 0.3} if stage in IMPULSES[:1] else {}
    damaged = stage(seed=5, relative_to="full_scale", **settings).damage(
        np.zeros(round(1.5 * rate), np.float32), rate
    )
    assert np.isfinite(damaged.audio).all()
    assert np.abs(damaged.audio).max() < 4.0
    if stage in NOISES:
        name = next(iter(stage.tracks_made))
        level = 20 * np.log10(rms(damaged.tracks[name]))
        assert level == pytest.approx(stage().level_db, abs=2.5)  # few turns, few cycles of rumble


@every
def test_silence_has_no_level_to_count_from_but_full_scale_has(
    stage: type[AdditiveDegradation],
) -> None:
    silence = np.zeros((2, 44_100), np.float32)
    assert not stage().process(silence, RATE).any()
    settings = {"rate_per_s": 20.0} if stage.__name__ in ("Clicks", "Thumps") else {}
    assert stage(relative_to="full_scale", **settings).process(silence, RATE).any()


@every
def test_relative_damage_follows_the_programme_s_level(stage: type[AdditiveDegradation]) -> None:
    clean = clean_music(RATE, 1.0, 2)
    loud = stage(seed=2).damage(clean, RATE)
    soft = stage(seed=2).damage(clean * np.float32(0.125), RATE)
    for name, track in loud.tracks.items():
        assert np.allclose(soft.tracks[name], 0.125 * track, atol=1e-7)
    assert len(soft.events) == len(loud.events)


@pytest.mark.parametrize("stage", NOISES)
def test_the_signal_to_noise_ratio_is_what_is_set(stage: type[AdditiveDegradation]) -> None:
    clean = clean_music(RATE, 12.0, 1)
    damaged = stage(level_db=-17.0, seed=9).damage(clean, RATE)
    name = next(iter(stage.tracks_made))
    ratio = 20 * np.log10(rms(clean) / rms(damaged.tracks[name]))
    assert ratio == pytest.approx(17.0, abs=1.0)  # 15 turns, or 600 cycles of a narrow band


def test_the_signal_to_noise_ratio_of_steady_noise_is_near_exact() -> None:
    clean = clean_music(RATE, 5.0, 2)
    for level in (-40.0, -6.0, 3.0):
        track = Hiss(level_db=level).damage(clean, RATE).tracks["noise"]
        # 440,000 independent samples: a standard error of 0.01 dB
        assert 20 * np.log10(rms(track) / rms(clean)) == pytest.approx(level, abs=0.05)


@pytest.mark.parametrize("stage", IMPULSES)
def test_events_say_where_a_track_is_not_zero(stage: type[AdditiveDegradation]) -> None:
    silence = np.zeros((2, 3 * CHUNK + 77), np.float32)
    damaged = stage(relative_to="full_scale", seed=4).damage(silence, RATE)
    starts = [event.start_sample for event in damaged.events]
    assert starts == sorted(starts)
    for name in {stage().track_of(event.kind) for event in damaged.events}:
        touched = np.zeros(silence.shape, bool)
        for event in damaged.events:
            if stage().track_of(event.kind) == name:
                stop = event.start_sample + event.length
                touched[event.channel, event.start_sample : stop] = True
        assert not damaged.tracks[name][~touched].any()


@every
def test_an_unprepared_stream_counts_from_what_it_has_heard(
    stage: type[AdditiveDegradation],
) -> None:
    clean = clean_music(RATE, 1.0, 1)[0]
    one = stage(seed=1)
    out = np.concatenate([one.process(clean, RATE, reset=False), one.flush()])
    assert np.array_equal(out[:CHUNK], clean[:CHUNK])  # nothing was heard yet
    assert out.shape == clean.shape


def test_automation_moves_the_level_and_the_truth_with_it() -> None:
    clean = np.full(44_100, 0.5, np.float32)
    one = Hiss()
    one.automate("level_db", [(0.0, -60.0), (0.5, -60.0), (0.51, -20.0)])
    damaged = one.damage(clean, RATE)
    noise = damaged.tracks["noise"]
    assert np.array_equal(damaged.audio, clean + noise)
    early, late = rms(noise[:22_000]), rms(noise[23_000:])
    assert 20 * np.log10(late / early) == pytest.approx(40.0, abs=0.5)


def test_findings_count_the_impulses() -> None:
    one = Clicks(rate_per_s=30.0, stereo="same", seed=1)
    events = one.damage(clean_music(RATE, 2.0, 1), RATE).events
    counts = one.findings()["events"]
    assert sum(counts.values()) == len(events) > 0


def test_the_truth_is_told_of_the_whole_damage_only() -> None:
    clean = clean_music(RATE, 0.2, 1)
    for settings in ({"mix": 0.5}, {"residual": True}):
        with pytest.raises(ParameterError, match="mix = 1"):
            Hiss(**settings).damage(clean, RATE)
    moving = Hiss()
    moving.automate("mix", [(0.0, 0.0), (1.0, 1.0)])
    with pytest.raises(ParameterError, match="process"):
        moving.damage(clean, RATE)


def test_bad_audio_is_refused_as_by_any_stage() -> None:
    with pytest.raises(AudioTypeError, match=r"2\.0\*\*15"):
        Hiss().damage(np.zeros(9, np.int16), RATE)
    with pytest.raises(AudioError, match="position 3"):
        Hiss().damage(np.array([0.0, 0.0, 0.0, np.nan], np.float32), RATE)
    with pytest.raises(ParameterError, match="level_db"):
        Hiss(level_db=400.0)


def test_wide_noise_is_independent_and_narrow_noise_the_same() -> None:
    clean = np.full((2, 88_200), 0.5, np.float32)
    for stage in (Hiss, *[s for s in NOISES if s.__name__ == "Rumble"]):
        for width, correlation in ((0.0, 1.0), (1.0, 0.0), (0.6, 0.64)):
            settings = {"warp": 0.0, "high_hz": 300.0} if stage.__name__ == "Rumble" else {}
            track = next(iter(stage(width=width, **settings).damage(clean, RATE).tracks.values()))
            measured = np.corrcoef(track)[0, 1]
            # rumble of 300 Hz has some hundred independent values a second
            assert measured == pytest.approx(correlation, abs=0.2 if settings else 0.02)
