"""Clicks, crackle and thumps: rates, levels, lengths, rhythm and walls are those that were set."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.crackle import Crackle
from restorack.degrade.additive.impulse_stage import ImpulseDegradation
from restorack.degrade.additive.thumps import Thumps
from restorack.degrade.degradation import DamageEvent

RATE = 44_100
FULL = {"relative_to": "full_scale"}


def events_of(stage: ImpulseDegradation, seconds: float) -> tuple[DamageEvent, ...]:
    return stage.damage(np.zeros(round(seconds * RATE), np.float32), RATE).events


@pytest.mark.parametrize("rate", [1.0, 5.0, 15.0, 50.0])
@pytest.mark.parametrize("recurring", [0.0, 0.3, 1.0])
def test_the_rate_is_what_is_set(rate: float, recurring: float) -> None:
    counts = [
        len(events_of(Clicks(rate_per_s=rate, recurring=recurring, seed=seed, **FULL), 20.0))
        for seed in range(6)
    ]
    # Poisson: 120 s in all; scratches are steadier, but for the last slot's life
    deviation = np.sqrt(rate * 120.0) + 10.0 * (recurring > 0)
    assert sum(counts) == pytest.approx(rate * 120.0, abs=4.0 * deviation)


def test_one_minute_of_fifteen_a_second_measures_fifteen() -> None:
    for seed in range(4):
        count = len(events_of(Clicks(rate_per_s=15.0, seed=seed, **FULL), 60.0))
        assert count / 60.0 == pytest.approx(15.0, rel=0.1)


def test_no_rate_no_clicks() -> None:
    assert events_of(Clicks(rate_per_s=0.0, **FULL), 2.0) == ()


def test_peaks_lie_in_the_range_and_are_even_in_decibels() -> None:
    settings = {"amplitude_min": 0.1, "amplitude_max": 0.5, "rate_per_s": 50.0}
    peaks = np.array([e.peak for e in events_of(Clicks(seed=2, **settings, **FULL), 40.0)])
    assert peaks.min() >= 0.1 - 1e-6
    assert peaks.max() <= 0.5 + 1e-6
    quartiles = np.quantile(np.log(peaks / 0.1) / np.log(5.0), [0.25, 0.5, 0.75])
    assert quartiles == pytest.approx([0.25, 0.5, 0.75], abs=0.06)


def test_amplitudes_count_from_the_programme_s_peak() -> None:
    music = 0.2 * np.sin(np.arange(4 * RATE) * 0.05).astype(np.float32)
    events = Clicks(amplitude_min=0.5, amplitude_max=0.5, recurring=0.0).damage(music, RATE).events
    assert [e.peak for e in events] == pytest.approx([0.1] * len(events), rel=1e-4)


def test_swapped_limits_are_taken_in_order() -> None:
    peaks = [e.peak for e in events_of(Clicks(amplitude_min=0.4, amplitude_max=0.2, **FULL), 5.0)]
    assert min(peaks) >= 0.2 - 1e-6
    assert max(peaks) <= 0.4 + 1e-6


def test_lengths_lie_in_the_range() -> None:
    stage = Clicks(rate_per_s=50.0, length_min_ms=0.1, length_max_ms=3.0, **FULL)
    events = events_of(stage, 30.0)
    lengths = np.array([e.length for e in events if e.kind == "click"]) / RATE * 1000.0
    half = 0.5 / RATE * 1000.0
    assert lengths.min() >= 0.1 - half
    assert lengths.max() <= 3.0 + half
    assert np.median(lengths) == pytest.approx(np.sqrt(0.3), rel=0.15)
    scratches = np.array([e.length for e in events if e.kind == "scratch"]) / RATE * 1000.0
    assert scratches.max() <= 4.5 + half


def test_the_track_holds_the_peaks_that_events_name() -> None:
    stage = Clicks(rate_per_s=3.0, recurring=0.0, seed=6, **FULL)
    damaged = stage.damage(np.zeros(20 * RATE, np.float32), RATE)
    ends = [e.start_sample + e.length for e in damaged.events]
    apart = [
        e
        for e, before, after in zip(
            damaged.events[1:-1], ends[:-2], damaged.events[2:], strict=True
        )
        if before <= e.start_sample and e.start_sample + e.length <= after.start_sample
    ]
    assert len(apart) > 30
    for e in apart:
        piece = damaged.tracks["clicks"][e.start_sample : e.start_sample + e.length]
        assert np.abs(piece).max() == pytest.approx(e.peak, rel=1e-5)


def test_clicks_are_of_many_shapes_and_ring() -> None:
    stage = Clicks(rate_per_s=50.0, recurring=0.0, length_min_ms=1.0, length_max_ms=2.0, **FULL)
    damaged = stage.damage(np.zeros(10 * RATE, np.float32), RATE)
    pieces = [
        damaged.tracks["clicks"][e.start_sample : e.start_sample + 44] / e.peak
        for e in damaged.events
        if e.start_sample + 44 <= damaged.audio.size
    ]
    crossings = [int(np.sum(np.diff(np.sign(p[np.abs(p) > 1e-3])) != 0)) for p in pieces]
    assert np.quantile(crossings, 0.1) <= 3  # single swings
    assert np.quantile(crossings, 0.9) >= 6  # long ringing
    correlation = np.abs(np.corrcoef(np.array(pieces)))
    assert np.median(correlation[np.triu_indices(len(pieces), 1)]) < 0.6


@pytest.mark.parametrize("rpm", [78.26, 100 / 3])
def test_scratches_come_back_once_a_turn(rpm: float) -> None:
    stage = Clicks(rate_per_s=5.0, recurring=1.0, rpm=rpm, seed=1, **FULL)
    turn = 60.0 / rpm * RATE
    events = events_of(stage, 20 * 60.0 / rpm)
    assert {e.kind for e in events} == {"scratch"}
    starts = np.array([e.start_sample for e in events])
    again = [
        np.abs(starts - (start + turn)).min() < 0.0125 * turn  # it drifts by up to 1.2 %
        for start in starts
        if start + 1.5 * turn < starts[-1]
    ]
    assert np.mean(again) > 0.8  # scratches end, others begin elsewhere


def test_a_scratch_keeps_its_shape_and_level_nearly() -> None:
    stage = Clicks(rate_per_s=1.0, recurring=1.0, rpm=60.0, seed=8, length_min_ms=1.0, **FULL)
    damaged = stage.damage(np.zeros(12 * RATE, np.float32), RATE)
    pairs = list(zip(damaged.events, damaged.events[1:], strict=False))
    near = [(a, b) for a, b in pairs if abs(b.start_sample - a.start_sample - RATE) < 0.013 * RATE]
    assert len(near) >= 6
    for a, b in near:
        assert abs(20 * np.log10(b.peak / a.peak)) < 6.0
        assert abs(np.log(b.length / a.length)) < 0.3


def test_isolated_clicks_have_no_rhythm() -> None:
    events = events_of(Clicks(rate_per_s=20.0, recurring=0.0, **FULL), 60.0)
    gaps = np.diff([e.start_sample for e in events]) / RATE
    assert gaps.mean() == pytest.approx(0.05, rel=0.1)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.12)  # exponential


def test_walls() -> None:
    silence = np.zeros((2, 20 * RATE), np.float32)

    def truth(stereo: str) -> tuple[np.ndarray, dict[int, set[int]]]:
        stage = Clicks(rate_per_s=20.0, stereo=stereo, recurring=0.0, seed=3, **FULL)
        damaged = stage.damage(silence, RATE)
        walls: dict[int, set[int]] = {}
        for event in damaged.events:
            walls.setdefault(event.start_sample, set()).add(event.channel)
        return damaged.tracks["clicks"], walls

    track, walls = truth("same")
    assert np.array_equal(track[0], track[1])
    assert set(map(len, walls.values())) == {2}
    _, walls = truth("one")
    assert set(map(len, walls.values())) == {1}
    assert {0} in walls.values()
    assert {1} in walls.values()
    _, walls = truth("mixed")
    alone = np.mean([len(hit) == 1 for hit in walls.values()])
    assert alone == pytest.approx(0.35, abs=0.1)
    track, _ = truth("mixed")
    both = track[:, (track[0] != 0) & (track[1] != 0)]
    inverted = np.mean(np.sign(both[0]) != np.sign(both[1]))
    assert inverted == pytest.approx(0.2 / 0.65, abs=0.15)


@pytest.mark.parametrize("rate", [20.0, 400.0, 3000.0])
def test_crackle_has_its_rate(rate: float) -> None:
    counts = [
        len(Crackle(rate_per_s=rate, seed=s, **FULL).damage(np.zeros(8 * RATE), RATE).events)
        for s in range(4)
    ]
    # the density swings with the turn: some forty turns decide
    assert sum(counts) / 32.0 == pytest.approx(rate, rel=0.1 if rate > 100 else 0.25)


def test_crackle_s_peaks_are_log_normal_around_the_level() -> None:
    stage = Crackle(level_db=-40.0, spread_db=6.0, seed=2, **FULL)
    peaks_db = 20 * np.log10([
        e.peak for e in stage.damage(np.zeros(10 * RATE, np.float32), RATE).events
    ])  # fmt: skip
    assert np.median(peaks_db) == pytest.approx(-40.0, abs=0.5)
    assert np.std(peaks_db) == pytest.approx(6.0, rel=0.06)
    assert np.abs(peaks_db + 40.0).max() <= 18.01


def test_crackle_is_denser_in_some_parts_of_the_turn() -> None:
    stage = Crackle(rate_per_s=2000.0, swing_db=4.0, rpm=60.0, seed=2, **FULL)
    starts = [e.start_sample for e in stage.damage(np.zeros(16 * RATE, np.float32), RATE).events]
    counts, _ = np.histogram(starts, bins=16 * 20, range=(0, 16 * RATE))
    counts = counts - counts.mean()
    same = np.corrcoef(counts[:-20], counts[20:])[0, 1]
    half = np.corrcoef(counts[:-10], counts[10:])[0, 1]
    assert same > 0.5
    assert half < same - 0.3


def test_thumps_are_low_and_last() -> None:
    stage = Thumps(rate_per_s=2.0, pops=0.0, recurring=0.0, seed=3, **FULL)
    damaged = stage.damage(np.zeros(30 * RATE, np.float32), RATE)
    lengths = np.array([e.length for e in damaged.events]) / RATE * 1000.0
    assert lengths.min() >= 9.9
    assert lengths.max() <= 80.1
    assert not damaged.tracks["clicks"].any()
    spectrum = np.abs(np.fft.rfft(damaged.tracks["thumps"].astype(float))) ** 2
    frequencies = np.fft.rfftfreq(damaged.audio.size, 1 / RATE)
    assert spectrum[frequencies > 400].sum() < 0.02 * spectrum.sum()


def test_pops_begin_thumps_and_lie_on_the_track_of_clicks() -> None:
    stage = Thumps(rate_per_s=5.0, pops=0.5, seed=3, **FULL)
    damaged = stage.damage(np.zeros(30 * RATE, np.float32), RATE)
    thumps = {e.start_sample for e in damaged.events if e.kind == "thump"}
    pops = {e.start_sample for e in damaged.events if e.kind == "pop"}
    assert pops <= thumps
    assert 0.25 < len(pops) / len(thumps) < 0.75  # recurring thumps keep theirs
    assert damaged.tracks["clicks"].any()
