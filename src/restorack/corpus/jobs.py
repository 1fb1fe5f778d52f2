"""The pieces that a corpus is built from, each made on its own, in any process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Protocol

import numpy as np

from restorack.corpus.catalogue import Piece, Split
from restorack.corpus.finishing import add_piece, trimmed, with_room
from restorack.corpus.fluidsynth import TIMEOUT_S, Soundfont, render_midi
from restorack.corpus.notes import LICENCE, read_notes
from restorack.corpus.phrases import Instrument, play_phrase
from restorack.corpus.recordings import Recording, read_audio
from restorack.dsp.arrays import Rows
from restorack.errors import CorpusError
from restorack.system.signals import alarm

# Seconds for one score; seconds that notes ring on; share of the pieces that get a room. By hand.
PARSE_S = 120.0
TAIL_S = 2.0
ROOM_SHARE = 0.5


@dataclass(frozen=True)
class Format:
    """How pieces are stored.

    Attributes
    ----------
    folder : Path
        Of the corpus.
    sample_rate, channels : int
    """

    folder: Path
    sample_rate: int
    channels: int


class Job(Protocol):
    """Makes one piece."""

    @property
    def key(self) -> str:
        """What the piece is known by."""

    def make(self, form: Format) -> Piece:
        """Make the piece, or raise :class:`CorpusError`."""


@dataclass(frozen=True)
class RenderJob:
    """A score on a soundfont."""

    score: str
    soundfont: Soundfont
    split: Split
    seed: int
    seconds: float

    @property
    def key(self) -> str:
        """Score, font and seed."""
        return f"render/{self.score}/{self.soundfont.path.stem}/{self.seed}"

    def make(self, form: Format) -> Piece:
        """Arrange, render, and perhaps put into a room."""
        from restorack.corpus.arranging import arrange
        from restorack.corpus.midi import midi_file

        rng = np.random.default_rng([self.seed, *self.key.encode()])
        with within(PARSE_S, self.score):
            performance = arrange(read_notes(self.score, rng), rng, self.seconds)
        rows = render_midi(
            midi_file(performance),
            self.soundfont.path,
            performance.seconds + TAIL_S,
            form.sample_rate,
            timeout_s=TIMEOUT_S,
        )
        if form.channels == 1:
            rows = rows.mean(axis=0, keepdims=True, dtype=np.float32)
        rows = trimmed(rows, form.sample_rate)
        if rng.random() < ROOM_SHARE and rows.shape[1]:
            rows = with_room(rows, form.sample_rate, rng)
        return add_piece(
            form.folder,
            rows,
            form.sample_rate,
            key=self.key,
            kind="render",
            split=self.split,
            source=f"music21 scores on {self.soundfont.path.name}",
            licence=f"{LICENCE}; soundfont {self.soundfont.licence}",
            attribution=self.soundfont.attribution,
        )


@dataclass(frozen=True)
class RecordingJob:
    """A recording as it is."""

    recording: Recording
    source: str
    split: Split

    @property
    def key(self) -> str:
        """Where it is from."""
        return f"recording/{self.source}/{self.recording.name}"

    def make(self, form: Format) -> Piece:
        """Read and resample."""
        one = self.recording
        rows, lossy = read_audio(one.path, form.sample_rate, form.channels)
        return add_piece(
            form.folder,
            trimmed(rows, form.sample_rate),
            form.sample_rate,
            key=self.key,
            kind=one.kind,
            split=self.split,
            wall_hz=one.wall_hz,
            floor_db=one.floor_db,
            lossy=lossy,
            source=f"{self.source}/{one.name}",
            licence=one.licence,
            attribution=one.attribution,
        )


@dataclass(frozen=True)
class PhraseJob:
    """Single notes, strung into a phrase."""

    instrument: Instrument
    source: str
    split: Split
    seed: int
    seconds: float

    @property
    def key(self) -> str:
        """The instrument and the seed."""
        return f"notes/{self.source}/{self.instrument.name}/{self.seed}"

    def make(self, form: Format) -> Piece:
        """Play a phrase, and perhaps put it into a room."""
        rng = np.random.default_rng([self.seed, *self.key.encode()])
        lossy: set[bool] = set()

        def load(recording: Recording) -> Rows:
            rows, is_lossy = _note(recording.path, form.sample_rate, form.channels)
            lossy.add(is_lossy)
            return rows

        rows, used = play_phrase(self.instrument, load, self.seconds, form.sample_rate, rng)
        if rng.random() < ROOM_SHARE:
            rows = with_room(rows, form.sample_rate, rng)
        walls = [one.wall_hz for one in used]
        known = [wall for wall in walls if wall]
        return add_piece(
            form.folder,
            rows,
            form.sample_rate,
            key=self.key,
            kind="notes",
            split=self.split,
            wall_hz=max(known) if len(known) == len(walls) else None,
            lossy=True in lossy,
            source=f"{self.source}: notes of {self.instrument.name}",
            licence=_joined(one.licence for one in used),
            attribution=_joined(one.attribution for one in used),
        )


@contextmanager
def within(seconds: float, where: str) -> Iterator[None]:
    """Raise :class:`CorpusError` in what takes longer; only in a process's main thread."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise CorpusError(f"took more than {seconds:g} s", where=where)

    with alarm(seconds, stop):
        yield


@lru_cache(maxsize=256)
def _note(path: Path, sample_rate: int, channels: int) -> tuple[Rows, bool]:
    return read_audio(path, sample_rate, channels)


def _joined(texts: Iterator[str]) -> str:
    return "; ".join(sorted({text for text in texts if text}))
