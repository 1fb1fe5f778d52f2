"""Checks of third-party plugins' parameters, for which the plugins have to be loaded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from restorack.chains.slot import Slot
from restorack.errors import ParameterError, RestorackError, suggest_parameter
from restorack.hosting.stage import HostedPlugin
from restorack.presets.entries import Entry
from restorack.presets.stages import placed

_RATE, _SAMPLES = 44_100.0, 64


def check_hosted(slot: Slot, entry: Entry) -> None:
    """Check a hosted plugin's parameters, automation and state by loading it.

    Raises
    ------
    PresetError
        With the line of what the plugin refuses.
    """
    stage = slot.stage
    if not isinstance(stage, HostedPlugin) or stage.missing:
        return
    with placed(entry, entry.source):
        known = {parameter["name"] for parameter in stage.describe()["parameters"]}
    for mapping in ("params", "automation"):
        for name in getattr(stage.spec, mapping):
            if name not in known:
                with placed(entry, mapping, name):
                    raise ParameterError(
                        f"no parameter {name!r}",
                        where=stage.spec.label,
                        remedy=suggest_parameter(name, known),
                    )
    for name, value in stage.spec.params.items():
        with placed(entry, "params", name):
            _try(stage, {name: value})
    for name, points in stage.spec.automation.items():
        with placed(entry, "automation", name):
            for _, value in points:
                _try(stage, {name: value})


def _try(stage: HostedPlugin, params: dict[str, float | bool | str]) -> None:
    """Render a moment of silence with these parameters, or raise what the plugin says."""
    rows = np.zeros((stage.layout()["inputs"] or 1, _SAMPLES), np.float32)
    try:
        stage.sandbox.render([replace(stage.spec, params=params, automation={})], rows, _RATE)
    except RestorackError as error:
        raise ParameterError(
            error.what, where=error.where, rule=error.rule, remedy=error.remedy
        ) from error
