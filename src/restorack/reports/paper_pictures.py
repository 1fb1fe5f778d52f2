"""Pictures for papers and tickets: one thing each, as PNG or SVG."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.dsp.decibels import amplitude_to_db, power_to_db
from restorack.errors import FileError, ParameterError, suggest
from restorack.io.reader import AudioReader
from restorack.reports.analysis_picture import COLOURS, LEAST_RANGE_DB, SHOWN_HZ
from restorack.reports.picture import (
    TEXT,
    draw_signal,
    draw_spectrogram,
    draw_waveform,
    save_picture,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from restorack.reports.picture import Drawn

LINES = (*COLOURS, "#1b7f79", "#8a6d00", "#3b5bdb", "#777777")
"""Colours of curves, told apart by lightness too."""


def write_paper_picture(
    kind: str,
    sources: Sequence[Path],
    path: str | PathLike[str],
    *,
    start: float | None = None,
    stop: float | None = None,
    top_hz: float = 22_050.0,
    force: bool = False,
) -> None:
    """Draw one thing of files.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    sources : sequence of Path
        Audio files; for ``repairs`` reports of renders, for ``loss`` folders of trainings.
    path : path-like
        Ends in ``.png`` or ``.svg``.
    start, stop : float, optional
        The part of each audio file, in seconds.
    top_hz : float
        Upper end of spectrograms.
    force : bool
        Replace a picture that exists.

    Raises
    ------
    ParameterError
        For a kind that does not exist, or a wrong number of files.
    FileError, AudioError
        Where a file cannot be read or the picture not be written.
    """
    if kind not in KINDS:
        raise ParameterError(
            f"no picture {kind!r}", rule=f"one of {', '.join(KINDS)}", remedy=suggest(kind, KINDS)
        )
    if kind == "difference" and len(sources) != 2:
        raise ParameterError(
            f"{len(sources)} files for a difference", rule="two: before, and after"
        )
    if Path(path).suffix.lower() not in (".png", ".svg"):
        raise ParameterError(f"{Path(path).name}", rule="a picture ends in .png or .svg")
    if kind in _CURVES:
        figure = _CURVES[kind](sources)
    else:
        figure = _signals(kind, sources, start, stop, top_hz)
    save_picture(figure, path, force=force, sources=sources)


def _new(rows: int, height: float) -> tuple[Figure, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, 1, squeeze=False, sharex=True)[:, 0]


def _signals(
    kind: str,
    sources: Sequence[Path],
    start: float | None,
    stop: float | None,
    top_hz: float,
) -> Figure:
    """Draw waveforms or spectrograms below each other, on one scale."""
    drawn = list(_drawn(kind, sources, start, stop))
    figure, axes = _new(len(drawn), 1.0 + (1.8 if kind == "waveform" else 3.0) * len(drawn))
    if kind == "waveform":
        reach = max(float(np.abs([one.low, one.high]).max()) for _, one in drawn) or 1.0
        for place, (title, one) in zip(axes, drawn, strict=True):
            draw_waveform(place, one, reach)
            place.set_title(_plain(title), fontsize=TEXT, loc="left")
        return figure
    loudest = max(float(one.power.max(initial=0.0)) for _, one in drawn)
    top_db = 10.0 * np.ceil(power_to_db(max(loudest, 1e-12)) / 10.0)
    top = min(top_hz, max(one.nyquist_hz for _, one in drawn))
    for place, (title, one) in zip(axes, drawn, strict=True):
        image = draw_spectrogram(place, one, _plain(title), top, top_db)
        place.set_ylabel("frequency (kHz)", fontsize=TEXT)
    axes[-1].set_xlabel("time (s)", fontsize=TEXT)
    figure.colorbar(image, ax=list(axes), pad=0.012, fraction=0.025).set_label("level (dBFS)")
    return figure


def _drawn(
    kind: str, sources: Sequence[Path], start: float | None, stop: float | None
) -> Iterator[tuple[str, Drawn]]:
    if kind != "difference":
        for source in sources:
            with AudioReader(source) as reader:
                yield source.name, draw_signal([(reader, *reader.span(start, stop))])
        return
    with AudioReader(sources[0]) as one, AudioReader(sources[1]) as other:
        if one.info.sample_rate != other.info.sample_rate:
            raise ParameterError(
                f"{one.info.sample_rate:g} and {other.info.sample_rate:g} Hz",
                rule="a difference is of two files of one rate",
            )
        spans = one.span(start, stop), other.span(start, stop)
        frames = min(last - first for first, last in spans)
        pair = [(reader, span[0], span[0] + frames)
                for reader, span in zip((one, other), spans, strict=True)]  # fmt: skip
        yield f"{sources[0].name} minus {sources[1].name}", draw_signal(pair)


def _noise_floor(sources: Sequence[Path]) -> Figure:
    """Draw the noise floors of files over each other, and what is loud in them."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    from restorack.analysis import analyze

    figure, [axes] = _new(1, 5.0)
    levels: list[float] = []
    for source, colour in zip(sources, _colours(), strict=False):
        spectrum, name = analyze(source).spectrum, _plain(source.name)
        axes.semilogx(spectrum.frequencies_hz, spectrum.loud_db, color=colour, alpha=0.35,
                      label=f"{name}, loud moments")  # fmt: skip
        floor = spectrum.noise_db or spectrum.quiet_db
        what = "noise floor" if spectrum.noise_db else "quiet moments; no steady noise found"
        axes.semilogx(spectrum.frequencies_hz, floor, color=colour, label=f"{name}, {what}")
        levels += [*spectrum.loud_db, *floor]
    top = max(levels, default=0.0) + 5.0
    axes.set_xlim(*SHOWN_HZ)
    axes.set_ylim(max(top - 140.0, min([*levels, top - LEAST_RANGE_DB])), top)
    axes.xaxis.set_major_locator(FixedLocator([50, 200, 1000, 5000, 20_000]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    return _finished(figure, axes, "frequency (Hz)", "density (dB)")


def _repairs(sources: Sequence[Path]) -> Figure:
    """Draw the repairs of reports over time: how many a second, and how large."""
    figure, [counts, sizes] = _new(2, 6.0)
    for source, colour in zip(sources, _colours(), strict=False):
        found = list(_listed(_json(source)))
        times = np.array([one["seconds"] for one in found if one.get("keep", True)])
        peaks = np.array([one["peak"] for one in found if one.get("keep", True)])
        edges = np.arange(0.0, (times.max() if times.size else 1.0) + 2.0)
        label = f"{_plain(source.name)}: {len(times)} repairs"
        counts.stairs(np.histogram(times, edges)[0], edges, color=colour, label=label, lw=1.5)
        if times.size:
            sizes.plot(times, amplitude_to_db(np.maximum(peaks, 1e-6)), ".", ms=3, color=colour)
    counts.set_ylabel("repairs a second", fontsize=TEXT)
    counts.legend(frameon=False)
    return _finished(figure, sizes, "time (s)", "change (dBFS)", legend=False)


def _listed(finding: Any) -> Iterator[dict[str, Any]]:
    if isinstance(finding, dict):
        if isinstance(finding.get("listed"), list):
            yield from (one for one in finding["listed"] if "seconds" in one and "peak" in one)
        for part in finding.values():
            yield from _listed(part)
    elif isinstance(finding, list):
        for part in finding:
            if isinstance(part, dict | list):
                yield from _listed(part)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise FileError(
            f"cannot be read as a report: {error}",
            where=str(path),
            rule="a JSON report of restorack render --report",
        ) from None


def _loss(sources: Sequence[Path]) -> Figure:
    """Draw the loss of trainings over their steps."""
    figure, [axes] = _new(1, 5.0)
    for folder, colour in zip(sources, _colours(), strict=False):
        path = folder / "log.csv" if folder.is_dir() else folder
        steps, losses = _columns(path, "step", "loss")
        axes.plot(steps, losses, color=colour, label=_plain(folder.name), lw=1.3)
    axes.set_yscale("log")
    return _finished(figure, axes, "step", "loss")


def _columns(path: Path, *names: str) -> list[list[float]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [[float(row[name] or "nan") for row in rows] for name in names]
    except (OSError, ValueError, KeyError) as error:
        raise FileError(
            f"cannot be read as the log of a training: {error!r}",
            where=str(path),
            rule="the folder of restorack train, or its log.csv",
        ) from None


def _finished(figure: Figure, axes: Any, x: str, y: str, *, legend: bool = True) -> Figure:
    axes.set_xlabel(x, fontsize=TEXT)
    axes.set_ylabel(y, fontsize=TEXT)
    axes.grid(alpha=0.25)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    if legend:
        axes.legend(frameon=False, fontsize=TEXT - 3)
    return figure


def _colours() -> Iterator[str]:
    while True:
        yield from LINES


def _plain(text: str) -> str:
    """Return a name that is no formula."""
    return text.replace("$", r"\$")


_CURVES: dict[str, Callable[[Sequence[Path]], Figure]] = {
    "noise-floor": _noise_floor, "repairs": _repairs, "loss": _loss,
}  # fmt: skip
KINDS = ("waveform", "spectrogram", "difference", *_CURVES)
"""What can be drawn."""
