"""VST3 plugins in pedalboard: loading, state, parameters on the hosts' scale of 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from restorack.errors import PluginError, suggest
from restorack.hosting.engines.dawdreamer import has_dawdreamer
from restorack.hosting.exchange.refusals import is_instrument
from restorack.hosting.parameters.by_node import NodeConverter
from restorack.hosting.parameters.names import refuse_repeated, same_word
from restorack.hosting.parameters.programs import program_names, program_parameter, raw_program
from restorack.hosting.parameters.states import (
    has_state,
    is_vstpreset,
    preset_class,
    state_file,
    state_name,
)
from restorack.hosting.parameters.vst3 import (
    HOST_OWNED,
    find_vst3_parameter,
    range_text,
    raw_value,
    vst3_parameters,
)
from restorack.hosting.spec import PluginSpec
from restorack.system.floating_point import restore_float_environment

_kept: list[Any] = []
"""The first plugin loaded, never freed: with its last one pedalboard ends the JUCE that DawDreamer
shares, which then crashes."""


@lru_cache(maxsize=256)
def plugins_in(path: str) -> tuple[str, ...]:
    """Return the names of the plugins that a VST3 bundle holds; none where it cannot be read."""
    import pedalboard

    try:
        return tuple(pedalboard.VST3Plugin.get_plugin_names_for_file(path))
    except (ImportError, ValueError, RuntimeError):
        return ()  # loading it says why
    finally:
        restore_float_environment()


def require_one(spec: PluginSpec) -> str | None:
    """Return which plugin of its bundle a spec means, as the bundle spells it.

    Returns
    -------
    str or None
        None where the bundle holds one alone and the spec names none.

    Raises
    ------
    PluginError
        Where the bundle holds several and none of them is named, or another one.
    """
    names = plugins_in(spec.reference)
    if spec.plugin is None:
        if len(names) < 2:
            return None
        raise PluginError(
            f"holds {len(names)} plugins",
            where=spec.label,
            rule="of several plugins in one bundle the one that is meant is named",
            remedy=f"vst3: {{path: {spec.reference}, name: NAME}}; names: {_shown(names)}",
        )
    found = next((name for name in names if same_word(name, spec.plugin)), None)
    if found is None:
        raise PluginError(
            f"holds no plugin {spec.plugin!r}",
            where=spec.label,
            remedy=suggest(spec.plugin, names),
        )
    return found


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (f", ... ({len(names)} in all)" if names[20:] else "")


class WideningError(PluginError):
    """A plugin that has more outputs than inputs: pedalboard takes none."""


def load_vst3(spec: PluginSpec) -> Any:
    """Load a VST3 with pedalboard, its state applied.

    Raises
    ------
    PluginError
        Where it is no plugin, or which of several is not said.
    """
    import pedalboard

    _leave_host_owned_alone()
    name = require_one(spec)
    try:
        plugin = pedalboard.VST3Plugin(spec.reference, plugin_name=name)
    except (ImportError, ValueError, RuntimeError) as error:
        lines = str(error).splitlines() or ["unknown reason"]
        if "-channel output" in lines[0]:
            raise WideningError(
                "makes stereo of one channel, which pedalboard does not host",
                where=spec.label,
                rule="such a VST3 is hosted by DawDreamer: as a whole, one that is alone in its "
                "bundle, and it saves no state",
            ) from error
        raise PluginError(f"cannot be loaded: {lines[0]}", where=spec.label) from error
    finally:
        restore_float_environment()
    if not _kept:
        _kept.append(plugin)
    if not plugin.is_effect:
        raise is_instrument(spec.label)
    if has_state(spec):
        _apply_state(plugin, spec)
    return plugin


def configure(plugin: Any, spec: PluginSpec) -> None:
    """Choose a spec's program and set its parameters in a pedalboard plugin."""
    if spec.settle:
        for parameter in vst3_parameters(plugin):
            send(parameter.shown, parameter.shown.raw_value)
    if spec.program is not None:
        parameter, raw = raw_program(plugin, spec)
        parameter.raw_value = raw
        known = {parameter.name: parameter.shown for parameter in vst3_parameters(plugin)}
        for name, number in program_values(spec.reference, spec.plugin, raw).items():
            send(known[name], number)
    if spec.params:
        known_names = [parameter.named for parameter in vst3_parameters(plugin)]
        refuse_repeated(list(spec.params), known_names, spec.label)
    for name, value in spec.params.items():
        found = find_vst3_parameter(plugin, name, spec.label)
        found.shown.raw_value = raw_value(found, value, spec.label)


def saved_vst3(spec: PluginSpec, rows: Any) -> bytes:
    """Return a plugin's state as a ``.vstpreset``, its program and parameters set.

    Parameters
    ----------
    spec : PluginSpec
    rows : ndarray of float32, shape (channels, samples)
        Silence that it processes first: before, the state is stale.
    """
    plugin = load_vst3(spec)
    configure(plugin, spec)
    for channels in (2, 1):
        try:
            plugin.process(np.resize(rows, (channels, rows.shape[1])), 44_100)
            break
        except ValueError:
            continue  # it takes the other number, or none: then the state is what it is
    return bytes(plugin.preset_data)


