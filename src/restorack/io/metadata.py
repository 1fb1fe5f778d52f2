"""Carry what a file says about itself: tags, pictures, broadcast and other chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

import soundfile

from restorack.io.decoder import check_source, open_decoder
from restorack.io.marks.chapters import adapt_chapters
from restorack.io.marks.cue_points import adapt_marks
from restorack.io.marks.time_map import TimeMap, Warp
from restorack.io.tags.fields import Tags
from restorack.io.wave.bext import (
    BroadcastLoudness,
    adapt_bext,
    bext_of_tags,
    build_bext,
    complete_bext,
    parse_bext,
)
from restorack.io.wave.carried_chunks import (
    BEXT_PREFIX,
    ID3_CHUNKS,
    NOT_CARRIED,
    chunks_of_flac,
    tags_of_chunks,
    well_formed,
)
from restorack.io.wave.foreign_chunks import FlacForm, foreign_blocks, mask_of_blocks
from restorack.io.wave.info_chunk import build_info
from restorack.io.wave.riff import Chunk, channel_mask, is_wave, read_chunks

# Positions or lengths that are not recomputed.
_STATES_TIMES = (b"acid", b"axml", b"r64m")


@dataclass(frozen=True)
class Target:
    """What the metadata is written for.

    Attributes
    ----------
    format, subtype : str
        libsndfile's names.
    rate : float
        Of the output, in Hz.
    start : int
        First sample of the source that was taken.
    stop : int or None
        The one after the last, where the end was left out.
    history : str
        Line for the coding history.
    warp : callable, optional
        Where moments of the span are after a change of speed, in seconds.
    loudness : BroadcastLoudness or None
        Of a finished file, where it was measured.
    flac : FlacForm or None
        What a finished FLAC file holds.
    """

    format: str
    subtype: str
    rate: float
    start: int
    stop: int | None
    history: str
    warp: Warp | None = None
    loudness: BroadcastLoudness | None = None
    flac: FlacForm | None = None

    def times(self, rate: float) -> TimeMap:
        """Return where moments of a source of a rate in Hz now are."""
        return TimeMap(self.start, self.stop, round(rate), round(self.rate), self.warp)


@dataclass(frozen=True)
class Metadata:
    """What a source says about itself.

    Attributes
    ----------
    rate : float
        Of the source, in Hz.
    tags : Tags
    chunks : tuple of Chunk
        Of a WAV file, byte for byte; none for other formats.
    channel_mask : int or None
        Speakers that an extensible WAV file names.
    warnings : tuple of str
        What could not be read.
    """

    rate: float
    tags: Tags = field(default_factory=Tags)
    chunks: tuple[Chunk, ...] = ()
    channel_mask: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def bext(self) -> dict[str, str | int | float]:
        """Return the fields of the broadcast extension, none where there is none."""
        found = next((chunk for chunk in self.chunks if chunk.name == b"bext"), None)
        return parse_bext(found.data) if found else {}

    @property
    def states_times(self) -> bool:
        """Whether it says where something is: cue points, loops, chapters, cue sheets."""
        tags = self.tags
        return (
            any(chunk.name in (b"cue ", b"plst", b"smpl") for chunk in self.chunks)
            or any(name.startswith(("chapter0", "cuesheet")) for name in tags.values)
            or any(frame.FrameID in ("CHAP", "SYLT") for frame in tags.frames)
            or tags.cue_sheet is not None
        )

    def with_tags(self, texts: Mapping[str, str]) -> Metadata:
        """Return the same with some tags set, also in a WAV file's chunks.

        Parameters
        ----------
        texts : mapping
            Name as in Vorbis comments to text.
        """
        if not texts:
            return self
        values = self.tags.values | {name: (text,) for name, text in texts.items()}
        chunks = self.chunks
        if chunks:
            from restorack.io.tags.editing import edited_chunks

            chunks = tuple(edited_chunks(chunks, texts, {}))
        return replace(self, tags=replace(self.tags, values=values), chunks=chunks)

    def wave_chunks(self, target: Target) -> tuple[list[Chunk], list[str]]:
        """Return the chunks for a WAV file, and what could not be carried.

        A WAV file's own chunks are kept byte for byte, but for the broadcast extension and, where
        only a part was taken or the rate differs, for cue points, regions, loops and chapters.
        Other formats' tags become ``LIST INFO``, and ``id3`` with all of them. A broadcast
        extension is there in any case.
        """
        if not self.chunks:
            return self._chunks_from_tags(target)
        chunks, warnings = self._adapted_chunks(target)
        if not any(chunk.name == b"bext" for chunk in chunks):
            chunks.insert(0, self._adapted(bext_of_tags(self.tags.values), target))
        return chunks, warnings

    def _adapted_chunks(self, target: Target) -> tuple[list[Chunk], list[str]]:
        """Return the source's own chunks, made true of the output."""
        times = target.times(self.rate)
        marked, told = adapt_marks(list(self.chunks), times)
        chunks, warnings = [], [*self.warnings, *told]
        for chunk in marked:
            kept = chunk
            if chunk.name == b"bext":
                kept = self._adapted(chunk.data, target)
            elif chunk.name in ID3_CHUNKS and not times.is_identity:
                from restorack.io.tags.reader import adapt_id3

                data, told = adapt_id3(chunk.data, times)
                kept = Chunk(chunk.name, data)
                warnings += told
            elif times.moves if chunk.name == b"iXML" else _is_timed(chunk, times):
                text = _shown(chunk)
                warnings.append(f"chunk {text} counts samples of the source: carried unchanged")
            chunks.append(kept)
        return chunks, warnings

    def write_into(self, path: Path, target: Target) -> list[str]:
        """Write the tags into a finished file that is not WAV; return what was not carried."""
        from restorack.io.tags.writer import write_tags  # mutagen is loaded only where needed

        tags, told = adapt_chapters(self._all_tags(target), target.times(self.rate))
        warnings = [*self.warnings, *tags.warnings, *told]
        blocks: list[bytes] = []
        if target.flac is not None and self.chunks:
            chunks, more = self._adapted_chunks(target)
            blocks, too_large = foreign_blocks(chunks, target.flac)
            warnings += [*more, *too_large]
        else:
            warnings += self._without_place(target.format)
        warnings += write_tags(path, target.format, target.subtype, tags, blocks)
        return list(dict.fromkeys(warnings))

    def _without_place(self, name: str) -> list[str]:
        """Return warnings of the chunks that a format without chunks cannot hold."""
        carried = (b"bext", b"LIST", *ID3_CHUNKS)
        return [
            f"chunk {_shown(chunk)} has no place in {name}"
            for chunk in self.chunks
            if chunk.name not in carried or (chunk.name == b"LIST" and chunk.data[:4] != b"INFO")
        ]

    def _adapted(self, bext: bytes, target: Target) -> Chunk:
        data = adapt_bext(
            bext,
            start=target.start,
            rate_in=self.rate,
            rate_out=target.rate,
            history=target.history,
        )
        if target.loudness is not None:
            data = complete_bext(data, target.loudness, "")
        return Chunk(b"bext", data)

    def _chunks_from_tags(self, target: Target) -> tuple[list[Chunk], list[str]]:
        from restorack.io.tags.writer import build_id3

        tags, told = adapt_chapters(self.tags.without_stale(), target.times(self.rate))
        warnings = [*self.warnings, *tags.warnings, *told]
        bext = {
            name.removeprefix(BEXT_PREFIX): texts[0]
            for name, texts in tags.values.items()
            if name.startswith(BEXT_PREFIX)
        }
        for name in bext:
            del tags.values[BEXT_PREFIX + name]
        own = build_bext(bext) if bext else bext_of_tags(tags.values)
        chunks = [self._adapted(own, target)]
        info = build_info(tags.values)
        if info:
            chunks.append(info)
        if tags.values or tags.pictures or tags.frames:
            data, told = build_id3(tags)
            chunks.append(Chunk(b"id3 ", data))
            warnings += told
        if tags.cue_sheet:
            warnings.append("the FLAC cue sheet has no place in WAV")
        return chunks, list(dict.fromkeys(warnings))

    def _all_tags(self, target: Target) -> Tags:
        """Return the tags with the broadcast extension's fields among them."""
        tags = self.tags.without_stale()
        found = next((chunk for chunk in self.chunks if chunk.name == b"bext"), None)
        if found:
            for name, value in parse_bext(self._adapted(found.data, target).data).items():
                tags.add(BEXT_PREFIX + name, [str(value)])
        return tags


