"""WAV files whose headers are wrong: no sample is lost without a word, and nothing is made up."""

import os
import struct
import time

import numpy as np
import pytest
import soundfile
from sound_files import read_all, sound, texts, wave_bytes

from restorack.errors import FileError
from restorack.io.metadata import read_metadata

SAMPLES = np.random.default_rng(0).integers(-20_000, 20_000, 4_000)


def chunk(name, content, size=None):
    return name + struct.pack("<I", len(content) if size is None else size) + content


def written(path, data):
    path.write_bytes(data)
    return path


def check_samples(rows, count=4_000):
    np.testing.assert_array_equal(rows[0], SAMPLES[:count] / 32768)


@pytest.mark.parametrize("riff_size", [0, 36, 0xFFFFFFFF, None])
@pytest.mark.parametrize("data_size", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_length_that_was_never_filled_in(tmp_path, data_size, riff_size):
    data = wave_bytes(SAMPLES, data_size=data_size, riff_size=riff_size)
    info, rows = read_all(written(tmp_path / "a.wav", data))
    check_samples(rows)
    assert "states no length" in texts(info)
    with pytest.raises(FileError, match="states no length"):
        read_all(tmp_path / "a.wav", strict=True)


def test_chunks_behind_the_samples_of_a_stream_are_no_samples(tmp_path):
    info_chunk = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"song\0\0"))
    data = wave_bytes(SAMPLES, after=info_chunk, data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF)
    path = written(tmp_path / "a.wav", data)
    check_samples(read_all(path)[1])
    assert read_metadata(path).tags.values["title"] == ("song",)


@pytest.mark.parametrize("after", [b"", chunk(b"LIST", b"INFO" + chunk(b"INAM", b"song\0\0"))])
def test_no_samples_at_all_are_whole(tmp_path, after):
    path = written(tmp_path / "a.wav", wave_bytes([], after=after))
    info, rows = read_all(path, strict=True)
    assert (rows.shape, info.warnings) == ((1, 0), ())


@pytest.mark.parametrize("riff_size", [None, 36 + 4_000])
def test_half_of_the_length_is_stated(tmp_path, riff_size):
    data = wave_bytes(SAMPLES, data_size=4_000, riff_size=riff_size)
    info, rows = read_all(written(tmp_path / "a.wav", data))
    check_samples(rows, 2_000)
    assert "4000 bytes that look like samples" in texts(info)
    assert info.missing_seconds == 2_000 / 44_100
    with pytest.raises(FileError, match="look like samples"):
        read_all(tmp_path / "a.wav", strict=True)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (bytes(400), "400 bytes of zeros"),
        (b"ID3\3\0\0\0\0\0\x11TIT2\0\0\0\7\0\0\0title!", "an ID3 tag"),
        (b"TAG" + b"x" * 125, "an ID3v1 tag"),
        (b"APETAGEX" + b"\1" * 40, "an APE tag"),
        (b"\1\2\3", "3 bytes|"),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_what_lies_behind_and_is_no_chunk(tmp_path, after, said, inside):
    whole = wave_bytes(SAMPLES, after=after)
    data = whole if inside else wave_bytes(SAMPLES) + after
    path = written(tmp_path / "a.wav", data)
    info, rows = read_all(path, strict=len(after) > 3)
    check_samples(rows)
    assert said.split("|")[0] in texts(info)
    assert read_metadata(path).chunks == ()


def test_a_second_file_joined_on_is_told(tmp_path):
    path = written(tmp_path / "a.wav", wave_bytes(SAMPLES) * 2)
    info, rows = read_all(path)
    check_samples(rows)
    assert "another audio file" in texts(info)
    assert info.incomplete


def test_chunks_behind_the_end_that_riff_states_are_left_out(tmp_path):
    path = written(tmp_path / "a.wav", wave_bytes(SAMPLES) + chunk(b"iXML", b"<x/>"))
    check_samples(read_all(path, strict=True)[1])
    found = read_metadata(path)
    assert found.chunks == ()
    assert "behind the end" in found.warnings[0]


@pytest.mark.parametrize(
    "before",
    [
        chunk(b"LIST", b"INFO" + chunk(b"INAM", b"abc", 3) + b"\0\0\0"),  # padded to four
        chunk(b"LIST", b"INFO" + chunk(b"INAM", b"ab\0\0"), 9_999),
        chunk(b"LIST", b"INFO" + chunk(b"INAM", b"ab\0\0"), 0xFFFFFFF0),
        chunk(b"LIST", b"INFO" + chunk(b"INAM", b"ab\0\0"), 10),
        chunk(b"PEAK", struct.pack("<II", 1, 2), 8),  # one value too few
        chunk(b"PEAK", bytes(24), 16),
        chunk(b"bext", b"odd"),  # its padding is forgotten
        b"\0\0\0\0" * 4,
    ],
)
def test_a_damaged_side_chunk_costs_no_sample(tmp_path, before):
    path = written(tmp_path / "a.wav", wave_bytes(SAMPLES, before=before))
    check_samples(read_all(path, strict=True)[1])
    assert all(one.name.strip().isalnum() for one in read_metadata(path).chunks)


def test_the_word_data_in_a_damaged_chunk_is_not_taken_for_the_samples(tmp_path):
    before = chunk(b"LIST", b"INFOdata of the old transfer, data...", 77_777)
    path = written(tmp_path / "a.wav", wave_bytes(SAMPLES, before=before))
    check_samples(read_all(path)[1])


