"""Plugins by whatever names them: a path, a name, a URI, a Faust program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from restorack.errors import PluginError, suggest
from restorack.hosting.installed import installed_clap, installed_lv2, installed_vst3
from restorack.hosting.lv2_names import lv2_uri
from restorack.hosting.spec import Kind, PluginSpec, Value, hosted_name
from restorack.hosting.stage import HostedPlugin

KINDS = ("vst3", "clap", "lv2", "faust")


def load_plugin(
    reference: str | PathLike[str],
    parameter_values: Mapping[str, Value] | None = None,
    *,
    state: str | PathLike[str] | None = None,
    program: str | int | None = None,
    timeout_s: float | None = None,
) -> HostedPlugin:
    """Return a plugin as a stage of a chain; it runs in a process of its own.

    Parameters
    ----------
    reference : str or path-like
        The path of a VST3, a CLAP or a Faust program (``.dsp``); or the name of an installed VST3,
        CLAP or LV2 plugin, in any case, or an LV2 plugin's URI. ``vst3=``, ``clap=``, ``lv2=`` or
        ``faust=`` before it says which is meant; of one name VST3 is taken first, then CLAP.
    parameter_values : mapping of str to float, bool or str, optional
        In the parameters' own units; also set as attributes, ``plugin.threshold_db = -18``.
    state : path-like, optional
        A ``.vstpreset`` or a raw state.
    program : str or int, optional
        One of the plugin's programs, by its name or its number from 1.
    timeout_s : float, optional
        Seconds that the plugin has to answer.

    Raises
    ------
    PluginError
        For a plugin that is not installed, with the nearest name, or cannot be loaded.
    ParameterError
        For a parameter that it does not have, or refuses.
    """
    kind, name = _kind_of(os.fspath(reference))
    params = dict(parameter_values or {})
    whole = None if state is None else os.fspath(state)
    if kind == "faust":
        path = Path(name).expanduser()
        spec = PluginSpec(kind, _text(path), params, file=str(path), folder=str(path.parent))
    else:
        spec = PluginSpec(kind, name, params, whole, program=program, timeout_s=timeout_s)
    plugin = HostedPlugin(spec)
    plugin.sandbox.begin([plugin.spec])
    if params:
        plugin.check()
    return plugin


def _text(path: Path) -> str:
    from restorack.config.yaml_source import read_text

    return read_text(path)


def _kind_of(reference: str) -> tuple[Kind, str]:
    word, equals, rest = reference.partition("=")
    if equals and word in KINDS:
        return word, lv2_uri(rest) if word == "lv2" else rest  # type: ignore[return-value]
    if reference.endswith(".dsp"):
        return "faust", reference
    if reference.endswith(".clap"):
        return "clap", reference
    if reference.endswith(".vst3") or os.sep in reference.partition(":")[0]:
        return "vst3", reference
    by_name: dict[Kind, dict[str, Path]] = {"vst3": installed_vst3(), "clap": installed_clap()}
    for kind, installed in by_name.items():
        if reference.lower() in {name.lower() for name in installed}:
            return kind, reference
    uri = lv2_uri(reference)
    if uri in installed_lv2():
        return "lv2", uri
    known = [
        *by_name["vst3"],
        *by_name["clap"],
        *(hosted_name("lv2", uri) for uri in installed_lv2()),
    ]
    raise PluginError(
        "is not installed",
        where=f"plugin {reference}",
        rule="the path or name of a VST3 or CLAP, the name or URI of an LV2 plugin, or a .dsp file",
        remedy=suggest(reference, known),
    )
