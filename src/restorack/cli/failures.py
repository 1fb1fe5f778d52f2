"""What went wrong, in the form that the command line prints."""

from __future__ import annotations

import errno
import os
import traceback
from dataclasses import asdict, dataclass
from typing import Any

from restorack.errors import FileError, RenderError, RestorackError

# Exit codes: 128 and SIGINT, as shells have it; EX_SOFTWARE of sysexits.h; several files that
# failed in different ways.
INTERRUPTED = 130
INTERNAL = 70
MIXED = 1
DEBUG = "RESTORACK_DEBUG"


@dataclass(frozen=True)
class Failure:
    """An error for the user.

    Attributes
    ----------
    what, where, rule, remedy : str
        As of :class:`~restorack.errors.RestorackError`.
    exit_code : int
        What the command ends with.
    trace : str
        The traceback of a fault of our own, with ``RESTORACK_DEBUG=1``.
    """

    what: str
    where: str = ""
    rule: str = ""
    remedy: str = ""
    exit_code: int = 1
    trace: str = ""

    @property
    def line(self) -> str:
        """The message on one line."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return "; ".join(part for part in (head, self.rule, self.remedy) if part)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields for JSON; the trace only where there is one."""
        return {name: value for name, value in asdict(self).items() if name != "trace" or value}


class InterruptedBatchError(Exception):
    """Ctrl-C in the midst of several files.

    Parameters
    ----------
    document : object
        What had become of each of them, ready for JSON.
    """

    def __init__(self, document: Any) -> None:
        super().__init__("interrupted")
        self.document = document


def failure_of(error: BaseException) -> Failure:
    """Return what an exception means to the user."""
    if isinstance(error, RestorackError):
        return Failure(error.what, error.where, error.rule, error.remedy, error.exit_code)
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, MemoryError):
        return Failure(
            "not enough memory",
            remedy="render with --engine stream, or parts with --start and --end",
            exit_code=RenderError.exit_code,
        )
    if hasattr(error, "format_message"):  # a wrong command line, as typer words it
        missing = type(error).__name__ == "NoArgsIsHelpError"  # whose words are the whole help
        return Failure(
            "a command is missing" if missing else error.format_message().rstrip("."),
            remedy=_usage(error),
            exit_code=getattr(error, "exit_code", 2),
        )
    if type(error).__name__ == "Abort":
        return Failure("interrupted", exit_code=INTERRUPTED)
    return _internal(error)


_REMEDIES = {
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EISDIR: "give the name of a file",
    errno.ELOOP: "mend the symbolic links, which lead in a circle",
    errno.EACCES: "change the permissions, or choose another place",
    errno.EPERM: "change the permissions, or choose another place",
    errno.EROFS: "choose another place",
    errno.ENOSPC: "free some space, or choose another disk",
    errno.EDQUOT: "free some space, or choose another disk",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "close other programs: the system has too many open files",
    errno.ENOMEM: "close other programs, or use fewer --jobs",
}


def _of_system(error: OSError) -> Failure:
    """Return what an error of the system means; one of a file that no reader or writer named."""
    name = error.filename
    return Failure(
        error.strerror or str(error) or type(error).__name__,
        where=os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else "",
        remedy=_REMEDIES.get(error.errno or 0, ""),
        exit_code=FileError.exit_code,
    )


def failure_of_stdout(error: OSError) -> Failure:
    """Return what a stdout means that could not be written."""
    return Failure(
        f"cannot be written ({error.strerror or error})",
        where="standard output",
        rule="what a command prints is lost then; what it writes is not",
        remedy=_REMEDIES.get(error.errno or 0, ""),
        exit_code=MIXED,
    )


def _usage(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    return f"see {context.command_path} --help" if context is not None else "see restorack --help"


def _internal(error: BaseException) -> Failure:
    debugging = bool(os.environ.get(DEBUG))
    return Failure(
        f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": "),
        where="inside restorack",
        rule="this is an internal error",
        remedy=f"please report it with the traceback that {DEBUG}=1 prints",
        exit_code=INTERNAL,
        trace="".join(traceback.format_exception(error)) if debugging else "",
    )


def common_exit_code(failures: list[Failure]) -> int:
    """Return 0 without failures, their code where they agree, otherwise 1."""
    codes = {failure.exit_code for failure in failures}
    if not codes:
        return 0
    return codes.pop() if len(codes) == 1 else MIXED
