"""Documents as JSON text, piece by piece: the text of a long list is never there as a whole."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from restorack.core.records import Records
from restorack.text import json_safe

STEP = 2
"""Spaces of an indent."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def jsonable(value: Any) -> Any:
    """Return findings as JSON values: numpy numbers as Python's, what is not a number as None.

    Records stay what they are; :func:`json_pieces` writes them.
    """
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, str | Records) or value is None or isinstance(value, bool):
        return value
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return jsonable(value.tolist())
    if isinstance(value, Iterable):
        return [jsonable(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else str(value)


def json_pieces(document: Any, indent: int = 0) -> Iterator[str]:
    """Yield the text of a document, as :func:`json.dumps` indents it; no newline at its end.

    Parameters
    ----------
    document : object
        JSON-ready, but that it may hold :class:`~restorack.core.records.Records`.
    indent : int
        Spaces before the lines of what the document is in.

    Raises
    ------
    ValueError
        For numbers that JSON does not know.
    """
    inner = "\n" + " " * (indent + STEP)
    if isinstance(document, dict) and document:
        before = "{"
        for key, item in document.items():
            yield f"{before}{inner}{_encoded(str(key))}: "
            yield from json_pieces(item, indent + STEP)
            before = ","
        yield "\n" + " " * indent + "}"
    elif isinstance(document, list | tuple | Records) and len(document):
        before = "["
        for item in map(jsonable, document) if isinstance(document, Records) else document:
            yield before + inner
            yield from json_pieces(item, indent + STEP)
            before = ","
        yield "\n" + " " * indent + "]"
    else:
        yield "[]" if isinstance(document, Records) else _encoded(document)


def _encoded(value: Any) -> str:
    """Return a value that is shown as it is by any terminal, and that UTF-8 can hold."""
    return json_safe(_ENCODER.encode(value))
