"""Tags are set in files that are there; samples and all else stay as they are."""

import numpy as np
import pytest
import soundfile

from restorack.errors import FileError
from restorack.io.checksums import checksums
from restorack.io.metadata import read_metadata
from restorack.io.tags.editing import set_tags
from restorack.io.wave.riff import Chunk, packed, read_chunks
from restorack.io.writer import AudioWriter

RATE = 48_000
ROWS = np.random.default_rng(2).uniform(-0.4, 0.4, (2, 4001)).astype(np.float32)
SET = {"title": "Side B", "artist": "The Reeds", "matrix": "BVE-38500-2", "tracknumber": "3"}


def write(path, **options):
    with AudioWriter(path, RATE, 2, **options) as writer:
        writer.write(ROWS)
    return path


@pytest.mark.parametrize("kind", ["wav", "rf64", "flac", "ogg", "opus", "mp3", "aiff"])
def test_tags_are_set_and_samples_stay(tmp_path, kind):
    path = write(tmp_path / f"a.{kind}")
    before, _ = soundfile.read(path)
    set_tags(path, SET)
    set_tags(path, {"title": "Side C"})
    after, _ = soundfile.read(path)
    np.testing.assert_array_equal(before, after)
    values = read_metadata(path).tags.values
    for key, text in (SET | {"title": "Side C"}).items():
        assert values[key] == (text,)


@pytest.mark.parametrize("name", ["a.wav", "a.rf64"])
def test_other_chunks_of_wav_stay_byte_for_byte(tmp_path, name):
    path = write(tmp_path / name, md5=True, subtype="FLOAT")
    info = b"INFO" + packed(Chunk(b"IZZZ", b"kept\0")) + packed(Chunk(b"INAM", b"old\0"))
    if name == "a.wav":
        data = path.read_bytes() + packed(Chunk(b"odd1", b"abc")) + packed(Chunk(b"LIST", info))
        path.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    before = {chunk.name: chunk.data for chunk in read_chunks(path, ())[0]}
    set_tags(path, {"title": "new", "bext_description": "Side B", "bext_originator": "Archive"})
    after = {chunk.name: chunk.data for chunk in read_chunks(path, ())[0]}
    changed = {key for key in after if after[key] != before.get(key)} - {b"ds64"}
    assert changed == {b"LIST", b"bext"}
    assert [one.holds for one in checksums(path)] == [True]
    found = read_metadata(path)
    assert (found.bext["description"], found.bext["originator"]) == ("Side B", "Archive")
    assert len(after[b"bext"]) == len(before[b"bext"])
    if name == "a.wav":
        assert found.tags.values["izzz"] == ("kept",)


def test_what_has_no_place_is_refused_and_the_file_stays(tmp_path):
    path = write(tmp_path / "a.flac")
    before = path.read_bytes()
    with pytest.raises(FileError, match="no place for bext_description"):
        set_tags(path, {"bext_description": "x"})
    (tmp_path / "a.txt").write_text("no audio")
    with pytest.raises(FileError, match="without tags"):
        set_tags(tmp_path / "a.txt", {"title": "x"})
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.flac", "a.txt"]
