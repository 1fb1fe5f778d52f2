"""``restorack job``: one file as one command, for any queue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import failure_of
from restorack.cli.options import Sandbox

job = typer.Typer(
    help="Render single files for queues.", no_args_is_help=True, rich_markup_mode=None
)


@job.callback()
def _job() -> None:
    """Render single files for queues."""


@job.command("run")
def run(
    document: Annotated[
        Path, typer.Argument(metavar="JOB.json", help="The job: see docs/guides/batch.md.")
    ],
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Do one job and print its result as JSON.

    What is done already is not done again: the result is kept in OUTPUT.job.json. Outputs are
    written atomically, so that a job may be killed at any moment and run again elsewhere.
    """
    from restorack.render.batch.single_job import error_of, read_job, run_job
    from restorack.reports.sidecars import write_sidecars

    screen = Screen(as_json=True, quiet=quiet)
    del json  # the result always is
    found = run_job(read_job(document), write_sidecars)
    error = error_of(found)
    failure = failure_of(error) if error is not None else None
    if failure is not None:
        screen.fail(failure)
    screen.document(found)
    return failure.exit_code if failure is not None else 0
