"""Listening pages of given samples, without a render."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from restorack.reports.listening.encoding import Coding, encode
from restorack.reports.listening.overview import look_over
from restorack.reports.listening.page import PageRecording, PageTrack, page_html
from restorack.reports.listening.parts import Parts
from restorack.reports.listening.sound import Sound

Given = tuple[str, str, np.ndarray]
"""Label, kind, samples."""


def tracks_of(
    folder: Path, given: Sequence[Given], coding: Coding, parts: Parts | None = None
) -> list[PageTrack]:
    """Measure and encode samples at the coding's rate."""
    tracks = []
    for label, kind, samples in given:
        path = folder / f"{len(tracks)}.wav"
        soundfile.write(path, samples.T, coding.rate, subtype="FLOAT")
        sound = Sound(path)
        _, channels, frames = sound.shape()
        name = f"{kind}-{len(tracks)}"
        segments = []
        for number, one in enumerate(encode(sound.blocks(), frames, channels, coding)):
            place = {"start": one.start, "samples": one.samples, "lead": one.lead}
            if parts is None:
                segments.append(place | {"data": one.data})
            else:
                segments.append(place | parts.write(name, number, one.data))
        overview = look_over(sound, frames / coding.rate)
        tracks.append(PageTrack(name, label, kind, overview, coding.mime, segments))
    return tracks


def write_page(path: Path, given: Sequence[Given], coding: Coding, **more: object) -> Path:
    """Write a page of one recording; segments go beside it where the coding has some."""
    parts = Parts(path.parent / "audio", "001") if coding.segmented else None
    tracks = tracks_of(path.parent, given, coding, parts)
    values = {"name": "recording.wav"} | more
    title = str(values.pop("title", "Before and after"))
    recording = PageRecording(rate=coding.rate, samples=len(given[0][2].T), tracks=tracks, **values)  # type: ignore[arg-type]
    path.write_text(page_html(title, [recording]))
    return path
