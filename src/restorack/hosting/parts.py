"""How the channels of a signal go through a run of plugins: together, or each on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError
from restorack.hosting.engines.streaming import BLOCK, buffer_size
from restorack.hosting.installed import installed_clap, installed_lv2
from restorack.hosting.spec import PluginSpec, hosted_name


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
    mono_in : bool
        One input and two outputs: it gets the mean of a stereo signal and gives both sides.
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
    mono_in: bool = False

    @property
    def channels_text(self) -> str:
        """How channels go through, in words."""
        if self.mono_in:
            return "mono in, stereo out"
        return "each on its own" if self.each else "together"

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
    its own. A plugin that makes stereo of one channel gets the mean of a stereo signal. A Faust
    program has as many outputs as inputs, and more inputs only for a side-chain.

    Raises
    ------
    PluginError
        For a plugin with neither one, two, nor the signal's number of outputs; for one that makes
        stereo, where the signal is not.
    """
    parts: list[Part] = []
    for spec, found in zip(specs, layouts, strict=True):
        ins, outs, latency = found["inputs"], found["outputs"], found["latency_samples"]
        keyed = spec.sidechain is not None
        if spec.band is not None:
            parts.append(_band(spec, ins, outs, latency, channels))
            continue
        if keyed and ins <= outs:
            raise no_sidechain(spec, found)
        mono_in = (ins, outs) == (1, 2) and spec.kind != "faust"
        fits = (outs == channels or outs in (1, 2)) and (channels == 2 or not mono_in)
        if ins < 1 or not fits or (spec.kind == "faust" and ins != outs and not keyed):
            raise _does_not_fit(spec, ins, outs, channels)
        each = (outs != channels or ins < channels) and not mono_in
        made = Part((spec,), outs, each, (latency,), ins - outs if keyed else 0, mono_in)
        last = parts[-1] if parts else None
        if last is not None and _may_join(last, made):
            parts[-1] = replace(
                last, specs=(*last.specs, spec), latencies=(*last.latencies, latency)
            )
        else:
            parts.append(made)
    return parts


def _may_join(one: Part, other: Part) -> bool:
    """Return whether plugins take channels alike and live in the same host."""
    if one.specs[-1].band is not None or "clap" in (one.specs[-1].kind, other.specs[0].kind):
        return False
    alike = (one.each, one.width, one.mono_in) == (other.each, other.width, other.mono_in)
    named = one.specs[-1].plugin is None, other.specs[0].plugin is None
    return alike and not one.key_inputs and not other.key_inputs and named[0] == named[1]


def _band(spec: PluginSpec, ins: int, outs: int, latency: int, channels: int) -> Part:
    """Return a part of a plugin that splits its inputs, of which one band is taken."""
    bands = outs // ins if ins else 0
    fits = ins in (1, channels) and bands > 1 and outs == bands * ins
    if not fits or not 1 <= (spec.band or 0) <= bands or spec.sidechain is not None:
        raise PluginError(
            f"gives no band {spec.band}: it takes {ins} channels and gives {outs}",
            where=spec.label,
            rule="a band is one of the parts, from 1, into which a plugin of one input or of the "
            "signal's channels splits each; it has no side-chain",
        )
    return Part((spec,), ins, ins < channels, (latency,))


def _does_not_fit(spec: PluginSpec, ins: int, outs: int, channels: int) -> PluginError:
    what = f"takes {ins} channel{'s' * (ins != 1)} and gives {outs}, the signal has {channels}"
    rule = "a plugin takes and gives the signal's channels, or one or two at a time"
    splits = ins in (1, channels) and outs > ins and outs % ins == 0
    remedy = "a crossover? band: 1 of its stage takes the first of its parts" if splits else ""
    if spec.kind != "faust" and (ins, outs) == (1, 2):
        rule = "what makes stereo of one channel is for stereo signals"
        remedy = "make the file stereo first, or take the mono version of the plugin"
    return PluginError(what, where=spec.label, rule=rule, remedy=remedy)


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
    if part.mono_in:
        mono = np.mean(rows, axis=0, dtype=np.float32, keepdims=True)
        return ways[0](np.repeat(mono, part.width, axis=0))
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
    if spec.kind != "clap":
        same += [f"clap={one}" for one in installed_clap() if hosted_name("clap", one) == name]
    return PluginError(
        f"has no side-chain that can be fed: the host offers {found['inputs']} inputs for "
        f"{found['outputs']} outputs",
        where=spec.label,
        rule="side-chains are inputs beyond the outputs' number; those of CLAP and LV2 plugins and "
        "of Faust programs can be fed, those of VST3 not: no host opens them",
        remedy=f"the same plugin in another form may have one: {' or '.join(same)}" if same else "",
    )
