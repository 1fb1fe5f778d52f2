"""Every fault of a preset at once: what is wrong is taken out, and the rest is read again."""

from __future__ import annotations

from os import PathLike
from typing import Any

from restorack.config.yaml_source import Item, parse_yaml, read_text
from restorack.errors import RestorackError
from restorack.presets.checking import check_plugins
from restorack.presets.finding import find_preset
from restorack.presets.loader import build, resolve_item

MOST_FAULTS = 50
"""Faults after which reading ends. By hand."""


def find_faults(name_or_path: str | PathLike[str]) -> tuple[list[RestorackError], list[str]]:
    """Return what is wrong with a preset, and what could not be checked; no plugin is loaded.

    Parameters
    ----------
    name_or_path : str or path-like
        A name, or the path of a YAML file.

    Returns
    -------
    faults : list of RestorackError
        By line and column. What follows from a fault, or lies in a preset
        that this one extends, is found once that is mended.
    notes : list of str
    """
    faults: list[RestorackError] = []
    notes: list[str] = []
    item: Item | None = None
    try:
        path = find_preset(name_or_path)
        item = parse_yaml(read_text(path), str(path))
    except RestorackError as error:
        return [error], []
    while item is not None and len(faults) < MOST_FAULTS:
        try:
            chain, _ = build(resolve_item(item))
            notes = check_plugins(chain, load_plugins=False, every=True, by_line=True)
            break
        except RestorackError as error:
            if any(str(error) == str(known) for known in faults):
                break  # taking its place out did not help
            faults.append(error)
            item = _without(item, error.where)
    return sorted(faults, key=lambda fault: _order(fault.where)), notes


def _order(where: str) -> tuple[int, int]:
    """Return line and column of a place."""
    numbers = where.split(":")[-2:]
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
        return (0, 0)
    return int(numbers[0]), int(numbers[1])


def _without(item: Item, where: str) -> Item | None:
    """Return a tree without the part at a place, None where there is no such part to leave out."""
    if isinstance(item.value, dict):
        return _mapping_without(item, where)
    if isinstance(item.value, list):
        return _list_without(item, where)
    return None


def _mapping_without(item: Item, where: str) -> Item | None:
    for key, part in item.value.items():
        inner = _without(part, where)
        if inner is not None:
            return Item(item.value | {key: inner}, item.mark, item.keys)
        if where in (str(item.keys[key]), str(part.mark)):
            return item.without(key)
    return None


def _list_without(item: Item, where: str) -> Item | None:
    parts: list[Any] = item.value
    for number, part in enumerate(parts):
        rest = [*parts[:number], *parts[number + 1 :]]
        if str(part.mark) == where:
            return Item(rest, item.mark)
        inner = _without(part, where)
        if inner is not None:
            return Item([*parts[:number], inner, *parts[number + 1 :]], item.mark)
    return None
