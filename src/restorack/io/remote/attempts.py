"""Dealings with stores that fail now and then: tried again, then named."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from restorack.errors import FileError, RestorackError, TransferError

ATTEMPTS = 5
"""Of a transfer. By hand: with the pauses below, 3 s of a store that fails."""
FIRST_PAUSE = 0.2
"""Seconds before the second attempt; doubled before each further one, 3 s in all. By hand."""

Result = TypeVar("Result")
_FINAL = (
    FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError, NotImplementedError,
    FileExistsError, RestorackError,
)  # fmt: skip
_FINAL_NAMES = ("NoCredentialsError", "PartialCredentialsError", "AuthenticationException",
                "ParamValidationError", "NoRegionError")  # fmt: skip


class AlteredError(OSError):
    """What arrived is not what was sent."""


def insist(work: Callable[[], Result], doing: str, where: object) -> Result:
    """Do something with a store, several times if need be.

    Parameters
    ----------
    work : callable
        Can be repeated.
    doing : str
        For the error: ``read``, ``written``, ``listed``.
    where : path
        A URL.

    Raises
    ------
    FileError
        For a file that is not there, or may not be touched: at once.
    TransferError
        Where every attempt has failed.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except Exception as error:
            if isinstance(error, RestorackError):
                raise
            if isinstance(error, _FINAL) or type(error).__name__ in _FINAL_NAMES:
                raise _refused(error, doing, where) from None
            if attempt == ATTEMPTS:
                raise _failed(error, doing, where) from None
            pause = FIRST_PAUSE * 2 ** (attempt - 1)
            time.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311  so that workers spread out
    raise AssertionError("unreachable")


def _refused(error: Exception, doing: str, where: object) -> FileError:
    if isinstance(error, FileNotFoundError):
        return FileError("no such file, folder or bucket", where=str(where),
                         remedy="check the spelling")  # fmt: skip
    return FileError(
        f"cannot be {doing} ({_words(error)})",
        where=str(where),
        rule="the store says who may read and write",
        remedy="check credentials and permissions",
    )


def _failed(error: Exception, doing: str, where: object) -> TransferError:
    return TransferError(
        f"cannot be {doing} ({_words(error)})",
        where=str(where),
        rule=f"a transfer is tried {ATTEMPTS} times",
        remedy="look at the store and the network, and run it again",
    )


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
