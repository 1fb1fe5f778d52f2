"""Help in the user's words: no types of Python's."""

from __future__ import annotations

from typing import Any

_WORDS = {"int": "N", "float": "NUMBER", "bool": "", "str": "TEXT", "Path": "PATH"}


def show_plain_types() -> None:
    """Have typer write PATH, N and TEXT where it would write ``<list[Path]>`` and ``<str>``."""
    from typer import core

    for kind in (core.TyperArgument, core.TyperOption):
        if hasattr(kind, "display_type"):  # older versions write plain words themselves
            kind.display_type = _word  # type: ignore[method-assign, assignment]


def _word(parameter: Any, context: Any) -> str:
    """Return what stands for a parameter's value."""
    del context
    if parameter.param_type_name == "argument":
        return ""  # its name says it
    label = str(parameter.bare_type()).removeprefix("list[").removesuffix("]")
    return _WORDS.get(label, "TEXT")
