"""A picture of how much of each copy a merge has."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from restorack.reports.picture import save_picture

if TYPE_CHECKING:
    from restorack.merging.report import MergeReport


def write_merge_picture(
    found: MergeReport, path: str | PathLike[str], *, force: bool = False
) -> None:
    """Draw the shares of a merge's copies as PNG, over time and over frequency.

    Parameters
    ----------
    found : MergeReport
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

    figure = Figure(figsize=(9, 6), layout="constrained", dpi=120)
    over_time, over_bands = figure.subplots(2, 1)
    names = [entry.path for entry in found.copies]
    seconds = [moment for moment, _ in found.copies[0].share_by_time]
    shares = [[share for _, share in entry.share_by_time] for entry in found.copies]
    over_time.stackplot(seconds, shares, labels=names, step="post")
    over_time.set_xlabel("seconds of the reference")
    bands = list(found.copies[0].share_by_band)
    below = [0.0] * len(bands)
    for entry in found.copies:
        of_bands = list(entry.share_by_band.values())
        over_bands.bar(bands, of_bands, bottom=below)
        below = [a + b for a, b in zip(below, of_bands, strict=True)]
    over_bands.set_xlabel("Hz")
    for axes in (over_time, over_bands):
        axes.set_ylabel("share")
        axes.set_ylim(0.0, 1.0)
    over_time.legend(loc="lower left", fontsize="small")
    save_picture(figure, path, force=force)
