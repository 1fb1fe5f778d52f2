"""The command line's front door: commands, exit codes, and no traceback for a user's mistake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from restorack.cli.commands.analyze import analyze
from restorack.cli.commands.batch import batch
from restorack.cli.commands.bench import bench
from restorack.cli.commands.compare import compare
from restorack.cli.commands.corpus import corpus
from restorack.cli.commands.curves import curves
from restorack.cli.commands.demo import demo
from restorack.cli.commands.evaluate import evaluate
from restorack.cli.commands.examples import examples
from restorack.cli.commands.info import info
from restorack.cli.commands.page import page
from restorack.cli.commands.plugins import plugins
from restorack.cli.commands.presets import presets
from restorack.cli.commands.render import render
from restorack.cli.commands.session import session
from restorack.cli.commands.stems import stems
from restorack.cli.commands.train import train
from restorack.cli.console import (
    native_output_to_stderr,
    print_document,
    print_error,
    wants_json,
)
from restorack.cli.entry import interrupter, run
from restorack.cli.failures import (
    INTERNAL,
    INTERRUPTED,
    Failure,
    InterruptedBatchError,
    failure_of,
    failure_of_stdout,
)
from restorack.cli.streams import ClosedPipeError, fault_of_stdout, guarded_streams
from restorack.hosting.confine.modes import kept_sandbox_mode
from restorack.version import __version__

EPILOG = (
    "Exit codes: 0 done, 1 several files failed for different reasons, or stdout cannot be "
    "written, 2 wrong option, parameter "
    "or preset, 3 audio that cannot be processed, 4 a plugin failed, 5 a file cannot be read or "
    "written, 6 a render or a training was refused or failed, 70 an internal error, "
    "130 interrupted by Ctrl-C, SIGTERM or SIGHUP."
)

app = typer.Typer(
    name="restorack",
    help="A restoration rack for audio: presets and plugins, rendered offline.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"restorack {__version__}")
        raise typer.Exit


@app.callback()
def _restorack(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Restore sound: presets and plugins, rendered offline."""


_COMMANDS: tuple[Callable[..., int], ...] = (
    render,
    batch,
    analyze,
    compare,
    evaluate,
    train,
    info,
    page,
    demo,
)
for _command in _COMMANDS:
    app.command(epilog=EPILOG)(_command)
app.add_typer(presets, name="presets")
app.add_typer(plugins, name="plugins")
app.add_typer(curves, name="curves")
app.add_typer(corpus, name="corpus")
app.add_typer(bench, name="bench")
app.add_typer(examples, name="examples")
app.add_typer(session, name="session")
app.add_typer(stems, name="stems")


def main(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str
        Without the program's name.
    """
    as_json = wants_json(arguments)
    try:
        with guarded_streams(), native_output_to_stderr(as_json), kept_sandbox_mode():
            code = _guarded(list(arguments), as_json)
            sys.stdout.flush()
            fault = fault_of_stdout()
    except ClosedPipeError:
        return 1
    if fault is not None:
        failure = failure_of_stdout(fault)
        with guarded_streams():
            print_error(failure, as_json=False)
        return code or failure.exit_code
    return code


def _guarded(arguments: list[str], as_json: bool) -> int:
    """Run a command; print what goes wrong in one line, or as JSON."""
    try:
        outcome: Any = app(arguments, prog_name="restorack", standalone_mode=False)
    except ClosedPipeError:
        raise
    except (InterruptedBatchError, KeyboardInterrupt) as stopped:
        return _interrupted(getattr(stopped, "document", None), as_json)
    except SystemExit as leaving:  # typer leaves so when a reader of its help has gone
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:
        failure = failure_of(error)
        if failure.exit_code == INTERNAL and interrupter.asked:
            return _interrupted(None, as_json)  # a library has turned the interrupt into its own
        print_error(failure, as_json=as_json)
        return failure.exit_code
    if outcome == INTERRUPTED:  # what typer makes of Ctrl-C; our own commands never return it
        return _interrupted(None, as_json)
    return outcome if isinstance(outcome, int) else 0


def _interrupted(document: Any, as_json: bool) -> int:
    if as_json and document is not None:
        print_document(document)
    else:
        print_error(Failure("interrupted", exit_code=INTERRUPTED), as_json=as_json)
    return INTERRUPTED


if __name__ == "__main__":
    run()
