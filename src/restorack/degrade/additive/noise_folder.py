"""Real noise from a folder of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter, TextParameter
from restorack.degrade.additive.excerpts import ExcerptString, recordings
from restorack.degrade.additive.noise import NoiseDegradation, level_parameter
from restorack.degrade.additive.stage import CHUNK, Chunk, DamageSource


class NoiseFolder(NoiseDegradation):
    """Mix in real noise: random excerpts of the audio files in a folder and its sub-folders.

    Every excerpt is freed of DC and brought to the set level; one follows the other with
    cross-fades of 50 ms. Without a folder nothing is added.

    Raises
    ------
    FileError
        When a stream begins and the folder does not exist or holds no audio file; when a file
        cannot be read.
    """

    level_db = level_parameter(-20.0)
    folder = TextParameter(
        "",
        form="the path of a folder with audio files, or empty for no noise",
        description="Folder of recordings of noise.",
        is_path=bool,
        names_audio=True,
    )
    excerpt_s = FloatParameter(
        10.0,
        0.1,
        600.0,
        unit="s",
        description="How long an excerpt lasts before the next one; shorter files are looped.",
        logarithmic=True,
        automatable=False,
    )

    @property
    def needs_preparation(self) -> bool:
        """Whether levels count from the programme."""
        return bool(self.folder) and super().needs_preparation

    def findings(self) -> dict[str, Any]:
        """Return the level that gains counted from, or that there was no folder."""
        if not self.folder:
            return {"remark": "no folder is set: nothing was added"}
        return super().findings()

    def summary(self) -> str:
        """Return that there was no folder."""
        return super().summary() if self.folder else "no folder is set, unchanged"

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        if not self.folder:
            return _Nothing(channels)
        paths = recordings(Path(self.folder).expanduser())
        return _FolderSource(ExcerptString(paths, self.excerpt_s, self.seed, sample_rate, channels))


class _FolderSource(DamageSource):
    def __init__(self, excerpts: ExcerptString) -> None:
        self._excerpts = excerpts

    def next_chunk(self) -> Chunk:
        """Return the next noise."""
        return Chunk({"noise": self._excerpts.next(CHUNK)})


class _Nothing(DamageSource):
    def __init__(self, channels: int) -> None:
        self._silence = np.zeros((channels, CHUNK))

    def next_chunk(self) -> Chunk:
        """Return silence."""
        return Chunk({"noise": self._silence})
