"""What pydantic finds wrong, in our words: the first fault, its place in the file, and its rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from restorack.config.yaml_source import Item
from restorack.errors import RestorackError, suggest

LONGEST_SHOWN = 60
"""Characters of a wrong value that an error quotes."""


def first_fault(error: ValidationError) -> tuple[str, str]:
    """Return where the first fault is, dotted (empty: the whole), and what it is."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join(map(str, first["loc"])), first["msg"]


def checked(
    model: type[BaseModel],
    item: Item,
    failure: type[RestorackError],
    *,
    path: Sequence[str | int] = (),
    what: str = "it",
) -> Any:
    """Validate a part of a tree.

    Parameters
    ----------
    model : type
        Its fields' descriptions are the rules that errors quote.
    item : Item
        The tree.
    failure : type
        What is raised: an error that takes ``what``, ``where``, ``rule`` and ``remedy``.
    path : sequence of str or int
        Leads to the part; where it is not there, the part is an empty mapping.
    what : str
        What the part is, such as ``a stage``.

    Raises
    ------
    RestorackError
        With the first fault's place, its rule and the nearest right spelling.
    """
    part: Any = item.plain()
    for step in path:
        part = part.get(step) or {}
    try:
        return model.model_validate(part)
    except ValidationError as error:
        raise _failure(model, item, list(path), error, failure, what) from error


@dataclass
class _Place:
    """Where a fault is: the path inside the tree, the keys known there, the field and its rule."""

    path: list[str | int]
    keys: list[str]
    named: str
    rule: str = "a mapping"


def _failure(
    model: type[BaseModel],
    tree: Item,
    path: list[str | int],
    error: ValidationError,
    failure: type[RestorackError],
    what: str,
) -> RestorackError:
    found = error.errors()[0]
    place = _place(model, tree, path, found["loc"], what)
    where = str(tree.place([*path, *found["loc"]]))
    key = str(found["loc"][-1]) if found["loc"] else ""
    if found["type"] == "extra_forbidden":
        return failure(f"unknown key {key!r}", where=where, remedy=suggest(key, place.keys))
    shown = ".".join(map(str, place.path))
    if found["type"] == "missing" and isinstance(found["loc"][-1], str):
        missing = f"{shown}.{key}".lstrip(".")
        missing = missing.rpartition(".")[2] if _has_index(place.path) else missing
        return failure(f"{missing!r} is missing", where=where, rule=f"{key} is {place.rule}")
    if found["type"] == "value_error":  # a check of our own, which says what is wrong
        return failure(f"{shown}: {found['ctx']['error']}", where=where)
    text = repr(_value(tree, place.path))
    text = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
    return failure(
        f"{shown} = {text}", where=where, rule=f"{place.named} is {place.rule or found['msg']}"
    )


def _has_index(path: Sequence[str | int]) -> bool:
    """Return whether a path leads through a list: an index says less than the line."""
    return any(isinstance(step, int) for step in path)


def _place(
    model: type[BaseModel],
    tree: Item,
    path: list[str | int],
    location: Sequence[str | int],
    what: str,
) -> _Place:
    """Follow a location; pydantic's also names the members of unions, which the tree has not."""
    item: Item | None = tree
    for step in path:
        item = _inside(item, step)
    place = _Place(list(path), list(model.model_fields), what)
    holder: type[BaseModel] | None = model
    for step in location:
        known = holder.model_fields.get(str(step)) if holder is not None else None
        if known is not None:
            place.named, place.rule = str(step), known.description or ""
            holder = _model_in(known.annotation)
            place.keys = list(holder.model_fields) if holder is not None else place.keys
        item = _inside(item, step)
        if item is None:
            break
        place.path.append(step)
    return place


def _inside(item: Item | None, step: str | int) -> Item | None:
    held = item.value if item is not None else None
    if isinstance(held, dict):
        return held.get(step)
    if isinstance(held, list) and isinstance(step, int) and step < len(held):
        inner: Item = held[step]
        return inner
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds: alone, in a list, or as one of several."""
    for inner in (annotation, *get_args(annotation)):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def _value(tree: Item, path: Sequence[str | int]) -> Any:
    item: Item | None = tree
    for step in path:
        item = _inside(item, step)
    return item.plain() if item is not None else None
