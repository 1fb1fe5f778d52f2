"""JSON from outside: read with bounds, and its values taken only in the form that is expected."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from restorack.errors import FileError
from restorack.system.files import open_to_read

# Digits of an integer, within float64's range (309) and far below where parsing gets slow;
# characters of a value that an error quotes.
MOST_DIGITS = 300
SHOWN = 40


class WrongValueError(ValueError):
    """A value that is not of the form that is expected; says what it is and what it should be."""


def read_json(path: Path, largest: int) -> Any:
    """Read a JSON file.

    Parameters
    ----------
    path : Path
    largest : int
        Bytes that the file has at most.

    Returns
    -------
    dict, list or scalar

    Raises
    ------
    FileError
        For a file that cannot be read or is too large, for text that is not UTF-8 or not JSON, for
        keys given twice, numbers that are not finite, and nesting too deep to read.
    """
    data = _bytes_of(path, largest)
    try:
        return loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileError(
            "not JSON: not UTF-8",
            where=f"{path}: byte {error.start}",
            rule="JSON is UTF-8 text",
        ) from None
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise FileError(f"not JSON: {error.msg}", where=place) from None
    except WrongValueError as error:
        raise FileError(f"not JSON: {error}", where=str(path)) from None


def loads(text: str) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    json.JSONDecodeError
    WrongValueError
        For what JSON's syntax allows, or Python's reader, and nobody means.
    """
    try:
        return json.loads(
            text,
            parse_int=_int,
            parse_float=_float,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise WrongValueError("nested too deeply") from None


def _bytes_of(path: Path, largest: int) -> bytes:
    try:
        descriptor = open_to_read(path)
        with os.fdopen(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = file.read(largest + 1) if regular else None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"cannot be read: {reason}", where=str(path)) from None
    if data is None:
        raise FileError("is not a regular file", where=str(path))
    if len(data) > largest:
        raise FileError("is too large", where=str(path), rule=f"at most {largest} bytes")
    return data


def _int(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise WrongValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise WrongValueError(f"the number {shown(digits)}, which is too large")
    return value


def _constant(name: str) -> Any:
    raise WrongValueError(f"{name}, which is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise WrongValueError(f"the key {shown(twice)} is given twice")
    return found


def shown(value: Any) -> str:
    """Return a value as one short line without control characters, for an error."""
    text = ascii(value) if not isinstance(value, dict | list) else _kind(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _kind(value: Any) -> str:
    return f"an object of {len(value)}" if isinstance(value, dict) else f"a list of {len(value)}"


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Return an object of JSON, or raise :class:`WrongValueError`."""
    if not isinstance(value, dict):
        raise WrongValueError(f"{what} is {shown(value)}, not an object")
    return value


def listing(value: Any, what: str) -> list[Any]:
    """Return a list of JSON, or raise :class:`WrongValueError`."""
    if not isinstance(value, list):
        raise WrongValueError(f"{what} is {shown(value)}, not a list")
    return value


def whole(value: Any, what: str, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``; ``3.0`` is one, ``true`` is none."""
    number = number_within(value, what, low, high)
    if number != int(number):
        raise WrongValueError(f"{what} is {shown(value)}, not a whole number")
    return int(number)


def number_within(value: Any, what: str, low: float, high: float) -> int | float:
    """Return a number from ``low`` to ``high``, or raise :class:`WrongValueError`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{what} is {shown(value)}, not a number")
    if not low <= value <= high:  # false also for NaN
        raise WrongValueError(f"{what} {shown(value)} is not from {low:g} to {high:g}")
    return value


def truth(value: Any, what: str) -> bool:
    """Return a truth value of JSON, or raise :class:`WrongValueError`."""
    if not isinstance(value, bool):
        raise WrongValueError(f"{what} is {shown(value)}, not true or false")
    return value


def text(value: Any, what: str) -> str:
    """Return a text, or raise :class:`WrongValueError`."""
    if not isinstance(value, str):
        raise WrongValueError(f"{what} is {shown(value)}, not a text")
    return value


def one_of(value: Any, what: str, options: Iterable[str]) -> str:
    """Return one of several words, or raise :class:`WrongValueError`."""
    known = tuple(options)
    if not isinstance(value, str) or value not in known:
        raise WrongValueError(f"{what} is {shown(value)}, not one of {', '.join(known)}")
    return value
