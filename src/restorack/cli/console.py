"""Where a command's words go: one JSON document or text on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from restorack.cli.failures import Failure
from restorack.cli.streams import GuardedStream
from restorack.text import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

JsonFlag = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON document on stdout; everything else goes to stderr."
    ),
]
QuietFlag = Annotated[
    bool, typer.Option("--quiet", "-q", help="Suppress notes, tables and progress.")
]


class Screen:
    """A command's view of stdout and stderr.

    Parameters
    ----------
    as_json : bool
        Only :meth:`document` writes to stdout.
    quiet : bool
        Notes and progress are left out.
    """

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self.as_json = as_json
        self.quiet = quiet

    def show(self, *texts: Any) -> None:
        """Print text or rich tables for people on stdout; nothing where JSON is wanted."""
        if not self.as_json:
            for text in texts:
                # Lines with paths are never broken; tables fit themselves to the width.
                self._out.print(text, soft_wrap=type(text).__name__ != "Table")

    def write(self, text: str) -> None:
        """Print plain text, such as YAML, on stdout: as it is, but to a terminal made visible."""
        print((visible(text) if sys.stdout.isatty() else text).rstrip("\n"), flush=True)

    def note(self, text: str) -> None:
        """Print a line on stderr, unless quiet."""
        if not self.quiet:
            line = visible(text, keep="\t")
            self.err.print(line, markup=False, highlight=False, soft_wrap=True)

    def fail(self, failure: Failure) -> None:
        """Print one of several failures as a line on stderr; the document holds it too."""
        print_error(failure, as_json=False)

    def document(self, value: Any) -> None:
        """Print the JSON document, where one is wanted."""
        if self.as_json:
            print_document(value)

    @property
    def shows_progress(self) -> bool:
        """Whether bars are drawn: only on a terminal, and not if quiet."""
        return not self.quiet and self.err.is_terminal

    @cached_property
    def _out(self) -> Console:
        return _console(to_stderr=False)

    @cached_property
    def err(self) -> Console:
        """The console for notes and bars."""
        return _console(to_stderr=True)


def _console(*, to_stderr: bool) -> Console:
    from rich.console import Console

    class VisibleConsole(Console):
        def render_str(self, text: str, **options: Any) -> Text:
            """Every text and cell comes through here: none may steer the terminal."""
            return super().render_str(visible(text), **options)

    # A pipe has no width: tables that go to a file or another program are never cut.
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else 160
    return VisibleConsole(stderr=to_stderr, width=width, highlight=False)


def print_document(value: Any) -> None:
    """Print a JSON document on stdout: UTF-8, strict numbers."""
    from restorack.reports.json_text import json_pieces

    sys.stdout.writelines(json_pieces(value))
    print(flush=True)


def print_error(failure: Failure, *, as_json: bool) -> None:
    """Print a failure: one line on stderr, or a JSON document on stdout."""
    if failure.trace:
        print(visible(failure.trace), file=sys.stderr, end="")
    if as_json:
        print_document({"error": failure.to_dict()})
    else:
        print(f"error: {visible(failure.line, keep='')}", file=sys.stderr)


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether ``--json`` is given: asked before parsing, for errors of parsing."""
    before_rest = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before_rest


@contextmanager
def native_output_to_stderr(active: bool) -> Iterator[None]:
    """Keep stdout for Python alone: native libraries and children print to stderr meanwhile."""
    if not active:
        yield
        return
    sys.stdout.flush()
    kept, python_stdout = os.dup(1), sys.stdout
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8", closefd=True) as document:
            sys.stdout = cast("TextIO", GuardedStream(document))
            yield
    finally:
        sys.stdout = python_stdout
        os.dup2(kept, 1)
        os.close(kept)
