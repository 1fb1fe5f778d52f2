"""What a batch shows: a live line, the files that fail, and a summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from restorack.cli.console import Screen
from restorack.cli.consoles.progress_bars import short_time
from restorack.cli.failures import Failure, InterruptedBatchError, common_exit_code, failure_of
from restorack.errors import DiskFullError
from restorack.text import path_text

if TYPE_CHECKING:
    from rich.console import Group

    from restorack.render.batch import (
        BatchResult,
        Entry,
        Job,
        Outcome,
        OutputSpec,
        ProgressCounters,
    )

SCHEMA = 1
"""Version of the JSON; keys keep their meaning while it stays."""
MOST_SHOWN = 20
"""Failed files in the table; the manifest and the JSON document have all."""


class BatchScreen:
    """What a batch prints on the console.

    Parameters
    ----------
    screen : Screen
    watching : bool
        Each file is noted as it ends, since there may never be a summary.
    """

    def __init__(self, screen: Screen, *, watching: bool) -> None:
        self._screen, self._watching = screen, watching

    @contextmanager
    def live(self) -> Iterator[ProgressCounters]:
        """Show a batch's tally while the context lasts, where this is a terminal."""
        from restorack.render.batch import ProgressCounters

        counters = ProgressCounters()
        if not self._screen.shows_progress:
            yield counters
            return
        from rich.live import Live

        with Live(
            get_renderable=lambda: _picture(counters, watching=self._watching),
            console=self._screen.err,
            transient=True,
        ):
            yield counters

    def ended(self, entry: Entry) -> None:
        """Report the outcome of a file: where it failed, and of every file while watching."""
        if entry.error is not None:
            self._screen.fail(failure_of(entry.error))
            return
        if entry.outcome is not None and entry.outcome.clipped:
            told = [text for text in entry.outcome.warnings if "full scale" in text]
            self._screen.note(f"{entry.job.product('output')}: {'; '.join(told)}")
        if self._watching and entry.status == "done":
            self._screen.note(f"{entry.job.source} -> {entry.job.product('output')}")

    def retried(self, job: Job, outcome: Outcome) -> None:
        """Say that a file failed and will be tried again."""
        if outcome.error is not None:
            self._screen.note(f"tried again: {failure_of(outcome.error).line}")
        del job

    def stopping(self, at_once: bool) -> None:
        """Answer Ctrl-C."""
        self._screen.note(
            "stopping at once" if at_once
            else "stopping after the files in progress; press Ctrl-C again to stop now"
        )  # fmt: skip

    def planned(self, plan: Sequence[tuple[Job, bool]]) -> int:
        """Show what would be done."""
        from rich.markup import escape

        entries = []
        for job, done in plan:
            status = "unchanged" if done else "planned"
            self._screen.show(escape(f"{status}: {job.source} -> {job.product('output')}"))
            entries.append(_base(job, status))
        self._screen.document({"batch_schema": SCHEMA, "files": entries})
        self._screen.note(f"{len(plan)} files, {sum(done for _, done in plan)} unchanged")
        return 0

    def index(self, result: BatchResult, wanted: OutputSpec, *, force: bool) -> None:
        """Write the index of the pages, and say where it is."""
        from rich.markup import escape

        from restorack.reports.listening.batch_index import IndexEntry, write_index

        if not result.entries:
            return
        entries = [
            IndexEntry(
                path_text(entry.job.key),
                entry.status,
                entry.job.product("page"),
                failure_of(entry.error).line if entry.error is not None else "",
            )
            for entry in result.entries
        ]
        layout = wanted.layout
        path = layout.root / f"index{layout.shard.infix if layout.shard else ''}.html"
        write_index(path, f"{layout.root.name}: {wanted.recipe.name}", entries, force=force)
        self._screen.show(escape(f"the page of all files is {path}"))

    def finished(self, result: BatchResult, wanted: OutputSpec) -> int:
        """Show the summary, print the document; return the exit code.

        Raises
        ------
        InterruptedBatchError
            Where files are left since Ctrl-C.
        """
        failures = [failure_of(entry.error) for entry in result.entries if entry.error is not None]
        if result.disk_full and not failures:  # the manifest itself could not be written
            failures.append(_full(result, wanted))
            self._screen.fail(failures[0])
        document = _document(result, wanted)
        if not self._screen.quiet:
            self._show(result, failures)
        if result.interrupted and not self._watching:
            raise InterruptedBatchError(document)
        self._screen.document(document)
        return common_exit_code(failures)

    def _show(self, result: BatchResult, failures: Sequence[Failure]) -> None:
        from rich.markup import escape
        from rich.table import Table

        counters, table = result.counters, Table(box=None, pad_edge=False, show_header=False)
        for name, count in _counts(result).items():
            if count or name == "done":
                table.add_row(_WORDS[name], f"{count}")
        if counters.incomplete:
            table.add_row("done, but of an incomplete input", f"{counters.incomplete}")
        self._screen.show(table)
        for failure in failures[:MOST_SHOWN]:
            self._screen.show(f"[red]  {escape(failure.line)}[/red]")
        if len(failures) > MOST_SHOWN:
            self._screen.show(f"  and {len(failures) - MOST_SHOWN} more, see the manifest")
        if result.damaged:
            self._screen.show(_damaged(result.damaged))
        if result.clipped:
            files = "1 file has" if result.clipped == 1 else f"{result.clipped} files have"
            self._screen.show(f"{files} samples beyond full scale that were cut: see the warnings")
        self._screen.show(_speed(counters))
        if result.disk_full:
            self._screen.show("the disk is full: the rest is left; run again when there is room")


