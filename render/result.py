"""What a render did, for reports and programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from restorack.core.records import plain


class _Findings:
    """A field that keeps findings as they are given, and gives them with plain lists."""

    def __get__(self, report: StageReport | None, owner: type[StageReport]) -> dict[str, Any]:
        """Return the findings, made anew."""
        if report is None:
            raise AttributeError("findings")  # so that the field has no default
        found: dict[str, Any] = plain(report.compact_findings)
        return found

    def __set__(self, report: StageReport, found: dict[str, Any]) -> None:
        """Keep the findings."""
        vars(report)["_found"] = found


@dataclass(frozen=True)
class StageReport:
    """One run of the chain.

    Attributes
    ----------
    stages : list of str
        Names of its stages.
    engine : str
        What rendered it: ``restorack``, ``pedalboard``, ``dawdreamer`` or ``pedalboard (child)``.
    seconds : float
        Spent in it, all passes together.
    latency_samples : int
        Maximum latency; compensated.
    findings : dict
        What it found and did; long lists are made anew whenever it is asked for.
    summary : str
        The same as an engineer would say it; empty where there is nothing to say.
    """

    stages: list[str]
    engine: str
    seconds: float
    latency_samples: int
    findings: _Findings = _Findings()
    summary: str = ""

    @property
    def compact_findings(self) -> dict[str, Any]:
        """The findings with long lists as :class:`~restorack.core.records.Records`."""
        found: dict[str, Any] = vars(self)["_found"]
        return found


def stage_warnings(stages: Iterable[StageReport]) -> list[str]:
    """Return what stages warn of: their findings' ``warnings``, at any depth, each once."""
    found = [text for stage in stages for text in _warnings_in(stage.compact_findings)]
    return list(dict.fromkeys(found))


def _warnings_in(finding: Any) -> Iterator[str]:
    if isinstance(finding, dict):
        yield from finding.get("warnings", ())
        for part in finding.values():
            yield from _warnings_in(part)
    elif isinstance(finding, list):
        for part in finding:
            yield from _warnings_in(part)


def clipped_in_stages(stages: Iterable[StageReport]) -> int:
    """Return how many samples stages that shorten the word have cut."""
    return sum(_clipped_in(stage.compact_findings) for stage in stages)


def _clipped_in(finding: Any) -> int:
    parts = finding.values() if isinstance(finding, dict) else finding
    if not isinstance(finding, (dict, list)):
        return 0
    own = finding.get("clipped_samples", 0) if isinstance(finding, dict) else 0
    return own + sum(map(_clipped_in, parts))


@dataclass(frozen=True)
class RenderResult:
    """A finished render.

    Attributes
    ----------
    source, output : Path
    difference : Path or None
    preset : str
    engine : str
        ``dawdreamer`` or ``stream``: what made the last mix.
    channels : int
    input_rate, work_rate, output_rate : float
        In Hz.
    frames_in, frames_out : int
    output_format, output_subtype : str
    seconds : float
        The render took.
    speed : float
        Times real time.
    estimated_memory : int
        Peak beyond what the process held before, in bytes; with plugins, their process too.
    true_peak_dbtp : float or None
        Of the output; None for silence.
    ceiling_gain_db : float
        Taken off by the ceiling.
    clipped, dithered, unchanged, samples : int
        Samples beyond full scale, which the file or a stage that shortens the word has cut (of a
        lossy file: which the encoder got); given dither; equal to the input's in the file (of a
        lossy one: before the encoder); all.
    stages : list of StageReport
    bypassed, skipped : list of str
        Stages that were switched off; optional plugins that are not installed.
    warnings : list of str
    version : str
    incomplete : list of str
        Those of the warnings that tell of input that is missing, or may be.
    """

    source: Path
    output: Path
    difference: Path | None
    preset: str
    engine: str
    channels: int
    input_rate: float
    work_rate: float
    output_rate: float
    frames_in: int
    frames_out: int
    output_format: str
    output_subtype: str
    seconds: float
    speed: float
    estimated_memory: int
    true_peak_dbtp: float | None
    ceiling_gain_db: float
    clipped: int
    dithered: int
    unchanged: int
    samples: int
    stages: list[StageReport]
    bypassed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    version: str = ""
    incomplete: list[str] = field(default_factory=list)

    def _repr_html_(self) -> str:
        """Return players and spectrograms before and after, for notebooks."""
        from restorack.render.notebook import result_html

        return result_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        values = asdict(self)
        for name in ("source", "output", "difference"):
            values[name] = str(values[name]) if values[name] is not None else None
        return values
