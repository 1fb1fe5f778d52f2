"""What the writer puts on disk: samples, lengths, headers, and what a format cannot hold."""

import os
import struct

import numpy as np
import pytest
import soundfile
from written_files import noise, read, run_python, write

from restorack.dsp.quantise import dequantise, quantise
from restorack.errors import AudioError, FileError
from restorack.io.reader import AudioReader
from restorack.io.wave import riff
from restorack.io.writer import AudioWriter

EXACT = [
    *(("wav", width) for width in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("rf64", width) for width in ("PCM_24", "FLOAT")),
    *(("w64", width) for width in ("PCM_16", "PCM_24", "DOUBLE")),
    *(("aiff", width) for width in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("flac", width) for width in ("PCM_16", "PCM_24")),
]
BITS = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


@pytest.mark.parametrize(("extension", "subtype"), EXACT)
@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (2, 44_100), (6, 96_000)])
def test_what_is_read_is_what_was_computed(tmp_path, extension, subtype, channels, rate):
    path, rows = tmp_path / f"a.{extension}", noise(channels, level=0.4)
    writer = write(path, rows, rate, subtype=subtype)
    bits = BITS.get(subtype)
    expected, clipped = quantise(rows, bits) if bits else (rows, 0)
    expected = dequantise(expected, bits) if bits else expected
    np.testing.assert_array_equal(read(path), expected)
    assert (writer.frames, writer.clipped) == (rows.shape[1], clipped)
    info = AudioReader(path).info
    assert (info.sample_rate, info.subtype) == (rate, subtype)
    assert soundfile.info(str(path)).frames == rows.shape[1]
    assert sorted(os.listdir(tmp_path)) == [path.name]


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("extension", ["wav", "flac", "aiff", "w64"])
def test_samples_on_the_grid_stay_bit_identical(tmp_path, bits, extension):
    """Every power of two, the extremes and a random rest go through float32 and back."""
    top = 1 << (bits - 1)
    edges = [sign * (1 << k) for k in range(bits - 1) for sign in (1, -1)] + [0, top - 1, -top]
    rest = np.random.default_rng(0).integers(-top, top, 5000)
    integers = np.concatenate([edges, rest]).astype(np.int32)[np.newaxis]
    path = tmp_path / f"a.{extension}"
    writer = write(path, (integers / top).astype(np.float32), subtype=f"PCM_{bits}")
    np.testing.assert_array_equal(read(path) * top, integers)
    assert writer.clipped == 0


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32"])
def test_integers_are_kept(tmp_path, subtype):
    top = 1 << (BITS[subtype] - 1)
    integers = np.random.default_rng(0).integers(-top, top, (2, 4000)).astype(np.int32)
    write(tmp_path / "a.wav", integers, subtype=subtype)
    np.testing.assert_array_equal(read(tmp_path / "a.wav") * top, integers)


def test_rounding_is_to_nearest_and_halves_to_even():
    rows = np.array([[0.5, 1.5, 2.5, -0.5, -1.5, 1.49, 40_000, -40_000, 32_767.5]]) / 32_768
    integers, clipped = quantise(rows, 16)
    assert integers.tolist() == [[0, 2, 2, 0, -2, 1, 32_767, -32_768, 32_767]]
    assert clipped == 3


def test_clipping_is_counted_for_pcm_and_harmless_in_float(tmp_path):
    rows = np.array([[0.0, 1.5, -2.0, 1.0, -1.0]], np.float32)
    assert write(tmp_path / "a.wav", rows).clipped == 3
    assert write(tmp_path / "b.wav", rows, subtype="FLOAT").clipped == 0
    np.testing.assert_array_equal(read(tmp_path / "b.wav"), rows)
    assert write(tmp_path / "c.ogg", np.tile(rows, 1000)).clipped == 2000


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.ogg", {}, 0.02),
        ("a.opus", {}, 0.05),
        ("a.mp3", {"subtype": "MPEG"}, 0.02),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_files_keep_length_time_and_level(tmp_path, name, options, tolerance, channels):
    seconds = np.arange(48_000) / 48_000
    rows = 0.5 * np.sin(2 * np.pi * np.outer([440, 1000][:channels], seconds))
    path = tmp_path / name
    write(path, rows.astype(np.float32), **options)
    got = read(path)
    assert got.shape == rows.shape
    assert np.abs(got - rows)[:, 5000:-5000].max() < tolerance


def test_surround_survives_ogg(tmp_path):
    seconds = np.arange(48_000) / 48_000
    frequencies = [300, 500, 700, 60, 1100, 1300]
    rows = 0.3 * np.sin(2 * np.pi * np.outer(frequencies, seconds)).astype(np.float32)
    write(tmp_path / "a.ogg", rows)
    got = read(tmp_path / "a.ogg")
    assert [int(np.argmax(np.abs(np.fft.rfft(row)))) for row in got] == frequencies


def test_writing_long_blocks_of_vorbis(tmp_path):
    write(tmp_path / "a.ogg", np.zeros((2, 600_000), np.float32), size=600_000)
    assert AudioReader(tmp_path / "a.ogg").info.frames == 600_000


