"""Small audio files of every format, made in code, and where their parts begin."""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Callable
from itertools import pairwise
from random import Random

import numpy as np
import soundfile

from fuzzing.mutations import mutated_bytes

RATE = 8000
FRAMES = 1200
FORMATS = (
    ("wav", "WAV", "PCM_16"), ("wav", "WAV", "PCM_24"), ("wav", "WAV", "FLOAT"),
    ("wav", "WAV", "DOUBLE"), ("wav", "WAV", "PCM_U8"), ("wav", "WAV", "ULAW"),
    ("wav", "WAV", "MS_ADPCM"), ("wav", "WAVEX", "PCM_24"), ("rf64", "RF64", "PCM_16"),
    ("w64", "W64", "PCM_16"), ("aiff", "AIFF", "PCM_16"), ("aiff", "AIFF", "FLOAT"),
    ("caf", "CAF", "PCM_16"), ("caf", "CAF", "ALAC_16"), ("au", "AU", "PCM_16"),
    ("flac", "FLAC", "PCM_16"), ("flac", "FLAC", "PCM_24"), ("ogg", "OGG", "VORBIS"),
    ("ogg", "OGG", "OPUS"), ("mp3", "MP3", "MPEG_LAYER_III"),
)  # fmt: skip


@functools.cache
def audio_bytes(index: int, channels: int) -> bytes:
    """Return a sound file of one of the formats, with side chunks where they are simple."""
    _, form, subtype = FORMATS[index]
    random = np.random.default_rng(index)
    rate = 48_000 if subtype == "OPUS" else RATE
    time = np.arange(FRAMES if form != "MP3" else 6 * FRAMES) / rate
    sound = 0.4 * np.sin(2 * np.pi * 440 * time) + 0.05 * random.standard_normal(len(time))
    target = io.BytesIO()
    soundfile.write(
        target, np.stack([sound] * channels, axis=1), rate, format=form, subtype=subtype
    )
    data = target.getvalue()
    return _with_chunks(data) if form == "WAV" else data


def _with_chunks(data: bytes) -> bytes:
    """Return a WAV with a LIST, cue points, a broadcast chunk, and an unknown chunk."""
    info = b"INFOINAM\x06\0\0\0title\0IART\x04\0\0\0one\0"
    cues = struct.pack("<IIIIIII", 1, 1, 100, 0x61746164, 0, 0, 100)
    extra = b"".join(
        name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
        for name, body in (
            (b"LIST", info), (b"cue ", cues), (b"bext", bytes(602)), (b"xyzw", b"abc")
        )
    )  # fmt: skip
    out = bytearray(data + extra)
    out[4:8] = struct.pack("<I", len(out) - 8)
    return bytes(out)


def _riff(data: bytes, order: str, first: int = 12) -> list[tuple[int, int]]:
    """Return where each chunk begins and ends."""
    found, at = [], first
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(f"{order}I", data, at + 4)
        end = min(at + 8 + size + size % 2, len(data))
        found.append((at, end))
        at = end
    return found


def _caf(data: bytes) -> list[tuple[int, int]]:
    found, at = [], 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">q", data, at + 4)
        end = min(at + 12 + max(0, size), len(data))
        found.append((at, end))
        at = end
    return found


def _flac(data: bytes) -> list[tuple[int, int]]:
    found, at = [], 4
    while at + 4 <= len(data):
        size, last = int.from_bytes(data[at + 1 : at + 4], "big"), data[at] & 0x80
        found.append((at, min(at + 4 + size, len(data))))
        at += 4 + size
        if last:
            break
    return found


def _marked(mark: bytes) -> Callable[[bytes], list[tuple[int, int]]]:
    """Return what finds the parts that begin with a mark: pages of Ogg, frames of MP3."""

    def find(data: bytes) -> list[tuple[int, int]]:
        starts, at = [], data.find(mark)
        while at >= 0:
            starts.append(at)
            at = data.find(mark, at + len(mark))
        return list(pairwise([*starts, len(data)]))

    return find


_PARTS: dict[str, Callable[[bytes], list[tuple[int, int]]]] = {
    "wav": lambda data: _riff(data, "<"), "rf64": lambda data: _riff(data, "<"),
    "aiff": lambda data: _riff(data, ">"), "caf": _caf, "flac": _flac,
    "ogg": _marked(b"OggS"), "mp3": _marked(b"\xff\xfb"),
}  # fmt: skip
_BEHIND = (b"\0" * 400, b"ID3\x04\0\0\0\0\0\x10" + bytes(16), b"TAG" + b"x" * 125, b"garbage " * 9)


def damaged_audio(choose: Random) -> tuple[str, bytes]:
    """Return a file's ending and damaged bytes."""
    index = choose.randrange(len(FORMATS))
    ending, data = FORMATS[index][0], audio_bytes(index, choose.choice((1, 1, 2)))
    for _ in range(choose.randint(1, 2)):
        parts = _PARTS[ending](data) if ending in _PARTS else []
        if parts and choose.random() < 0.7:
            data = _mutated_part(data, parts, choose)
        else:
            data = mutated_bytes(data, choose)
    if choose.random() < 0.1:  # the name lies
        ending = choose.choice(FORMATS)[0]
    return ending, data


def _mutated_part(data: bytes, parts: list[tuple[int, int]], choose: Random) -> bytes:
    """Return data with one of its parts gone, moved, doubled, renamed, cut or damaged inside."""
    start, end = choose.choice(parts)
    other, other_end = choose.choice(parts)
    part = data[start:end]
    stated = choose.choice((0, 1, 2, len(part), len(part) // 2, 2**24, 2**31, 2**32 - 1))
    size = struct.pack(choose.choice("<>") + "I", stated)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: data[:start] + data[end:],
        lambda: data[:end] + part + data[end:],
        lambda: _exchanged(data, *sorted(((start, end), (other, other_end)))),
        lambda: data[: start + 4] + size + data[start + 8 :],
        lambda: data[:start] + choose.randbytes(4) + data[start + 4 :],
        lambda: data[: choose.randint(start, end)],
        lambda: data + choose.choice(_BEHIND),
        lambda: data + data,
        lambda: data[:start] + mutated_bytes(part, choose, head=40) + data[end:],
    )
    return choose.choice(ways)()


def _exchanged(data: bytes, one: tuple[int, int], other: tuple[int, int]) -> bytes:
    (a, b), (c, d) = one, other
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:] if a < c else data
