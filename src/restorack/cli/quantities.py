"""Options that take numbers as people write them: ``1:02.5``, ``44.1k``, ``24``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from restorack.config.quantities import number_from


def quantity(unit: str, minimum: float | None = None) -> Callable[[Any], float]:
    """Return what reads an option's value, in a unit of :func:`number_from`'s."""

    def read(text: Any) -> float:
        if isinstance(text, (int, float)):
            return float(text)  # the default
        try:
            number = number_from(text, unit)
        except ValueError as error:
            raise typer.BadParameter(f"{error}; such as {_EXAMPLES[unit]}") from None
        if minimum is not None and number < minimum:
            raise typer.BadParameter(f"{text} is below {minimum:g}")
        return number

    return read


_EXAMPLES = {"s": "62.5, 1:02.5 or 500ms", "hz": "44100, 44.1k or 48kHz", "db": "6 or -6dB"}


def subtype(text: str) -> str:
    """Return a sample format as files call it: ``24`` is PCM_24."""
    from restorack.io.output_formats import full_subtype  # loads NumPy

    return full_subtype(text)
