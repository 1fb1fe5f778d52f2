"""A picture of how fast a recording was played, moment by moment."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from restorack.reports.picture import save_picture

if TYPE_CHECKING:
    from restorack.dsp.speed_curve import SpeedCurve

DETAIL_S = 5.0
"""Seconds around the middle that are drawn in detail, six turns at 78 rpm. By hand."""


def write_speed_picture(
    curve: SpeedCurve, path: str | PathLike[str], *, force: bool = False
) -> None:
    """Draw a speed curve as PNG: all of it, and five seconds of its middle.

    Parameters
    ----------
    curve : SpeedCurve
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
    whole, detail = figure.subplots(2, 1)
    deviation = 100.0 * (curve.speeds - 1.0)
    middle = 0.5 * (curve.seconds[0] + curve.seconds[-1])
    near = np.abs(curve.seconds - middle) <= 0.5 * DETAIL_S
    for axes, shown, width in ((whole, slice(None), 0.6), (detail, near, 1.2)):
        axes.plot(curve.seconds[shown], deviation[shown], linewidth=width)
        axes.axhline(0.0, color="0.6", linewidth=0.8)
        axes.set_xlabel("seconds of the recording")
        axes.set_ylabel("too fast by, %")
        axes.grid(alpha=0.3)
    save_picture(figure, path, force=force)
