"""The command line's front door: commands, exit codes, and no traceback for a user's mistake."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer

from restorack.cli.console import (
    native_output_to_stderr,
    print_document,
    print_error,
    wants_json,
)
from restorack.cli.contents import COMMANDS, GROUPS
from restorack.cli.entry import interrupter, run
from restorack.cli.failures import (
    INTERNAL,
    INTERRUPTED,
    Failure,
    InterruptedBatchError,
    failure_of,
    failure_of_stdout,
)
from restorack.cli.listings import plain_listing
from restorack.cli.plain_help import show_plain_types
from restorack.cli.renamed import in_present_spelling
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


def _version(wanted: bool) -> None:
    if wanted:
        print(f"restorack {__version__}")
        raise typer.Exit


def _restorack(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Restore sound: presets and plugins, rendered offline."""


def build_app(only: str = "") -> typer.Typer:
    """Return the command line.

    Parameters
    ----------
    only : str
        A command or a group: the others are left out, so that nothing of them is imported.
    """
    app = _empty_app()
    for name in (*COMMANDS, *GROUPS):
        if only in ("", name):
            own = name.replace("-", "_") + "_" * iskeyword(name)
            room = "groups" if name in GROUPS else "commands"
            found = getattr(import_module(f"restorack.cli.{room}.{own}"), own)
            if name in GROUPS:
                app.add_typer(found, name=name)
            else:
                app.command(epilog=EPILOG)(found)
    return app


def build_contents() -> typer.Typer:
    """Return a command line that lists the commands as :func:`build_app`'s does, and has none."""
    app = _empty_app()
    for name, line in (COMMANDS | GROUPS).items():
        app.command(name, help=line)(_nothing)
    return app


def _nothing() -> None:
    """Stand for a command that is not called."""


def _empty_app() -> typer.Typer:
    show_plain_types()
    app = typer.Typer(
        name="restorack",
        help="A restoration rack for audio: presets and plugins, rendered offline.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=True,
        rich_markup_mode=None,  # plain help comes at once; panels load for half a second
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_restorack)
    return app


def __getattr__(name: str) -> Any:
    """Build the whole command line for those who ask for it: the docs, and tests."""
    if name == "app":
        return build_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
        arguments = in_present_spelling(arguments)
        listing = plain_listing(arguments)
        outcome: Any = listing() if listing is not None else _call(arguments)
    except ClosedPipeError:
        raise
    except (InterruptedBatchError, KeyboardInterrupt) as stopped:
        return _interrupted(getattr(stopped, "document", None), as_json)
    except SystemExit as leaving:  # typer leaves so when a reader of its help has gone
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:
        return _failed(error, as_json)
    if outcome == INTERRUPTED:  # what typer makes of Ctrl-C; our own commands never return it
        return _interrupted(None, as_json)
    return outcome if isinstance(outcome, int) else 0


def _call(arguments: list[str]) -> Any:
    """Have as much of the command line built as these arguments can call, and call it."""
    known = COMMANDS | GROUPS
    if arguments and arguments[0] in known:
        app = build_app(arguments[0])
    elif "_RESTORACK_COMPLETE" in os.environ or any(word in known for word in arguments):
        app = build_app()
    else:
        app = build_contents()
    return app(arguments, prog_name="restorack", standalone_mode=False)


def _failed(error: Exception, as_json: bool) -> int:
    failure = failure_of(error)
    if failure.exit_code == INTERNAL and interrupter.asked:
        return _interrupted(None, as_json)  # a library has turned the interrupt into its own
    if type(error).__name__ == "NoArgsIsHelpError" and not as_json:
        print(error, file=sys.stderr)  # its message is the help
    else:
        print_error(failure, as_json=as_json)
    return failure.exit_code


def _interrupted(document: Any, as_json: bool) -> int:
    if as_json and document is not None:
        print_document(document)
    else:
        print_error(Failure("interrupted", exit_code=INTERRUPTED), as_json=as_json)
    return INTERRUPTED


if __name__ == "__main__":
    run()
