"""A picture of a side: its level, its noise, and where the tracks are."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from restorack.reports.picture import save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from restorack.splitting.report import SplitReport, TrackEntry

AROUND_S = 3.0
"""Seconds around each border that are drawn in detail. By hand."""
MOST_DETAILS = 12
"""Borders that are drawn in detail; of more the least sure ones."""
FLOOR_DB = -130.0
"""Digital silence is drawn here."""
TRACK, MUSIC = "tab:blue", "0.25"


def write_split_picture(
    found: SplitReport, path: str | PathLike[str], *, force: bool = False
) -> None:
    """Draw a side as PNG: all of it, and every border in detail.

    Parameters
    ----------
    found : SplitReport
    path : path-like
        The PNG.
    force : bool
        Replace a picture that exists.

    Raises
    ------
    FileError
        Where it exists or cannot be written.
    """
    from matplotlib.figure import Figure

    borders = sorted(
        sorted(found.tracks[1:], key=lambda track: track.confidence or 0.0)[:MOST_DETAILS],
        key=lambda track: track.start_seconds,
    )
    rows = -(-len(borders) // 4)
    figure = Figure(figsize=(11, 3.6 + 1.9 * rows), layout="constrained", dpi=110)
    grid = figure.add_gridspec(1 + rows, 4, height_ratios=[1.8, *[1.0] * rows])
    whole = figure.add_subplot(grid[0, :])
    _draw(whole, found, 0.0, found.frames / found.sample_rate_hz)
    for track in found.tracks:
        middle = 0.5 * (track.start_seconds + track.end_seconds)
        whole.text(middle, 0.98, f"{track.number}", ha="center", va="top", color=TRACK,
                   fontsize=11, transform=whole.get_xaxis_transform())  # fmt: skip
    whole.set_title(_title(found), fontsize=10, loc="left")
    whole.set_xlabel("seconds")
    whole.set_ylabel("level, dB")
    for at, track in enumerate(borders):
        axes = figure.add_subplot(grid[1 + at // 4, at % 4])
        _draw_border(axes, found, track)
    save_picture(figure, path, force=force)


def _draw_border(axes: Axes, found: SplitReport, track: TrackEntry) -> None:
    before = found.tracks[found.tracks.index(track) - 1]
    _draw(axes, found, before.end_seconds - AROUND_S, track.start_seconds + AROUND_S)
    sure = "" if track.confidence is None else f", {100.0 * track.confidence:.0f} %"
    gap = track.start_seconds - before.end_seconds
    axes.set_title(f"{before.number} | {track.number}: {gap:.1f} s{sure}", fontsize=8)
    axes.tick_params(labelsize=7)


def _draw(axes: Axes, found: SplitReport, start: float, stop: float) -> None:
    seconds, level, _ = (np.array(column) for column in zip(*found.curve, strict=True))
    level = np.maximum(level, FLOOR_DB)
    shown = (seconds >= start) & (seconds <= stop)
    axes.plot(seconds[shown], level[shown], color=MUSIC, linewidth=0.7)
    if found.noise_dbfs is not None:
        axes.axhline(found.noise_dbfs, color="tab:red", linewidth=0.8, linestyle="--")
    for track in found.tracks:
        first, last = max(track.start_seconds, start), min(track.end_seconds, stop)
        if first < last:
            axes.axvspan(first, last, color=TRACK, alpha=0.15, linewidth=0)
    axes.set_xlim(start, stop)
    axes.grid(alpha=0.3)


def _title(found: SplitReport) -> str:
    from pathlib import Path

    count = f"{len(found.tracks)} track{'' if len(found.tracks) == 1 else 's'}"
    return f"{Path(found.side).name}: {count}; dashed: the noise between them"
