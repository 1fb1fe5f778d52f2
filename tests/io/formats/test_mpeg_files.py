"""MP3 files that are cut, damaged, joined or tagged: every frame that is there is decoded."""

import os
import struct

import numpy as np
import pytest
from sound_files import encoded, ffmpeg, frames_of, read_all, texts

from restorack.errors import FileError
from restorack.io.formats.mpeg import parse_header, walk_frames
from restorack.io.reader import AudioReader

VBR, CBR = ("-q:a", "4"), ("-b:a", "128k")
FRAME = 1152


@pytest.fixture(scope="module", params=[VBR, CBR], ids=["vbr", "cbr"])
def whole(request, tmp_path_factory):
    """Return an MP3's bytes from its first frame on, and what it decodes to."""
    path = encoded(tmp_path_factory.mktemp("mp3"), "a.mp3", *request.param)
    _info, rows = read_all(path, strict=True)
    assert rows.shape[1] == 90_000
    data = path.read_bytes()
    return data[data.find(b"\xff\xfb") :], rows


def read(folder, data, **options):
    path = folder / "x.mp3"
    path.write_bytes(data)
    return read_all(path, **options)


def test_without_its_first_frame_all_the_rest_is_read(tmp_path, whole):
    """What states the length is gone; the encoder's delay and padding stay in the sound."""
    data, rows = whole
    second = frames_of(data)[1]
    for lead in (data[second:], data[50:], bytes(second) + data[second:]):
        info, got = read(tmp_path, lead)
        assert rows.shape[1] <= got.shape[1] <= rows.shape[1] + 3 * FRAME
        delay = 1105
        np.testing.assert_allclose(
            got[:, delay + 30_000 : delay + 60_000], rows[:, 30_000:60_000], atol=1e-6
        )
    info, got = read(tmp_path, data[50:])
    assert "begins inside a frame" in texts(info)
    assert info.missing_seconds == FRAME / 44_100


def test_a_beginning_that_is_cut_off_is_told(tmp_path, whole):
    data, _ = whole
    info, _ = read(tmp_path, data[frames_of(data)[30] + 100 :])
    assert info.incomplete
    with pytest.raises(FileError, match="begins inside"):
        read(tmp_path, data[frames_of(data)[30] + 100 :], strict=True)


@pytest.mark.parametrize("fill", [b"", b"\0", b"\x55"])
def test_lost_frames_inside_are_counted(tmp_path, whole, fill):
    """libsndfile alone stops there, and loses all that follows."""
    data, rows = whole
    places = frames_of(data)
    begin, end = places[30] + 50, places[40] + 50
    info, got = read(tmp_path, data[:begin] + fill * (end - begin) + data[end:])
    assert rows.shape[1] - 12 * FRAME <= got.shape[1] < rows.shape[1]
    assert info.missing_seconds * 44_100 == pytest.approx(rows.shape[1] - got.shape[1], abs=0.5)
    [warning] = info.warnings
    if fill:  # otherwise no trace of the place is left
        assert warning.at_seconds == pytest.approx(30 * FRAME / 44_100, abs=0.06)
        np.testing.assert_allclose(got[:, -9_000:], rows[:, -9_000:], atol=1e-6)


def test_lost_frames_without_a_stated_length_are_estimated(tmp_path, whole):
    data, _rows = whole
    places = frames_of(data)
    begin, end = places[30] + 50, places[40] + 50
    lead = data[places[1] :]
    cut = lead[: begin - places[1]] + os.urandom(end - begin) + lead[end - places[1] :]
    info, _got = read(tmp_path, cut)
    assert "lost frames" in texts(info)
    assert info.missing_seconds == pytest.approx(11 * FRAME / 44_100, rel=0.4)


@pytest.mark.parametrize("between", [b"", b"TAG" + b"x" * 125, b"ID3\4\0\0\0\0\0\x0a" + bytes(10)])
def test_joined_files_are_read_whole(tmp_path, whole, between):
    data, rows = whole
    info, got = read(tmp_path, data + between + data, strict=True)
    assert not info.warnings
    np.testing.assert_array_equal(got, np.concatenate([rows, rows], axis=1))
    with AudioReader(tmp_path / "x.mp3") as reader:
        part = np.concatenate(list(reader.blocks64(777, 80_000, 100_000)), axis=1)
    np.testing.assert_array_equal(part, got[:, 80_000:100_000])


