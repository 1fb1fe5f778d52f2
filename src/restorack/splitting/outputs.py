"""What is written of a side: names first, then all files at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from restorack.io.atomic import AtomicFile, check_writable, write_all
from restorack.io.file_names import fitting_name
from restorack.io.marks.cue_writing import CuePoint, with_cue_points
from restorack.io.metadata import Metadata, read_metadata
from restorack.io.output_formats import OUTPUT_FORMATS
from restorack.io.reader import AudioReader
from restorack.io.wave.carried_chunks import chunks_of_tags
from restorack.io.writer import AudioWriter
from restorack.render.batch.pattern import safe_part
from restorack.splitting.forms import output_form
from restorack.splitting.layout import Span, Track
from restorack.splitting.options import SplitOptions
from restorack.splitting.track_lists import cue_sheet, labels
from restorack.splitting.writing import write_spans


class Outputs:
    """The files of a side.

    Parameters
    ----------
    reader : AudioReader
    tracks : sequence of Track
    spans : sequence of Span
        What each track's file has.
    options : SplitOptions

    Attributes
    ----------
    warnings : list of str
        What of the side's metadata could not be carried.
    """

    def __init__(
        self,
        reader: AudioReader,
        tracks: Sequence[Track],
        spans: Sequence[Span],
        options: SplitOptions,
    ) -> None:
        self._reader, self.tracks, self.spans, self.options = reader, tracks, spans, options
        self._side = reader.info.path
        self.form = output_form(reader.info, options.format, options.subtype)
        self.warnings: list[str] = []

    @cached_property
    def track_names(self) -> list[str]:
        """Return the names of the tracks' files."""
        ending = f".{OUTPUT_FORMATS[self.form[0]].extensions[0]}"
        digits = max(2, len(str(self.tracks[-1].number)))
        names = []
        for track in self.tracks:
            number = f"{track.number:0{digits}d}"
            title = safe_part(track.tags.get("title", ""))
            stem = f"{number} {title}" if title else f"{self._stem} {number}"
            names.append(fitting_name(stem, ending))
        return names

    @property
    def _stem(self) -> str:
        return safe_part(self._side.stem) or "side"

    def _name(self, ending: str) -> str:
        return fitting_name(self._stem, ending)

    def paths(self, folder: Path) -> list[Path]:
        """Return all files that are written into a folder."""
        names = {
            "files": self.track_names,
            "cues": [self._name(".cues.wav")],
            "cue-sheet": [self._name(".cue")],
            "labels": [self._name(".labels.txt")],
        }
        return [folder / name for kind in self.options.write for name in names[kind]]

    def write(self, folder: Path) -> None:
        """Write all files; they appear together, when each of them is whole.

        Raises
        ------
        FileError
            Where one exists or cannot be written: then none appears.
        """
        force, sources = self.options.force, [self._side]
        for path in self.paths(folder):
            check_writable(path, force=force, sources=sources)
        metadata = read_metadata(self._side)
        own = metadata.with_tags(self.options.tags)
        with ExitStack() as stack:
            for kind, text in (("cue-sheet", self._cue_sheet), ("labels", self._labels)):
                if kind in self.options.write:
                    [path] = [p for p in self.paths(folder) if p.name == self._text_name(kind)]
                    file = stack.enter_context(AtomicFile(path, force=force, sources=sources))
                    write_all(file.descriptor, text(folder, own).encode("utf-8"))
            if "cues" in self.options.write:
                self._write_cues(stack, folder, own)
            if "files" in self.options.write:
                self._write_files(stack, folder, own)

    def _text_name(self, kind: str) -> str:
        return self._name(".cue" if kind == "cue-sheet" else ".labels.txt")

    def _cue_sheet(self, folder: Path, metadata: Metadata) -> str:
        if "cues" in self.options.write:
            audio = Path(self._name(".cues.wav"))
        else:
            audio = Path(os.path.relpath(self._side.resolve(), folder.resolve()))
        tags = {name: texts[0] for name, texts in metadata.tags.values.items() if texts}
        return cue_sheet(self.tracks, self._reader.info.sample_rate, audio, tags)

    def _labels(self, _: Path, __: Metadata) -> str:
        return labels(self.tracks, self._reader.info.sample_rate)

    def _write_cues(self, stack: ExitStack, folder: Path, metadata: Metadata) -> None:
        """Write a copy of the side with cue points: the same samples, as WAV."""
        points = [
            CuePoint(track.start, track.stop - track.start, track.title) for track in self.tracks
        ]
        info = self._reader.info
        form = output_form(info, "wav", None)
        chunks = metadata.chunks or chunks_of_tags(metadata.tags.without_stale())
        marked = replace(metadata, chunks=tuple(with_cue_points(chunks, points)))
        writer = AudioWriter(
            folder / self._name(".cues.wav"), info.sample_rate, info.channels, format=form[0],
            subtype=form[1], force=self.options.force, sources=[self._side], metadata=marked,
            process="split",
        )  # fmt: skip
        stack.enter_context(writer)
        write_spans(self._reader, [Span(0, info.frames)], [writer])
        self._tell(writer.warnings)

    def _write_files(self, stack: ExitStack, folder: Path, metadata: Metadata) -> None:
        info = self._reader.info
        writers = []
        for track, span, name in zip(self.tracks, self.spans, self.track_names, strict=True):
            writer = AudioWriter(
                folder / name, info.sample_rate, info.channels, format=self.form[0],
                subtype=self.form[1], force=self.options.force, sources=[self._side],
                metadata=self._of_track(track, metadata), start=span.start,
                stop=span.stop if span.stop < info.frames else None,
                process="split",
            )  # fmt: skip
            writers.append(stack.enter_context(writer))
        write_spans(self._reader, self.spans, writers)
        for writer in writers:
            self._tell(writer.warnings)

    def _of_track(self, track: Track, metadata: Metadata) -> Metadata:
        """Return the side's metadata with the track's own tags."""
        own = {"title": track.title, "tracknumber": str(track.number)} | track.tags
        found = metadata.with_tags(own)
        if "tracktotal" not in self.options.tags | track.tags:
            found.tags.values.pop("tracktotal", None)  # the side's own counts sides
        return found

    def _tell(self, warnings: Sequence[str]) -> None:
        self.warnings = list(dict.fromkeys([*self.warnings, *warnings]))
