"""Declared parameters in words: docstrings, and how a stage shows itself."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Mapping
from typing import Any

from restorack.core.parameters import Parameter

WIDTH = 92
"""Columns of a docstring."""

_OWN_SECTION = re.compile(r"^Parameters\n-{3,}\n(?:(?!^\w[\w ]*\n-{3,}$).*\n?)*", re.MULTILINE)
_SECTION = re.compile(r"^\w[\w ]*\n-{3,}$", re.MULTILINE)


def documented(doc: str, parameters: Mapping[str, Parameter[Any]]) -> str:
    """Return a class's docstring with a section of its parameters, as numpydoc has it.

    Parameters
    ----------
    doc : str
        As it is written; the section is put in the place of one that it has.
    parameters : mapping of str to Parameter
        By name, in order.
    """
    text = _OWN_SECTION.sub("", inspect.cleandoc(doc)).rstrip()
    if not parameters:
        return text
    section = "\n".join(["Parameters", "----------", *map(_item, parameters.values())])
    first = _SECTION.search(text)
    if first is None:
        return f"{text}\n\n{section}"
    return f"{text[: first.start()].rstrip()}\n\n{section}\n\n{text[first.start() :]}"


def _item(parameter: Parameter[Any]) -> str:
    moves = " Can be automated." if parameter.automatable else ""
    about = textwrap.fill(
        f"{parameter.description}{moves}",
        WIDTH,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return (
        f"{parameter.name} : {parameter.describe_range()}, default {parameter.default!r}\n{about}"
    )


def shown(kind: str, values: Mapping[str, Any], parameters: Mapping[str, Parameter[Any]]) -> str:
    """Return a constructor call with every value, and what each may be as a comment.

    Parameters
    ----------
    kind : str
        The class's name.
    values : mapping of str to object
        By parameter.
    parameters : mapping of str to Parameter
    """
    settings = [f"    {name}={value!r}," for name, value in values.items()]
    if not settings:
        return f"{kind}()"
    width = max(map(len, settings))
    lines = [
        f"{setting:<{width}}  # {_range(parameters[name])}"
        for setting, name in zip(settings, values, strict=True)
    ]
    return "\n".join([f"{kind}(", *lines, ")"])


def _range(parameter: Parameter[Any]) -> str:
    return (
        parameter.describe_range().replace("a number from ", "").replace("a whole number", "whole")
    )


def table(kind: str, values: Mapping[str, Any], parameters: Mapping[str, Parameter[Any]]) -> str:
    """Return an HTML table of a stage's parameters, for notebooks."""
    from html import escape

    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(str(value))}</td>"
        f"<td>{escape(parameters[name].describe_range())}</td>"
        f"<td style='text-align:left'>{escape(parameters[name].description)}</td></tr>"
        for name, value in values.items()
    )
    head = "<tr><th>parameter</th><th>value</th><th>range</th><th></th></tr>"
    return f"<strong>{escape(kind)}</strong><table>{head}{rows}</table>"
