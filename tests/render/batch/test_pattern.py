"""Names of outputs: made of tags and paths, and never outside of the output folder."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, strategies as st

from restorack.errors import FileError, ParameterError
from restorack.render.batch.output_layout import KINDS, OutputLayout
from restorack.render.batch.pattern import Named, Pattern, safe_part

TAGS = {
    "artist": "Bessie",
    "title": "St. Louis Blues",
    "tracknumber": "3/12",
    "date": "1925-01-14",
}


def key(pattern: str, source: str = "/in/box 1/side a.wav", folder: str = "box 1", **tags: str):
    named = Named(Path(source), PurePosixPath(folder), "78rpm")
    return Pattern(pattern, "wav").key(named, lambda path: tags)


def test_fields_come_from_tags_and_from_the_path() -> None:
    assert key("{artist}/{title}.{preset}.flac", **TAGS) == "Bessie/St. Louis Blues.78rpm.flac"
    assert key("{year}/{track} {title}", **TAGS) == "1925/03 St. Louis Blues.wav"
    assert key("{folder}/{stem}") == "box 1/side a.wav"
    assert key("{parent}-{name}-{ext}") == "box 1-side a.wav-wav.wav"
    assert key("{folder}/{stem}", folder=".") == "side a.wav"


def test_what_a_file_does_not_say_has_a_name_too() -> None:
    assert key("{artist}/{title}") == "unknown artist/side a.wav"
    assert key("{artist|nobody}/{album|}x") == "nobody/x.wav"
    assert key("{artist|nobody}/{title}", artist=" / ") == "_/side a.wav"


def test_tags_are_read_only_where_they_are_named() -> None:
    named = Named(Path("/in/a.wav"), PurePosixPath(), "p")
    pattern = Pattern("{stem}.{preset}", "wav")
    assert not pattern.reads_tags
    assert pattern.key(named, lambda path: 1 / 0) == "a.p.wav"  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{artits}/x", "did you mean 'artist'"),
        ("../{stem}", "leaves the output folder"),
        ("a/../../{stem}", "leaves the output folder"),
        ("/home/{stem}", "leaves the output folder"),
        ("{stem", "brace"),
        ("stem}", "brace"),
        (".restorack/{stem}", "no file of yours"),
        ("{folder}/", "no file of yours"),
    ],
)
def test_patterns_that_are_refused(pattern: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        Pattern(pattern, "wav")


@example("", "", "\xa0")
@given(st.text(max_size=300), st.text(max_size=300), st.text(min_size=1, max_size=30))
def test_no_tag_leaves_the_folder_or_is_too_long(artist: str, title: str, folder: str) -> None:
    tags = {"artist": artist, "title": title}
    made = key("{folder}/{artist}/{title}", folder=folder.replace("/", "_"), **tags)
    parts = made.split("/")
    for part in parts:
        assert part not in ("", ".", "..")
        assert not part.startswith(".")
        assert not set(part) & set('<>:"|?*\\\0\n')
        assert len(part.encode()) <= 255
    for kind in KINDS:
        assert len(OutputLayout(Path("/out")).product(made, kind).name.encode()) <= 255
    assert Path("/out", made).resolve().is_relative_to("/out")
    assert made.endswith(".wav")


def test_names_that_systems_keep_for_themselves() -> None:
    assert safe_part("..") == ""
    assert safe_part("CON") == "_CON"
    assert safe_part("a/b\\c:d") == "a_b_c_d"
    assert safe_part(" .hidden. ") == "hidden"
    assert safe_part("e\u0301") == safe_part("\u00e9")


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("{artist|} {album|}/{stem}.wav", "side a.wav"),
        (" {folder}/{stem}", "side a.wav"),
        ("\u3000{artist|}\u2003/ /{stem}.wav", "side a.wav"),
        ("{artist|}..{album|}/{stem}", "side a.wav"),
        ("{artist|/etc}/{stem}", "etc/side a.wav"),
        ("{artist|../..}/{stem}", "side a.wav"),
        ("{artist|a\0b}/{stem}", "a_b/side a.wav"),
        ("{artist|.restorack}/manifest.flac", "restorack/manifest.flac"),
        ("{artist|} .wav", "_.wav"),
        ("{artist|}/..{album|}.wav", "_.wav"),
    ],
)
def test_what_is_left_of_a_pattern_without_tags_stays_inside(pattern: str, made: str) -> None:
    assert key(pattern, folder=".") == made


TAG = st.text(" ./\\\0\n\u3000\u2028~a", max_size=6)
PIECE = st.sampled_from(
    ["{artist}", "{artist|}", "{album|..}", "{title|/}", " ", ".", "/", "\u3000", "x", "{folder}"]
)


@given(st.lists(PIECE, max_size=8), TAG, TAG, TAG)
def test_no_pattern_leaves_the_folder(
    pieces: list[str], artist: str, album: str, folder: str
) -> None:
    tags = {"artist": artist, "album": album}
    try:
        made = key("".join(pieces), folder=folder.replace("/", "_") or ".", **tags)
    except ParameterError:
        return
    assert all(part.strip() not in ("", ".", "..") for part in made.split("/"))
    assert not made.startswith(("/", ".restorack"))
    assert OutputLayout(Path("/out")).product(made, "report").is_relative_to("/out")


def test_a_link_that_leads_out_of_the_output_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out" / "within").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "album").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out" / "same").symlink_to(tmp_path / "out" / "within")
    (tmp_path / "out" / "side.wav").symlink_to(tmp_path / "elsewhere" / "side.wav")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    layout = OutputLayout(tmp_path / "link")
    assert layout.product("same/side.wav", "output") == tmp_path / "link" / "same" / "side.wav"
    for bad in ("album/side.wav", "side.wav", "/etc/side.wav", "../side.wav", "a\0b.wav"):
        with pytest.raises(FileError, match="leaves the output folder"):
            layout.product(bad, "output")


def test_names_are_kept_up_to_what_a_disk_takes() -> None:
    stem = "Symphony No. 9 in D minor, Op. 125 - " + "IV. Presto - Allegro assai " * 7
    for take in ("take 1", "take 2"):
        assert key("{stem}", f"/in/{stem}{take}.wav") == f"{stem}{take}.wav"
    full = "é" * 125 + "x"
    assert key("{stem}", f"/in/{full}.wav") == f"{full}.wav"
    assert len(f"{full}.wav".encode()) == 255


def test_names_that_are_cut_stay_apart() -> None:
    first, second = (key("{stem}.{preset}", f"/in/{'é' * 125}{end}.wav") for end in "ab")
    assert first != second
    assert all(len(name.encode()) <= 255 for name in (first, second))
    assert all(name.endswith(".wav") and name.startswith("é" * 100) for name in (first, second))
    layout, names = OutputLayout(Path("/out")), [f"{'y' * 250}{end}.wav" for end in "ab"]
    products = {layout.product(name, kind) for name in names for kind in KINDS}
    assert len(products) == 2 * len(KINDS)


def test_names_that_are_no_utf8_stay_apart() -> None:
    made = {key("{folder}/{stem}", os.fsdecode(b"/in/caf" + end + b".wav"), folder=os.fsdecode(end))
            for end in (b"\xe9", b"\xe8", b"\xc3\xa9")}  # fmt: skip
    assert made == {"%E9/caf%E9.wav", "%E8/caf%E8.wav", "é/café.wav"}