def test_joined_files_of_two_rates_are_refused(tmp_path, whole):
    low = encoded(tmp_path, "low.mp3", "-ar", "22050").read_bytes()
    with pytest.raises(FileError, match="44100 Hz with 2 channels, then 22050 Hz"):
        read(tmp_path, whole[0] + low)


@pytest.mark.parametrize(
    ("front", "behind"),
    [
        (b"ID3\3\0\0\0\0\1\0" + bytes(128), b"TAG" + bytes(125)),
        (b"", b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8) + b"TAG" + bytes(125)),
        (b"ID3\3\0\0\0\0\0\x0a" + bytes(10), b"LYRICSBEGIN" + b"x" * 20 + b"000031LYRICS200"),
        (bytes(700), b""),
    ],
)
def test_tags_and_padding_are_no_loss(tmp_path, whole, front, behind):
    data, rows = whole
    info, got = read(tmp_path, front + data + behind, strict=True)
    assert not info.warnings
    np.testing.assert_array_equal(got, rows)


def test_a_tag_that_states_more_than_there_is(tmp_path, whole):
    data, rows = whole
    _info, got = read(tmp_path, b"ID3\3\0\0\x7f\0\0\0" + data)
    np.testing.assert_array_equal(got, rows)


def test_zeros_behind_the_frames(tmp_path, whole):
    data, rows = whole
    info, got = read(tmp_path, data + bytes(5_000), strict=True)
    assert "5000 bytes of zeros" in texts(info)
    np.testing.assert_array_equal(got, rows)


def test_free_format(tmp_path, whole):
    """The header states no bit rate: frames end where the next one begins."""
    data = bytearray(encoded(tmp_path, "c.mp3", *CBR, "-write_xing", "0").read_bytes())
    del data[: data.find(b"\xff\xfb")]
    for place in frames_of(bytes(data))[:-1]:
        data[place + 2] &= 0x0F
    walk = walk_frames(bytes(data), 0, len(data))
    assert [run.frames for run in walk.runs] == [len(walk_sizes(data))]
    info, got = read(tmp_path, data)
    assert got.shape[1] == walk.runs[0].frames * FRAME
    assert not info.warnings


def walk_sizes(data):
    """Return the places of free-format frames of 417 bytes and their padding."""
    places, at = [], 0
    while at + 4 <= len(data):
        places.append(at)
        at += 417 + (data[at + 2] >> 1 & 1)
    return places


def test_mp3_in_wav_is_counted_in_frames(tmp_path):
    mp3 = encoded(tmp_path, "c.mp3", *CBR, "-write_xing", "0")
    path = ffmpeg(mp3, tmp_path / "a.wav", "-c:a", "copy")
    info, rows = read_all(path, strict=True)
    assert (info.format, info.subtype, info.warnings) == ("WAV", "MPEG_LAYER_III", ())
    data = mp3.read_bytes()
    assert rows.shape[1] == (len(frames_of(data)) - 1) * FRAME
    whole = path.read_bytes()
    path.write_bytes(whole[:-20_000])
    info, some = read_all(path)
    missing = (rows.shape[1] - some.shape[1]) / info.sample_rate
    assert info.missing_seconds == pytest.approx(missing, abs=0.03)


@pytest.mark.parametrize(
    ("data", "size", "samples"),
    [
        (b"\xff\xfb\x90\x00", 417, 1152),  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz
        (b"\xff\xfb\x92\x00", 418, 1152),  # the same, padded
        (b"\xff\xf3\x80\x00", 208, 576),  # MPEG-2 layer III, 64 kbit/s, 22.05 kHz
        (b"\xff\xfd\xa4\x00", 576, 1152),  # MPEG-1 layer II, 192 kbit/s, 48 kHz
        (b"\xff\xff\x94\x00", 288, 384),  # MPEG-1 layer I, 288 kbit/s, 48 kHz
    ],
)
def test_sizes_of_frames_by_the_standard(data, size, samples):
    header = parse_header(data)
    assert (header.size, header.samples) == (size, samples)


@pytest.mark.parametrize("data", [b"\xff\xfb\xf0\x00", b"\xff\xeb\x90\x00", b"\xff\xf9\x90\x00",
                                  b"\xff\xfb\x9c\x00", b"RIFF", b"\xff"])  # fmt: skip
def test_what_is_no_header(data):
    assert parse_header(data) is None
