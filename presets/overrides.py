"""Chains from the command line: parameters by ``stage.param=value``, stages by reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from restorack.chains import Chain, ChainSettings
from restorack.chains.native_parameters import native_values, set_native
from restorack.contract.processor import Processor
from restorack.errors import ParameterError, RestorackError, suggest
from restorack.hosting.stage import HostedPlugin
from restorack.presets.source import Item, parse_yaml
from restorack.presets.stages import add_entry, read_entry

HOSTED = ("vst3", "lv2", "faust")


def apply_settings(chain: Chain, settings: Sequence[str]) -> None:
    """Set parameters of a chain's stages.

    Parameters
    ----------
    chain : Chain
    settings : sequence of str
        ``stage.param=value`` each; the value is a YAML scalar.

    Raises
    ------
    ParameterError
        For an unknown stage or parameter, or a value that is not allowed.
    """
    for setting in settings:
        path, equals, text = setting.partition("=")
        name, dot, parameter = path.strip().rpartition(".")
        if not (equals and dot and name and parameter):
            raise ParameterError(
                f"--set {setting}", rule="a setting is stage.param=value, such as declicker.mix=0.5"
            )
        try:
            set_parameter(chain.slot(name).stage, parameter, scalar(text))
        except RestorackError as error:
            where = f"--set {setting}"
            raise ParameterError(
                error.what, where=where, rule=error.rule, remedy=error.remedy
            ) from error


def set_parameter(stage: Any, name: str, value: Any) -> None:
    """Set a parameter of a stage of any kind, checked by its name and range."""
    if isinstance(stage, Processor):
        if name not in type(stage).parameters:
            raise ParameterError(
                f"no parameter {name!r}", remedy=suggest(name, type(stage).parameters)
            )
        setattr(stage, name, value)
    elif isinstance(stage, HostedPlugin):
        stage.set_parameter(name, value)
    elif isinstance(stage, Chain) or not hasattr(stage, "is_effect"):
        raise ParameterError(f"no parameter {name!r}", rule="a nested chain has none of its own")
    else:
        if name not in native_values(stage):
            raise ParameterError(
                f"no parameter {name!r}", remedy=suggest(name, native_values(stage))
            )
        set_native(stage, name, value)


def scalar(text: str) -> Any:
    """Return the value of a YAML scalar."""
    item = parse_yaml(text if text.strip() else "''", "value")
    return text if isinstance(item.value, (dict, list)) else item.value


def chain_from_stages(references: Iterable[str], name: str = "stages") -> Chain:
    """Make a chain from references as the command line gives them.

    Parameters
    ----------
    references : iterable of str
        ``restorack.NAME``, ``pedalboard.NAME``, ``vst3=NAME|PATH``, ``lv2=URI``, ``faust=FILE``.

    Raises
    ------
    PresetError
        For one that does not exist.
    """
    chain = Chain(settings=ChainSettings(name=name))
    for reference in references:
        kind, equals, rest = reference.partition("=")
        if equals and kind in HOSTED:
            target = Item({"file": Item(rest, 1, 1)}, 1, 1, {"file": (1, 1)})
            value = target if kind == "faust" else Item(rest, 1, 1)
            item = Item({kind: value}, 1, 1, {kind: (1, 1)})
        else:
            item = Item({"stage": Item(reference, 1, 1)}, 1, 1, {"stage": (1, 1)})
        add_entry(chain, read_entry(item, f"--stage {reference}"))
    return chain
