#!/usr/bin/env python3
"""Print docs/reference/stages.md: every registered stage with its declared parameters."""

from __future__ import annotations

import inspect
from typing import Any

from restorack.core.parameters import Parameter
from restorack.core.processor import Processor
from restorack.core.registry import processor_class, processor_names

HEAD = """\
# Stages

Written by `scripts/pages/stage_docs.py` from the declarations; do not edit. Every stage also has
`mix` (dry/wet, 0 to 1, 0 is bit-exact) and `residual` (true: return what the stage takes away).
Latency is compensated; it is what a stream withholds at 44.1 kHz.
"""


def stage_page(name: str) -> str:
    """Return the section of one stage."""
    cls = processor_class(name)
    summary = inspect.getdoc(cls) or ""
    first = summary.split("\n\n")[0].replace("\n", " ")
    traits = ", ".join(sorted(trait.value for trait in cls.traits)) or "none"
    latency = cls().predict_latency(44_100.0)
    lines = [f"\n## {name}\n", f"{first}\n", f"Traits: {traits}. Latency: {latency} samples.\n"]
    rows = [_row(p) for p in cls.parameters.values() if p.name not in Processor.parameters_shared]
    if rows:
        lines.append("| parameter | default | range | |\n|---|---|---|---|")
        lines += rows
    return "\n".join(lines)


def _row(parameter: Parameter[Any]) -> str:
    default = parameter.default
    if isinstance(default, bool):
        default = str(default).lower()
    elif isinstance(default, float):
        default = f"{default:g}"
    moves = " Can be automated." if parameter.automatable else ""
    about = f"{parameter.description}{moves}"
    return f"| `{parameter.name}` | {default} | {parameter.describe_range()} | {about} |"


def main() -> None:
    """Print the page."""
    print(HEAD + "\n".join(stage_page(name) for name in processor_names()))


if __name__ == "__main__":
    main()
