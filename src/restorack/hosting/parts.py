"""How the channels of a signal go through a run of plugins: together, or each on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError
from restorack.hosting.installed import installed_lv2
from restorack.hosting.spec import PluginSpec, hosted_name
from restorack.hosting.streaming import BLOCK, buffer_size


@dataclass(frozen=True)
class Part:
    """Adjacent plugins of a run that take the signal's channels in the same way.

    Attributes
    ----------
    specs : tuple of PluginSpec
    width : int
        Channels that they take and give.
    each : bool
        True: every channel of the signal goes through on its own (copied to ``width`` inputs,
        the mean of the outputs is taken). False: the channels go through together.
    latencies : tuple of int
        Of each plugin, in samples.
    key_inputs : int
        Side-chain inputs that are fed; such a plugin is a part of its own.
    """

    specs: tuple[PluginSpec, ...]
    width: int
    each: bool
    latencies: tuple[int, ...]
    key_inputs: int = 0

    @property
    def latency(self) -> int:
        """Of all, in samples."""
        return sum(self.latencies)


def plan_parts(
    specs: Sequence[PluginSpec], layouts: Sequence[Mapping[str, int]], channels: int
) -> list[Part]:
    """Cut a run where plugins take the channels differently.

    A plugin that has the signal's channels takes them together (further inputs are side-chains
    and stay silent, unless the spec names what they hear). Otherwise every channel goes through on
    its own. A Faust program has as many outputs as inputs, and more inputs only for a side-chain.

    Raises
    ------
    PluginError
        For a plugin with neither one, two, nor the signal's number of outputs.
    """
    parts: list[Part] = []
    for spec, found in zip(specs, layouts, strict=True):
        ins, outs, latency = found["inputs"], found["outputs"], found["latency_samples"]
        keyed = spec.sidechain is not None
        if keyed and ins <= outs:
            raise no_sidechain(spec, found)
        fits = outs == channels or outs in (1, 2)
        if ins < 1 or not fits or (spec.kind == "faust" and ins != outs and not keyed):
            raise PluginError(
                f"takes {ins} channels and gives {outs}, the signal has {channels}",
                where=spec.label,
                rule="a plugin takes and gives the signal's channels, or one or two at a time",
            )
        each = outs != channels or ins < channels
        last = parts[-1] if parts and not keyed and not parts[-1].key_inputs else None
        if last is not None and (last.each, last.width) == (each, outs):
            parts[-1] = replace(
                last, specs=(*last.specs, spec), latencies=(*last.latencies, latency)
            )
        else:
            parts.append(Part((spec,), outs, each, (latency,), ins - outs if keyed else 0))
    return parts


def latency_of_parts(parts: Sequence[Part]) -> int:
    """Return the most samples that parts in series hold back, fed one sample at a time.

    Part k gives its first y samples as soon as ceil((y + L) / B) B went in (latency L, buffer B);
    one sample earlier it held back the most. Beyond the first buffers this repeats.
    """
    wanted = np.arange(1, 2 * BLOCK + 1)
    taken = wanted
    for part in reversed(parts):
        size = buffer_size(part.specs)
        taken = -(-(taken + part.latency) // size) * size
    given = taken - 1
    for part in parts:
        size = buffer_size(part.specs)
        given = np.maximum(given // size * size - part.latency, 0)
    return int(np.max(taken - 1 - given))


def through_lanes(part: Part, rows: Rows, ways: Sequence[Callable[[Rows], Rows]]) -> Rows:
    """Send the channels through a part: together, or each on its own."""
    if not part.each:
        return ways[0](rows)
    outs = []
    for channel, way in zip(rows, ways, strict=False):
        lane = np.repeat(channel[np.newaxis], part.width, axis=0)
        outs.append(np.mean(way(lane), axis=0, dtype=np.float32))
    return np.stack(outs)


def to_inputs(rows: Rows, inputs: int) -> Rows:
    """Return a signal for so many side-chain inputs: as it is, or its mean on each."""
    if len(rows) == inputs:
        return rows
    return np.repeat(np.mean(rows, axis=0, dtype=np.float32, keepdims=True), inputs, axis=0)


def no_sidechain(spec: PluginSpec, found: Mapping[str, Any]) -> PluginError:
    """Return the error for a plugin whose side-chain inputs the host does not offer."""
    name = hosted_name(spec.kind, spec.reference, spec.file)
    same = [uri for uri in installed_lv2() if hosted_name("lv2", uri) == name]
    return PluginError(
        f"has no side-chain that can be fed: the host offers {found['inputs']} inputs for "
        f"{found['outputs']} outputs",
        where=spec.label,
        rule="side-chains are inputs beyond the outputs' number; DawDreamer offers those of LV2 "
        "plugins and Faust programs, and of most VST3 not",
        remedy=f"the same plugin as LV2 may have one: {same[0]}" if same else "",
    )
