"""Where the tracks of a side are: from levels to lead-in, tracks and run-out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from restorack.splitting.borders import ACTIVE_SHARE, Gap, Side, choose_borders
from restorack.splitting.evidence import (
    QUIET_BELOW,
    evidence_of_music,
    quiet_runs,
    runs,
    within,
)
from restorack.splitting.gaps import SHORTEST_S, log_odds
from restorack.splitting.levels import Levels
from restorack.splitting.noise import (
    LEAST_FRAMES,
    MOST_PEAKS_DB,
    VOID_DB,
    Noise,
    Smoothed,
    find_noise,
    music_span,
    noise_of,
    noise_outside,
    smooth,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDS = 2
"""How often the noise is measured anew where the runs of the round before are."""
EVIDENCE_OF_SOUND = 100.0
"""Where the gaps are digital silence, all else is music."""
QUIETEST_DB = (3.0, 6.0, 10.0, 15.0, 20.0)
"""Over the quietest moment: what is taken for gaps where more are wanted than there is noise."""
UNLIKE_DB, UNLIKE_PEAKS_DB = 6.0, 0.3
"""Moments of the music that are so much louder than the noise before and after it, and whose
spectrum has peaks that stand out so much further, are music. By hand."""
TAIL_S = 0.1
"""A track ends so much after it has sunk into the noise."""
NEVER = 99.0
"""Log odds against what is too short for a gap."""
CLEARLY = 2.0
"""By how much a later reading of the noise must explain the side better."""


@dataclass(frozen=True)
class Heard:
    """What was found in a side.

    Attributes
    ----------
    gaps : list of Gap
        Lead-in, gaps, run-out, in order: one more than tracks.
    evidence : ndarray, shape (frames,)
        For music; 0 for noise.
    smoothed : Smoothed
    hop_s : float
        Seconds between frames.
    noise : Noise or None
        None where there is digital silence between the tracks, or nothing but music.
    by_loudness : bool
        There was not enough noise: borders are where the music is quietest.
    """

    gaps: list[Gap]
    evidence: Floats
    smoothed: Smoothed
    hop_s: float
    noise: Noise | None
    by_loudness: bool = False


def detect(
    levels: Levels, *, min_gap_s: float, min_track_s: float, tracks: int | None = None
) -> Heard | None:
    """Return where the tracks are; None where there are not as many borders as wanted.

    Parameters
    ----------
    levels : Levels
    min_gap_s, min_track_s : float
        No gap and no track is shorter, in seconds.
    tracks : int, optional
        As many tracks.
    """
    smoothed = smooth(levels)
    best: tuple[float, Heard] | None = None

    def try_out(noise: Noise | None, evidence: Floats, by_loudness: bool = False) -> None:
        nonlocal best
        found = quiet_runs(evidence, round(SHORTEST_S / levels.hop_s))
        lengths: Floats = (found[:, 1] - found[:, 0]).astype(np.float64) * levels.hop_s
        odds = log_odds(lengths, levels.frames * levels.hop_s)
        odds = np.where(lengths >= min_gap_s, odds, -NEVER)
        side = Side(found, odds, levels.frames, levels.hop_s)
        choice = choose_borders(side, min_track_s, tracks)
        if choice is not None and (best is None or choice.score > best[0] + CLEARLY):
            gaps = [_with_tail(gap, levels.hop_s) for gap in choice.gaps]
            heard = Heard(gaps, evidence, smoothed, levels.hop_s, noise, by_loudness)
            best = choice.score, heard

    for noise, evidence in _readings(smoothed, levels):
        sounding = np.count_nonzero(evidence >= QUIET_BELOW) * levels.hop_s
        if sounding < ACTIVE_SHARE * min_track_s:
            return None
        try_out(noise, evidence)
    if best is None and tracks is not None:
        for evidence in _by_loudness(smoothed):
            try_out(None, evidence, by_loudness=True)
            if best is not None:
                break
    return None if best is None else best[1]


def _with_tail(gap: Gap, hop_s: float) -> Gap:
    """Return a gap that leaves the track before it what fades below the noise."""
    if not gap.start:
        return gap
    return replace(gap, start=min(gap.start + round(TAIL_S / hop_s), (gap.start + gap.stop) // 2))


def _by_loudness(smoothed: Smoothed) -> Iterator[Floats]:
    """Yield evidence from levels alone, with ever louder moments taken for gaps."""
    first, last = music_span(smoothed)
    if last > first:
        over = smoothed.mean_db - smoothed.mean_db[first:last].min()
        for step in QUIETEST_DB:
            yield np.asarray(np.maximum(over * (QUIET_BELOW / step), 0.0), np.float64)


def _readings(smoothed: Smoothed, levels: Levels) -> Iterator[tuple[Noise | None, Floats]]:
    """Yield what can be taken for the side's noise, and what then speaks for music.

    Digital silence; the quietest moments between the first loud one and the last; the noise
    before and after these. Where there is none of it everything is music.
    """
    first, last = music_span(smoothed)
    void = smoothed.mean_db <= VOID_DB
    inner = runs(void[first:last])
    if len(inner) and (inner[:, 1] - inner[:, 0]).max() >= LEAST_FRAMES:
        yield None, np.where(void, 0.0, EVIDENCE_OF_SOUND)
        return
    among = np.zeros(levels.frames, bool)
    among[first:last] = True
    inside = find_noise(smoothed, levels.dof, among)
    outside = noise_outside(smoothed, levels.dof, ~among)
    if inside is not None and _is_noise(inside, outside):
        yield _refined(inside, smoothed, levels, among)
    if outside is not None:
        yield _refined(outside, smoothed, levels, np.ones_like(among))
    yield None, np.where(void, 0.0, EVIDENCE_OF_SOUND)


def _is_noise(inside: Noise, outside: Noise | None) -> bool:
    """Return whether the quietest moments of the music can be noise alone."""
    if inside.peaks_db > MOST_PEAKS_DB:
        return False
    if outside is None or inside.peaks_db < outside.peaks_db + UNLIKE_PEAKS_DB:
        return True
    return float(np.mean(inside.db - outside.db)) < UNLIKE_DB


def _refined(
    noise: Noise, smoothed: Smoothed, levels: Levels, among: Bools
) -> tuple[Noise, Floats]:
    """Return the noise measured anew where nothing else is heard."""
    for _ in range(ROUNDS):
        found = quiet_runs(evidence_of_music(smoothed, noise), LEAST_FRAMES)
        where = within(found, levels.frames) & among & (smoothed.mean_db > VOID_DB)
        if where.sum() < LEAST_FRAMES:
            break
        noise = noise_of(smoothed, levels.dof, where)
    return noise, evidence_of_music(smoothed, noise)
