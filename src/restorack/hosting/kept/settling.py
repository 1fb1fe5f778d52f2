"""Plugins whose own defaults do not hold: they sound different once their parameters were sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from restorack.hosting.kept.proofs import Proofs
from restorack.hosting.parameters.states import has_state
from restorack.hosting.spec import PluginSpec


def settled(spec: PluginSpec, is_settled: Callable[[PluginSpec], bool | None]) -> PluginSpec:
    """Return the spec with its parameters sent after loading, where the plugin needs that.

    Parameters
    ----------
    spec : PluginSpec
        A state or a program sends all of them anyway.
    is_settled : callable
        Finds out, for the plugin alone; None where it fails. Called once for a plugin, whose
        answer is kept until its files change.
    """
    if spec.kind != "vst3" or has_state(spec) or spec.program is not None:
        return spec
    bare = PluginSpec("vst3", spec.reference, plugin=spec.plugin, from_preset=spec.from_preset)
    proofs = Proofs()
    key = proofs.key(f"settled {spec.plugin}", [bare])
    known = proofs.get(key)
    if known is None:
        known = is_settled(bare)
        if known is None:  # the render will say how it fails
            proofs.assume(key, True)
            return spec
        proofs.put(key, known)
    return spec if known else replace(spec, settle=True)
