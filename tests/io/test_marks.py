"""Cue points, regions, loops and chapters stay on their sounds, or are dropped with a word."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import soundfile
from mutagen import flac, id3

from restorack.io.marks.chapters import adapt_chapters, adapt_cue_sheet
from restorack.io.marks.cue_points import adapt_marks
from restorack.io.marks.time_map import TimeMap
from restorack.io.metadata import read_metadata
from restorack.io.tags.fields import Tags
from restorack.io.wave.riff import Chunk, packed
from restorack.io.writer import AudioWriter

RATE = 48_000


def span(start: int = 0, stop: int | None = None, rate: int = RATE) -> TimeMap:
    return TimeMap(start, stop, RATE, rate)


def cue_chunk(**positions: int) -> Chunk:
    points = [
        struct.pack("<II4sIII", int(name[1:]), at, b"data", 0, 0, at)
        for name, at in positions.items()
    ]
    return Chunk(b"cue ", struct.pack("<I", len(points)) + b"".join(points))


def label(name: int, text: bytes) -> Chunk:
    return Chunk(b"labl", struct.pack("<I", name) + text + b"\0")


def region(name: int, length: int) -> Chunk:
    return Chunk(b"ltxt", struct.pack("<II4s", name, length, b"rgn ") + bytes(8))


def adtl(*parts: Chunk) -> Chunk:
    return Chunk(b"LIST", b"adtl" + b"".join(map(packed, parts)))


def loops(*spans: tuple[int, int]) -> Chunk:
    head = struct.pack("<9I", 0, 0, round(1e9 / RATE), 60, 0, 0, 0, len(spans), 3)
    body = b"".join(struct.pack("<6I", 0, 0, first, last, 0, 0) for first, last in spans)
    return Chunk(b"smpl", head + body + b"own")


def cues_of(chunks: list[Chunk]) -> dict[int, int]:
    data = next((chunk.data for chunk in chunks if chunk.name == b"cue "), bytes(4))
    [count] = struct.unpack_from("<I", data)
    points = [struct.unpack_from("<II4sIII", data, 4 + 24 * at) for at in range(count)]
    assert all(point[1] == point[5] for point in points)
    return {point[0]: point[5] for point in points}


MARKS = [
    cue_chunk(c1=1000, c2=20_000, c3=40_000),
    adtl(label(1, b"intro"), label(2, b"odd"), region(2, 10_000), label(3, b"end"), label(9, b"?")),
]


def test_nothing_is_touched_where_all_is_taken_at_the_same_rate() -> None:
    damaged = [*MARKS, Chunk(b"cue ", b"\xff\xff\xff\xff\1\2"), Chunk(b"smpl", b"short")]
    assert adapt_marks(damaged, span()) == (damaged, [])


@pytest.mark.parametrize(
    ("time", "cues", "length", "texts", "words"),
    [
        (span(500), {1: 500, 2: 19_500, 3: 39_500}, 10_000, "intro odd end ?", []),
        (span(rate=24_000), {1: 500, 2: 10_000, 3: 20_000}, 5000, "intro odd end ?", []),
        (span(rate=96_000), {1: 2000, 2: 40_000, 3: 80_000}, 20_000, "intro odd end ?", []),
        (span(stop=40_000), {1: 1000, 2: 20_000}, 10_000, "intro odd ?", ["1 cue point outside"]),
        (
            span(25_000, rate=24_000), {2: 0, 3: 7500}, 2500, "odd end ?",
            ["1 cue point outside", "1 region reaching beyond"],
        ),
        (
            span(stop=22_000), {1: 1000, 2: 20_000}, 2000, "intro odd ?",
            ["1 cue point outside", "1 region reaching beyond"],
        ),
        (span(30_000, 39_000), {}, 0, "?", ["3 cue points outside"]),
    ],
)  # fmt: skip
def test_cue_points_labels_and_regions(time, cues, length, texts, words) -> None:
    chunks, warnings = adapt_marks(MARKS, time)
    assert cues_of(chunks) == cues
    assert [chunk.name for chunk in chunks] == [b"cue ", b"LIST"] if cues else [b"LIST"]
    data = chunks[-1].data
    for text in ("intro", "odd", "end", "?"):
        assert (text.encode() + b"\0" in data) is (text in texts.split()), text
    if length:
        at = data.index(b"ltxt")
        assert struct.unpack_from("<I", data, at + 12) == (length,)
    assert len(warnings) == len(words)
    assert all(warning.startswith(word) for warning, word in zip(warnings, words, strict=True))


def test_labels_go_with_the_last_cue_point() -> None:
    chunks, _ = adapt_marks([cue_chunk(c1=10), adtl(label(1, b"a"))], span(100))
    assert chunks == []


def test_play_lists_follow_their_cue_points() -> None:
    entries = struct.pack("<I6I", 2, 1, 4000, 1, 2, 10_000, 3)
    chunks, warnings = adapt_marks([MARKS[0], Chunk(b"plst", entries)], span(stop=21_000))
    assert struct.unpack("<I6I", chunks[1].data) == (2, 1, 4000, 1, 2, 1000, 3)
    assert warnings[1].startswith("1 region")
    chunks, _ = adapt_marks([MARKS[0], Chunk(b"plst", entries)], span(30_000, 39_000))
    assert chunks == []


def test_sampler_loops_are_moved_shortened_or_dropped() -> None:
    time = span(1000, 21_000, rate=24_000)
    [chunk], warnings = adapt_marks([loops((0, 999), (2000, 3999), (20_000, 29_999))], time)
    head = struct.unpack_from("<9I", chunk.data)
    assert head[2] == pytest.approx(1e9 / 24_000, abs=1)
    assert head[7:] == (2, 3)
    kept = [struct.unpack_from("<6I", chunk.data, 36 + 24 * at)[2:4] for at in range(2)]
    assert kept == [(500, 1499), (9500, 9999)]
    assert chunk.data.endswith(b"own")
    assert [text.split()[0] for text in warnings] == ["1", "1"]


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\xff\xff\xff\xff", b"\xff\xff\xff\xff" + bytes(30)]
)
@pytest.mark.parametrize("name", [b"cue ", b"plst", b"smpl", b"LIST"])
def test_damaged_marks_cost_no_more_than_themselves(name, data) -> None:
    content = b"adtl" + data if name == b"LIST" else data
    adapt_marks([Chunk(name, content), *MARKS], span(10, 30_000, 44_100))


def chapters(**texts: str) -> Tags:
    tags = Tags()
    for name, text in texts.items():
        tags.add(name, [text])
    return tags


def test_vorbis_chapters_move_and_go_with_their_names() -> None:
    tags = chapters(
        chapter001="00:00:00.000", chapter001name="Intro", chapter002="00:00:02.500",
        chapter002name="Verse", chapter003="01:00:04.25", chapter003url="x", title="T",
    )  # fmt: skip
    got, warnings = adapt_chapters(tags, span(3 * RATE, 3700 * RATE, 44_100))
    assert {name: text[0] for name, text in got.values.items()} == {
        "chapter002": "00:00:00.000", "chapter002name": "Verse", "chapter003": "01:00:01.250",
        "chapter003url": "x", "title": "T",
    }  # fmt: skip
    assert warnings == ["1 chapter outside of what was rendered: left out"]
    got, warnings = adapt_chapters(tags, span(stop=3 * RATE))
    assert "chapter003" not in got.values
    assert "chapter003url" not in got.values
    assert len(tags.values) == 7, "the source's tags are left alone"


SHEET = """\
PERFORMER "Somebody"
FILE "side.wav" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Two"
    INDEX 00 00:58:00
    INDEX 01 01:00:37
  TRACK 03 AUDIO
    INDEX 01 02:00:00"""


def test_cue_sheets_as_text() -> None:
    text, dropped = adapt_cue_sheet(SHEET, span(61 * RATE))
    assert dropped == 1
    assert "One" not in text
    assert text.splitlines()[:5] == [
        'PERFORMER "Somebody"', 'FILE "side.wav" WAVE', "  TRACK 02 AUDIO", '    TITLE "Two"',
        "    INDEX 00 00:00:00",
    ]  # fmt: skip
    assert text.endswith("INDEX 01 00:59:00")
    assert adapt_cue_sheet(SHEET, span(stop=60 * RATE))[0].count("TRACK") == 1
    assert adapt_cue_sheet("no sheet", span(10))[0] == "no sheet"


def flac_with_sheet(path):
    soundfile.write(path, np.zeros(4 * RATE), RATE)
    file = flac.FLAC(path)
    sheet = flac.CueSheet(None)
    for number, start in ((1, 0), (2, RATE), (3, 3 * RATE)):
        track = flac.CueSheetTrack(number, start, b"CZA010700001")
        track.indexes = [flac.CueSheetTrackIndex(1, 0), flac.CueSheetTrackIndex(2, 588)]
        sheet.tracks.append(track)
    sheet.tracks.append(flac.CueSheetTrack(170, 4 * RATE))
    file.cuesheet = sheet
    file.metadata_blocks.append(sheet)
    file.save()
    return path


def carried(source, target, frames, **options):
    metadata = read_metadata(source)
    with AudioWriter(target, metadata=metadata, channels=1, **options) as writer:
        writer.write(np.zeros((1, frames), np.float32))
    return writer


def test_the_cue_sheet_of_flac_reaches_flac(tmp_path) -> None:
    source = flac_with_sheet(tmp_path / "a.flac")
    writer = carried(source, tmp_path / "b.flac", 4 * RATE, sample_rate=RATE)
    assert flac.FLAC(tmp_path / "b.flac").cuesheet == flac.FLAC(source).cuesheet
    assert writer.warnings == []
    options = {"sample_rate": 24_000, "start": 2 * RATE - 100, "stop": 3 * RATE}
    writer = carried(source, tmp_path / "c.flac", 24_050, **options)
    sheet = flac.FLAC(tmp_path / "c.flac").cuesheet
    assert [(t.track_number, t.start_offset) for t in sheet.tracks] == [(2, 0), (255, 24_050)]
    assert sheet.tracks[0].isrc == b"CZA010700001"
    assert not sheet.compact_disc
    assert writer.warnings == ["2 chapters outside of what was rendered: left out"]
    for kind in ("wav", "ogg", "mp3", "aiff"):
        writer = carried(source, tmp_path / f"d.{kind}", RATE, sample_rate=RATE)
        assert [text for text in writer.warnings if "cue sheet has no place" in text]


def chapter_frames() -> list[id3.Frame]:
    tag = id3.ID3()
    for number, (first, last) in enumerate([(0, 1000), (1000, 2500), (2500, 4000)]):
        title = id3.TIT2(encoding=3, text=f"C{number}")
        tag.add(id3.CHAP(element_id=f"c{number}", start_time=first, end_time=last, start_offset=7,
                         end_offset=9, sub_frames=[title]))  # fmt: skip
    tag.add(
        id3.CTOC(element_id="toc", flags=3, child_element_ids=["c0", "c1", "c2"], sub_frames=[])
    )
    tag.add(id3.SYLT(encoding=3, lang="eng", format=2, type=1, desc="",
                     text=[("a", 500), ("b", 2000), ("c", 3900)]))  # fmt: skip
    return tag


@pytest.mark.parametrize("kind", ["mp3", "wav", "aiff"])
def test_chapters_of_id3_move_in_every_format_that_has_them(tmp_path, kind) -> None:
    source = tmp_path / "a.mp3"
    soundfile.write(source, np.zeros(4 * RATE), RATE)
    chapter_frames().save(source)
    if kind == "wav":  # whose own block is moved
        carried(source, tmp_path / "a.wav", 4 * RATE, sample_rate=RATE)
        source = tmp_path / "a.wav"
    target = tmp_path / f"b.{kind}"
    options = {"sample_rate": 24_000, "start": RATE * 3 // 2, "stop": RATE * 3}
    writer = carried(source, target, 36_000, **options)
    frames = {frame.HashKey: frame for frame in read_metadata(target).tags.frames}
    times = {key: (f.start_time, f.end_time) for key, f in frames.items() if key[:4] == "CHAP"}
    assert times == {"CHAP:c1": (0, 1000), "CHAP:c2": (1000, 1500)}
    assert frames["CHAP:c1"].sub_frames["TIT2"].text == ["C1"]
    assert frames["CTOC:toc"].child_element_ids == ["c1", "c2"]
    [text] = [frame.text for key, frame in frames.items() if key.startswith("SYLT")]
    assert text == [("b", 500)]
    assert "1 chapter outside of what was rendered: left out" in writer.warnings
