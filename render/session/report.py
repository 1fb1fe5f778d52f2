"""What a session's render did: levels, latencies, and what rendered each strip."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db, power_to_db
from restorack.render.result import StageReport


class Level:
    """Sample peak and root mean square of a signal, block by block."""

    def __init__(self) -> None:
        self._peak, self._energy, self._samples = 0.0, 0.0, 0

    def push(self, rows: Rows) -> None:
        """Take a block."""
        self._peak = max(self._peak, float(np.max(np.abs(rows), initial=0.0)))
        self._energy += float(np.sum(np.square(rows, dtype=np.float64)))
        self._samples += rows.size

    @property
    def peak_dbfs(self) -> float | None:
        """Of the largest sample; None for silence."""
        return float(amplitude_to_db(self._peak)) if self._peak > 0 else None

    @property
    def rms_dbfs(self) -> float | None:
        """Over all samples; None for silence."""
        if not self._energy:
            return None
        return float(power_to_db(self._energy / self._samples))


@dataclass(frozen=True)
class StripReport:
    """A stem, a bus or the master.

    Attributes
    ----------
    heard : bool
        False for what is muted, not soloed, or leads nowhere; it is not rendered.
    in_sum : bool
        Whether it goes to the master directly: these exports add up to the master's input.
    peak_dbfs, rms_dbfs : float or None
        After fader and pan; None for silence.
    latency_samples : int
        Of its own stages, compensated; a path's is the sum along it.
    path_latency_samples : int
        Of the longest path through the mix's graph that ends here; compensated.
    ways : list
        Where it goes: target and kind.
    stages : list of StageReport
    export : str or None
        The file that it was written to.
    sidechains : list
        Which of its stages hear which strip.
    """

    name: str
    kind: str
    heard: bool
    in_sum: bool
    peak_dbfs: float | None
    rms_dbfs: float | None
    latency_samples: int
    path_latency_samples: int
    ways: list[dict[str, str]]
    stages: list[StageReport]
    source: str | None = None
    export: str | None = None
    sidechains: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class SessionResult:
    """A finished session.

    Attributes
    ----------
    engine : str
        ``dawdreamer`` or ``stream``: what made the mix.
    graphs : int
        DawDreamer graphs that made it; more than one where stages of ours stand between.
    estimated_memory : int
        Of those graphs, in bytes.
    """

    session: Path
    output: Path
    name: str
    engine: str
    graphs: int
    sample_rate: float
    frames: int
    output_format: str
    output_subtype: str
    seconds: float
    speed: float
    estimated_memory: int
    true_peak_dbtp: float | None
    ceiling_gain_db: float
    clipped: int
    dithered: int
    strips: list[StripReport]
    warnings: list[str] = field(default_factory=list)
    version: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, paths as text."""
        values = asdict(self)
        for name in ("session", "output"):
            values[name] = str(values[name])
        return values
