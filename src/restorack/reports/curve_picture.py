"""A picture of recording curves, as they are played."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from restorack.dsp.decibels import amplitude_to_db
from restorack.reports.picture import save_picture

if TYPE_CHECKING:
    from restorack.plugins.disc.curves import Curve

# The axis: the range of hearing, and its marks.
SHOWN_HZ = (20.0, 20_000.0)
TICKS_HZ = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


def write_curve_picture(
    curves: Sequence[Curve], path: str | PathLike[str], *, force: bool = False
) -> None:
    """Draw curves over each other as PNG, from 20 Hz to 20 kHz, 0 dB at 1 kHz.

    Parameters
    ----------
    curves : sequence of Curve
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

    figure = Figure(figsize=(9, 5), layout="constrained", dpi=120)
    axes = figure.subplots()
    frequencies = np.geomspace(*SHOWN_HZ, 500)
    for curve in curves:
        label = curve.name if curve.name == curve.code else f"{curve.name} ({curve.code})"
        axes.semilogx(frequencies, amplitude_to_db(curve.gain(frequencies)), label=label)
    axes.set_xticks(TICKS_HZ, [f"{at / 1000:g}k" if at >= 1000 else str(at) for at in TICKS_HZ])
    axes.minorticks_off()
    axes.set_xlim(*SHOWN_HZ)
    axes.set_xlabel("Hz")
    axes.set_ylabel("dB, as played")
    axes.grid(alpha=0.3)
    axes.legend()
    save_picture(figure, path, force=force)
