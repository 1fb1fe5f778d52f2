"""What was matched, in figures: before, wanted, after."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from restorack.meters.profile.sound_profile import CENTRES_HZ, SoundProfile
from restorack.plugins.matching.match import MatchPlan
from restorack.version import __version__

MATCH_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""

Floats = NDArray[np.float64]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SoundFigures(_Model):
    """How a recording, or the mean of several, sounds."""

    loudness_lufs: float
    loudness_range_lu: float | None
    peak_to_loudness_db: float
    slow_spread_db: float = Field(description="10 to 95 % of the level over 3 s.")
    fast_spread_db: float = Field(description="50 to 95 % of the level over 50 ms, over the slow.")
    tone_db: list[float | None] = Field(description="Third octaves over the loudness of all.")
    width_db: list[float | None] = Field(description="Side over mid in each.")


class Distance(_Model):
    """How far a recording is from the reference: means over third octaves, and differences."""

    tone_db: float
    width_db: float | None
    loudness_lu: float
    slow_spread_db: float
    fast_spread_db: float


class Changes(_Model):
    """What was done."""

    gain_db: float = Field(description="Loudness of the output over that of the target.")
    middle_db: list[float] = Field(description="Of the third octaves, tone and width together.")
    side_db: list[float]
    slow_ratio: float = Field(description="Of the spread of levels; 1 leaves it.")
    fast_ratio: float


class MatchReport(_Model):
    """A target, its reference, and what is left of the difference."""

    report_schema: int = MATCH_SCHEMA
    status: Literal["matched", "unchanged"]
    restorack_version: str = __version__
    target: str
    references: list[str]
    output: str
    sample_rate_hz: int
    strength: float
    matched: list[str] = Field(description="Of level, tone, width and dynamics.")
    centres_hz: list[float]
    before: SoundFigures
    reference: SoundFigures
    after: SoundFigures
    distance_before: Distance
    distance_after: Distance
    changes: Changes
    true_peak_dbtp: float | None = Field(description="Of the output.")
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return self.model_dump()


def figures_of(profile: SoundProfile) -> SoundFigures:
    """Return a profile as figures."""
    return SoundFigures(
        loudness_lufs=round(profile.loudness_lufs, 2),
        loudness_range_lu=None if profile.loudness_range_lu is None
        else round(profile.loudness_range_lu, 2),
        peak_to_loudness_db=round(profile.peak_to_loudness_db, 2),
        slow_spread_db=round(profile.spreads.slow_db, 2),
        fast_spread_db=round(profile.spreads.fast_db, 2),
        tone_db=_listed(profile.tone_db), width_db=_listed(profile.width_db),
    )  # fmt: skip


def distance_of(profile: SoundProfile, reference: SoundProfile) -> Distance:
    """Return how far a profile is from another one."""
    return Distance(
        tone_db=_mean_difference(profile.tone_db, reference.tone_db) or 0.0,
        width_db=_mean_difference(profile.width_db, reference.width_db),
        loudness_lu=round(abs(profile.loudness_lufs - reference.loudness_lufs), 2),
        slow_spread_db=round(abs(profile.spreads.slow_db - reference.spreads.slow_db), 2),
        fast_spread_db=round(abs(profile.spreads.fast_db - reference.spreads.fast_db), 2),
    )


def changes_of(plan: MatchPlan, gain_db: float) -> Changes:
    """Return what a plan and a gain change."""
    return Changes(
        gain_db=round(gain_db, 2),
        middle_db=np.round(plan.bands.middle_db, 2).tolist(),
        side_db=np.round(plan.bands.side_db, 2).tolist(),
        slow_ratio=round(plan.law.slow, 3), fast_ratio=round(plan.law.fast, 3),
    )  # fmt: skip


def centres() -> list[float]:
    """Return the middles of the third octaves in Hz."""
    rounded: list[float] = np.round(CENTRES_HZ, 1).tolist()
    return rounded


def _listed(values: Floats) -> list[float | None]:
    return [round(float(one), 2) if np.isfinite(one) else None for one in values]


def _mean_difference(own: Floats, other: Floats) -> float | None:
    known = np.isfinite(own) & np.isfinite(other)
    return round(float(np.abs(own - other)[known].mean()), 2) if known.any() else None
