"""What was separated, in figures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from restorack.separation.cascade import PartName
from restorack.version import __version__

SEPARATION_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartEntry(_Model):
    """One part."""

    name: PartName
    file: str
    level_dbfs: float | None = Field(description="RMS level; none for silence.")
    share: float = Field(description="Of the parts' energies together, 0 to 1.")


class SeparationReport(_Model):
    """A recording, and its parts."""

    report_schema: int = SEPARATION_SCHEMA
    status: Literal["separated"] = "separated"
    restorack_version: str = __version__
    source: str
    sample_rate_hz: int
    channels: int
    frames: int
    parts: list[PartEntry]
    session: str | None = Field(description="The session that mixes them again.")
    inexact_samples: int = Field(description="Samples of the parts' sum that miss the source's "
                                 "last bit.")  # fmt: skip
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return self.model_dump()
