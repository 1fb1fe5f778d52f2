"""CUE sheets and labels as other programs read them, and titles from files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from restorack.errors import FileError, ParameterError
from restorack.splitting.layout import Track
from restorack.splitting.titles import check_titles, read_titles
from restorack.splitting.track_lists import cue_sheet, labels

RATE = 44_100
TRACKS = [
    Track(1, 2 * RATE, 62 * RATE, None, {"title": 'The "Blue" One'}),
    Track(2, 65 * RATE + 587, 200 * RATE, 0.98, {"artist": "Guest\nx"}),
]


def test_a_cue_sheet_states_gaps_and_starts_in_frames_rounded_down():
    text = cue_sheet(TRACKS, RATE, PurePosixPath("a/side.wav"), {"artist": "X", "album": "Y"})
    assert text == "\r\n".join([
        'PERFORMER "X"', 'TITLE "Y"', 'FILE "a/side.wav" WAVE',
        "  TRACK 01 AUDIO", "    TITLE \"The 'Blue' One\"", '    PERFORMER "X"',
        "    INDEX 00 00:00:00", "    INDEX 01 00:02:00",
        "  TRACK 02 AUDIO", '    TITLE "Track 2"', '    PERFORMER "Guest\\x0ax"',
        "    INDEX 00 01:02:00", "    INDEX 01 01:05:00", "",
    ])  # fmt: skip
    later = cue_sheet([Track(1, 588, RATE, None)], RATE, PurePosixPath("side.mp3"), {})
    assert "INDEX 01 00:00:01" in later
    assert 'FILE "side.mp3" MP3' in later


def test_every_line_of_a_cue_sheet_is_of_its_syntax():
    line = re.compile(
        r'(REM \w+ ".*"|PERFORMER ".*"|TITLE ".*"|FILE ".*" (WAVE|MP3|AIFF)|  TRACK \d\d AUDIO'
        r'|    (TITLE|PERFORMER) "[^"]*"|    INDEX 0[01] \d\d:[0-5]\d:[0-7]\d)'
    )
    text = cue_sheet(TRACKS, RATE, PurePosixPath("s.flac"), {"date": "1971", "genre": "folk"})
    assert all(line.fullmatch(one) for one in text.split("\r\n")[:-1])


def test_labels_are_seconds_and_titles_parted_by_tabulators():
    rows = [line.split("\t") for line in labels(TRACKS, RATE).splitlines()]
    assert [(float(a), float(b), c) for a, b, c in rows] == [
        (2.0, 62.0, 'The "Blue" One'), (pytest.approx(65.013311), 200.0, "Track 2"),
    ]  # fmt: skip


def test_titles_from_text_and_table(tmp_path):
    text = tmp_path / "t.txt"
    text.write_text("\ufeffOne\n\n  Zwei \n", encoding="utf-8")
    assert read_titles(text) == [{"title": "One"}, {"title": "Zwei"}]
    table = tmp_path / "t.csv"
    table.write_text('Title,Artist\n"One, two",X\nZwei,\n')
    assert read_titles(table) == [{"title": "One, two", "artist": "X"}, {"title": "Zwei"}]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("t.csv", "name\nx\n", ParameterError), ("t.csv", "title\nx,y\n", ParameterError),
        ("t.txt", "\n", ParameterError), ("t.csv", "title\n", ParameterError),
        ("t.txt", b"\xff\xfe\x00", FileError), ("none.txt", None, FileError),
    ],
)  # fmt: skip
def test_bad_titles_are_refused(tmp_path, name, content, error):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(error):
        read_titles(tmp_path / name)


def test_titles_count_the_tracks():
    assert check_titles([{"title": "a"}], None) == 1
    assert check_titles([], 4) == 4
    assert check_titles([], None) is None
    with pytest.raises(ParameterError, match="100 tracks"):
        check_titles([], 100)
