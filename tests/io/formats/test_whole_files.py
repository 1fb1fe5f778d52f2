"""Whole files of every kind are read without a warning."""

import struct
import subprocess

import numpy as np
import pytest
import soundfile
from sound_files import encoded, read_all, sound

FFMPEG = [
    ("a.wav", ()), ("f.wav", ("-c:a", "pcm_f32le")), ("rf.wav", ("-rf64", "always")),
    ("s.wav", ("-c:a", "pcm_s24le", "-ac", "6")), ("adpcm.wav", ("-c:a", "adpcm_ima_wav")),
    ("bext.wav", ("-write_bext", "1", "-metadata", "description=odd")), ("a.w64", ()),
    ("a.aiff", ()), ("swapped.aiff", ("-c:a", "pcm_s16le")), ("a.au", ()), ("a.caf", ()),
    ("a.flac", ()), ("a.ogg", ("-c:a", "libvorbis")), ("a.opus", ("-c:a", "libopus")),
    ("v.mp3", ("-q:a", "2")), ("plain.mp3", ("-write_xing", "0", "-id3v2_version", "0")),
    ("old.mp3", ("-write_id3v1", "1")), ("half.mp3", ("-ar", "11025")), ("two.mp2", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), FFMPEG)
def test_files_by_ffmpeg(tmp_path, name, options):
    path = encoded(tmp_path, name, *options, "-metadata", "title=a song")
    info, _rows = read_all(path, strict=True)
    assert not info.warnings
    assert abs(info.duration - 90_000 / 44_100) < 0.06


SOUNDFILE = [
    (form, subtype)
    for form in ("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC", "OGG", "MP3")
    for subtype in soundfile.available_subtypes(form)
    if not subtype.startswith(("NMS", "G72", "DWVW", "MPEG", "GSM"))
]


@pytest.mark.parametrize(("form", "subtype"), SOUNDFILE)
def test_files_by_libsndfile(tmp_path, form, subtype):
    path = tmp_path / "a"
    soundfile.write(path, sound(10_001, 1), 48_000, format=form, subtype=subtype)
    info, rows = read_all(path, strict=True)
    assert not info.warnings
    assert rows.shape[1] >= 10_001


def test_files_tagged_by_mutagen(tmp_path):
    import mutagen
    from mutagen import aiff, apev2, flac, id3, mp3, oggvorbis, wave

    picture = id3.APIC(mime="image/png", type=3, data=bytes(50_001))
    for name, kind in (("a.wav", wave.WAVE), ("a.aiff", aiff.AIFF), ("a.mp3", mp3.MP3)):
        path = encoded(tmp_path, name)
        tagged = kind(path)
        if tagged.tags is None:
            tagged.add_tags()
        tagged.tags.add(picture)
        tagged.tags.add(id3.TIT2(text="odd"))
        tagged.save()
        if kind is mp3.MP3:
            ape = apev2.APEv2()
            ape["title"] = "x"
            ape.save(path)
        assert not read_all(path, strict=True)[0].warnings, name
    cover = flac.Picture()
    cover.data, cover.mime, cover.type = bytes(300_000), "image/png", 3
    path = encoded(tmp_path, "a.flac")
    tagged = flac.FLAC(path)
    tagged.add_picture(cover)
    tagged.save()
    assert not read_all(path, strict=True)[0].warnings
    path = encoded(tmp_path, "a.ogg", "-c:a", "libvorbis")
    tagged = oggvorbis.OggVorbis(path)
    tagged["metadata_block_picture"] = ["A" * 400_000]
    tagged.save()
    assert not read_all(path, strict=True)[0].warnings
    assert mutagen.File(path).info.sample_rate == 44_100


def test_an_encoder_that_counts_its_own_frame(tmp_path):
    """Some state one frame more than there are, and no loss is behind it."""
    path = encoded(tmp_path, "a.mp3")
    data = bytearray(path.read_bytes())
    at = data.find(b"Xing") if b"Xing" in data else data.find(b"Info")
    [frames] = struct.unpack_from(">I", data, at + 8)
    struct.pack_into(">I", data, at + 8, frames + 1)
    rows = read_all(path)[1]
    path.write_bytes(data)
    info, got = read_all(path, strict=True)
    assert not info.warnings
    np.testing.assert_array_equal(got[:, :80_000], rows[:, :80_000])


def test_a_stream_into_a_pipe_is_read_whole(tmp_path):
    source = tmp_path / "a.wav"
    soundfile.write(source, sound(), 44_100)
    for form in ("wav", "aiff", "au", "caf", "w64", "flac"):
        path = pipe(source, tmp_path / f"pipe.{form}", form)
        info, rows = read_all(path)
        assert rows.shape[1] == 30_000, form
        assert bool(info.incomplete) == (form in ("wav", "aiff", "w64"))


def pipe(source, target, form):
    line = ["ffmpeg", "-v", "error", "-i", source, "-f", form, "-"]
    target.write_bytes(subprocess.run(line, check=True, capture_output=True).stdout)
    return target
