"""Checks of third-party plugins' parameters, for which the plugins have to be loaded."""

from __future__ import annotations

from dataclasses import replace

from restorack.chains.slot import Slot
from restorack.hosting.stage import HostedPlugin
from restorack.hosting.states import has_state
from restorack.presets.entries import Entry
from restorack.presets.stages import placed


def check_hosted(slot: Slot, entry: Entry) -> None:
    """Check a hosted plugin's state, parameters and automation by loading it.

    Each is checked on its own, so that an error can name the line of what the plugin refuses.

    Raises
    ------
    PresetError
        With that line.
    """
    stage = slot.stage
    if not isinstance(stage, HostedPlugin) or stage.missing:
        return
    check, whole = stage.sandbox.check, stage.spec
    bare = replace(whole, params={}, automation={}, state=None, state_base64=None, program=None)
    with placed(entry, entry.source):
        check(bare)
    if has_state(whole):
        with placed(entry, "state"):
            check(replace(bare, state=whole.state, state_base64=whole.state_base64))
    if whole.program is not None:
        with placed(entry, "program"):
            check(replace(bare, program=whole.program))
    for name, value in whole.params.items():
        with placed(entry, "params", name):
            check(replace(bare, params={name: value}))
    for name, points in whole.automation.items():
        with placed(entry, "automation", name):
            check(replace(bare, automation={name: points}))
