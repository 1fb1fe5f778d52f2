"""A file that would not open again, or is not what was written, never appears."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest

from restorack.errors import FileError
from restorack.io import writer as writing
from restorack.io.metadata import Metadata, read_metadata
from restorack.io.reader import AudioReader
from restorack.io.wave.carried_chunks import is_chunk_name
from restorack.io.wave.riff import Chunk, packed
from restorack.io.writer import AudioWriter

RATE = 44_100


def write(path, **options) -> AudioWriter:
    with AudioWriter(path, RATE, 2, **options) as writer:
        writer.write(np.full((2, 3000), 0.25, np.float32))
    return writer


KINDS = ["wav", "rf64", "w64", "flac", "aiff", "ogg", "opus", "mp3"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["head", "half", "empty"])
def test_what_is_damaged_behind_the_writer_is_noticed(tmp_path, monkeypatch, kind, damage) -> None:
    real = writing.verify_audio

    def spoil(part, promised, shown):
        data = part.read_bytes()
        # A real write error would leave less, or other bytes at the front.
        changed = {"head": b"\0" * 64 + data[64:], "half": data[: len(data) // 2], "empty": b""}
        with part.open("r+b") as file:
            file.truncate(0)
            file.write(changed[damage])
        real(part, promised, shown)

    monkeypatch.setattr(writing, "verify_audio", spoil)
    rate = 48_000 if kind == "opus" else RATE

    def attempt() -> None:
        with AudioWriter(tmp_path / f"a.{kind}", rate, 1) as writer:
            writer.write(np.random.default_rng(0).normal(0, 0.2, (1, 20_000)).astype(np.float32))

    with pytest.raises(FileError) as caught:
        attempt()
    assert caught.value.where == str(tmp_path / f"a.{kind}")
    assert "read back" in caught.value.rule
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("attribute", ["frames", "channels", "sample_rate"])
def test_another_length_rate_or_number_of_channels_is_noticed(
    tmp_path, monkeypatch, attribute
) -> None:
    real = writing.Promised

    def other(*values):
        promised = real(*values)
        object.__setattr__(promised, attribute, getattr(promised, attribute) + 1)
        return promised

    monkeypatch.setattr(writing, "Promised", other)
    with pytest.raises(FileError, match=attribute.replace("_", " ")):
        write(tmp_path / "a.wav")
    assert os.listdir(tmp_path) == []


def test_bytes_that_are_no_chunk_are_noticed_before_the_file_appears(tmp_path) -> None:
    metadata = Metadata(RATE, chunks=(Chunk(b"odd1", b"abc"), Chunk(bytes(4), bytes(40))))
    with pytest.raises(FileError, match="does not open again"):
        write(tmp_path / "a.wav", metadata=metadata)
    assert os.listdir(tmp_path) == []


ZEROS, ID3_BLOCK = bytes(400), b"ID3\4\0\0\0\0\0\x11TIT2\0\0\0\7\0\0\3behind"


@pytest.mark.parametrize(
    "behind",
    [
        ZEROS, ID3_BLOCK, b"\0" + ZEROS, bytes(range(256)),
        b" abc" + struct.pack("<I", 8) + bytes(8), b"a\xe9bc" + struct.pack("<I", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["wav", "rf64"])
def test_what_lies_behind_the_samples_is_not_written_before_them(tmp_path, behind, kind) -> None:
    source = tmp_path / "source.wav"
    write(source)
    odd = packed(Chunk(b"odd1", b"abc")) + packed(Chunk(b"zzzz", b"1234"))
    whole = bytearray(source.read_bytes() + odd)
    whole[4:8] = struct.pack("<I", len(whole) - 8)  # the end of RIFF: what follows is no part of it
    source.write_bytes(whole + behind)
    write(tmp_path / f"a.{kind}", metadata=read_metadata(source), force=True)
    with AudioReader(source) as reader:
        assert reader.info.warnings
    with AudioReader(tmp_path / f"a.{kind}") as reader:
        assert reader.info.frames == 3000
    names = [chunk.name for chunk in read_metadata(tmp_path / f"a.{kind}").chunks]
    assert names == [b"bext", b"odd1", b"zzzz"]


def test_names_of_chunks() -> None:
    assert all(map(is_chunk_name, (b"bext", b"cue ", b"_PMX", b"ID3 ", b"(c) ")))
    strange = (bytes(4), b"ID3\4", b"a\xe9bc", b" abc", b"ab\n ", b"abc")
    assert not any(map(is_chunk_name, strange))


def test_finished_files_appear_together(tmp_path) -> None:
    with AudioWriter(tmp_path / "a.wav", RATE, 1) as first:
        first.write(np.zeros((1, 10), np.float32))
        first.finish()
        first.finish()
        with pytest.raises(FileError, match="not open"):
            first.write(np.zeros((1, 10), np.float32))
        assert [name[0] for name in os.listdir(tmp_path)] == ["."]
    assert os.listdir(tmp_path) == ["a.wav"]
