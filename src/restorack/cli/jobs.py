"""Files one after another: each is rendered, skipped, planned or failed, and none stops others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.cli.commands.info import channel_words
from restorack.cli.console import Screen
from restorack.cli.failures import Failure, InterruptedBatchError, common_exit_code, failure_of
from restorack.cli.output_paths import Job
from restorack.cli.progress_bars import bar
from restorack.cli.streams import ClosedPipeError
from restorack.errors import FileError
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.render.plan import Plan, RenderOptions


@dataclass(frozen=True)
class Batch:
    """What a command line asks for.

    Attributes
    ----------
    jobs : sequence of Job
    chain : Chain
    options : RenderOptions
        The same for every file, but for the difference file.
    report : Path or None
    skip_existing, dry_run : bool
    """

    jobs: Sequence[Job]
    chain: Chain
    options: RenderOptions
    report: Path | None = None
    skip_existing: bool = False
    dry_run: bool = False


def run_jobs(batch: Batch, screen: Screen) -> int:
    """Work on the files in turn, write the report, print the document; return the exit code.

    Raises
    ------
    InterruptedBatchError
        Ctrl-C, after the report on the files that were done.
    """
    if batch.report is not None and not batch.dry_run:
        _refuse_report(batch.report, batch.options)
    entries: list[dict[str, Any]] = []
    failures: list[Failure] = []
    try:
        for number, job in enumerate(batch.jobs, 1):
            place = f"{number}/{len(batch.jobs)}" if len(batch.jobs) > 1 else ""
            try:
                entries.append(_entry(batch, job, screen, place))
            except ClosedPipeError:
                raise
            except Exception as error:
                failures.append(failure_of(error))
                entries.append(_base("failed", job) | {"error": failures[-1].to_dict()})
                screen.fail(failures[-1])
                batch.chain.reset()
                batch.chain.forget()
    except KeyboardInterrupt:
        left = batch.jobs[len(entries) :]
        raise InterruptedBatchError(
            _finish(batch, entries + [_base("interrupted", j) for j in left])
        ) from None
    document = _finish(batch, entries)
    screen.document(document)
    if len(entries) > 1:
        _note_counts(entries, screen)
    return common_exit_code(failures)


def _finish(batch: Batch, entries: list[dict[str, Any]]) -> Any:
    """Write the report, if one is wanted, and return what it holds."""
    document = entries[0] if len(batch.jobs) == 1 else entries
    if batch.report is not None and not batch.dry_run:
        from restorack.reports.report import write_report

        sources = [job.source for job in batch.jobs]
        write_report(batch.report, document, force=batch.options.force, sources=sources)
    return document


def _note_counts(entries: list[dict[str, Any]], screen: Screen) -> None:
    counts = Counter(entry["status"] for entry in entries)
    screen.note(", ".join(f"{count} {status}" for status, count in counts.items()))


def _entry(batch: Batch, job: Job, screen: Screen, place: str) -> dict[str, Any]:
    if batch.skip_existing and job.output.exists():
        screen.note(f"{job.source}: skipped, {job.output} exists")
        return _base("skipped", job)
    options = replace(batch.options, difference=job.difference)
    if batch.dry_run:
        return _planned(batch, job, options, screen)
    return _rendered(batch, job, options, screen, place)


def _base(status: str, job: Job) -> dict[str, Any]:
    return {"status": status, "source": {"path": path_text(job.source)},
            "output": {"path": path_text(job.output)}}  # fmt: skip


def _rendered(
    batch: Batch, job: Job, options: RenderOptions, screen: Screen, place: str
) -> dict[str, Any]:
    from restorack.render.api import render
    from restorack.reports.report import RenderReport

    _refuse_picture(job, options)
    with bar(screen, job.source.name, place) as on_progress:
        result = render(
            job.source, job.output, batch.chain, on_progress=on_progress, **vars(options)
        )
    report = RenderReport.of(result)
    _draw(job, options)
    if not screen.quiet:
        show_report(report, screen)
    picture = {"picture": path_text(job.picture)} if job.picture else {}
    return report.document() | picture


def show_report(report: Any, screen: Screen) -> None:
    """Print a render's report for people."""
    from rich.markup import escape

    from restorack.reports.table import stage_table, summary_lines

    head = f"[bold]{escape(report.source.path)}[/bold] -> [bold]{escape(report.output.path)}[/bold]"
    screen.show(head, stage_table(report), *map(escape, summary_lines(report)))


def _refuse_picture(job: Job, options: RenderOptions) -> None:
    """Refuse a picture that exists before the render, not after it."""
    if job.picture is not None:
        from restorack.io.atomic import AtomicFile

        AtomicFile(job.picture, force=options.force, sources=[job.source]).check()


def _draw(job: Job, options: RenderOptions) -> None:
    if job.picture is None:
        return
    from restorack.reports.picture import write_picture

    write_picture(
        job.source, job.output, job.picture,
        start=options.start, stop=options.stop, force=options.force,
    )  # fmt: skip


def _planned(batch: Batch, job: Job, options: RenderOptions, screen: Screen) -> dict[str, Any]:
    from restorack.io.reader import AudioReader
    from restorack.render.api import check_targets
    from restorack.render.plan import make_plan

    with AudioReader(job.source) as reader:
        plan = make_plan(reader, job.output, batch.chain, options)
    if job.output.parent.is_dir():  # otherwise the render makes it
        check_targets(plan, options)
    _refuse_picture(job, options)
    entry = _base("planned", job) | _plan_values(plan, batch.chain)
    for kind in ("difference", "picture"):
        path = getattr(job, kind)
        entry[kind] = path_text(path) if path else None
    _show_plan(entry, screen)
    return entry


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
        "bypassed": [slot.name for slot in chain.slots if not slot.enabled],
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


def _refuse_report(path: Path, options: RenderOptions) -> None:
    """Refuse a report that cannot be written before the work, not after it."""
    from restorack.io.atomic import AtomicFile

    AtomicFile(path, force=options.force).check()
    if not path.parent.is_dir():
        raise FileError("the folder does not exist", where=str(path), remedy="make it first")
