"""The report of a render as a short table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.reports.report import RenderReport

if TYPE_CHECKING:
    from rich.table import Table


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
            escape(stage.summary),
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