def read_metadata(path: str | PathLike[str]) -> Metadata:
    """Read all that a file says about itself beside its samples.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Metadata

    Raises
    ------
    FileError
        For a file that is missing or not audio. Damaged tags are a warning, not an error.
    """
    source = Path(path)
    check_source(source)
    decoder, close = open_decoder(source)
    try:
        rate, name = decoder.samplerate, decoder.format
        texts = decoder.copy_metadata()
    except soundfile.SoundFileError:
        texts = {}
    finally:
        close()
    if is_wave(source):
        return _from_wave(source, rate)
    from restorack.io.tags.reader import read_tags

    tags = read_tags(source, name)
    if tags.foreign:
        chunks, told = chunks_of_flac(tags)
        mask = mask_of_blocks(tags.foreign)
        return Metadata(rate, tags, tuple(chunks), mask, (*tags.warnings, *told))
    if not tags.values:
        for key, text in texts.items():
            tags.add("encoder" if key == "software" else key, [text])
    return Metadata(rate, tags, warnings=tuple(tags.warnings))


def _from_wave(path: Path, rate: float) -> Metadata:
    found, warnings = read_chunks(path, NOT_CARRIED)
    chunks, told = well_formed(found)
    warnings += told
    tags = tags_of_chunks(chunks)
    return Metadata(rate, tags, tuple(chunks), channel_mask(path), (*warnings, *tags.warnings))


def _is_timed(chunk: Chunk, times: TimeMap) -> bool:
    """Return whether a chunk states times that are no longer so, and is carried as it is."""
    return chunk.name in _STATES_TIMES and not times.is_identity


def _shown(chunk: Chunk) -> str:
    kind = chunk.data[:4] if chunk.name == b"LIST" else b""
    return repr((chunk.name.strip() + b" " + kind).decode("latin-1").strip())
