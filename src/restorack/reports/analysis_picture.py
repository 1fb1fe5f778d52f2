"""Pictures of an analysis: the spectrum with its noise floor and edges, and the clicks."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.meters.findings import Findings, Histogram
from restorack.reports.picture import save_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

TEXT = 12
"""Points."""
INK = "#5b2a86"
COLOURS = (INK, "#d1495b")
# The axes: hearing, and enough below the top that a clean recording's floor is seen.
SHOWN_HZ = (30.0, 22_000.0)
LEAST_RANGE_DB = 80.0


def write_analysis_picture(
    found: Findings, path: str | PathLike[str], *, force: bool = False
) -> None:
    """Draw an analysis as PNG: the spectrum and, where there are clicks, their statistics.

    Parameters
    ----------
    found : Findings
    path : path-like
        The PNG.
    force : bool
        Replace a picture that exists.

    Raises
    ------
    FileError
        Where it exists or cannot be written.
    """
    clicks = found.clicks
    rate = f"{clicks.per_second:.1f} clicks a second"
    title = f"{Path(found.recording.path).name}: {found.condition.word}"
    figure, axes = _panels(title, 4 if clicks.counted else 1)
    _spectrum(axes[0], found)
    if not clicks.counted:
        save_picture(figure, path, force=force)
        return
    _bars(axes[1], [clicks.peak_histogram_db], [rate], "click peak over the music's (dB)")
    _bars(axes[2], [clicks.width_histogram_ms], [rate], "click width (ms)", logarithmic=True)
    _bars(
        axes[3], [clicks.interval_histogram_ms], [rate], "from click to click (ms)",
        logarithmic=True,
    )  # fmt: skip
    save_picture(figure, path, force=force)


def write_comparison_picture(
    real: Findings, synthetic: Findings, path: str | PathLike[str], *, force: bool = False
) -> None:
    """Draw two analyses over each other, as PNG: a real record's, and synthetic damage's.

    Parameters
    ----------
    real, synthetic : Findings
    path, force
        As of :func:`write_analysis_picture`.
    """
    both, names = (real, synthetic), ("real", "synthetic")
    figure, axes = _panels("a real record and synthetic damage", 4)
    for found, name, colour in zip(both, names, COLOURS, strict=True):
        frequencies = found.spectrum.frequencies_hz
        axes[0].semilogx(frequencies, found.spectrum.loud_db, color=colour, label=f"{name}, loud")
        if found.spectrum.noise_db:
            axes[0].semilogx(frequencies, found.spectrum.noise_db, color=colour, ls="--",
                             label=f"{name}, noise floor")  # fmt: skip
    _finish_spectrum(axes[0], [*real.spectrum.loud_db, *synthetic.spectrum.loud_db])
    labels = [f"{name}: {one.clicks.per_second:.1f}/s"
              for one, name in zip(both, names, strict=True)]  # fmt: skip
    clicks = [one.clicks for one in both]
    _bars(axes[1], [one.peak_histogram_db for one in clicks], labels,
          "click peak over the music's (dB)")  # fmt: skip
    _bars(axes[2], [one.width_histogram_ms for one in clicks], labels, "click width (ms)",
          logarithmic=True)  # fmt: skip
    _bars(axes[3], [one.interval_histogram_ms for one in clicks], labels,
          "from click to click (ms)", logarithmic=True)  # fmt: skip
    save_picture(figure, path, force=force)


def _panels(title: str, count: int) -> tuple[Figure, list[Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (12.0, 7.6) if count > 1 else (8.0, 4.6)
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title.replace("$", r"\$"), fontsize=14, x=0.01, ha="left")
    side = 2 if count > 1 else 1
    axes = figure.subplots(side, side, squeeze=False).ravel().tolist()
    for one in axes:
        one.tick_params(labelsize=TEXT)
        one.grid(alpha=0.25)
        for edge in ("top", "right"):
            one.spines[edge].set_visible(False)
    return figure, axes


def _spectrum(axes: Any, found: Findings) -> None:
    spectrum, band = found.spectrum, found.band
    frequencies = spectrum.frequencies_hz
    axes.semilogx(frequencies, spectrum.loud_db, color=INK, label="loud moments")
    axes.semilogx(frequencies, spectrum.median_db, color=INK, alpha=0.5, label="median")
    axes.semilogx(frequencies, spectrum.quiet_db, color="0.6", label="quiet moments")
    if spectrum.noise_db:
        axes.semilogx(frequencies, spectrum.noise_db, color=COLOURS[1], ls="--",
                      label="noise floor")  # fmt: skip
    if band.edge_hz is not None:
        axes.axvline(band.edge_hz, color="0.3", ls=":", label=f"edge, {band.edge_hz:.0f} Hz")
    _finish_spectrum(axes, [*spectrum.loud_db, *spectrum.noise_db])


def _finish_spectrum(axes: Any, levels: Sequence[float]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    axes.set_xlim(*SHOWN_HZ)
    top = max(levels, default=0.0) + 5.0
    axes.set_ylim(max(top - 140.0, min([*levels, top - LEAST_RANGE_DB]) - 5.0), top)
    axes.xaxis.set_major_locator(FixedLocator([50, 200, 1000, 5000, 20_000]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("frequency (Hz)", fontsize=TEXT)
    axes.set_ylabel("density (dB)", fontsize=TEXT)
    if levels:
        axes.legend(fontsize=TEXT - 2, frameon=False)


def _bars(
    axes: Any,
    histograms: Sequence[Histogram | None],
    labels: Sequence[str],
    title: str,
    *,
    logarithmic: bool = False,
) -> None:
    """Draw the shares of each histogram's steps."""
    axes.set_xlabel(title, fontsize=TEXT)
    axes.set_ylabel("share of clicks (%)", fontsize=TEXT)
    drawn = [one for one in zip(histograms, labels, COLOURS, strict=False) if one[0] is not None]
    for histogram, label, colour in drawn:
        if histogram is None:
            continue
        borders, counts = np.array(histogram.borders), np.array(histogram.counts, float)
        shares = 100.0 * counts / max(1.0, counts.sum())
        axes.stairs(shares, borders, fill=len(drawn) == 1, color=colour, lw=2, label=label,
                    alpha=0.85)  # fmt: skip
    if not drawn:
        axes.text(0.5, 0.5, "no clicks", transform=axes.transAxes, ha="center", fontsize=TEXT)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    axes.legend(fontsize=TEXT - 2, frameon=False)
    if logarithmic:
        from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
