"""The repairs of a render as markers in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from restorack.render.result import StageReport

MOST = 3000
"""Markers of a recording: of more, those with the largest change."""

Marker = tuple[float, float, int]
"""Seconds, length in seconds, index of the stage."""


def markers_of(stages: Sequence[StageReport]) -> tuple[list[Marker], list[str]]:
    """Return the markers in order of time, and the names of their stages."""
    found: list[tuple[float, Marker]] = []
    names: list[str] = []
    for stage in stages:
        for name, listed in _lists(", ".join(stage.stages), stage.compact_findings):
            names.append(name)
            place = len(names) - 1
            found += [
                (entry["peak"], (entry["seconds"], entry["width_ms"] / 1000.0, place))
                for entry in listed
                if entry["keep"]
            ]
    if len(found) > MOST:
        found = sorted(found, key=lambda one: -one[0])[:MOST]
    return sorted(marker for _, marker in found), names


def _lists(name: str, finding: Any) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
    """Yield the lists of repairs in findings, at any depth, each with what its stage is called."""
    if isinstance(finding, dict):
        listed = finding.get("listed")
        if listed is not None and len(listed) and "keep" in listed[0]:
            yield name, listed
            return
        for key, part in finding.items():
            yield from _lists(key if isinstance(part, dict) else name, part)
    elif isinstance(finding, list):
        for part in finding:
            yield from _lists(name, part)
