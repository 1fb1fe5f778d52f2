"""Everything that a rack can hold, described alike: ours, pedalboard's, VST3 and LV2."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.errors import ParameterError, RegistryError, suggest
from restorack.hosting.spec import BY_PATH, PluginSpec, split_vst3

if TYPE_CHECKING:
    from restorack.hosting.scanner import Scanned


HOSTED = ("vst3", "clap", "lv2")


def listed(kind: str) -> list[dict[str, Any]]:
    """Return name, kind, description and status of every plugin of a kind."""
    if kind == "restorack":
        return [_summary(_entry(name, kind, _our_first_line(name), ())) for name in _our_names()]
    if kind == "pedalboard":
        from restorack.chains.native_parameters import native_descriptions

        found = sorted(native_descriptions().items())
        return [_summary(_entry(name, kind, _first_line_in(text), ())) for name, text in found]
    return _installed_entries(kind)


def described(name: str) -> dict[str, Any]:
    """Return a plugin with its parameters; hosted ones are loaded in the sandbox for it.

    Parameters
    ----------
    name : str
        ``restorack.NAME``, ``pedalboard.NAME``, ``vst3=NAME``, ``lv2=URI``, or the bare name.

    Raises
    ------
    RegistryError
        Where nothing has this name.
    PluginError
        Where it cannot be loaded.
    """
    from restorack.hosting.lv2_names import lv2_uri
    from restorack.presets.entries import full_stage_name

    kind, equals, reference = name.partition("=")
    if equals and kind in HOSTED:
        return _hosted(kind, reference)
    name = full_stage_name(name) or name
    known = {
        "restorack": _our_names(),
        "pedalboard": _pedalboard_names(),
        "vst3": _installed("vst3"),
        "clap": _installed("clap"),
        "lv2": _installed("lv2"),
    }
    describe = {"restorack": _ours, "pedalboard": _pedalboards}
    for kind, names in known.items():
        for full in names:
            if name.lower() in (full.lower(), full.lower().removeprefix(f"{kind}.")):
                return describe[kind](full) if kind in describe else _hosted(kind, full)
    for kind, suffix in BY_PATH.items():
        if split_vst3(name)[0].endswith(suffix):
            return _hosted(kind, name)
    if lv2_uri(name) in known["lv2"]:
        return _hosted("lv2", lv2_uri(name))
    raise RegistryError(
        f"no plugin {name!r}",
        rule="a name that restorack plugins list shows",
        remedy=suggest(name, [full for names in known.values() for full in names]),
    )


def hosted_reference(name: str) -> tuple[str, str]:
    """Return kind and reference of a VST3 or LV2 plugin.

    Parameters
    ----------
    name : str
        ``vst3=NAME``, ``vst3=PATH``, ``lv2=URI``, or what stands behind the equals sign.

    Raises
    ------
    RegistryError
        Where no plugin has this name.
    """
    from restorack.hosting.lv2_names import lv2_uri

    kind, equals, reference = name.partition("=")
    if equals and kind in HOSTED:
        return kind, lv2_uri(reference) if kind == "lv2" else reference
    bundle = split_vst3(name)[0]
    if bundle.endswith(BY_PATH["clap"]):
        return "clap", name
    if bundle.endswith(BY_PATH["vst3"]) or os.sep in name.partition(":")[0]:
        return "vst3", name
    known = {kind: _installed(kind) for kind in HOSTED}
    for kind, names in known.items():
        for full in names:
            if full.lower() in (name.lower(), bundle.lower()):
                return kind, name if bundle.lower() == full.lower() else full
    if lv2_uri(name) in known["lv2"]:
        return "lv2", lv2_uri(name)
    raise RegistryError(
        f"no plugin {name!r}",
        rule="the name or path of a VST3, or the URI of an LV2 plugin",
        remedy=suggest(name, [full for names in known.values() for full in names]),
    )


def hosted_spec(kind: str, reference: str) -> PluginSpec:
    """Return the spec of a plugin as the command line names it."""
    if kind not in BY_PATH:
        return PluginSpec("lv2", reference)
    bundle, plugin = split_vst3(reference)
    return PluginSpec("clap" if kind == "clap" else "vst3", bundle, plugin=plugin)


def saved_state(
    kind: str, reference: str, settings: Iterable[str], state: str | None, program: str | None
) -> bytes:
    """Return the state that a plugin has after a state, a program and parameters.

    Parameters
    ----------
    kind, reference
        As :func:`hosted_reference` gives them.
    settings : iterable of str
        ``PARAM=VALUE`` each.
    state : str, optional
        A file that is loaded first.
    program : str, optional
        Name or number.
    """
    from restorack.hosting.stage import HostedPlugin
    from restorack.presets.overrides import scalar

    params = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not (name and equals):
            raise ParameterError(f"--set {setting}", rule="a setting is PARAM=VALUE")
        params[name] = scalar(text)
    chosen = int(program) if program is not None and program.isdecimal() else program
    spec = replace(hosted_spec(kind, reference), params=params, state=state, program=chosen)
    return HostedPlugin(spec).save_state()


def scanned_entry(entry: Scanned) -> dict[str, Any]:
    """Return what a scan says about a plugin, as the other entries are."""
    found = entry.description
    maker = " ".join(filter(None, [found.get("maker", ""), found.get("version", "")]))
    channels = f"{found['inputs']} in, {found['outputs']} out" if "inputs" in found else ""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "description": ", ".join(filter(None, [maker, channels])),
        "status": "faulty" if entry.fault else "usable",
        "fault": entry.fault,
        "path": entry.path,
    }


def _summary(found: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "kind", "description", "status", "fault")
    return {name: found[name] for name in names}


def _entry(name: str, kind: str, description: str, parameters: Any, **more: Any) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "description": description, "status": "usable", "fault": "",
        **more, "parameters": parameters,
    }  # fmt: skip


def _our_names() -> list[str]:
    from restorack.core.registry import processor_names

    return processor_names()


def _ours(name: str) -> dict[str, Any]:
    from restorack.core.registry import processor_class

    cls = processor_class(name)
    parameters = [
        {
            "name": parameter.name,
            "unit": parameter.unit,
            "range": parameter.describe_range(),
            "default": parameter.default,
            "description": parameter.description,
            "automatable": parameter.automatable,
        }
        for parameter in cls.parameters.values()
    ]
    traits = sorted(trait.value for trait in cls.traits)
    return _entry(name, "restorack", _first_line(cls), parameters, traits=traits)


def _our_first_line(name: str) -> str:
    """Return the first line of a stage's description, from the text of its module if it is ours.

    To import thirty stages for it takes seconds.
    """
    from restorack.core.registry import processor_class, processor_home

    module, cls = processor_home(name)
    spec = find_spec(module) if module.startswith("restorack.") else None
    if spec is not None and spec.origin is not None:
        text = Path(spec.origin).read_text(encoding="utf-8")
        found = re.search(rf'^class {cls}\b[^:]*:\n    """(.*?)(?:\n\n|""")', text, re.M | re.S)
        if found is not None:
            return _plain_line(re.sub(r"\s*\n\s*", " ", found[1]))
    return _first_line(processor_class(name))


def _pedalboard_names() -> list[str]:
    from restorack.chains.native_parameters import native_names

    return native_names()


def _pedalboards(name: str) -> dict[str, Any]:
    from restorack.chains.native_parameters import native_class, native_values

    cls = native_class(name)
    try:
        values = native_values(cls())
    except TypeError:  # it cannot be made without arguments, which have no defaults
        values = dict.fromkeys(n for n, v in vars(cls).items() if isinstance(v, property))
    parameters = [
        {"name": parameter, "unit": unit_in(parameter), "range": _words(cls, parameter, value),
         "default": value, "description": ""}
        for parameter, value in values.items()
    ]  # fmt: skip
    return _entry(name, "pedalboard", _first_line(cls), parameters)


def _words(cls: type, parameter: str, value: Any) -> str:
    """Return what a native parameter takes; pedalboard declares no ranges."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        kind = type(getattr(cls, value, None))
        members = getattr(kind, "__members__", {})
        return "one of " + ", ".join(members) if members else "text"
    unit = unit_in(parameter)
    return f"a number in {unit}" if unit else "a number"


_UNITS = {"db": "dB", "hz": "Hz", "ms": "ms", "seconds": "s", "semitones": "semitones"}


def unit_in(name: str) -> str:
    """Return the unit that a parameter's name ends in, empty where it has none."""
    return _UNITS.get(name.rpartition("_")[2], "")


def _first_line(cls: type) -> str:
    return _first_line_in(inspect.getdoc(cls) or "")


def _first_line_in(text: str) -> str:
    return _plain_line(text.partition("\n\n")[0].replace("\n", " "))


def _plain_line(text: str) -> str:
    return text.replace("``", "")


def _installed(kind: str) -> list[str]:
    return sorted(_installed_paths(kind))


def _installed_paths(kind: str) -> dict[str, Path]:
    from restorack.hosting import installed

    found = {"vst3": installed.installed_vst3, "clap": installed.installed_clap}
    return found.get(kind, installed.installed_lv2)()


def _installed_entries(kind: str) -> list[dict[str, Any]]:
    from restorack.hosting.installed import unreadable_lv2
    from restorack.hosting.scanner import read_cache

    known = read_cache()
    found = []
    for name, path in sorted(_installed_paths(kind).items()):
        single, several = f"{kind} {name}", f"{kind} {name}#"
        entries = [known[key] for key in sorted(known) if key == single or key.startswith(several)]
        own = [scanned_entry(entry) for entry in entries if entry.path == str(path)]
        found += own or [_unknown(kind, name, path)]
    if kind == "lv2":
        found += [
            _unknown(kind, str(bundle), bundle) | {"status": "faulty", "fault": reason}
            for bundle, reason in sorted(unreadable_lv2().items())
        ]
    return found


def _unknown(kind: str, name: str, path: Path) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "description": "not scanned yet: restorack plugins scan",
        "status": "unknown", "fault": "", "path": str(path),
    }  # fmt: skip


def _hosted(kind: str, reference: str) -> dict[str, Any]:
    from restorack.hosting.lv2_names import lv2_uri
    from restorack.hosting.stage import HostedPlugin

    if kind == "lv2":
        reference = lv2_uri(reference)
    found = HostedPlugin(hosted_spec(kind, reference)).describe()
    parameters = [{**parameter, "description": ""} for parameter in found["parameters"]]
    maker = " ".join(filter(None, [found.get("maker", ""), found.get("version", "")]))
    return _entry(
        reference, kind, maker, parameters,
        inputs=found["inputs"], outputs=found["outputs"], latency_samples=found["latency_samples"],
        programs=found["programs"],
    )  # fmt: skip
