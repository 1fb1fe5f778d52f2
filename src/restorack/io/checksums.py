"""Checksums that files hold of their samples: the ``MD5 `` chunk of WAV, and the MD5 of FLAC."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from restorack.errors import ChecksumError
from restorack.io.decoder import open_decoder
from restorack.io.formats.wave_chunks import map_wave
from restorack.io.wave.foreign_chunks import APPLICATION, chunks_of_blocks
from restorack.io.wave.riff import Chunk, is_wave

MD5_CHUNK = "MD5 chunk"
FLAC_MD5 = "FLAC MD5"
FLAC_CHUNK = "MD5 chunk in FLAC"
_NAME = b"MD5 "
# Bytes of an MD5 sum; bytes and samples that are hashed at once, by hand.
_SIZE = 16
_PIECE = 1 << 20
_FRAMES = 65_536
_WIDTHS = {"PCM_S8": 1, "PCM_16": 2, "PCM_24": 3}


@dataclass(frozen=True)
class Checksum:
    """A checksum that a file holds, and what its samples give.

    Attributes
    ----------
    name : str
        ``MD5 chunk``, ``FLAC MD5`` or ``MD5 chunk in FLAC``.
    stated, found : str
        Hexadecimal; ``found`` is empty where the samples cannot be read.
    """

    name: str
    stated: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether the samples are those that were summed up."""
        return self.stated == self.found

    def error(self, path: Path) -> ChecksumError:
        """Return the error of a checksum that fails."""
        found = f"its samples have {self.found}" if self.found else "its samples cannot be read"
        return ChecksumError(
            f"the {self.name} fails: it states {self.stated}, {found}",
            where=str(path),
            rule="samples are those of which the file holds the checksum",
            remedy="fetch the file again from a copy that is sound",
        )


def md5_chunk(digest: bytes) -> Chunk:
    """Return the chunk as BWF MetaEdit embeds it: a 128-bit number, little-endian as all in WAV.

    Parameters
    ----------
    digest : bytes
        Of the content of the ``data`` chunk.
    """
    return Chunk(_NAME, digest[::-1])


def checksums(path: Path) -> list[Checksum]:
    """Return the checksums that a file holds of its samples, each compared with them.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of Checksum
        Empty where the file holds none.

    Raises
    ------
    FileError
        For a file that is missing or no audio.
    """
    if is_wave(path):
        found = wave_checksum(path)
        return [found] if found is not None else []
    with path.open("rb") as file:
        is_flac = file.read(4) == b"fLaC"
    return _flac_checksums(path) if is_flac else []


def stated_md5(path: Path) -> str | None:
    """Return the MD5 that a WAV file's chunk states, None where it has none."""
    with path.open("rb") as file:
        for place in map_wave(file).places:
            if place.name == _NAME and place.size == _SIZE:
                file.seek(place.offset)
                return file.read(_SIZE)[::-1].hex()
    return None


def wave_checksum(path: Path) -> Checksum | None:
    """Return the ``MD5 `` chunk of a WAV file and what its samples give, None without a chunk.

    Some programs (WaveLab) store the digest's bytes the other way round; that holds, too.
    """
    stated = stated_md5(path)
    if stated is None:
        return None
    found = hashlib.md5(usedforsecurity=False)
    for piece in _samples(path):
        found.update(piece)
    turned = bytes.fromhex(stated)[::-1].hex()
    is_turned = turned == found.hexdigest()
    return Checksum(MD5_CHUNK, turned if is_turned else stated, found.hexdigest())


def _samples(path: Path) -> Iterator[bytes]:
    """Yield the content of the ``data`` chunk as far as it is there."""
    with path.open("rb") as file:
        place = map_wave(file).data
        if place is None:
            return
        file.seek(place.offset)
        left = place.size
        while left > 0 and (piece := file.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece


def _flac_checksums(path: Path) -> list[Checksum]:
    head, foreign = _flac_blocks(path)
    own = head[18:34] if len(head) >= 34 else bytes(_SIZE)
    chunks = [chunk for chunk in chunks_of_blocks(foreign) if chunk.name == _NAME]
    held = [chunk.data[::-1].hex() for chunk in chunks if len(chunk.data) == _SIZE]
    if not any(own) and not held:
        return []  # an encoder that could not go back has left zeros
    signed, plain = _flac_md5(path)
    found = [Checksum(FLAC_MD5, own.hex(), signed)] if any(own) else []
    for stated in held:
        turned = bytes.fromhex(stated)[::-1].hex()
        found.append(Checksum(FLAC_CHUNK, turned if turned == plain else stated, plain))
    return found


def _flac_blocks(path: Path) -> tuple[bytes, list[bytes]]:
    """Return the content of STREAMINFO and of the application blocks with a WAV file's chunks."""
    head, foreign = b"", []
    with path.open("rb") as file:
        file.seek(4)
        while len(start := file.read(4)) == 4:
            kind, size = start[0] & 0x7F, int.from_bytes(start[1:], "big")
            content = file.read(size)
            if kind == 0:
                head = content
            elif kind == 2 and content[:4] == APPLICATION:
                foreign.append(content)
            if start[0] & 0x80:
                break
    return head, foreign


def _flac_md5(path: Path) -> tuple[str, str]:
    """Return the MD5 of the decoded samples as FLAC has them, and as WAV has them.

    They differ for 8 bits, which WAV holds without a sign. Empty where they cannot be decoded.
    """
    signed, plain = (hashlib.md5(usedforsecurity=False) for _ in range(2))
    decoder, close = open_decoder(path)
    try:
        width = _WIDTHS.get(decoder.subtype)
        if width is None:
            return "", ""
        left = decoder.frames
        while left > 0:
            frames = decoder.read(min(left, _FRAMES), dtype="int32", always_2d=True)
            if not len(frames):
                break
            left -= len(frames)
            raw = (frames >> (32 - 8 * width)).astype("<i4").view(np.uint8)
            data = raw.reshape(-1, 4)[:, :width].tobytes()
            signed.update(data)
            plain.update(bytes(np.frombuffer(data, np.uint8) ^ 0x80) if width == 1 else data)
    except (soundfile.SoundFileError, RuntimeError, struct.error):
        return "", ""
    finally:
        close()
    return signed.hexdigest(), plain.hexdigest()
