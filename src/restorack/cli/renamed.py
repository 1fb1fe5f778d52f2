"""Options that had another spelling: the old one is understood, with a note, for one version."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_RENAMED = {
    ("page", "--out"): "--output",
    ("train", "--out"): "--output",
    ("examples", "--out"): "--output",
    ("analyze", "--most"): "--max-seconds",
    ("bench", "--most"): "--max-recordings",
    ("bench", "-c"): "--conditions",
    ("plugins", "--rescan"): "--refresh",
    ("page", "-f"): "--force",
    ("examples", "-f"): "--force",
}


def in_present_spelling(arguments: Sequence[str]) -> list[str]:
    """Return arguments with options as they are called now."""
    command = arguments[0] if arguments else ""
    if list(arguments[:2]) == ["batch", "status"] and not _has_output(arguments):
        return ["batch-status", *arguments[2:]]
    return [_renamed(command, argument) for argument in arguments]


def _has_output(arguments: Sequence[str]) -> bool:
    """Return whether a batch is meant, whose first input is called status."""
    return any(argument.startswith(("-o", "--output")) for argument in arguments)


def _renamed(command: str, argument: str) -> str:
    option, equals, value = argument.partition("=")
    new = _RENAMED.get((command, option))
    if new is None:
        return argument
    print(f"note: {option} is called {new} now", file=sys.stderr)
    return f"{new}{equals}{value}"
