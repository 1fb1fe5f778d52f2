"""The command line's front door: commands, exit codes, and no traceback for a user's mistake."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from restorack.cli.analyze import analyze
from restorack.cli.batch import batch
from restorack.cli.bench import bench
from restorack.cli.compare import compare
from restorack.cli.corpus import corpus
from restorack.cli.demo import demo
from restorack.cli.evaluate import evaluate
from restorack.cli.examples import examples
from restorack.cli.failures import INTERRUPTED, Failure, InterruptedBatchError, failure_of
from restorack.cli.info import info
from restorack.cli.page import page
from restorack.cli.plugins import plugins
from restorack.cli.presets import presets
from restorack.cli.render import render
from restorack.cli.screen import (
    ClosedPipeError,
    native_output_to_stderr,
    print_document,
    print_error,
    wants_json,
)
from restorack.cli.session import session
from restorack.cli.stems import stems
from restorack.cli.train import train
from restorack.version import __version__

EPILOG = (
    "Exit codes: 0 done, 1 several files failed for different reasons, 2 wrong option, parameter "
    "or preset, 3 audio that cannot be processed, 4 a plugin failed, 5 a file cannot be read or "
    "written, 6 a render or a training was refused or failed, 70 a fault of restorack's own, "
    "130 interrupted."
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
        with native_output_to_stderr(as_json):
            code = _guarded(list(arguments), as_json)
            sys.stdout.flush()
    except (ClosedPipeError, BrokenPipeError):
        _silence_stdout()
        return 1
    return code


def _guarded(arguments: list[str], as_json: bool) -> int:
    """Run a command; print what goes wrong in one line, or as JSON."""
    try:
        outcome: Any = app(arguments, prog_name="restorack", standalone_mode=False)
    except (ClosedPipeError, BrokenPipeError):
        raise
    except (InterruptedBatchError, KeyboardInterrupt) as stopped:
        return _interrupted(getattr(stopped, "document", None), as_json)
    except SystemExit as leaving:  # typer leaves so when a reader of its help has gone
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:
        failure = failure_of(error)
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


def _silence_stdout() -> None:
    """Let the interpreter's last flush go nowhere, since nobody reads on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def run() -> None:
    """Run the command line of this process; SIGTERM stops it as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):  # an encoding that lacks a character is no fault
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