@pytest.mark.parametrize("extension", ["wav", "rf64", "w64", "aiff"])
def test_no_samples_make_a_valid_file(tmp_path, extension):
    write(tmp_path / f"a.{extension}", np.zeros((2, 0), np.float32))
    assert AudioReader(tmp_path / f"a.{extension}").info.frames == 0


@pytest.mark.parametrize("extension", ["flac", "ogg", "mp3", "opus"])
def test_no_samples_are_refused_where_the_format_holds_none(tmp_path, extension):
    with pytest.raises(FileError, match="write WAV"):
        write(tmp_path / f"a.{extension}", np.zeros((2, 0), np.float32))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("frames", [999, 1000])
@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT"])
def test_wav_becomes_rf64_when_it_outgrows_its_header(tmp_path, monkeypatch, frames, subtype):
    monkeypatch.setattr(riff, "RIFF_LIMIT", 2000)
    rows = noise(1, frames)
    write(tmp_path / "a.wav", rows, subtype=subtype)
    content = (tmp_path / "a.wav").read_bytes()
    assert content[:4] == b"RF64"
    assert content[12:16] == b"ds64"
    riff_size, data_size, count = struct.unpack_from("<QQQ", content, 20)
    assert riff_size == len(content) - 8
    assert data_size == frames * (3 if subtype == "PCM_24" else 4)
    assert count == frames
    assert AudioReader(tmp_path / "a.wav").info.format == "RF64"
    assert read(tmp_path / "a.wav").shape == (1, frames)


def test_wav_output_is_the_same_every_time(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / f"{name}.wav", noise(), subtype="FLOAT")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize(
    ("name", "layout", "options", "match"),
    [
        ("a.mp3", (96_000, 2), {}, "MP3 holds .* 48000"),
        ("a.mp3", (44_100, 6), {}, "1 to 2 channels"),
        ("a.ogg", (48_000, 10), {}, "1 to 8 channels"),
        ("a.ogg", (384_000, 2), {}, "192000"),
        ("a.opus", (44_100, 2), {}, "Opus holds"),
        ("a.flac", (768_000, 2), {}, "655350"),
        ("a.flac", (96_001, 2), {}, "multiples of 10"),
        ("a.flac", (44_100, 9), {}, "1 to 8"),
        ("a.flac", (44_100, 2), {"subtype": "FLOAT"}, "FLAC holds PCM_24"),
        ("a.wav", (44_100.5, 2), {}, "whole Hz"),
        ("a.wav", (44_100, 65), {}, "at most 64"),
        ("a.m4a", (44_100, 2), {}, "extension '.m4a'"),
        ("a", (44_100, 2), {}, "extension"),
        ("a.wav", (44_100, 2), {"format": "flak"}, "did you mean 'FLAC'"),
        ("a.mp3", (44_100, 2), {"quality": 2.0}, "0 to 1"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_at_once(tmp_path, name, layout, options, match):
    with pytest.raises(FileError, match=match) as caught:
        AudioWriter(tmp_path / name, *layout, **options)
    assert str(tmp_path / name) == caught.value.where
    assert os.listdir(tmp_path) == []


def test_blocks_that_do_not_fit_are_refused_and_leave_nothing(tmp_path):
    bad = [
        (np.zeros((3, 10), np.float32), "shape"),
        (np.zeros(10, np.float32), "shape"),
        (np.full((2, 10), np.nan, np.float32), "sample 0 of channel 0 is nan"),
        (np.full((2, 10), 1 << 23, np.int32), "24 bits hold"),
    ]
    for rows, match in bad:
        with (
            pytest.raises(AudioError, match=match),
            AudioWriter(tmp_path / "a.wav", 48_000, 2) as writer,
        ):
            writer.write(rows)
        assert os.listdir(tmp_path) == []
    with pytest.raises(AudioError, match="PCM only"):
        write(tmp_path / "a.wav", np.zeros((1, 5), np.int32), subtype="FLOAT")


def test_writing_outside_the_context_is_refused(tmp_path):
    writer = AudioWriter(tmp_path / "a.wav", 48_000, 1)
    with pytest.raises(FileError, match="not open"):
        writer.write(noise(1))


MEMORY = """
    import resource, sys
    import numpy as np
    from restorack.io.reader import AudioReader
    from restorack.io.writer import AudioWriter
    def copy(source, target, seconds):
        with AudioReader(source) as reader:
            with AudioWriter(target, 48000, 2, subtype="PCM_24", force=True) as writer:
                for block in reader.blocks(stop=seconds * 48000):
                    writer.write(block)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    first = copy(sys.argv[1], sys.argv[2], 10)
    last = copy(sys.argv[1], sys.argv[2], 180)
    print(last - first)
"""


def test_memory_does_not_grow_with_the_length(tmp_path):
    """Three minutes of stereo are 69 MB as float32: a tenth of that is allowed to be added."""
    source = tmp_path / "a.wav"
    with AudioWriter(source, 48_000, 2) as writer:
        for _ in range(180):
            writer.write(noise(2, 48_000))
    done = run_python(MEMORY, source, tmp_path / "b.wav")
    assert int(done.stdout) < 7_000, done.stderr
