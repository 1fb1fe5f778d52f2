"""What the reader delivers, and what it says about files that it cannot read."""

import os
import struct
import subprocess

import numpy as np
import pytest
import soundfile

from restorack.errors import AudioError, FileError
from restorack.io.reader import AudioReader


def noise(channels=2, frames=20_000, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (channels, frames))


def tones(channels, frames=24_000, rate=48_000):
    time = np.arange(frames) / rate
    return np.stack([0.3 * np.sin(2 * np.pi * (300 + 200 * k) * time) for k in range(channels)])


def whole(blocks):
    return np.concatenate(list(blocks), axis=1)


LOSSLESS = [
    (form, subtype)
    for form in ("WAV", "RF64", "W64", "AIFF", "FLAC", "CAF", "AU")
    for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
    if subtype in soundfile.available_subtypes(form)
]


@pytest.mark.parametrize(("form", "subtype"), LOSSLESS)
@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (2, 44_100), (6, 192_000)])
def test_lossless_samples_are_delivered_exactly(tmp_path, form, subtype, channels, rate):
    path = tmp_path / "a"
    bits = {"PCM_16": 16, "PCM_24": 24}.get(subtype, 32)
    grid = 2.0 ** (bits - 1)
    samples = np.rint(noise(channels, 5001) * grid) / grid
    if subtype == "FLOAT":
        samples = samples.astype(np.float32).astype(np.float64)
    soundfile.write(path, samples.T, rate, format=form, subtype=subtype)
    with AudioReader(path) as reader:
        info = reader.info
        assert (info.sample_rate, info.channels, info.frames) == (rate, channels, 5001)
        assert (info.format, info.subtype, info.is_lossy) == (form, subtype, False)
        assert info.bits == {"FLOAT": 32, "DOUBLE": 64}.get(subtype, bits)
        assert info.duration == 5001 / rate
        np.testing.assert_array_equal(whole(reader.blocks64(700)), samples)
        single = whole(reader.blocks(701))
        assert single.dtype == np.float32
        np.testing.assert_array_equal(single, samples.astype(np.float32))