def send(parameter: Any, number: float) -> None:
    """Set a parameter so that the plugin gets it, though it shows that value already."""
    parameter.raw_value = 0.0 if number > 0.5 else 1.0
    parameter.raw_value = number


def _leave_host_owned_alone() -> None:
    """Have pedalboard skip parameters that are the host's; older releases scan them, slowly."""
    from pedalboard import _pedalboard

    ignored = getattr(_pedalboard, "PARAMETER_NAME_REGEXES_TO_IGNORE", None)
    if ignored is not None:
        ignored.add(HOST_OWNED)


@lru_cache(maxsize=64)
def value_converter(path: str, plugin: str | None = None) -> Any:
    """Return an instance of a plugin that only converts values, loaded once per child."""
    return parameter_source(PluginSpec("vst3", path, plugin=plugin))


def parameter_source(spec: PluginSpec) -> Any:
    """Return a plugin loaded for its parameters: by pedalboard, else by DawDreamer."""
    try:
        return load_vst3(spec)
    except WideningError:
        if spec.plugin is not None or not has_dawdreamer():
            raise
        return NodeConverter(spec.reference)


@lru_cache(maxsize=64)
def program_values(path: str, name: str | None, raw: float) -> dict[str, float]:
    """Return what a program makes of a plugin's parameters, from 0 to 1, by name.

    These are set one by one besides: plugins made with DPF show a program that a host chooses, and
    process as if it had not.
    """
    plugin = parameter_source(PluginSpec("vst3", path, plugin=name))
    before = {parameter.name: parameter.shown.raw_value for parameter in vst3_parameters(plugin)}
    program_parameter(plugin).raw_value = raw
    return {
        parameter.name: float(parameter.shown.raw_value)
        for parameter in vst3_parameters(plugin)
        if parameter.shown.is_automatable or parameter.shown.raw_value != before[parameter.name]
    }


def described_vst3(spec: PluginSpec) -> list[dict[str, Any]]:
    """Return a plugin's parameters as JSON-ready values.

    ``default`` is what a fresh instance has, ``current`` what the spec's state and parameters
    make of it.
    """
    untouched = parameter_source(PluginSpec("vst3", spec.reference, plugin=spec.plugin))
    fresh = {parameter.name: parameter.shown for parameter in vst3_parameters(untouched)}
    plugin = parameter_source(spec)
    configure(plugin, spec)
    found = []
    for parameter in vst3_parameters(plugin):
        name, p = parameter.name, parameter.shown
        number = p.type is float
        found.append({
            "name": name, "title": p.name, "unit": (p.units or "").strip(), "range": range_text(p),
            "minimum": p.range[0] if number else None, "maximum": p.range[1] if number else None,
            "choices": None if number else [str(value) for value in p.valid_values],
            "default": fresh[name].string_value, "current": p.string_value,
            "is_meter": not p.is_automatable and name != "current_program",
        })  # fmt: skip
    return found


def described_maker(spec: PluginSpec) -> dict[str, Any]:
    """Return a plugin's name, maker and version, the last two as far as a host tells them."""
    try:
        plugin = load_vst3(spec)
    except WideningError:
        return {"name": Path(spec.reference).stem}
    return {"name": plugin.name, "maker": plugin.manufacturer_name, "version": plugin.version}


def described_programs(spec: PluginSpec) -> list[str]:
    """Return the names of a plugin's own programs."""
    return program_names(value_converter(spec.reference, spec.plugin))


def _apply_state(plugin: Any, spec: PluginSpec) -> None:
    with state_file(spec) as (path, data):
        try:
            if is_vstpreset(data):
                plugin.load_preset(str(path))
            else:
                plugin.raw_state = data
        except (OSError, ValueError, RuntimeError) as error:
            raise state_refused(spec, data, str(error)) from error


@lru_cache(maxsize=16)
def preset_of_raw(path: str, name: str | None, state: bytes) -> bytes:
    """Return a raw state as a ``.vstpreset``: DawDreamer loads raw ones by the plugin's window.

    Raises
    ------
    ValueError, RuntimeError
        Where the plugin does not take it.
    """
    plugin = load_vst3(PluginSpec("vst3", path, plugin=name))
    plugin.raw_state = state
    return bytes(plugin.preset_data)


def state_refused(spec: PluginSpec, data: bytes, reason: str) -> PluginError:
    """Return the error for a state that a plugin does not load: another plugin's, if it is."""
    if is_vstpreset(data):
        own = preset_class(load_vst3(replace(spec, state=None, state_base64=None)).preset_data)
        given = preset_class(data)
        if own != given:
            return PluginError(
                f"{state_name(spec)} belongs to another plugin",
                where=spec.label,
                rule=f"its class is {given}, the plugin's {own}",
            )
    return PluginError(f"{state_name(spec)} cannot be loaded: {reason}", where=spec.label)
