"""VST3 plugins known through pedalboard alone, where there is no DawDreamer to ask."""

from __future__ import annotations

from typing import Any

import numpy as np

from restorack.core.automation import Automation
from restorack.errors import PluginError
from restorack.hosting.engines.dawdreamer import missing_dawdreamer
from restorack.hosting.engines.streaming import BLOCK
from restorack.hosting.engines.vst3 import (
    configure,
    described_programs,
    described_vst3,
    load_vst3,
)
from restorack.hosting.parameters.vst3 import find_vst3_parameter, raw_value
from restorack.hosting.spec import PluginSpec


def layout(spec: PluginSpec, rate: float) -> dict[str, Any]:
    """Return a plugin's channels and, with its parameters set, its latency.

    pedalboard does not tell the channels: two are tried, then one. Side-chain inputs stay unknown.
    """
    plugin = _configured(spec)
    width = next((wide for wide in (2, 1) if _takes(plugin, wide, rate)), 0)
    if not width:
        raise PluginError("takes neither two channels nor one", where=spec.label)
    latency = int(plugin.reported_latency_samples)
    return {"inputs": width, "outputs": width, "latency_samples": latency}


def describe(spec: PluginSpec) -> dict[str, Any]:
    """Return a plugin's channels, latency and parameters, as JSON-ready values."""
    plugin, found = _configured(spec), layout(spec, 44_100)
    return {
        "kind": spec.kind, "reference": spec.reference, **found,
        "name": plugin.name, "maker": plugin.manufacturer_name, "version": plugin.version,
        "programs": described_programs(spec), "parameters": described_vst3(spec),
    }  # fmt: skip


def check(spec: PluginSpec) -> None:
    """Raise :class:`ParameterError` where the plugin refuses a parameter or automation."""
    plugin = _configured(spec)
    for name, points in spec.automation.items():
        for _, value in Automation(points, where=spec.label).breakpoints:
            raw_value(find_vst3_parameter(plugin, name, spec.label), value, spec.label)


def _configured(spec: PluginSpec) -> Any:
    if spec.kind != "vst3" or spec.sidechain is not None:
        raise missing_dawdreamer(spec.label)
    plugin = load_vst3(spec)
    configure(plugin, spec)
    return plugin


def _takes(plugin: Any, channels: int, rate: float) -> bool:
    try:
        plugin.reset()
        out = plugin.process(np.zeros((channels, BLOCK), np.float32), rate, BLOCK)
    except (ValueError, RuntimeError):
        return False
    return bool(out.shape[0] == channels)
