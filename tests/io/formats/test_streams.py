"""Ogg and FLAC: joined streams, lost pages, damaged frames."""

import numpy as np
import pytest
from sound_files import encoded, pages_of, read_all, texts

from restorack.errors import FileError
from restorack.io.formats.ogg import checksum
from restorack.io.reader import AudioReader


@pytest.fixture(scope="module", params=["libvorbis", "libopus"])
def ogg(request, tmp_path_factory):
    """Return an Ogg file's bytes and what it decodes to."""
    folder = tmp_path_factory.mktemp("ogg")
    path = encoded(folder, "a.ogg", "-c:a", request.param, "-ar", "48000", frames=400_000)
    info, rows = read_all(path, strict=True)
    assert not info.warnings
    return path.read_bytes(), rows


@pytest.fixture(scope="module")
def flac(tmp_path_factory):
    """Return a FLAC's bytes and what it decodes to."""
    path = encoded(tmp_path_factory.mktemp("flac"), "a.flac", frames=60_000)
    return path.read_bytes(), read_all(path, strict=True)[1]


def read(folder, data, name="x.ogg", **options):
    path = folder / name
    path.write_bytes(data)
    return read_all(path, **options)


def test_the_checksum_of_pages(ogg):
    data, _ = ogg
    first, second = pages_of(data)[:2]
    page = data[first:second]
    assert checksum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")


def test_chained_streams_are_read_whole(tmp_path, ogg):
    data, rows = ogg
    info, got = read(tmp_path, data * 3, strict=True)
    assert not info.warnings
    np.testing.assert_array_equal(got, np.concatenate([rows] * 3, axis=1))
    edge = rows.shape[1]
    with AudioReader(tmp_path / "x.ogg") as reader:
        part = np.concatenate(list(reader.blocks64(999, edge - 500, edge + 700)), axis=1)
    np.testing.assert_array_equal(part, got[:, edge - 500 : edge + 700])


def test_chained_streams_that_differ_are_refused(tmp_path, ogg):
    other = encoded(tmp_path, "b.ogg", "-c:a", "libvorbis", "-ar", "22050").read_bytes()
    with pytest.raises(FileError, match="joined of streams that differ"):
        read(tmp_path, ogg[0] + other)


@pytest.mark.parametrize("damage", ["lost", "changed"])
@pytest.mark.parametrize("which", [2, 4])
def test_lost_pages_are_told_with_their_seconds(tmp_path, ogg, damage, which):
    data, rows = ogg
    places = pages_of(data)
    begin, end = places[which], places[which + 1]
    changed = bytearray(data)
    changed[begin + 200] ^= 0xFF
    info, got = read(tmp_path, data[:begin] + data[end:] if damage == "lost" else changed)
    assert got.shape[1] < rows.shape[1]
    assert "pages are lost" in texts(info)
    lost = rows.shape[1] - got.shape[1]
    assert info.missing_seconds * 48_000 == pytest.approx(lost, abs=500)


def test_an_ogg_of_which_nothing_is_left_is_refused(tmp_path, ogg):
    data, _ = ogg
    places = pages_of(data)
    with pytest.raises(FileError, match=r"not one sample|cut short"):
        read(tmp_path, data[: places[2] + 1000])


def test_bytes_behind_an_ogg(tmp_path, ogg):
    data, rows = ogg
    info, got = read(tmp_path, data + b"nothing of it" * 50, strict=True)
    assert "650 bytes" in texts(info)
    np.testing.assert_array_equal(got, rows)


def test_joined_flac_is_read_whole_and_sought_exactly(tmp_path, flac):
    data, rows = flac
    _info, got = read(tmp_path, data + data, "x.flac", strict=True)
    np.testing.assert_array_equal(got, np.concatenate([rows, rows], axis=1))
    with AudioReader(tmp_path / "x.flac") as reader:
        for start in (10, 59_990, 60_000, 100_000):
            [part] = reader.blocks64(50, start, start + 50)
            np.testing.assert_array_equal(part, got[:, start : start + 50])


@pytest.mark.parametrize("behind", [b"TAG" + b"x" * 125, bytes(3_000), b"\x9d" * 3_000])
@pytest.mark.parametrize("front", [b"", b"ID3\3\0\0\0\0\0\x0a" + bytes(10)])
def test_tags_and_bytes_around_a_flac(tmp_path, flac, front, behind):
    data, rows = flac
    info, got = read(tmp_path, front + data + behind, "x.flac", strict=True)
    np.testing.assert_array_equal(got, rows)
    assert bool(info.warnings) == (len(behind) == 3_000)


def test_a_cut_flac_of_unknown_length(tmp_path, flac):
    data = bytearray(flac[0])
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    info, got = read(tmp_path, data, "x.flac", strict=True)
    np.testing.assert_array_equal(got, flac[1])
    info, got = read(tmp_path, data[: len(data) // 2], "x.flac")
    assert 0 < got.shape[1] < 60_000
    assert "cut short inside a frame" in texts(info)


def test_damage_inside_a_flac_is_named_wherever_one_begins(tmp_path, flac):
    data = bytearray(flac[0])
    for place in range(len(data) // 2, len(data) // 2 + 400, 40):
        data[place] ^= 0x5A
    path = tmp_path / "x.flac"
    path.write_bytes(data)
    for start in (0, 20_000, 31_000, 40_000):
        try:
            list(AudioReader(path).blocks(4_096, start))
        except FileError as error:
            assert "damaged near sample" in str(error)  # noqa: PT017  some starts are behind it
    with pytest.raises(FileError, match="damaged near sample"):
        list(AudioReader(path).blocks())


def test_a_flac_whose_mark_is_damaged_is_refused(tmp_path, flac):
    data = bytearray(flac[0])
    data[4:8] = b"\x7f\0\0\1"
    with pytest.raises(FileError):
        read(tmp_path, data, "x.flac")


def test_a_flac_that_states_half_of_its_length_is_read_whole(tmp_path, flac):
    data, rows = bytearray(flac[0]), flac[1]
    data[22:26] = (30_000).to_bytes(4, "big")
    info, got = read(tmp_path, data, "x.flac", strict=True)
    assert "states 30000 samples, 60000 are there" in texts(info)
    np.testing.assert_array_equal(got, rows)
