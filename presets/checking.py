"""Checks of hosted stages' parameters: Faust programs are evaluated, plugins have to be loaded."""

from __future__ import annotations

from restorack.chains import Chain, all_slots
from restorack.errors import ParameterError, PresetError, RestorackError
from restorack.hosting.stage import HostedPlugin
from restorack.hosting.trust import is_allowed


def check_plugins(
    chain: Chain, *, load_plugins: bool, every: bool = False, by_line: bool = False
) -> list[str]:
    """Check the states, parameters and automation of a chain's hosted stages.

    Parameters
    ----------
    chain : Chain
    load_plugins : bool
        Also load VST3 and LV2 plugins; without it no native code runs.
    every : bool
        Also stages that are bypassed.
    by_line : bool
        Every error is one of the preset's line that names the plugin, also that of a crash.

    Returns
    -------
    list of str
        What was not checked, and why.

    Raises
    ------
    PresetError
        For what a plugin refuses of a preset.
    RestorackError
        For what else a plugin refuses, a plugin that fails, and one that may not be loaded.
    """
    notes = []
    for number, outer in enumerate(chain.slots, 1):
        for slot in all_slots(chain[number - 1 : number], active=not every):
            plugin = slot.stage
            if not isinstance(plugin, HostedPlugin) or plugin.missing:
                continue
            if plugin.is_native and not load_plugins:
                notes.append(_note(plugin))
                continue
            try:
                plugin.check()
            except RestorackError as error:
                raise _placed(plugin, error, by_line, f"stage {number} ({outer.name})") from error
    return notes


def _placed(
    plugin: HostedPlugin, error: RestorackError, by_line: bool, label: str
) -> RestorackError:
    """Return an error with the preset's line, or where that is not known, with the stage."""
    found = plugin.locate_fault() if by_line or isinstance(error, ParameterError) else None
    if found is None:
        return error.at(label)
    place, own = found
    inner = f"{own.where}: {own.what}" if own.where else own.what
    return PresetError(inner, where=place, rule=own.rule, remedy=own.remedy)


def _note(plugin: HostedPlugin) -> str:
    """Return what stays open about a plugin that is not loaded."""
    place, spec = plugin.places.get("", ""), plugin.spec
    head = f"{place}: {plugin.given.label}" if place else plugin.given.label
    said = "settings" if spec.params or spec.automation or spec.program else "channels"
    note = f"{head}: not loaded here; its {said} are checked when it renders"
    if spec.from_preset and not is_allowed(spec.reference):
        note += f", which needs your leave: restorack plugins trust {spec.reference}"
    return note
