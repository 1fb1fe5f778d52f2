"""Chains from the command line: parameters by ``stage.param=value``, stages by reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from restorack.chains import Chain, ChainSettings, Parallel, all_slots
from restorack.chains.native_parameters import native_values, set_native
from restorack.chains.slot import Slot
from restorack.config.quantities import number_from, unit_of
from restorack.config.yaml_source import Item, Mark, parse_yaml
from restorack.core.parameters import ChoiceParameter, TextParameter
from restorack.core.processor import Processor
from restorack.errors import ParameterError, PresetError, RestorackError, suggest, suggest_parameter
from restorack.hosting.spec import BY_PATH, split_vst3
from restorack.hosting.stage import HostedPlugin
from restorack.presets.entries import read_entry, settle_names
from restorack.presets.stages import add_entries

HOSTED = ("vst3", "clap", "lv2", "faust")
_FORM = "a setting is stage.param=value, such as declicker.mix=0.5"


def apply_settings(chain: Chain, settings: Sequence[str], *, load_plugins: bool = True) -> None:
    """Set parameters of a chain's stages.

    Parameters
    ----------
    chain : Chain
    settings : sequence of str
        ``stage.param=value`` each; the value is a YAML scalar. A stage inside a parallel mix is
        ``parallel.2.air``: that of its second branch.
    load_plugins : bool
        Have VST3 and LV2 plugins check their parameters now, for which they are loaded.

    Raises
    ------
    ParameterError
        For an unknown stage or parameter, or a value that is not allowed.
    """
    if not load_plugins:
        defer_checks(chain)
    for setting in settings:
        path, equals, text = setting.partition("=")
        name, dot, parameter = path.strip().rpartition(".")
        if not (equals and dot and name and parameter):
            raise ParameterError(f"--set {setting}", rule=_FORM)
        try:
            slot = find_slot(chain, name)
            parameter = in_own_case(slot.stage, parameter)
            set_parameter(slot.stage, parameter, value_of(slot.stage, parameter, text))
            slot.given |= {parameter}
        except RestorackError as error:
            inner = f"--set {setting}: {error.where}" if error.where else f"--set {setting}"
            raise ParameterError(
                error.what, where=inner, rule=error.rule, remedy=error.remedy
            ) from error


def defer_checks(chain: Chain) -> None:
    """Have plugins take parameters unchecked until they are checked as a whole, or render."""
    for slot in all_slots(chain):
        if isinstance(slot.stage, HostedPlugin):
            slot.stage.checks_changes = False


def find_slot(chain: Chain, path: str) -> Slot:
    """Return a slot by its name, or by the path that leads to it inside a parallel mix.

    Raises
    ------
    ParameterError
        For a name or a branch that is not there.
    """
    for slot in chain.slots:
        if not path.lower().startswith(f"{slot.name}.".lower()):
            continue
        rest = path[len(slot.name) + 1 :]
        if isinstance(slot.stage, Chain):
            return find_slot(slot.stage, rest)
        if isinstance(slot.stage, Parallel):
            number, _, inner = rest.partition(".")
            numbers = [str(n) for n in range(1, len(slot.stage.branches) + 1)]
            if number not in numbers:
                raise ParameterError(
                    f"no branch {number!r}", where=slot.name, remedy=suggest(number, numbers)
                )
            return find_slot(slot.stage.branches[int(number) - 1], inner)
    former = [slot for slot in chain.slots if _former_name(slot) == path]
    if len(former) == 1 and path not in chain.names:
        return former[0]
    return chain.slot(path)


def _former_name(slot: Slot) -> str | None:
    """Return what an LV2 stage of a family was called once: the fragment of its URI alone."""
    stage = slot.stage
    if not isinstance(stage, HostedPlugin) or slot.name != stage.default_name:
        return None
    lv2 = stage.given.kind == "lv2"
    return stage.given.reference.partition("#")[2].lower() or None if lv2 else None


def set_parameter(stage: Any, name: str, value: Any) -> None:
    """Set a parameter of a stage of any kind, checked by its name and range.

    A third-party plugin checks the value itself when it renders.
    """
    if isinstance(stage, HostedPlugin):
        stage.set_parameter(name, value)
        return
    known: Iterable[str]
    if isinstance(stage, Processor):
        known = type(stage).parameters
    elif isinstance(stage, (Chain, Parallel)):
        raise ParameterError(
            f"no parameter {name!r}",
            rule="a mix of branches has none of its own",
            remedy="name a stage inside, such as parallel.1.air.mix",
        )
    else:
        known = native_values(stage)
    if name not in known:
        raise ParameterError(f"no parameter {name!r}", remedy=suggest_parameter(name, known))
    if isinstance(stage, Processor):
        setattr(stage, name, value)
    else:
        set_native(stage, name, value)


def in_own_case(stage: Any, name: str) -> str:
    """Return a parameter's name as the stage spells it; plugins' own are left as they are."""
    if isinstance(stage, (Chain, Parallel, HostedPlugin)):
        return name
    known = type(stage).parameters if isinstance(stage, Processor) else native_values(stage)
    return next((one for one in known if one.lower() == name.lower()), name)


def value_of(stage: Any, name: str, text: str) -> Any:
    """Return the value that a text gives a parameter: a YAML scalar, or a number with its unit.

    Raises
    ------
    ParameterError
        For a number in another unit than the parameter's.
    """
    value = scalar(text)
    declared = type(stage).parameters.get(name) if isinstance(stage, Processor) else None
    if not isinstance(value, str) or isinstance(stage, HostedPlugin):
        return value  # plugins read their own units
    if isinstance(declared, (ChoiceParameter, TextParameter)):
        words = declared.choices if isinstance(declared, ChoiceParameter) else ()
        return next((word for word in words if word.lower() == value.lower()), value)
    try:
        return number_from(value, unit_of(name, declared.unit if declared is not None else ""))
    except ValueError as error:
        if not value.lstrip("-+.")[:1].isdigit():
            return value  # a word: the parameter says what it takes
        raise ParameterError(f"{name} = {value}", rule=str(error)) from None


def scalar(text: str) -> Any:
    """Return the value of a YAML scalar; what is none is a text."""
    try:
        value = parse_yaml(text, "value").value
    except PresetError:
        return text
    return text if isinstance(value, (dict, list)) else value


def chain_from_stages(references: Iterable[str], name: str = "stages") -> Chain:
    """Make a chain from references as the command line gives them.

    Parameters
    ----------
    references : iterable of str
        ``restorack.NAME``, ``pedalboard.NAME``, ``vst3=NAME|PATH`` (of several in a bundle
        ``vst3=PATH#NAME``), ``clap=NAME|PATH``, ``lv2=NAME|URI``, ``faust=FILE``; names alone and
        in any case; parameters behind a colon, such as
        ``Declicker:sensitivity=0.7,max_click_ms=4``; several with commas between them.

    Raises
    ------
    PresetError
        For one that does not exist.
    ParameterError
        For a parameter that it does not have, or refuses.
    """
    several = [one for reference in references for one in _split_list(reference)]
    split = [_split_settings(reference) for reference in several]
    entries = [read_entry(_referring(reference)) for reference, _ in split]
    settle_names(entries)
    chain = Chain(settings=ChainSettings(name=name))
    add_entries(chain, entries)
    for slot, (_, settings) in zip(chain.slots, split, strict=True):
        apply_settings(chain, [f"{slot.name}.{setting}" for setting in settings])
    return chain


_SETTINGS = re.compile(r"^(.+?):(\w+=.*)$", re.DOTALL)
_NEXT_SETTING = re.compile(r",(?=\w+=)")


def _split_list(text: str) -> list[str]:
    """Return the references of ``declicker,dehum``; commas also part a reference's settings."""
    parts: list[str] = []
    for part in text.split(","):
        word, equals, _ = part.partition("=")
        continues = equals and word.strip() not in HOSTED and ":" not in word
        if parts and (continues or "faust=" in parts[-1]):
            parts[-1] += f",{part}"
        else:
            parts.append(part.strip())
    return parts


def _split_settings(reference: str) -> tuple[str, list[str]]:
    """Return a reference and its settings; ``lv2=urn:x`` has none."""
    found = _SETTINGS.match(reference)
    if found is None:
        return reference, []
    return found[1], _NEXT_SETTING.split(found[2])


def _referring(reference: str) -> Item:
    """Return the entry that a preset would have for a reference."""
    mark = Mark(f"--stage {reference}")
    kind, equals, rest = reference.partition("=")
    if not (equals and kind in HOSTED):
        return Item({"stage": Item(reference, mark)}, mark, {"stage": mark})
    value = Item(rest, mark)
    bundle, plugin = split_vst3(rest) if kind in BY_PATH else (rest, None)
    if plugin is not None:
        inner = {"path": Item(bundle, mark), "name": Item(plugin, mark)}
        value = Item(inner, mark, dict.fromkeys(inner, mark))
    if kind == "faust":
        value = Item({"file": value}, mark, {"file": mark})
    return Item({kind: value}, mark, {kind: mark})
