"""All that was tried, as a file that a search goes on from."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from restorack.errors import FileError
from restorack.io.atomic import write_whole
from restorack.version import __version__

TUNE_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KnobEntry(_Model):
    """A parameter that is searched."""

    name: str
    low: float
    high: float
    start: float
    presets: int = Field(description="Shipped ones that set it, from which its spread is.")
    centre: float = Field(description="Place that is expected, 0 to 1 in the range.")
    spread: float


class Trial(_Model):
    """One set of values."""

    values: list[float]
    objective: float | None = Field(description="None where the chain failed.")
    prior: float
    remark: str = ""

    @property
    def loss(self) -> float:
        """Return objective and prior together; infinite where the chain failed."""
        return math.inf if self.objective is None else self.objective + self.prior


class History(_Model):
    """A search."""

    report_schema: int = TUNE_SCHEMA
    restorack_version: str = __version__
    preset: str
    objective: str
    method: str
    seed: int
    prior_weight: float
    recipe: str = Field(description="Hash of all that the losses depend on.")
    knobs: list[KnobEntry]
    trials: list[Trial] = []
    status: str = "running"

    @property
    def best(self) -> Trial | None:
        """Return the trial of the lowest loss; None where there is none."""
        done = [trial for trial in self.trials if math.isfinite(trial.loss)]
        return min(done, key=lambda trial: trial.loss, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return self.model_dump()

    def save(self, path: Path) -> None:
        """Write it, whole, over what an earlier one has left."""
        write_whole(path, json.dumps(self.to_dict(), indent=1, allow_nan=False).encode())


def read_history(path: Path, recipe: str) -> list[Trial]:
    """Return the trials of a search of the same recipe.

    Raises
    ------
    FileError
        For a file that is no history, or that of another search.
    """
    try:
        found = History.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise FileError(
            "is no history of tuning", where=str(path), remedy="leave --resume out"
        ) from error
    if found.recipe != recipe:
        raise FileError(
            "is the history of another search",
            where=str(path),
            rule="preset, parameters, recordings, objective, method and seed are the same",
            remedy="leave --resume out, or write to another file",
        )
    return found.trials


def recipe_of(*parts: object) -> str:
    """Return a hash of all that losses depend on; arrays by their bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
