"""One piece of advice beside a preset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """A stage to use before a preset, or why none is named.

    Attributes
    ----------
    topic : str
        ``clipping``, ``sibilance``, ``speed``, ``tuning``, ``curve``, ``azimuth``, ``walls``,
        ``low end`` or ``tracks``.
    stage : str or None
        Its name; None where nothing is to be done, or nothing can be told.
    parameters : dict
        To set.
    reason : str
    """

    topic: str
    stage: str | None
    reason: str
    parameters: dict[str, Any] = field(default_factory=dict)
