"""The same samples and texts give the same bytes, whenever and wherever they are written."""

import subprocess

import numpy as np
import soundfile
from mutagen import flac
from mutagen.ogg import OggPage

from restorack.io.metadata import read_metadata
from restorack.io.reproducible import OGG_SERIAL, ogg_crc
from restorack.io.wave.riff import Chunk, packed, read_chunks
from restorack.io.writer import AudioWriter

RATE = 48_000
ROWS = np.random.default_rng(6).uniform(-0.5, 0.5, (2, 40_000)).astype(np.float32)


def write(path, **options):
    with AudioWriter(path, RATE, 2, force=True, **options) as writer:
        writer.write(ROWS)
    return path


def test_ogg_pages_have_one_serial_number_and_checksums_that_hold(tmp_path):
    for name in ("a.ogg", "a.opus"):
        path = write(tmp_path / name)
        with path.open("rb") as file:
            count = 0
            while True:
                try:
                    page = OggPage(file)
                except EOFError:
                    break
                count += 1
                assert page.serial == OGG_SERIAL
                assert page.write() == path.read_bytes()[page.offset : file.tell()]
        assert count > 2
        assert soundfile.info(path).frames == 40_000


def test_the_checksum_is_that_of_the_ogg_format():
    # CRC-32 with polynomial 0x04c11db7, no reflection, no inversion: "123456789".
    assert ogg_crc(b"123456789") == 0x89A1897F


def test_floats_in_aiff_state_no_time_of_writing(tmp_path):
    path = write(tmp_path / "a.aiff", subtype="FLOAT")
    data = path.read_bytes()
    at = data.index(b"PEAK")
    assert data[at + 8 : at + 16] == b"\0\0\0\1" + bytes(4)


CHUNKS = [
    Chunk(b"iXML", b"<BWFXML/>"),
    Chunk(b"axml", b"<ebuCoreMain/>"),
    Chunk(b"LIST", b"INFO" + packed(Chunk(b"IARL", b"US, LC\0"))),
    Chunk(b"odd1", b"\1\2\3"),
]


def with_chunks(path):
    write(path, subtype="PCM_16")
    data = path.read_bytes() + b"".join(map(packed, CHUNKS))
    path.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    return path


def test_flac_holds_a_wav_files_chunks_as_the_flac_tool_stores_them(tmp_path):
    source = with_chunks(tmp_path / "a.wav")
    path = write(tmp_path / "a.flac", subtype="PCM_16", metadata=read_metadata(source))
    blocks = [b.data[4:] for b in flac.FLAC(path).metadata_blocks if b.code == 2]
    whole = write(tmp_path / "b.wav", subtype="PCM_16", metadata=read_metadata(source))
    rest = read_chunks(whole, (b"JUNK", b"data", b"fmt ", b"bext"))[0]
    assert rest == CHUNKS
    assert blocks[0][:4] + blocks[0][8:] == b"RIFFWAVE"
    assert blocks[1][:4] == b"fmt "
    assert blocks[2][:4] == b"bext"
    assert blocks[3:-1] == [packed(chunk) for chunk in CHUNKS]
    assert blocks[-1] == b"data" + (40_000 * 4).to_bytes(4, "little")
    size = int.from_bytes(blocks[0][4:8], "little")
    assert size == 4 + sum(map(len, blocks[1:])) + 40_000 * 4


def test_chunks_that_the_flac_tool_has_stored_count_without_tags_of_flac(tmp_path):
    """The tool makes no Vorbis comments of a WAV file's texts."""
    source = with_chunks(tmp_path / "a.wav")
    path = write(tmp_path / "a.flac", subtype="PCM_16", metadata=read_metadata(source))
    file = flac.FLAC(path)
    file.tags.clear()
    file.save()
    found = read_metadata(path)
    assert found.tags.values == {"archive": ("US, LC",)}
    assert list(found.chunks[1:]) == CHUNKS
    assert found.bext["version"] == 2


def test_the_flac_tool_gives_the_wav_file_back(tmp_path):
    source = with_chunks(tmp_path / "a.wav")
    path = write(tmp_path / "a.flac", subtype="PCM_16", metadata=read_metadata(source))
    command = ["flac", "--decode", "--silent", "--keep-foreign-metadata", path, "-o"]
    subprocess.run([*command, tmp_path / "c.wav"], check=True)
    left_out = (b"JUNK", b"bext")
    found = read_chunks(tmp_path / "c.wav", left_out)[0]
    assert sorted(c.name for c in found) == sorted(c.name for c in read_chunks(source, left_out)[0])
    assert [c for c in found if c in CHUNKS] == CHUNKS
