"""A picture of a search: the loss, and where each parameter was tried."""

from __future__ import annotations

import math
from itertools import accumulate
from os import PathLike
from typing import TYPE_CHECKING

from restorack.reports.picture import save_picture

if TYPE_CHECKING:
    from restorack.tuning.history import History

# Parameters that are drawn; more do not fit a page.
_MOST_DRAWN = 8
# Inches of a panel's height, and of the picture's width.
_PANEL, _WIDTH = 1.6, 8.0


def write_tune_picture(found: History, path: str | PathLike[str], *, force: bool = False) -> None:
    """Draw a search as PNG: losses and the best so far, then every parameter's values.

    Parameters
    ----------
    found : History
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

    knobs = found.knobs[:_MOST_DRAWN]
    height = _PANEL * (len(knobs) + 2)
    figure = Figure(figsize=(_WIDTH, height), layout="constrained", dpi=120)
    ratios = [2.0] + [1.0] * len(knobs)
    panels = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    numbers = range(1, len(found.trials) + 1)
    losses = [trial.loss if math.isfinite(trial.loss) else math.nan for trial in found.trials]
    lowest = accumulate((trial.loss for trial in found.trials), min)
    best = found.best
    panels[0].plot(numbers, losses, ".", color="0.6", markersize=3, label="trial")
    panels[0].plot(numbers, list(lowest), color="C0", label="best so far")
    panels[0].set_ylabel("loss")
    panels[0].set_title(found.objective, fontsize="medium")
    panels[0].legend(fontsize="small")
    for at, (knob, panel) in enumerate(zip(knobs, panels[1:], strict=True)):
        panel.plot(numbers, [trial.values[at] for trial in found.trials], ".", markersize=3)
        panel.axhline(knob.start, color="0.6", linestyle="--")
        if best is not None:
            panel.axhline(best.values[at], color="C1")
        panel.set_ylabel(knob.name, fontsize="small")
        panel.set_ylim(knob.low, knob.high)
    panels[-1].set_xlabel("trial (dashed: as the preset was; orange: the best)")
    save_picture(figure, path, force=force)