@pytest.mark.parametrize(("form", "subtype"), [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)])
@pytest.mark.parametrize("size", [1, 999, 100_000])
def test_lossy_blocks_and_spans_are_parts_of_the_same_whole(tmp_path, form, subtype, size):
    path = tmp_path / "a"
    frames = 3000 if size == 1 else 50_000
    soundfile.write(path, noise(2, frames).T, 48_000, format=form, subtype=subtype)
    reader = AudioReader(path)
    everything = whole(reader.blocks64())
    assert reader.info.is_lossy
    assert reader.info.bits is None
    assert everything.shape == (2, reader.info.frames)
    np.testing.assert_array_equal(whole(reader.blocks64(size)), everything)
    part = whole(reader.blocks64(4096, frames // 3, frames - 5))
    np.testing.assert_array_equal(part, everything[:, frames // 3 : frames - 5])


def test_passes_may_run_at_the_same_time(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise().T, 44_100)
    with AudioReader(path) as reader:
        for first, second in zip(reader.blocks(100), reader.blocks(100), strict=True):
            np.testing.assert_array_equal(first, second)


def test_leaving_the_context_closes_an_unfinished_pass(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise().T, 44_100)
    before = len(os.listdir("/proc/self/fd"))
    with AudioReader(path) as reader:
        blocks = reader.blocks(100)
        next(blocks)
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(FileError, match="closed"):
        next(blocks)


def test_blocks_belong_to_the_caller(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise().T, 44_100)
    for block in AudioReader(path).blocks(4096):
        assert block.flags.c_contiguous
        assert block.flags.writeable
        block[:] = 0


def test_no_samples_are_a_valid_file(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((0, 2)), 44_100)
    reader = AudioReader(path)
    assert reader.info.frames == 0
    assert list(reader.blocks()) == []
    assert reader.span() == (0, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_samples_that_are_no_numbers_are_named(tmp_path, bad, subtype):
    path = tmp_path / "a.wav"
    samples = noise()
    samples[1, 12_345] = bad
    samples[0, 15_000] = bad
    soundfile.write(path, samples.T, 10_000, subtype=subtype)
    with pytest.raises(AudioError, match=r"12345 \(1\.234500 s\) of channel 1") as caught:
        list(AudioReader(path).blocks(1000))
    assert str(path) in caught.value.where
    with pytest.raises(AudioError, match="12345"):
        list(AudioReader(path).blocks64(1000, start=11_111))


def test_what_float32_cannot_hold_is_named(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([0.0, 1e300]), 44_100, subtype="DOUBLE")
    assert whole(AudioReader(path).blocks64())[0, 1] == 1e300
    with pytest.raises(AudioError, match="sample 1 "):
        list(AudioReader(path).blocks())


def written(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("empty.wav", b"", "0 bytes"),
        ("text.txt", b"not audio at all, only text " * 40, "not audio.*ffmpeg -i"),
        ("video.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(400), "FLAC, OGG.*ffmpeg -i"),
        ("cut.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0", "damaged or cut short"),
        ("cut.flac", b"fLaC\0\0\0\x22" + bytes(9), "damaged or cut short"),
    ],
)
def test_what_is_not_audio_is_refused_with_a_remedy(tmp_path, name, content, match):
    path = written(tmp_path / name, content)
    with pytest.raises(FileError, match=match) as caught:
        AudioReader(path)
    assert caught.value.where == str(path)
    assert caught.value.rule
    assert caught.value.remedy


def test_missing_files_folders_and_pipes_are_refused(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        AudioReader(tmp_path / "missing.wav")
    with pytest.raises(FileError, match="folder"):
        AudioReader(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="regular file"):
        AudioReader(tmp_path / "pipe")


def test_damaged_flac_is_an_error_with_its_place(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(2, 200_000).T, 44_100, subtype="PCM_24")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileError, match="damaged near sample"):
        list(AudioReader(path).blocks())


def test_a_file_that_changes_between_passes_is_an_error(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise().T, 44_100)
    reader = AudioReader(path)
    soundfile.write(path, noise(frames=30_000).T, 44_100)
    with pytest.raises(FileError, match="changed"):
        list(reader.blocks())


def test_spans_in_seconds(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1, 20_000).T, 10_000)
    reader = AudioReader(path)
    assert reader.span() == (0, 20_000)
    assert reader.span(0.5, 1.25) == (5_000, 12_500)
    assert reader.span(None, 2.00004) == (0, 20_000)
    for start, stop in [(-0.1, 1), (0, 2.1), (1.5, 1), (1, 1), (3, None), (float("nan"), None)]:
        with pytest.raises(AudioError, match="span"):
            reader.span(start, stop)


@pytest.mark.parametrize(
    ("start", "stop", "size"), [(-1, 5, 10), (5, 4, 10), (0, 101, 10), (0, 5, 0)]
)
def test_spans_outside_the_file_are_refused_at_once(tmp_path, start, stop, size):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1, 100).T, 10_000)
    with pytest.raises(AudioError, match="within 0 to 100"):
        AudioReader(path).blocks(size, start, stop)


@pytest.mark.parametrize("coding", [("-q:a", "4"), ("-b:a", "128k")])
def test_mp3_without_a_length_is_read_to_its_real_end(tmp_path, coding):
    """Ten seconds without the Xing frame, whose rate jumps: estimates lose most of it."""
    source, path = tmp_path / "a.wav", tmp_path / "a.mp3"
    samples = noise(1, 441_000)
    samples[:, :40_000] = 0
    soundfile.write(source, samples.T, 44_100)
    line = ["ffmpeg", "-v", "error", "-i", source, *coding, "-write_xing", "0", path]
    subprocess.run(line, check=True)
    reader = AudioReader(path)
    # The encoder's delay and padding stay, at most three frames of 1152 samples.
    assert 441_000 <= reader.info.frames <= 441_000 + 3 * 1152
    assert whole(reader.blocks(10_000)).shape[1] == reader.info.frames
    tail = whole(reader.blocks(4096, 430_000, 440_000))
    assert np.std(tail) > 0.03


def test_cut_mp3_says_how_long_it_really_is(tmp_path):
    path = tmp_path / "a.mp3"
    soundfile.write(path, noise(2, 200_000).T, 44_100)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    reader = AudioReader(path)
    assert whole(reader.blocks()).shape[1] == reader.info.frames < 150_000


def test_flac_of_unknown_length_is_read_whole(tmp_path):
    """What an encoder writes into a pipe: the header's 36 bits for the length are zero."""
    path, samples = tmp_path / "a.flac", noise(2, 50_001)
    soundfile.write(path, samples.T, 44_100, subtype="PCM_24")
    expected = whole(AudioReader(path).blocks64())
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    reader = AudioReader(path)
    assert reader.info.frames == 50_001
    np.testing.assert_array_equal(whole(reader.blocks64(4096)), expected)
    part = whole(reader.blocks64(4096, 30_000, 50_000))
    np.testing.assert_array_equal(part, expected[:, 30_000:50_000])


def test_ogg_surround_comes_in_the_order_of_wav(tmp_path):
    source, path = tmp_path / "a.wav", tmp_path / "a.ogg"
    soundfile.write(source, tones(6).T, 48_000, format="WAVEX")
    line = ["ffmpeg", "-v", "error", "-channel_layout", "5.1", "-i", source, path]
    subprocess.run(line, check=True)
    got = whole(AudioReader(path).blocks())
    loudest = [np.argmax(np.abs(np.fft.rfft(row[:24_000]))) * 2 for row in got]
    # The fourth is the low-frequency channel, whose 900 Hz the encoder removes.
    assert [loudest[k] for k in (0, 1, 2, 4, 5)] == [300, 500, 700, 1100, 1300]


@pytest.mark.parametrize(
    "name", ["-dash.wav", "mit Leer zeichen.wav", "Žižka 音楽 🎻.wav", "a'b\"c.wav"]
)
def test_odd_names(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("plain.wav", noise().T, 44_100)
    os.rename("plain.wav", name)
    assert whole(AudioReader(name).blocks()).shape == (2, 20_000)


def test_names_that_are_not_unicode(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/latin-\xe9.wav")
    soundfile.write(tmp_path / "plain.wav", noise().T, 44_100)
    os.rename(tmp_path / "plain.wav", path)
    assert AudioReader(path).info.frames == 20_000


def test_too_many_channels_are_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((10, 65)), 44_100)
    with pytest.raises(AudioError, match="65 channels"):
        AudioReader(path)


def test_rates_out_of_range_are_refused_with_the_file(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(10), 44_100)
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", 500)
    path.write_bytes(content)
    with pytest.raises(AudioError, match="500") as caught:
        AudioReader(path)
    assert str(path) in str(caught.value)
