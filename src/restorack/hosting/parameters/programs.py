"""Programs of VST3 plugins: the presets that a plugin brings along, by name or number.

Both hosts show them as a parameter of steps. pedalboard is kept from listing it, since it would try
every program when it loads the plugin; its own values are read here.
"""

from __future__ import annotations

import re
from typing import Any

from restorack.errors import ParameterError, suggest
from restorack.hosting.spec import PluginSpec

_TITLE = re.compile(r"(current )?(program|preset)", re.IGNORECASE)
_MOST = 1000
"""Steps beyond which a parameter of that name is no list of programs."""


def program_parameter(plugin: Any) -> Any:
    """Return the pedalboard parameter that chooses a plugin's program; None without programs."""
    for parameter in plugin._parameters:
        if _TITLE.fullmatch(parameter.name) and 2 <= parameter.num_steps <= _MOST:
            return parameter
    return None


def program_names(plugin: Any) -> list[str]:
    """Return the names of a plugin's programs, in its own order."""
    parameter = program_parameter(plugin)
    if parameter is None:
        return []
    return [str(parameter.get_text_for_raw_value(raw)).strip() for raw in _raw_values(parameter)]


def raw_program(plugin: Any, spec: PluginSpec) -> tuple[Any, float]:
    """Return a plugin's program parameter and the value of a spec's program, from 0 to 1.

    Raises
    ------
    ParameterError
        For a program that the plugin has not.
    """
    names, wanted = program_names(plugin), spec.program
    if not names:
        raise ParameterError(
            f"program {wanted!r}",
            where=spec.label,
            rule="the plugin has no programs",
            remedy="set its parameters, or load a state",
        )
    if isinstance(wanted, int):
        at = wanted - 1
        fits = 0 <= at < len(names)
    else:
        lowered = [name.lower() for name in names]
        fits = str(wanted).lower() in lowered
        at = lowered.index(str(wanted).lower()) if fits else 0
    if not fits:
        raise ParameterError(
            f"no program {wanted!r}",
            where=spec.label,
            rule=f"a number from 1 to {len(names)}, or one of {_shown(names)}",
            remedy=suggest(str(wanted), names) if isinstance(wanted, str) else "",
        )
    parameter = program_parameter(plugin)
    return parameter, _raw_values(parameter)[at]


def _raw_values(parameter: Any) -> list[float]:
    last = parameter.num_steps - 1
    return [number / last for number in range(parameter.num_steps)]


def _shown(names: list[str]) -> str:
    return ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
