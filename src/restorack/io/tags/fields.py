"""Tags under one set of names, whatever the file's format calls them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# What described the samples or the encoder of the source is not true of the output.
_STALE_PREFIXES = (
    "replaygain_",
    "r128_",
    "itunnorm",
    "itunsmpb",
    "encoder",
    "acoustid_fingerprint",
)
_STALE_FRAMES = ("TLEN", "TSSE", "RVA2", "RVAD", "MCDI", "ASPI", "SEEK", "MLLT", "ETCO")
_STALE_TIMES = ("ETCO",)  # made by somebody, not by an encoder


@dataclass(frozen=True)
class Picture:
    """One embedded picture; ``kind`` counts as in ID3 (3 is the front cover)."""

    data: bytes
    mime: str
    kind: int
    description: str

    @property
    def words(self) -> str:
        """Return what warnings call it."""
        about = f" {self.description!r}" if self.description else ""
        return f"picture{about} (kind {self.kind}, {len(self.data)} bytes)"


@dataclass
class Tags:
    """Tags of one file.

    Attributes
    ----------
    values : dict
        Name in lower case, as in Vorbis comments, to one or more texts.
    pictures : list of Picture
    frames : list
        ID3 frames that have no name here; only formats with ID3 can carry them.
    cue_sheet : object or None
        Of a FLAC file; only FLAC can carry it.
    foreign : list of bytes
        Chunks of a WAV file that a FLAC file holds, see :mod:`restorack.io.wave.foreign_chunks`.
    warnings : list of str
        What was found and cannot be carried, or is not true of another file.
    """

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cue_sheet: Any = None
    foreign: list[bytes] = field(default_factory=list)

    def add(self, name: str, texts: Iterable[str]) -> None:
        """Add texts under a name; empty ones are left out."""
        name = name.lower()
        kept = tuple(text for text in map(str, texts) if text)
        if kept:
            self.values[name] = (*self.values.get(name, ()), *kept)

    def says_the_same(self, other: Tags) -> bool:
        """Return whether texts and pictures are equal."""
        same = self.without_stale().values == other.without_stale().values
        return same and self.pictures == other.pictures

    def without_stale(self) -> Tags:
        """Return the tags without those that describe the source's samples or its encoder."""
        stale = [name for name in self.values if name.startswith(_STALE_PREFIXES)]
        told = [name for name in stale if not name.startswith("encoder")]
        warnings = [f"tag {name!r} describes the source's samples: left out" for name in told]
        timed = [frame.FrameID for frame in self.frames if frame.FrameID in _STALE_TIMES]
        warnings += [f"ID3 frame {code} describes the source's times: left out" for code in timed]
        return Tags(
            {name: texts for name, texts in self.values.items() if name not in stale},
            list(self.pictures),
            [frame for frame in self.frames if frame.FrameID not in _STALE_FRAMES],
            [*self.warnings, *warnings],
            self.cue_sheet,
        )
