"""Figures of metrics: as a table for people, as CSV for spreadsheets, as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from restorack.io.atomic import write_whole
from restorack.metrics.catalogue import METRICS, Metric

if TYPE_CHECKING:
    from rich.table import Table


def worst_of(metric: Metric, values: Iterable[float]) -> float:
    """Return the value that is farthest on the wrong side."""
    if metric.better == "higher":
        return min(values)
    if metric.better == "lower":
        return max(values)
    perfect = metric.perfect or 0.0
    return max(values, key=lambda value: abs(value - perfect))


def summarise(entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return median, worst and count of every metric over measurements, by the metric's name.

    Parameters
    ----------
    entries : iterable of dict
        As of :meth:`restorack.metrics.Measurement.to_dict`; those without values do not count.
    """
    gathered: dict[str, list[float]] = {}
    for entry in entries:
        for name, value in entry.get("values", {}).items():
            gathered.setdefault(name, []).append(value)
    return {
        name: {
            "median": median(gathered[name]),
            "worst": worst_of(metric, gathered[name]),
            "count": len(gathered[name]),
        }
        for name, metric in METRICS.items()
        if name in gathered
    }


def figures_table(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    """Return a table of metrics, one row each: a column for each group of measurements.

    Parameters
    ----------
    groups : dict of str to sequence of dict
        Entries as of :meth:`restorack.metrics.Measurement.to_dict` by the name of their column. A
        group of several shows the median and, in brackets, the worst.
    """
    from rich.markup import escape
    from rich.table import Table

    summaries = {name: summarise(entries) for name, entries in groups.items()}
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("metric", no_wrap=True)
    for name, entries in groups.items():
        count = len([entry for entry in entries if "values" in entry])
        plural = f"\n{count} files: median (worst)" if count > 1 else ""
        table.add_column(escape(name) + plural, justify="right")
    table.add_column("perfect", justify="right", style="dim")
    if len(groups) == 1:
        table.add_column("what it is", style="dim")
    for name, metric in METRICS.items():
        if any(name in summary for summary in summaries.values()):
            cells = [figures_text(summary.get(name)) for summary in summaries.values()]
            perfect = "" if metric.perfect is None else number_text(metric.perfect)
            about = [escape(metric.about)] if len(groups) == 1 else []
            table.add_row(name, *cells, perfect, *about)
    return table


def figures_text(figures: Mapping[str, float] | None) -> str:
    """Return a median and, in brackets, the worst of several."""
    if figures is None:
        return "-"
    text = number_text(figures["median"])
    return text if figures["count"] == 1 else f"{text} ({number_text(figures['worst'])})"


def number_text(value: float) -> str:
    """Return a figure with three or four digits that mean something."""
    if abs(value) < 1e-12:
        return "0"
    if abs(value) >= 100.0:
        return f"{value:.0f}"
    if abs(value) >= 10.0:
        return f"{value:.1f}"
    return f"{value:.3f}" if abs(value) >= 0.001 else f"{value:.1e}"


def write_csv(
    path: str | PathLike[str],
    entries: Sequence[Mapping[str, Any]],
    *,
    force: bool = False,
    sources: Sequence[str | Path] = (),
) -> None:
    """Write measurements as CSV, one row each, one column a metric; it appears whole.

    Parameters
    ----------
    path : path-like
    entries : sequence of dict
        As of :meth:`restorack.metrics.Measurement.to_dict`, or with an ``error`` instead of values.
    force : bool
        Replace a file that exists.
    sources : sequence of path-like
        Files that are never replaced.

    Raises
    ------
    FileError
        Where it exists or cannot be written.
    """
    present = {name for entry in entries for name in entry.get("values", {})}
    metrics = [name for name in METRICS if name in present]
    plain = [name for entry in entries for name, value in entry.items() if _is_plain(value)]
    heads = list(dict.fromkeys(plain))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*heads, *metrics, "error"])
    for entry in entries:
        values = entry.get("values", {})
        cells = [entry.get(name, "") for name in heads]
        cells += [values.get(name, "") for name in metrics]
        writer.writerow([*cells, entry.get("error", {}).get("what", "")])
    write_whole(path, text.getvalue().encode(), force=force, sources=sources)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float))
