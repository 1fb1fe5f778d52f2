"""``restorack split``, as users call it."""

from __future__ import annotations

import pytest
import soundfile
from signals.record_sides import RATE, side


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("side") / "side.wav"
    audio = side([7, 6], [2.0]).audio
    soundfile.write(path, audio.T, RATE, subtype="PCM_16")
    return path


@pytest.mark.slow
def test_split_writes_what_is_asked_for(cli, made, tmp_path):
    titles, picture = tmp_path / "titles.txt", tmp_path / "new" / "side.png"
    titles.write_text("First\nSecond\n")
    out = tmp_path / "out" / "deeper"
    ran = cli(
        "split", made, "-o", out, "--write", "files,cues,cue-sheet,labels", "--titles", titles,
        "--tag", "album=A=B", "--min-track", "4", "--picture", picture, "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    names = ["01 First.wav", "02 Second.wav", "side.cue", "side.cues.wav", "side.labels.txt"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert 'TITLE "A=B"' in (out / "side.cue").read_text()
    assert 'FILE "side.cues.wav" WAVE' in (out / "side.cue").read_text()
    assert [track["title"] for track in ran.document["tracks"]] == ["First", "Second"]
    assert picture.read_bytes()[:4] == b"\x89PNG"
    again = cli("split", made, "-o", out, "--tracks", "2", "--titles", titles, "--min-track", "4")
    assert again.code == 5
    assert "--force" in again.err


def test_dry_run_prints_a_table_and_writes_nothing(cli, made, tmp_path):
    ran = cli("split", made, "-o", tmp_path / "out", "--dry-run", "--min-track", "4")
    assert ran.code == 0
    assert "confidence" in ran.out
    assert "2 tracks, lead-in" in ran.out
    assert "would be written: side 01.wav" in ran.out
    assert not (tmp_path / "out").exists()
    assert cli("split", made, "--dry-run", "-q", "--min-track", "4").out == ""


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2), (["-o", "{out}", "--write", "mp3"], 2), (["-o", "{out}", "--tag", "album"], 2),
        (["-o", "{out}", "--min-gap", "x"], 2), (["-o", "{out}", "--no-trim", "--fade-in", "1"], 2),
        (["-o", "{out}", "--titles", "none.txt"], 5), (["-o", "{out}", "--tracks", "9"], 3),
        (["-o", "{out}", "--format", "xyz"], 5),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_code(cli, made, tmp_path, options, code):
    ran = cli("split", made, *[text.replace("{out}", str(tmp_path / "o")) for text in options])
    assert ran.code == code, ran.err
    assert not list((tmp_path / "o").glob("*")) if (tmp_path / "o").exists() else True
