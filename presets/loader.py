"""Load presets: resolve what they inherit, build their chains, describe and check them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.chains import Chain, ChainSettings, OutputSettings
from restorack.config.yaml_source import Item, Mark, parse_yaml, read_text
from restorack.errors import PresetError
from restorack.io.output_formats import OUTPUT_FORMATS
from restorack.io.remote.urls import is_url
from restorack.presets.advice.rules import advice_rule, check_advice
from restorack.presets.checking import check_plugins
from restorack.presets.confining import confined
from restorack.presets.entries import Entry, edited, read_entry, refuse_edits, settle_names
from restorack.presets.finding import find_preset, is_path, shipped_files
from restorack.presets.schema import PresetModel, checked, checked_output
from restorack.presets.stages import Allowed, Built, add_entries

MAX_ANCESTORS = 20
"""Presets that one may inherit from in a row; bounds the work of hostile files, by hand."""


@dataclass
class Resolved:
    """A preset with what it inherits.

    Attributes
    ----------
    model : PresetModel
        The preset's own words.
    entries : list of Entry
        Every stage, inherited ones edited, under its final name.
    output : Item
        What the preset and its ancestors say of the output.
    work_rate : float or "input"
    """

    model: PresetModel
    entries: list[Entry]
    output: Item
    work_rate: Any


def load_preset(name_or_path: str | PathLike[str], *, allow_plugins: Allowed = ()) -> Chain:
    """Load a preset as a chain; nothing that it names is run by that.

    Parameters
    ----------
    name_or_path : str or path-like
        A name such as ``78rpm-heavy``, or the path of a YAML file.
    allow_plugins : bool or iterable of path-like
        Plugins that it may name by path: these, or with True all. Others are loaded, once the
        chain runs, only in a plugin folder or where ``restorack plugins trust`` lists them.

    Returns
    -------
    Chain
        Called like a Pedalboard: ``chain(audio, sample_rate)``. Working rate and output
        settings are in ``chain.settings``; rendering files uses them.

    Raises
    ------
    PresetError
        With file, line, rule and the nearest right spelling.
    """
    path = find_preset(name_or_path)
    try:
        return chain_from_text(read_text(path), str(path), allow_plugins=allow_plugins)
    except PresetError as error:
        if not is_url(str(name_or_path)):
            raise
        where = error.where.replace(str(path), str(name_or_path))  # not of its copy
        raise PresetError(error.what, where=where, rule=error.rule, remedy=error.remedy) from None


def chain_from_text(text: str, file: str = "preset", *, allow_plugins: Allowed = ()) -> Chain:
    """Build a chain from a preset's text.

    Parameters
    ----------
    text : str
    file : str
        Names it in errors, and anchors its paths: files that it names lie in this one's folder.
    allow_plugins : bool or iterable of path-like
        See :func:`load_preset`.
    """
    return build(resolve(text, file), allow_plugins)[0]


def build(resolved: Resolved, allow_plugins: Allowed = ()) -> tuple[Chain, Built]:
    """Build a preset's chain; also return which entry each slot was built from."""
    model, output = resolved.model, checked_output(resolved.output)
    settings = ChainSettings(
        model.name,
        model.description.strip(),
        resolved.work_rate,
        OutputSettings(**output.model_dump()),
        tuple(advice_rule(rule) for rule in model.advice),
    )
    chain = Chain(settings=settings)
    allow = allow_plugins if isinstance(allow_plugins, bool) else tuple(allow_plugins)
    return chain, add_entries(chain, resolved.entries, allow)


def resolve(text: str, file: str, ancestors: Sequence[str] = ()) -> Resolved:
    """Read a preset and what it inherits; no stage is made yet."""
    return resolve_item(parse_yaml(text, file), ancestors)


def resolve_item(item: Item, ancestors: Sequence[str] = ()) -> Resolved:
    """Read a preset's tree and what it inherits; no stage is made yet."""
    if not isinstance(item.value, dict):
        raise PresetError("not a mapping", where=str(item.mark), rule="a preset is a mapping")
    model: PresetModel = checked(PresetModel, item)
    check_advice(item)
    entries = [read_entry(part) for part in item.value["stages"].value] if model.stages else []
    output = item.value["output"] if model.output else Item({}, Mark(item.mark.file))
    if model.extends is None:
        refuse_edits(entries)
        settle_names(entries)
        return Resolved(model, entries, output, model.work_rate or "input")
    parent = _parent(model.extends, item.place(["extends"]), ancestors)
    return Resolved(
        model,
        edited(parent.entries, entries),
        _merged_output(output, parent.output),
        parent.work_rate if model.work_rate is None else model.work_rate,
    )


def _parent(name: str, mark: Mark, ancestors: Sequence[str]) -> Resolved:
    own = str(Path(mark.file).resolve())
    family = [*ancestors, own]
    try:
        path = find_preset(Path(confined(name, mark)) if is_path(name) else name)
    except PresetError as error:
        raise PresetError(
            error.what, where=str(mark), rule=error.rule, remedy=error.remedy
        ) from error
    if str(path.resolve()) == own and not is_path(name):
        path = shipped_files().get(name, path)  # one's own vinyl may extend the shipped vinyl
    if str(path.resolve()) in family or len(family) > MAX_ANCESTORS:
        raise PresetError(
            f"{name!r} extends itself", where=str(mark), rule="inheritance comes to an end"
        )
    return resolve(read_text(path), str(path), family)


def _merged_output(own: Item, inherited: Item) -> Item:
    """Return a preset's output over its parent's.

    An inherited subtype that a format given here cannot hold gives way to the format's own.
    """
    if "format" in own.value and "subtype" in inherited.value and "subtype" not in own.value:
        form = OUTPUT_FORMATS.get(str(own.value["format"].value).upper())
        subtype = str(inherited.value["subtype"].value).upper()
        if form is not None and subtype not in form.subtypes:
            inherited = inherited.without("subtype")
    return own.over(inherited)


def check_preset(
    name_or_path: str | PathLike[str],
    *,
    load_plugins: bool = False,
    allow_plugins: Allowed = (),
) -> Chain:
    """Load a preset, and check the parameters of its Faust programs and plugins.

    Parameters
    ----------
    name_or_path : str or path-like
    load_plugins : bool
        Also load VST3 and LV2 plugins, which alone know the names and ranges of their parameters.
        Without it no native code runs, and rendering checks them.
    allow_plugins : bool or iterable of path-like
        See :func:`load_preset`.

    Raises
    ------
    PresetError
        As of :func:`load_preset`, also for a plugin's parameters.
    """
    chain = load_preset(name_or_path, allow_plugins=allow_plugins)
    check_plugins(chain, load_plugins=load_plugins, every=True, by_line=True)
    return chain