def test_odd_chunks_and_a_cut_chunk_behind_the_samples(tmp_path):
    after = chunk(b"iXML", b"<x>") + b"\0" + chunk(b"LIST", b"INFO", 400)
    path = written(tmp_path / "a.wav", wave_bytes(SAMPLES, after=after))
    check_samples(read_all(path, strict=True)[1])
    found = read_metadata(path)
    assert [one.name for one in found.chunks] == [b"iXML"]
    assert "cut short" in found.warnings[0]


def test_big_endian_files_are_checked_too(tmp_path):
    data = wave_bytes(SAMPLES, order=">")
    info, rows = read_all(written(tmp_path / "a.wav", data), strict=True)
    check_samples(rows)
    info, rows = read_all(written(tmp_path / "a.wav", data[:-1_000]))
    assert info.missing_seconds == 500 / 44_100


@pytest.mark.parametrize("form", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC"])
def test_a_file_of_which_only_the_header_is_left_is_refused(tmp_path, form):
    path = tmp_path / "a"
    soundfile.write(path, sound(5_000, 1), 44_100, format=form)
    data = path.read_bytes()
    for size in range(1, 200):
        path.write_bytes(data[:size])
        try:
            info, rows = read_all(path)
        except FileError:
            continue
        assert rows.size > 0
        assert info.incomplete


@pytest.mark.parametrize("form", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF"])
def test_no_samples_in_other_containers(tmp_path, form):
    path = tmp_path / "a"
    soundfile.write(path, np.zeros((0, 2)), 44_100, format=form)
    info, rows = read_all(path, strict=True)
    assert (rows.size, info.warnings) == (0, ())


def test_a_format_chunk_of_a_wrong_length(tmp_path):
    data = bytearray(wave_bytes(SAMPLES))
    data[16:20] = struct.pack("<I", 5_000)
    check_samples(read_all(written(tmp_path / "a.wav", data))[1])


def test_a_header_that_contradicts_itself_is_told(tmp_path):
    data = bytearray(wave_bytes(SAMPLES))
    data[32:34] = struct.pack("<H", 1_000)
    info, _ = read_all(written(tmp_path / "a.wav", data))
    assert "contradicts itself" in texts(info)


def test_gigabytes_of_zeros_behind_the_samples_cost_nothing(tmp_path):
    for name, form in (("a.wav", "WAV"), ("a.flac", "FLAC"), ("a.aiff", "AIFF"), ("a.au", "AU")):
        path = tmp_path / name
        soundfile.write(path, sound(20_000, 1), 44_100, format=form)
        size = path.stat().st_size
        os.truncate(path, 6 << 30)
        began = time.process_time()
        info, rows = read_all(path)
        assert time.process_time() - began < 2.0
        assert rows.shape[1] == 20_000
        assert [warning.is_incomplete for warning in info.warnings] == [False]
        assert f"{(6 << 30) - size} bytes of zeros" in texts(info) or form == "FLAC"


def test_rf64_without_its_sizes(tmp_path):
    """An RF64 whose writer was stopped: the 64-bit sizes are zero."""
    path = tmp_path / "a.wav"
    soundfile.write(path, SAMPLES.astype(np.int16), 44_100, format="RF64", subtype="PCM_16")
    data = bytearray(path.read_bytes())
    at = data.find(b"ds64") + 8
    data[at : at + 16] = bytes(16)
    info, rows = read_all(written(path, data))
    check_samples(rows)
    assert "states no length" in texts(info)


@pytest.mark.parametrize("form", ["AIFF", "W64", "AU"])
def test_other_containers_without_their_length(tmp_path, form):
    path = tmp_path / "a"
    soundfile.write(path, SAMPLES.astype(np.int16), 44_100, format=form, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    if form == "AIFF":
        for mark, skipped, size in ((b"FORM", 4, 4), (b"COMM", 10, 4), (b"SSND", 4, 4)):
            at = data.find(mark) + skipped
            data[at : at + size] = bytes(size)
    elif form == "W64":
        at = data.find(b"data") + 16
        data[at : at + 8] = b"\xff" * 7 + b"\x7f"
    else:
        data[8:12] = bytes(4)
    info, rows = read_all(written(path, data))
    check_samples(rows)
    assert "states no length" in texts(info)


@pytest.mark.parametrize("form", ["AIFF", "W64", "AU", "CAF"])
def test_half_a_length_in_other_containers(tmp_path, form):
    path = tmp_path / "a"
    soundfile.write(path, SAMPLES.astype(np.int16), 44_100, format=form, subtype="PCM_16")
    path.write_bytes(path.read_bytes() + SAMPLES.astype("<i2").tobytes())
    info, rows = read_all(path)
    check_samples(rows)
    assert info.missing_seconds == pytest.approx(len(SAMPLES) / 44_100, abs=1e-3)


def test_a_damaged_chunk_in_aiff_costs_no_sample(tmp_path):
    path = tmp_path / "a.aiff"
    soundfile.write(path, SAMPLES.astype(np.int16), 44_100, format="AIFF", subtype="PCM_16")
    data = path.read_bytes()
    at = data.find(b"SSND")
    broken = b"ANNO" + struct.pack(">I", 0x7FFF) + b"text"
    check_samples(read_all(written(path, data[:at] + broken + data[at:]))[1])
