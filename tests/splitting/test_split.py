"""The files of a side: untrimmed they are the side, bit for bit; with tags, and all or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import mutagen
import numpy as np
import pytest
import soundfile
import wavinfo
from signals.record_sides import RATE, side

import restorack
from restorack.errors import AudioError, FileError, ParameterError
from restorack.io.tags.editing import set_tags

SHORT = {"min_track_s": 4.0}


@pytest.fixture(scope="module")
def made():
    return side([7, 8], [2.0], channels=2)


@pytest.fixture
def path(made, tmp_path):
    file = tmp_path / "side A.wav"
    soundfile.write(file, made.audio.T, RATE, subtype="PCM_16")
    return file


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def joined(report):
    files = [
        soundfile.read(track.file, dtype="float64", always_2d=True)[0] for track in report.tracks
    ]
    return np.concatenate(files)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.wav", "PCM_16"), ("a.wav", "DOUBLE"), ("a.flac", "PCM_24"), ("a.aiff", "PCM_U8"),
     ("a.caf", "PCM_32")],
)  # fmt: skip
def test_untrimmed_files_put_together_are_the_side(made, tmp_path, out, name, subtype):
    file = tmp_path / name
    subtype = "PCM_S8" if (name, subtype) == ("a.aiff", "PCM_U8") else subtype
    soundfile.write(file, made.audio.T, RATE, subtype=subtype)
    report = restorack.split(file, out, trim=False, **SHORT)
    assert len(report.tracks) == 2
    np.testing.assert_array_equal(joined(report), soundfile.read(file, always_2d=True)[0])


def test_trimmed_files_have_the_music_bit_for_bit_and_fades_around_it(path, out):
    report = restorack.split(path, out, fade_in_s=0.2, fade_out_s=0.4, **SHORT)
    whole = soundfile.read(path, always_2d=True)[0]
    for track in report.tracks:
        part = soundfile.read(track.file, always_2d=True)[0]
        assert len(part) == track.file_end_sample - track.file_start_sample
        assert track.start_sample - track.file_start_sample == round(0.2 * RATE)
        assert track.file_end_sample - track.end_sample == round(0.4 * RATE)
        inside = slice(track.start_sample - track.file_start_sample,
                       track.end_sample - track.file_start_sample)  # fmt: skip
        np.testing.assert_array_equal(part[inside], whole[track.start_sample : track.end_sample])
        noise = whole[track.file_start_sample : track.start_sample]
        assert np.abs(part[:20]).max() <= 1.5 / 32768  # silence and dither
        assert np.std(part[: inside.start]) < 0.8 * np.std(noise)


def test_without_fades_trimmed_files_are_cut_out(path, out):
    report = restorack.split(path, out, fade_in_s=0.0, fade_out_s=0.0, **SHORT)
    whole = soundfile.read(path, always_2d=True)[0]
    cut = [whole[track.start_sample : track.end_sample] for track in report.tracks]
    np.testing.assert_array_equal(joined(report), np.concatenate(cut))


def test_fades_never_reach_into_the_other_track(path, out):
    report = restorack.split(path, out, fade_in_s=9.0, fade_out_s=9.0, **SHORT)
    first, second = report.tracks
    assert first.file_end_sample == second.file_start_sample
    assert first.end_sample < first.file_end_sample < second.start_sample


def test_shorter_words_are_dithered_and_longer_ones_are_not(made, tmp_path, out):
    file = tmp_path / "a.wav"
    soundfile.write(file, made.audio.T, RATE, subtype="PCM_24")
    report = restorack.split(file, out, trim=False, subtype="16", **SHORT)
    error = joined(report) - soundfile.read(file, always_2d=True)[0]
    assert np.std(error) * 32768 == pytest.approx(0.5, rel=0.05)  # a quarter of a step squared


def test_cue_points_are_read_back_by_another_library(path, out):
    set_tags(path, {"album": "Blue"})
    report = restorack.split(path, out, write=("cues",), titles=["One", "Zwei"], **SHORT)
    [file] = report.files
    cues = wavinfo.WavInfoReader(file).cues
    starts = [track.start_sample for track in report.tracks]
    assert [cue.sample_offset for cue in cues.cues] == starts
    texts = {label.name: label.text for label in cues.labels}
    assert [texts[cue.name] for cue in cues.cues] == ["One", "Zwei"]
    lengths = {region.name: region.length for region in cues.ranges}
    ends = [track.end_sample for track in report.tracks]
    assert [cue.sample_offset + lengths[cue.name] for cue in cues.cues] == ends
    assert wavinfo.WavInfoReader(file).info.product == "Blue"
    np.testing.assert_array_equal(soundfile.read(file)[0], soundfile.read(path)[0])


def test_tags_are_carried_and_titles_set(path, out):
    set_tags(path, {"artist": "Joni", "album": "Blue", "title": "side A", "tracknumber": "1"})
    titles = [{"title": "All I Want"}, {"title": "My Old Man", "artist": "Guest"}]
    report = restorack.split(
        path, out, titles=titles, tags={"date": "1971"}, first_number=5, format="flac", **SHORT
    )
    assert [os.path.basename(file) for file in report.files] == [
        "05 All I Want.flac", "06 My Old Man.flac",
    ]  # fmt: skip
    second = mutagen.File(report.files[1]).tags
    found = {name: second[name] for name in ("title", "artist", "album", "date", "tracknumber")}
    assert found == {"title": ["My Old Man"], "artist": ["Guest"], "album": ["Blue"],
                     "date": ["1971"], "tracknumber": ["6"]}  # fmt: skip
    assert mutagen.File(report.files[0]).tags["artist"] == ["Joni"]


def test_nothing_is_written_without_a_folder(path, tmp_path):
    report = restorack.split(path, **SHORT)
    assert report.status == "planned"
    assert [track.number for track in report.tracks] == [1, 2]
    assert os.listdir(tmp_path) == ["side A.wav"]


def test_one_file_that_exists_keeps_all_from_being_written(path, out):
    (out / "side A 02.wav").write_bytes(b"mine")
    with pytest.raises(FileError, match="exists already"):
        restorack.split(path, out, write=("files", "labels"), **SHORT)
    assert os.listdir(out) == ["side A 02.wav"]
    assert (out / "side A 02.wav").read_bytes() == b"mine"
    restorack.split(path, out, write=("files", "labels"), force=True, **SHORT)
    assert len(os.listdir(out)) == 3


def test_the_side_is_never_replaced(made, tmp_path):
    file = tmp_path / "01 x.wav"
    soundfile.write(file, made.audio.T, RATE, subtype="PCM_16")
    before = file.read_bytes()
    with pytest.raises(FileError, match="is the source"):
        restorack.split(file, tmp_path, titles=["x", "y"], force=True, **SHORT)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["01 x.wav"]


KILLED = """
    import signal, sys, time
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background has none
    import restorack.splitting.writing as writing
    import restorack
    encoded = writing.encoded
    def slow(rows, span, start, bits):
        if start > 100_000:
            print("writing", flush=True)
            time.sleep(60)
        return encoded(rows, span, start, bits)
    writing.encoded = slow
    restorack.split(sys.argv[1], sys.argv[2], min_track_s=4.0)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_kill_in_the_middle_leaves_no_file(path, out, how):
    line = [sys.executable, "-c", textwrap.dedent(KILLED), str(path), str(out)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout.readline() == b"writing\n"
        child.send_signal(how)
        child.wait(60)
    assert [name for name in os.listdir(out) if not name.startswith(".")] == []
    restorack.split(path, out, **SHORT)
    assert sorted(os.listdir(out)) == ["side A 01.wav", "side A 02.wav"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"write": ["file"]}, "output 'file'"), ({"write": []}, "no output"),
        ({"min_gap_s": 0.1}, "min_gap_s"), ({"min_track_s": 0.5}, "min_track_s"),
        ({"fade_in_s": -1.0}, "fade_in_s"), ({"first_number": 0}, "first_number"),
        ({"trim": False, "fade_in_s": 0.1}, "not trimmed"), ({"tracks": 0}, "0 tracks"),
        ({"tracks": 3, "titles": ["a", "b"]}, "2 titles for 3 tracks"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(path, out, how, words):
    with pytest.raises(ParameterError, match=words):
        restorack.split(path, out, **how)
    assert os.listdir(out) == []


def test_sides_without_tracks_and_too_many_tracks_are_refused(path, tmp_path, out):
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(20 * RATE), RATE)
    with pytest.raises(AudioError, match="no track"):
        restorack.split(silent, out)
    empty = tmp_path / "empty.wav"
    soundfile.write(empty, np.zeros(0), RATE)
    with pytest.raises(AudioError, match="no track"):
        restorack.split(empty, out)
    with pytest.raises(AudioError, match="no 9 tracks"):
        restorack.split(path, out, tracks=9, **SHORT)
    with pytest.raises(FileError):
        restorack.split(tmp_path / "none.wav", out)
    assert os.listdir(out) == []
