#!/usr/bin/env python3
"""Write src/restorack/stages.py and .pyi: every stage, its constructor typed by its declarations.

With these a type checker and an editor know parameters, units and ranges, and catch a misspelt one.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from restorack.core.parameters import (
    AutoFloatParameter,
    BoolParameter,
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    Parameter,
)
from restorack.core.registry import OURS, processor_class, processor_names

FOLDER = Path(__file__).parent.parent / "src" / "restorack"

HEAD = '"""Every stage of restorack, by name. Written by scripts/stage_stubs.py; do not edit."""\n'

TYPES: dict[type[Parameter[Any]], str] = {
    AutoFloatParameter: 'float | Literal["auto"]',
    BoolParameter: "bool",
    FloatParameter: "float",
    IntParameter: "int",
}


def stages() -> list[type[Any]]:
    """Return the classes, by name."""
    names = [name for name in processor_names() if name.startswith(OURS)]
    return sorted((processor_class(name) for name in names), key=lambda cls: cls.__name__)


def module() -> str:
    """Return the module: where each stage is, loaded when it is first used."""
    homes = "".join(f'    "{cls.__name__}": "{cls.__module__}",\n' for cls in stages())
    return (
        f"{HEAD}\nfrom __future__ import annotations\n\n"
        "from restorack.lazy_names import importer\n\n"
        f"_HOME_OF = {{\n{homes}}}\n\n__getattr__ = importer(__name__, _HOME_OF)\n"
    )


def stub() -> str:
    """Return the stub: every stage with its constructor."""
    classes = stages()
    by_module = sorted(classes, key=lambda cls: (cls.__module__, cls.__name__))
    imports = "".join(
        f"from {cls.__module__} import {cls.__name__} as _{cls.__name__}\n" for cls in by_module
    )
    bodies = "\n".join(map(_class, classes))
    return f"{HEAD}\nfrom typing import Literal\n\n{imports}\n{bodies}"


def _class(cls: type[Any]) -> str:
    text = str(cls.__doc__).replace("\\", "\\\\")
    first, _, rest = text.partition("\n")
    doc = textwrap.indent(f'"""{first}\n{rest}\n"""', "    ", lambda line: bool(line.strip()))
    lines = "".join(f"        {_argument(one)},\n" for one in cls.parameters.values())
    return (
        f"class {cls.__name__}(_{cls.__name__}):\n{doc}\n\n"
        f"    def __init__(\n        self,\n        *,\n{lines}    ) -> None: ...\n"
    )


def _argument(parameter: Parameter[Any]) -> str:
    default = parameter.default
    shown = f'"{default}"' if isinstance(default, str) else repr(default)
    return f"{parameter.name}: {_type(parameter)} = {shown}"


def _type(parameter: Parameter[Any]) -> str:
    if isinstance(parameter, ChoiceParameter):
        words = ", ".join(f'"{word}"' for word in parameter.choices)
        return f"Literal[{words}]"
    return TYPES.get(type(parameter), "str")


def main() -> None:
    """Write both files."""
    (FOLDER / "stages.py").write_text(module(), encoding="utf-8")
    (FOLDER / "stages.pyi").write_text(stub(), encoding="utf-8")


if __name__ == "__main__":
    main()
