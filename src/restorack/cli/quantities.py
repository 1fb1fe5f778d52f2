"""Options that take numbers as people write them: ``1:02.5``, ``44.1k``, ``24``."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from restorack.config.quantities import number_from


def quantity(
    unit: str, minimum: float = -math.inf, maximum: float = math.inf
) -> Callable[[Any], float]:
    """Return what reads an option's value, in a unit of :func:`number_from`'s, within a range."""

    def read(text: Any) -> float:
        if isinstance(text, (int, float)):
            return float(text)  # the default
        try:
            number = number_from(text, unit)
        except ValueError as error:
            raise typer.BadParameter(f"{error}; such as {_EXAMPLES[unit]}") from None
        if not minimum <= number <= maximum:
            ends = f"from {minimum:g}" if maximum == math.inf else f"{minimum:g} to {maximum:g}"
            raise typer.BadParameter(f"{text} is not {ends}")
        return number

    return read


def whole_rate(minimum: int, maximum: int) -> Callable[[Any], int]:
    """Return what reads a sample rate in whole Hz, within a range."""
    read = quantity("hz", minimum, maximum)
    return lambda text: round(read(text))


_EXAMPLES = {"s": "62.5, 1:02.5 or 500ms", "hz": "44100, 44.1k or 48kHz", "db": "6 or -6dB"}


def subtype(text: str) -> str:
    """Return a sample format as files call it: ``24`` is PCM_24."""
    from restorack.io.output_formats import full_subtype  # loads NumPy

    return full_subtype(text)


def path_or_url(text: Any) -> Path:
    """Return a path; of a URL such as ``s3://bucket/side.wav`` one of universal-pathlib."""
    from restorack.io.remote.urls import as_path

    return as_path(text)
