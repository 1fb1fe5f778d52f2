"""Pictures and texts reach every format that has room for them; the rest is told."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from mutagen import aiff, flac, id3

from restorack.io.metadata import Metadata, read_metadata
from restorack.io.reader import AudioReader
from restorack.io.tags import writer as tag_writing
from restorack.io.tags.fields import Picture, Tags
from restorack.io.writer import AudioWriter

RATE = 48_000
KINDS = ["flac", "ogg", "opus", "mp3", "aiff", "wav"]


def write(path, tags: Tags) -> list[str]:
    with AudioWriter(path, RATE, 1, metadata=Metadata(RATE, tags)) as writer:
        writer.write(np.zeros((1, 4800), np.float32))
    assert AudioReader(path).info.frames == 4800
    return writer.warnings


def picture(description: str = "", kind: int = 3, size: int = 100, fill: bytes = b"p") -> Picture:
    return Picture(fill * size, "image/png", kind, description)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("description", ["", "Cover", "1", "Kryt č. 1"])
def test_pictures_of_one_description_are_all_kept(tmp_path, kind, description) -> None:
    given = [picture(description, number, fill=bytes([number])) for number in (3, 4, 6)]
    given.append(picture("1", 5))
    assert write(tmp_path / f"a.{kind}", Tags(pictures=given)) == []
    got = read_metadata(tmp_path / f"a.{kind}").tags.pictures
    assert {p.data: p for p in got} == {p.data: p for p in given}
    assert len(got) == 4


@pytest.mark.parametrize(("kind", "limit"), [
    ("flac", "LARGEST_FLAC_BLOCK"), ("ogg", "LARGEST_OGG_PICTURES"),
    ("opus", "LARGEST_OGG_PICTURES"),
    ("mp3", "LARGEST_ID3"), ("aiff", "LARGEST_ID3"), ("wav", "LARGEST_ID3"),
])  # fmt: skip
def test_a_picture_that_is_too_large_costs_a_warning(tmp_path, monkeypatch, kind, limit) -> None:
    monkeypatch.setattr(tag_writing, limit, 20_000)
    tags = Tags(pictures=[picture("big", size=30_000), picture("small", 4, 1000)])
    tags.add("title", ["T"])
    [warning] = write(tmp_path / f"a.{kind}", tags)
    assert "'big'" in warning
    assert "too large" in warning
    got = read_metadata(tmp_path / f"a.{kind}").tags
    assert [p.description for p in got.pictures] == ["small"]
    assert got.values["title"] == ("T",)


def test_the_limit_of_flac_is_that_of_its_blocks(tmp_path) -> None:
    room = tag_writing.LARGEST_FLAC_BLOCK - len(flac.Picture().write()) - len(b"image/png")
    fits, large = picture(size=room), picture(size=room + 1)
    [warning] = write(tmp_path / "a.flac", Tags(pictures=[large, fits]))
    assert "too large for FLAC" in warning
    assert [len(p.data) for p in read_metadata(tmp_path / "a.flac").tags.pictures] == [room]


def test_texts_that_are_too_long_cost_a_warning(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tag_writing, "LARGEST_FLAC_BLOCK", 10_000)
    monkeypatch.setattr(tag_writing, "LARGEST_ID3", 10_000)
    tags = Tags()
    tags.add("lyrics", ["x" * 20_000])
    tags.add("title", ["T"])
    for kind in KINDS:
        assert any("'lyrics'" in text for text in write(tmp_path / f"a.{kind}", tags))
        assert read_metadata(tmp_path / f"a.{kind}").tags.values["title"] == ("T",)


def test_a_second_track_number_is_told_where_it_is_lost(tmp_path) -> None:
    tags = Tags()
    tags.add("tracknumber", ["3", "4"])
    assert write(tmp_path / "a.flac", tags) == []
    assert read_metadata(tmp_path / "a.flac").tags.values["tracknumber"] == ("3", "4")
    [warning] = write(tmp_path / "a.mp3", tags)
    assert "4 left out" in warning


def test_formats_without_pictures_say_so(tmp_path) -> None:
    tags = Tags(pictures=[picture("Label")], frames=[id3.PCNT(count=3)])
    warnings = " ".join(write(tmp_path / "a.w64", tags))
    assert "picture 'Label'" in warnings
    assert "PCNT" in warnings


def test_tags_that_mutagen_refuses_cost_a_warning_and_not_the_file(tmp_path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise flac.error("block is too long to write")

    monkeypatch.setattr(flac.FLAC, "save", refuse)
    [warning] = write(tmp_path / "a.flac", Tags(pictures=[picture()]))
    assert "left out" in warning


def test_chunks_of_aiff_and_blocks_of_flac_that_nobody_carries_are_told(tmp_path) -> None:
    source = tmp_path / "a.aiff"
    soundfile.write(source, np.zeros(100), RATE)
    file = aiff.AIFF(source)
    file.add_tags()
    file.save()
    with source.open("r+b") as raw:
        raw.seek(0, 2)
        raw.write(b"MARK\0\0\0\2\0\0")
        size = raw.tell() - 8
        raw.seek(4)
        raw.write(size.to_bytes(4, "big"))
    assert read_metadata(source).warnings == ("AIFF chunk 'MARK' is not carried",)
    soundfile.write(tmp_path / "a.flac", np.zeros(100), RATE)
    block = flac.FLAC(tmp_path / "a.flac")
    block.metadata_blocks.insert(1, _application())
    block.save()
    [warning] = read_metadata(tmp_path / "a.flac").warnings
    assert "'riff'" in warning


def _application() -> flac.MetadataBlock:
    block = flac.MetadataBlock(b"riffcue ")
    block.code = 2
    return block


def test_what_only_described_the_source_is_told_where_people_made_it() -> None:
    tags = Tags(frames=[id3.ETCO(format=2, events=[]), id3.TLEN(encoding=0, text="7")])
    left = tags.without_stale()
    assert left.frames == []
    assert left.warnings == ["ID3 frame ETCO describes the source's times: left out"]
