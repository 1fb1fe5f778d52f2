"""The manifest of a benchmark set: what is in it, and how it was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from restorack.bench.conditions import Kind
from restorack.errors import FileError
from restorack.version import __version__

MANIFEST = "bench.json"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Model):
    """An excerpt of one clean recording."""

    source: str = Field(description="The file's path within the folder of clean recordings.")
    start_seconds: float
    sample_rate: int
    channels: int
    frames: int = Field(description="Samples per channel, with the lead-in.")


class ConditionEntry(_Model):
    """A condition of the set."""

    about: str
    kind: Kind
    truth_is_filtered: bool


class BenchSet(_Model):
    """A benchmark set.

    Attributes
    ----------
    format : int
    restorack : str
        The version that made it.
    seed : int
    lead_in_seconds : float
        Damage alone before the music; it is not scored.
    items, conditions : dict
        By name.
    """

    format: Literal[1] = 1
    restorack: str = __version__
    seed: int
    lead_in_seconds: float
    items: dict[str, Item]
    conditions: dict[str, ConditionEntry]

    def reference(self, folder: Path, condition: str, item: str) -> Path:
        """Return the file that an estimate is held against."""
        if self.conditions[condition].truth_is_filtered:
            return truth_path(folder, condition, item, "music", "wav")
        return clean_path(folder, item)


def clean_path(folder: Path, item: str) -> Path:
    """Return where an item's clean music is."""
    return folder / "clean-music" / f"{item}.wav"


def damaged_path(folder: Path, condition: str, item: str) -> Path:
    """Return where an item with its damage is."""
    return folder / condition / f"{item}.wav"


def truth_path(folder: Path, condition: str, item: str, track: str, suffix: str = "flac") -> Path:
    """Return where a track of what had been added is: ``clicks``, or ``music`` after filters."""
    return folder / "truth" / condition / track / f"{item}.{suffix}"


def read_manifest(folder: Path) -> BenchSet:
    """Read a set's manifest.

    Raises
    ------
    FileError
        Where there is none, or it does not follow the format.
    """
    path = folder / MANIFEST
    try:
        return BenchSet.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise FileError(
            "is no benchmark set",
            where=str(folder),
            rule=f"a set has a manifest, {MANIFEST}",
            remedy="make one: restorack bench make DIR --clean FOLDER",
        ) from None
    except (json.JSONDecodeError, ValidationError, OSError) as error:
        line = " ".join(str(error).split())
        raise FileError(f"cannot be read as a manifest: {line}", where=str(path)) from None
