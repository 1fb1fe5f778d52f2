"""The command line within the process, its output caught."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout

from fuzzing.law import LawError
from restorack.cli.main import main
from restorack.errors import FileError

KNOWN = frozenset(range(7))


def run(*arguments: object) -> None:
    """Run a command line; it ends with a code that is documented, and without a traceback.

    Raises
    ------
    FileError
        Standing for any refusal: the command said ``error:`` and ended with its code.
    LawError
        For an internal error, an unknown code, or a failure without a word.
    """
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    said = err.getvalue()
    if code not in KNOWN or "Traceback" in said or "Traceback" in out.getvalue():
        raise LawError(f"exit code {code}: {said[-2000:]}")
    if code:
        if "error:" not in said:
            raise LawError(f"exit code {code}, and nothing said")
        raise FileError(said.strip()[:1000])
