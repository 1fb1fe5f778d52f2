"""Requests to the sandbox child: how they name plugins, and how samples go there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.hosting.exchange.shape import Shape
from restorack.hosting.installed import installed_lv2
from restorack.hosting.lv2.ports import control_ports
from restorack.hosting.parameters.states import with_content
from restorack.hosting.process import ChildProcess
from restorack.hosting.spec import PluginSpec


def one_spec(spec: PluginSpec) -> dict[str, Any]:
    """Return the part of a request that names one plugin."""
    return {"spec": complete(spec).to_message()}


def spec_messages(specs: Sequence[PluginSpec]) -> list[dict[str, Any]]:
    """Return plugins in series as a request names them, their states read."""
    return [complete(spec).to_message() for spec in specs]


def complete(spec: PluginSpec) -> PluginSpec:
    """Return the spec with what the child needs and does not read itself: state, LV2 ports."""
    spec = with_content(spec)
    if spec.kind != "lv2" or spec.ports:
        return spec
    bundle = installed_lv2().get(spec.reference)
    ports = control_ports(spec.reference, bundle) if bundle is not None else ()
    return replace(spec, ports=ports)


def exchange(
    child: ChildProcess,
    message: dict[str, Any],
    rows: Rows | None,
    timeout: float,
    shape: Shape | None,
) -> tuple[dict[str, Any], Rows]:
    """Put a request to a child, with samples where it needs some; return its checked answer."""
    # Here, since the child imports this module as well: it need not wait for pydantic.
    from restorack.hosting.exchange.answers import check_answer

    if rows is not None:
        child.samples.write(rows)
        message |= {"channels": rows.shape[0], "samples": rows.shape[1]}
    answer = check_answer(message, child.ask(message, timeout), shape)
    out = np.zeros((0, 0), np.float32)
    if shape is not None and "error" not in answer:
        out = child.samples.read(answer["channels"], answer["samples"])
    child.samples.give_back()
    return answer, out
