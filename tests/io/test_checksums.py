"""Checksums of samples are written on request, hold when they are read, and refuse by name."""

import hashlib

import numpy as np
import pytest
import soundfile
from mutagen import flac

from restorack.errors import ChecksumError, FileError
from restorack.io.checksums import checksums, md5_chunk
from restorack.io.metadata import read_metadata
from restorack.io.reader import AudioReader
from restorack.io.wave.riff import Chunk, read_chunks
from restorack.io.writer import AudioWriter

RATE = 48_000
ROWS = np.random.default_rng(5).uniform(-0.5, 0.5, (2, 3001)).astype(np.float32)


def write(path, rows=ROWS, **options):
    with AudioWriter(path, RATE, len(rows), force=True, **options) as writer:
        writer.write(rows)
    return path


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("name", ["a.wav", "a.rf64"])
def test_the_chunk_is_the_md5_of_the_data_as_bwf_metaedit_stores_it(tmp_path, name, subtype):
    path = write(tmp_path / name, ROWS[:1], subtype=subtype, md5=True)
    chunks = {chunk.name: chunk.data for chunk in read_chunks(path, ())[0]}
    digest = hashlib.md5(chunks[b"data"], usedforsecurity=False).digest()
    # A number of 128 bits, little-endian: BWF MetaEdit's Get_L16.
    assert chunks[b"MD5 "] == digest[::-1]
    assert int.from_bytes(chunks[b"MD5 "], "little") == int(digest.hex(), 16)
    [found] = checksums(path)
    assert found.holds
    assert found.stated == digest.hex()


def test_no_chunk_without_being_asked(tmp_path):
    path = write(tmp_path / "a.wav")
    assert checksums(path) == []
    assert b"MD5 " not in [chunk.name for chunk in read_chunks(path, ())[0]]


def test_samples_that_were_changed_are_refused_by_name_at_the_first_pass(tmp_path):
    path = write(tmp_path / "a.wav", md5=True)
    flip(path, -100)
    reader = AudioReader(path)  # what it is can still be asked
    with pytest.raises(ChecksumError, match=r"MD5 chunk fails") as caught:
        list(reader.blocks())
    assert str(path) in str(caught.value)
    assert issubclass(ChecksumError, FileError)


def test_a_digest_stored_the_other_way_round_holds_too(tmp_path):
    path = write(tmp_path / "a.wav", md5=True)
    data = path.read_bytes()
    at = data.index(b"MD5 ") + 8
    path.write_bytes(data[:at] + data[at : at + 16][::-1] + data[at + 16 :])
    assert [one.holds for one in checksums(path)] == [True]
    assert sum(rows.shape[1] for rows in AudioReader(path).blocks()) == 3001


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
def test_flac_states_the_md5_of_its_samples(tmp_path, subtype):
    path = write(tmp_path / "a.flac", subtype=subtype, md5=True)
    assert [(one.name, one.holds) for one in checksums(path)] == [("FLAC MD5", True)]
    stated = f"{flac.FLAC(path).info.md5_signature:032x}"
    assert checksums(path)[0].stated == stated
    flip(path, len(path.read_bytes()) // 2)
    assert [one.holds for one in checksums(path)] == [False]


def test_a_wav_files_chunk_inside_of_flac_is_compared_too(tmp_path):
    wave = write(tmp_path / "a.wav", subtype="PCM_16", md5=True)
    path = write(tmp_path / "a.flac", subtype="PCM_16")
    samples = next(c.data for c in read_chunks(wave, ())[0] if c.name == b"data")
    for digest, holds in ((hashlib.md5(samples).digest(), True), (bytes(16), False)):  # noqa: S324
        file = flac.FLAC(path)
        block = flac.MetadataBlock(b"riffMD5 \x10\0\0\0" + md5_chunk(digest).data)
        block.code = 2
        file.metadata_blocks.append(block)
        file.save()
        assert (checksums(path)[-1].name, checksums(path)[-1].holds) == ("MD5 chunk in FLAC", holds)


def test_formats_that_hold_no_checksum_refuse_before_the_work(tmp_path):
    for name in ("a.mp3", "a.ogg", "a.aiff"):
        with pytest.raises(FileError, match="holds no MD5"):
            write(tmp_path / name, md5=True)
    assert list(tmp_path.iterdir()) == []


def test_a_sources_checksum_is_not_claimed_for_the_output(tmp_path):
    source = write(tmp_path / "a.wav", md5=True)
    target = write(tmp_path / "b.wav", -ROWS, metadata=read_metadata(source))
    assert checksums(target) == []


def test_the_chunk_is_right_where_a_file_becomes_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr("restorack.io.wave.riff.RIFF_LIMIT", 9_000)
    path = write(tmp_path / "a.wav", md5=True)
    assert path.read_bytes()[:4] == b"RF64"
    assert [one.holds for one in checksums(path)] == [True]
    assert read_metadata(path).bext["version"] == 2
    assert soundfile.info(path).frames == 3001


def test_a_chunk_written_anew_keeps_its_size(tmp_path):
    from restorack.io.wave.riff import WaveSink, format_chunk

    with (tmp_path / "a.wav").open("wb") as file:
        layout = format_chunk(RATE, 1, 16, is_float=False, mask=None)
        sink = WaveSink(file, layout, [Chunk(b"odd1", b"abc")])
        with pytest.raises(ValueError, match="3 bytes"):
            sink.replace(Chunk(b"odd1", b"abcd"))
