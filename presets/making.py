"""Chains from whatever a program calls one: a chain, stages, names, a preset."""

from __future__ import annotations

import os
from collections.abc import Iterable
from os import PathLike
from typing import Any, TypeAlias

from restorack.chains import Chain
from restorack.chains.native import is_native
from restorack.core.stage import Stage
from restorack.presets.entries import full_stage_name
from restorack.presets.finding import is_path, preset_files
from restorack.presets.loader import load_preset
from restorack.presets.overrides import chain_from_stages

ChainLike: TypeAlias = "Chain | Stage | str | PathLike[str] | Iterable[Any] | Any"
"""A chain, a stage or plugin, a list of them and of names, a preset's name or path."""


def chain_of(what: ChainLike) -> Chain:
    """Return a chain.

    Parameters
    ----------
    what : Chain, stage, str, path-like or iterable
        A chain; a stage of ours or a plugin of pedalboard's; the name or path of a preset, else
        the name of a stage; or a list of stages and of their names, as ``--stage`` has them.

    Raises
    ------
    PresetError
        For a name that nothing has.
    TypeError
        For what is no stage.
    """
    if isinstance(what, Chain):
        return what
    if isinstance(what, Stage) or is_native(what):
        return Chain([what])
    if isinstance(what, (str, PathLike)):
        return _named(os.fspath(what))
    return Chain([_stage(one) for one in what])


def _named(name: str) -> Chain:
    """Return a preset, or a chain of the stage of that name."""
    known = {one.lower() for one in preset_files()}
    if is_path(name) or name.lower() in known or full_stage_name(name) is None:
        return load_preset(name)
    return chain_from_stages([name])


def _stage(one: Any) -> Any:
    if not isinstance(one, str):
        return one
    [stage] = chain_from_stages([one])
    return stage
