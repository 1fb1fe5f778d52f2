"""The law of reading: what is read and what is said to be missing make the whole, or a refusal."""

import random

import pytest
import soundfile
from sound_files import encoded, read_all, sound, texts

from restorack.errors import RestorackError

FRAMES = 30_000
PLAIN = [
    ("WAV", "PCM_U8", 1), ("WAV", "PCM_16", 2), ("WAV", "PCM_24", 6), ("WAV", "FLOAT", 2),
    ("WAV", "DOUBLE", 1), ("WAV", "ULAW", 2), ("WAVEX", "PCM_24", 6), ("RF64", "PCM_16", 2),
    ("W64", "PCM_24", 2), ("W64", "FLOAT", 6), ("AIFF", "PCM_16", 2), ("AIFF", "PCM_24", 6),
    ("AIFF", "FLOAT", 1), ("AU", "PCM_16", 2), ("AU", "FLOAT", 1), ("CAF", "PCM_24", 2),
    ("CAF", "FLOAT", 6),
]  # fmt: skip
CODED = [
    ("a.flac", ()), ("xing.mp3", ("-q:a", "4")), ("info.mp3", ("-b:a", "128k")),
    ("mono.mp3", ("-ac", "1")), ("low.mp3", ("-ar", "22050")),
]  # fmt: skip


def cuts(data, name, count=10):
    chance = random.Random(name)  # noqa: S311  not for secrets
    return [data[: chance.randrange(1, len(data))] for _ in range(count)]


def check_law(path, made):
    """Read a cut file; return whether it was refused."""
    try:
        info, rows = read_all(path)
    except RestorackError as error:
        assert error.where  # noqa: PT017  it may also be read
        return True
    missing = info.missing_seconds
    assert info.incomplete, f"{rows.shape[1]} of {made} without a word"
    assert missing is not None
    assert rows.shape[1] + missing * info.sample_rate == pytest.approx(made, abs=0.5)
    with pytest.raises(RestorackError):
        read_all(path, strict=True)
    return False


@pytest.mark.parametrize(("form", "subtype", "channels"), PLAIN)
def test_a_cut_file_says_how_much_is_missing(tmp_path, form, subtype, channels):
    path = tmp_path / "a"
    soundfile.write(path, sound(FRAMES, channels), 44_100, format=form, subtype=subtype)
    info, rows = read_all(path, strict=True)
    assert not info.warnings
    assert rows.shape == (channels, FRAMES)
    refused = 0
    for data in cuts(path.read_bytes(), form + subtype):
        path.write_bytes(data)
        refused += check_law(path, FRAMES)
    assert refused <= 3  # those that end inside the header


@pytest.mark.parametrize(("name", "options"), CODED)
def test_a_cut_coded_file_says_how_much_is_missing(tmp_path, name, options):
    path = encoded(tmp_path, name, *options)
    info, rows = read_all(path, strict=True)
    assert not info.warnings
    refused = 0
    for data in cuts(path.read_bytes(), name):
        path.write_bytes(data)
        refused += check_law(path, rows.shape[1])
    assert refused <= 5  # those that end before the first frame does


@pytest.mark.parametrize("name", ["a.ogg", "a.opus"])
def test_a_cut_ogg_is_warned_of(tmp_path, name):
    """Nothing in it states its length: what is missing is known to the end of a cut page only."""
    coding = "libopus" if name == "a.opus" else "libvorbis"
    path = encoded(tmp_path, name, "-c:a", coding, "-ar", "48000", frames=400_000)
    info, rows = read_all(path, strict=True)
    assert not info.warnings
    read = 0
    for data in cuts(path.read_bytes(), name):
        path.write_bytes(data)
        try:
            info, some = read_all(path)
        except RestorackError:
            continue
        read += 1
        assert some.shape[1] < rows.shape[1]
        assert "cut short" in texts(info)
        known = (info.missing_seconds or 0.0) * info.sample_rate
        assert some.shape[1] + known <= rows.shape[1] + 1
        with pytest.raises(RestorackError, match="cut short"):
            read_all(path, strict=True)
    assert read >= 3


def test_streams_that_state_no_length_where_that_is_legal(tmp_path):
    """AU and CAF may; only a part of a sample at the end tells that such a file is cut."""
    for form, place, unknown in (("AU", 8, b"\xff" * 4), ("CAF", None, b"\xff" * 8)):
        path = tmp_path / form
        soundfile.write(path, sound(FRAMES), 44_100, format=form, subtype="PCM_16")
        data = bytearray(path.read_bytes())
        at = data.find(b"data") + 4 if place is None else place
        data[at : at + len(unknown)] = unknown
        path.write_bytes(data)
        info, rows = read_all(path, strict=True)
        assert (rows.shape[1], info.warnings) == (FRAMES, ())
        path.write_bytes(data[:-3])
        info, rows = read_all(path)
        assert rows.shape[1] == FRAMES - 1
        assert "ends inside a sample" in texts(info)
