"""What a render of one or several files shows: a bar, reports or plans, the files that fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.cli.commands.info import channel_words
from restorack.cli.console import Screen
from restorack.cli.consoles.progress_bars import bar
from restorack.cli.failures import InterruptedBatchError, common_exit_code, failure_of
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.render.batch import BatchResult, Entry, Job
    from restorack.render.plan import Plan
    from restorack.render.progress import OnProgress
    from restorack.reports.report import RenderReport

_WORDS = {"done": "rendered", "left": "interrupted"}
"""What a render calls the statuses of a batch that it has other words for."""


class RenderScreen:
    """What a render prints on the console.

    Parameters
    ----------
    screen : Screen
    chain : Chain
    jobs : sequence of Job
    """

    def __init__(self, screen: Screen, chain: Chain, jobs: Sequence[Job]) -> None:
        self._screen, self._chain = screen, chain
        self._keys = [job.key for job in jobs]
        self._documents: dict[str, dict[str, Any]] = {}

    def watch(self, job: Job) -> AbstractContextManager[OnProgress | None]:
        """Draw a bar for a job."""
        count = len(self._keys)
        place = f"{self._keys.index(job.key) + 1}/{count}" if count > 1 else ""
        return bar(self._screen, job.source.name, place)

    def ended(self, entry: Entry) -> None:
        """Report the outcome of a file."""
        document = self._documents[entry.job.key] = _base(entry)
        if entry.error is not None:
            failure = failure_of(entry.error)
            document["error"] = failure.to_dict()
            self._screen.fail(failure)
        elif entry.status == "skipped":
            output = entry.job.product("output")
            self._screen.note(f"{entry.job.source}: skipped, {output} exists")
        elif entry.status == "planned":
            self._plan(entry, document)
        elif entry.status == "done":
            self._report(entry, document)

    def _plan(self, entry: Entry, document: dict[str, Any]) -> None:
        files = {kind: entry.job.product(kind) for kind in entry.job.kinds}
        plan: Any = entry.outcome and entry.outcome.result
        document |= _plan_values(plan, self._chain)
        for kind in ("difference", "picture"):
            path = files.get(kind)
            document[kind] = path_text(path) if path else None
        _show_plan(document, self._screen)

    def _report(self, entry: Entry, document: dict[str, Any]) -> None:
        from restorack.reports.report import RenderReport

        result: Any = entry.outcome and entry.outcome.result
        report = RenderReport.of(result)
        document |= report.document()
        if "picture" in entry.job.kinds:
            document["picture"] = path_text(entry.job.product("picture"))
        if not self._screen.quiet:
            show_report(report, self._screen)

    def finished(self, result: BatchResult, report: Path | None, *, force: bool) -> int:
        """Write the report, if one is wanted, and print the document; return the exit code.

        Raises
        ------
        InterruptedBatchError
            Where files are left since Ctrl-C.
        """
        entries = [self._documents.get(entry.job.key) or _base(entry) for entry in result.entries]
        document: Any = entries[0] if len(entries) == 1 else entries
        if report is not None:
            from restorack.reports.report import write_report

            sources = [entry.job.source for entry in result.entries]
            write_report(report, document, force=force, sources=sources)
        if result.interrupted:
            raise InterruptedBatchError(document)
        self._screen.document(document)
        if len(entries) > 1:
            counts = Counter(entry["status"] for entry in entries)
            self._screen.note(", ".join(f"{count} {status}" for status, count in counts.items()))
        return common_exit_code([failure_of(e.error) for e in result.entries if e.error])


def _base(entry: Entry) -> dict[str, Any]:
    return {"status": _WORDS.get(entry.status, entry.status),
            "source": {"path": path_text(entry.job.source)},
            "output": {"path": path_text(entry.job.product("output"))}}  # fmt: skip


def show_report(report: RenderReport, screen: Screen) -> None:
    """Print a render's report for people."""
    from rich.markup import escape

    from restorack.reports.table import stage_table, summary_lines

    head = f"[bold]{escape(report.source.path)}[/bold] -> [bold]{escape(report.output.path)}[/bold]"
    screen.show(head, stage_table(report), *map(escape, summary_lines(report)))


def _plan_values(plan: Plan, chain: Chain) -> dict[str, Any]:
    from restorack.chains.pipeline import wants_first_pass
    from restorack.render.api import engine_name

    output = {name: value for name, value in asdict(plan.output).items() if name != "sample_rate"}
    return {
        "output": {"path": path_text(plan.target), "sample_rate_hz": plan.output_rate, **output,
                   "frames": plan.frames_out},
        "preset": chain.settings.name,
        "channels": plan.channels,
        "input_rate_hz": plan.input_rate,
        "work_rate_hz": plan.work_rate,
        "duration_seconds": plan.seconds,
        "engine": plan.engine,
        "estimated_memory_bytes": plan.memory,
        "stages": [
            {"stages": run.names, "engine": engine_name(run, plan),
             "first_pass": wants_first_pass(run)}
            for run in chain.runs()
        ],
        "bypassed": [slot.name for slot in chain.slots if slot.bypass],
    }  # fmt: skip


def _show_plan(entry: dict[str, Any], screen: Screen) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = entry["output"]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("stage", "engine", "passes"):
        table.add_column(heading)
    for stage in entry["stages"]:
        passes = "2" if stage["first_pass"] else "1"
        table.add_row(escape(", ".join(stage["stages"])), escape(stage["engine"]), passes)
    for name in entry["bypassed"]:
        table.add_row(escape(name), "-", "bypassed", style="dim")
    files = [out["path"], *(entry[kind] for kind in ("difference", "picture") if entry[kind])]
    screen.show(
        f"[bold]{escape(entry['source']['path'])}[/bold] -> {escape(', '.join(files))}",
        table,
        f"{entry['input_rate_hz']:g} Hz in, {entry['work_rate_hz']:g} Hz inside, "
        f"{out['sample_rate_hz']:g} Hz out; {channel_words(entry['channels'])}, "
        f"{entry['duration_seconds']:.3f} s; {out['format']} {out['subtype']}",
        f"rendered with {entry['engine']}, graphs need about "
        f"{entry['estimated_memory_bytes'] / 1e6:.0f} MB",
    )
