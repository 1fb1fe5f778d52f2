"""How much of the system plugins may use: ``off``, ``auto`` or ``strict``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from restorack.errors import ParameterError

Mode: TypeAlias = Literal["off", "auto", "strict"]

MODES: tuple[Mode, ...] = ("off", "auto", "strict")
VARIABLE = "RESTORACK_SANDBOX"


def sandbox_mode() -> Mode:
    """Return this process's mode: of :func:`set_sandbox_mode` or the environment, else ``auto``.

    Raises
    ------
    ParameterError
        Where ``RESTORACK_SANDBOX`` is no mode.
    """
    return checked_mode(os.environ.get(VARIABLE) or "auto", VARIABLE)


def set_sandbox_mode(mode: str) -> None:
    """Choose the mode for this process and the workers that it starts.

    Children that run already are replaced with their next request.

    Parameters
    ----------
    mode : {"off", "auto", "strict"}

    Raises
    ------
    ParameterError
        For another word.
    """
    os.environ[VARIABLE] = checked_mode(mode, "sandbox mode")


@contextmanager
def kept_sandbox_mode() -> Iterator[None]:
    """Bring back the mode that was set before, whatever is set inside."""
    before = os.environ.get(VARIABLE)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before


def checked_mode(mode: str, where: str) -> Mode:
    """Return a mode, or raise :class:`ParameterError` for what is none."""
    for known in MODES:
        if mode == known:
            return known
    raise ParameterError(f"{where} {mode}", rule=f"one of {', '.join(MODES)}")
