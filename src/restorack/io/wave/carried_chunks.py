"""Which chunks of a WAV file are carried, what tags they hold, and how FLAC gives them back."""

from __future__ import annotations

from restorack.io.tags.fields import Tags
from restorack.io.wave.bext import build_bext
from restorack.io.wave.foreign_chunks import chunks_of_blocks, is_of_chunk
from restorack.io.wave.info_chunk import build_info, parse_info
from restorack.io.wave.riff import Chunk

# The container's own business, or true only of the source's samples.
NOT_CARRIED = (
    b"fmt ", b"data", b"fact", b"ds64", b"JUNK", b"junk", b"PAD ", b"FLLR", b"PEAK", b"levl",
    b"MD5 ",
)  # fmt: skip
ID3_CHUNKS = (b"id3 ", b"ID3 ")
# Another file behind the first.
_FILES = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM")
BEXT_PREFIX = "bext_"
"""Of the broadcast extension's fields among the tags of formats without chunks."""


def tags_of_chunks(chunks: list[Chunk]) -> Tags:
    """Return the tags that a WAV file's chunks hold."""
    from restorack.io.tags.reader import parse_id3

    tags = Tags()
    for chunk in chunks:
        if chunk.name in ID3_CHUNKS:
            tags = parse_id3(chunk.data)
    for chunk in chunks:
        if chunk.name == b"LIST":
            for name, texts in parse_info(chunk.data).items():
                if name not in tags.values:  # ID3 has the longer and better defined texts
                    tags.add(name, texts)
    return tags


def chunks_of_flac(tags: Tags) -> tuple[list[Chunk], list[str]]:
    """Return the chunks of a WAV file that a FLAC file holds, and warnings.

    Where the file's own tags say the same, or nothing, the chunks are kept byte for byte; otherwise
    those with tags are made anew, and the file's own stand over the chunks'.

    Parameters
    ----------
    tags : Tags
        Of the file; those of its chunks are added, and the broadcast extension's fields, which are
        in a chunk, are taken out.
    """
    found = chunks_of_blocks(tags.foreign)
    chunks, told = well_formed([chunk for chunk in found if chunk.name not in NOT_CARRIED])
    if len(found) < sum(map(is_of_chunk, tags.foreign)):
        told = [*told, "a damaged FLAC application block 'riff' is not carried"]
    held = tags_of_chunks(chunks)
    fields = {name: texts[0] for name, texts in tags.values.items() if name.startswith(BEXT_PREFIX)}
    for name in fields:
        del tags.values[name]
    if fields and not any(chunk.name == b"bext" for chunk in chunks):
        bext = build_bext({name.removeprefix(BEXT_PREFIX): text for name, text in fields.items()})
        chunks.insert(0, Chunk(b"bext", bext))
    tags.values = held.values | tags.values
    tags.frames = tags.frames or held.frames
    tags.pictures = tags.pictures or held.pictures
    if not tags.says_the_same(held):
        chunks = [chunk for chunk in chunks if not _is_of_tags(chunk)] + chunks_of_tags(tags)
    return chunks, told


def _is_of_tags(chunk: Chunk) -> bool:
    return chunk.name in ID3_CHUNKS or (chunk.name == b"LIST" and chunk.data[:4] == b"INFO")


def chunks_of_tags(tags: Tags) -> list[Chunk]:
    """Return tags as chunks of a WAV file: ``LIST INFO``, and ``id3`` with all of them."""
    from restorack.io.tags.writer import build_id3

    info = build_info(tags.values)
    chunks = [info] if info else []
    if tags.values or tags.pictures or tags.frames:
        chunks.append(Chunk(b"id3 ", build_id3(tags)[0]))
    return chunks


def well_formed(found: list[Chunk]) -> tuple[list[Chunk], list[str]]:
    """Return the chunks up to the first that is none, and a warning of that one.

    Bytes behind the samples (zeros, an ID3 block, another file) read like a chunk with a strange
    name; who writes it on, before the samples, makes a file that nobody can open.
    """
    for number, chunk in enumerate(found):
        if chunk.name in _FILES or not is_chunk_name(chunk.name):
            return found[:number], ["what follows the file's chunks is none, and is not carried"]
    return found, []


def is_chunk_name(name: bytes) -> bool:
    """Return whether four bytes can be a chunk's name: printable ASCII, filled up with spaces."""
    return len(name) == 4 and all(0x20 <= byte <= 0x7E for byte in name) and name[:1] != b" "
