"""Clipping: how much of a recording is, and at what level."""

from __future__ import annotations

from dataclasses import dataclass

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db
from restorack.meters.clipping.clip_levels import FULL_SCALE, ClipLevelFinder, ClipSpan

STEP_DB = 0.05
"""Levels are told in steps of so much."""


@dataclass(frozen=True)
class Clipping:
    """Clipped passages of a recording.

    Parameters
    ----------
    full_scale_runs : int
        Flat tops at full scale, over all channels.
    full_scale_samples : int
        Samples in them.
    plateau_dbfs : float or None
        The lower level that most clipped crests lie at: the recording was clipped before it was
        attenuated. None where there is none.
    plateau_runs : int
        Clipped crests below full scale.
    plateau_samples : int
        Samples in them.
    soft : bool
        Most of them are not flat: they were resampled, dithered or coded with loss since.
    """

    full_scale_runs: int
    full_scale_samples: int
    plateau_dbfs: float | None
    plateau_runs: int
    plateau_samples: int = 0
    soft: bool = False


class ClippingMeter:
    """Measure the clipping of a stream; the result is the same for every split.

    It is judged as the declipper does, by
    :class:`~restorack.meters.clipping.clip_levels.ClipLevelFinder`.

    Parameters
    ----------
    channels : int
        Rows of every block.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._finder = ClipLevelFinder(channels)

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._finder.push(block)

    def result(self) -> Clipping:
        """Return what was found; the stream ends here."""
        self._finder.finish()
        sides = [(channel, sign) for channel in range(self._channels) for sign in (1, -1)]
        spans = [span for side in sides for span in self._finder.spans(*side)]
        full = [span for span in spans if span.soft_from is None and span.level >= FULL_SCALE]
        low = [span for span in spans if span.soft_from is not None or span.level < FULL_SCALE]
        soft = sum(span.tops for span in low if span.soft_from is not None)
        tops = sum(span.tops for span in low)
        return Clipping(
            full_scale_runs=sum(span.tops for span in full),
            full_scale_samples=sum(span.samples for span in full),
            plateau_dbfs=_commonest_level(low),
            plateau_runs=tops,
            plateau_samples=sum(span.samples for span in low),
            soft=2 * soft > tops,
        )


def _commonest_level(spans: list[ClipSpan]) -> float | None:
    """Return the level in dBFS that most crests lie at."""
    tops: dict[int, int] = {}
    for span in spans:
        step = round(float(amplitude_to_db(span.level)) / STEP_DB)
        tops[step] = tops.get(step, 0) + span.tops
    return round(max(tops, key=lambda step: tops[step]) * STEP_DB, 2) if tops else None
