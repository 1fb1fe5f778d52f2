"""What ``restorack plugins probe`` shows for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from restorack.hosting.probe import Probe


def probe_page(found: Probe, *, kept: bool) -> list[Any]:
    """Return a probe's result as lines and a table."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, text in _rows(found):
        table.add_row(label, escape(text))
    head = f"[bold]{escape(found.name)}[/bold] ({found.kind})" + (", kept result" if kept else "")
    return [head, table]


def _rows(found: Probe) -> Iterator[tuple[str, str]]:
    if found.about:
        yield "made by", _joined(found.about, "maker", "version")
        yield "parameters", str(len(found.about["parameters"]))
    if found.layouts:
        yield "channels", _channels(found.layouts)
    if found.latency:
        yield "latency", _latency(found.latency)
    if found.tail:
        seconds = found.tail["seconds"]
        yield "tail", "over 30 s" if seconds is None else f"{seconds:.2f} s"
    if found.determinism:
        yield "two runs", "the same samples" if found.deterministic else "differ"
        yield "reset", _reset(found.determinism)
    if found.speed:
        yield "speed", f"{found.speed['times_real_time']:.0f} x real time"
    if found.sandbox:
        yield "sandbox", _sandbox(found.sandbox)
    for remark in found.remarks:
        yield "note", remark
    for fault in found.faults:
        yield "FAILED", f"{fault.during}: {fault.what}"


def _joined(values: dict[str, Any], *names: str) -> str:
    return " ".join(str(values[name]) for name in names if values.get(name)) or "unknown"


def _channels(layouts: dict[str, Any]) -> str:
    text = f"{layouts['inputs']} in, {layouts['outputs']} out"
    if layouts["sidechain_inputs"]:
        text += f" ({layouts['sidechain_inputs']} of them side-chain)"
    fed = layouts["fed"]
    return f"{text}; mono {fed['1']}, stereo {fed['2']}"


def _latency(entries: list[dict[str, Any]]) -> str:
    """Return one figure where all rates agree, otherwise one for each rate."""
    figures = {_figure(entry) for entry in entries}
    if len(figures) == 1:
        return figures.pop()
    return ", ".join(f"{_figure(entry)} at {entry['rate']:g} Hz" for entry in entries)


def _figure(entry: dict[str, Any]) -> str:
    measured = "not measurable" if entry["measured"] is None else f"{entry['measured']} measured"
    return f"{entry['reported']} samples reported, {measured}"


def _sandbox(found: dict[str, Any]) -> str:
    """Return the mode, and what of it is enforced, not offered by the system, or off."""
    parts: dict[str, list[str]] = {}
    for part, status in found.items():
        if part != "mode":
            parts.setdefault(status, []).append(part.replace("_", " "))
    texts = [f"{status}: {', '.join(names)}" for status, names in parts.items()]
    return "; ".join([str(found["mode"]), *texts])


def _reset(runs: dict[str, Any]) -> str:
    if runs["reset_clears_graph"] and runs["reset_clears_stream"] is not False:
        return "clears what was heard"
    return "does not clear what was heard"