def _full(result: BatchResult, wanted: OutputSpec) -> Failure:
    return failure_of(
        DiskFullError(
            f"the disk is full, {_counts(result)['left']} files are left",
            where=path_text(wanted.layout.root),
            remedy="free some space and run the batch again",
        )
    )


def _damaged(keys: Sequence[str]) -> str:
    from rich.markup import escape

    named = ", ".join(keys[:MOST_SHOWN]) + (", ..." if len(keys) > MOST_SHOWN else "")
    return escape(f"damaged rows of the manifest, their files done again: {named}")


_WORDS = {
    "done": "done", "unchanged": "skipped, unchanged", "failed": "failed",
    "quarantined": "quarantined", "left": "left",
}  # fmt: skip


def _speed(counters: ProgressCounters) -> str:
    return (
        f"{short_time(counters.elapsed)}, {counters.files_per_second:.2f} files/s, "
        f"{counters.speed:.1f} x real time"
    )


def _picture(counters: ProgressCounters, *, watching: bool) -> Group:
    """Return the live lines: the whole batch, and the files in progress."""
    from rich.console import Group
    from rich.markup import escape
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    total = "" if watching else f"/{counters.files}"
    left = counters.remaining
    time_left = "" if watching else f", {short_time(left) if left is not None else '-:--'} left"
    failed = f", [red]{counters.failed} failed[/red]" if counters.failed else ""
    rows = Table.grid(padding=(0, 1))
    for key, fraction in list(counters.in_hand.items()):
        if fraction > 0:
            rows.add_row(ProgressBar(1.0, fraction, width=20), escape(key))
    from rich.text import Text

    head = f"{counters.settled}{total} files{failed}, {_speed(counters)}{time_left}"
    return Group(Text.from_markup(head), rows)


def _counts(result: BatchResult) -> dict[str, int]:
    counts = dict.fromkeys(_WORDS, 0)
    for entry in result.entries:
        counts[entry.status] += 1
    return counts


def _document(result: BatchResult, wanted: OutputSpec) -> dict[str, Any]:
    counters = result.counters
    most = [max(sizes) for number, sizes in result.memory.items() if number]
    return {
        "batch_schema": SCHEMA,
        "output_folder": path_text(wanted.layout.root),
        "manifest": path_text(wanted.layout.manifest),
        "recipe_sha256": wanted.recipe.digest,
        "counts": _counts(result),
        "files_with_clipped_samples": result.clipped,
        "incomplete_inputs": counters.incomplete,
        "seconds": result.seconds,
        "audio_seconds": counters.audio_seconds,
        "files_per_second": counters.files_per_second,
        "speed_times_real_time": counters.speed,
        "most_memory_of_a_worker_bytes": max(most, default=None),
        "temporary_files_of_killed_runs_deleted": result.swept,
        "damaged_rows_of_the_manifest": result.damaged,
        "interrupted": result.interrupted,
        "disk_full": result.disk_full,
        "files": [_entry(entry) for entry in result.entries],
    }


def _base(job: Job, status: str) -> dict[str, Any]:
    products: dict[str, Any] = {kind: {"path": path_text(job.product(kind))} for kind in job.kinds}
    return {"status": status, "source": {"path": path_text(job.source)}, **products}


def _entry(entry: Entry) -> dict[str, Any]:
    values = _base(entry.job, entry.status)
    if entry.outcome is not None:
        values |= {
            "attempts": entry.job.attempt,
            "duration_seconds": entry.outcome.audio_seconds,
            "render_seconds": entry.outcome.seconds,
            "clipped_samples": entry.outcome.clipped,
            "warnings": entry.outcome.warnings,
            "incomplete_input": entry.outcome.incomplete,
        }
    if entry.error is not None:
        values["error"] = failure_of(entry.error).to_dict()
    return values
