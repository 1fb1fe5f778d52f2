"""The report of a render as a short table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from restorack.core.records import Records
from restorack.reports.report import RenderReport

if TYPE_CHECKING:
    from rich.table import Table

MOST_FINDINGS = 6
"""Per stage; the JSON report holds all of them."""

MOST_NESTED = 3
"""Longer tables inside findings, such as spectra, are for the JSON report only."""

_UNITS = {
    "db": "dB", "dbfs": "dBFS", "dbtp": "dBTP", "lufs": "LUFS", "hz": "Hz", "ms": "ms",
    "seconds": "s", "percent": "%", "samples": "samples",
}  # fmt: skip


def stage_table(report: RenderReport) -> Table:
    """Return a table of the stages: engine, time and what was done."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("stage", no_wrap=True)
    table.add_column("engine", no_wrap=True, style="dim")
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("what was done")
    for stage in report.stages:
        table.add_row(
            escape(", ".join(stage.stages)),
            escape(stage.engine),
            f"{stage.seconds:.1f} s",
            escape(findings_text(stage.findings)),
        )
    for name in report.bypassed:
        table.add_row(escape(name), "-", "-", "bypassed", style="dim")
    for name in report.skipped_plugins:
        table.add_row(escape(name), "-", "-", "not installed: skipped", style="yellow")
    return table


def summary_lines(report: RenderReport) -> list[str]:
    """Return what there is to say about the whole file, one sentence a line."""
    out = report.output
    peak = "silence" if out.true_peak_dbtp is None else f"true peak {out.true_peak_dbtp:.1f} dBTP"
    gain = f" after {out.ceiling_gain_db:.1f} dB for the ceiling" if out.ceiling_gain_db else ""
    share = 100.0 * out.unchanged_samples / out.total_samples if out.total_samples else 100.0
    lines = [
        f"{out.format} {out.subtype}, {out.sample_rate_hz:g} Hz, {peak}{gain}; "
        f"{share:.1f} % of the samples unchanged",
        f"{report.render_seconds:.1f} s, {report.speed_times_real_time:.1f} x real time, "
        f"rendered with {report.engine}",
    ]
    told = any("beyond full scale" in text for text in report.warnings)
    if out.clipped_samples and not told:
        lines.append(f"warning: {out.clipped_samples} samples beyond full scale were cut")
    return lines + [f"warning: {text}" for text in report.warnings]


def findings_text(findings: dict[str, Any]) -> str:
    """Return a stage's findings in a line: plain values only, the unit behind the number."""
    parts = [_finding(name, value) for name, value in findings.items()]
    said = [part for part in parts if part]
    more = "" if len(said) <= MOST_FINDINGS else ", ..."
    return ", ".join(said[:MOST_FINDINGS]) + more


def _finding(name: str, value: Any) -> str:
    if value is None or value is False or value in ("", [], {}):
        return ""
    if value is True:
        return _words(name)
    if isinstance(value, (dict, list, Records)):
        return _several(name, value)
    return f"{_words(name)}: {value}" if isinstance(value, str) else _measured(name, value)


def _several(name: str, values: dict[str, Any] | list[Any] | Records) -> str:
    if isinstance(values, Records):
        return f"{len(values)} {_words(name)}" if values else ""
    if isinstance(values, list):
        texts = [item for item in values if isinstance(item, str)]
        listed = f"{_words(name)}: {', '.join(texts)}"
        return listed if texts else f"{len(values)} {_words(name)}"
    inner = findings_text(values) if len(values) <= MOST_NESTED else ""
    return f"{_words(name)}: {inner}" if inner else ""


def _measured(name: str, value: float) -> str:
    words = name.split("_")
    unit = _UNITS.get(words[-1], "") if len(words) > 1 else ""
    label = " ".join(words[:-1] if unit else words)
    return f"{label} {_number(value)} {unit}".rstrip()


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float) -> str:
    if isinstance(value, int):
        return f"{value}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
