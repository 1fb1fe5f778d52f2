"""Sessions to REAPER's projects and back, read by another reader too."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rpp
import sessions
from carried import carried
from hypothesis import HealthCheck, given, settings, strategies as st
from made_sessions import documents, write_yaml

from restorack.errors import FileError, RestorackError
from restorack.projects import export_session, import_project
from restorack.projects.from_session import project_of
from restorack.projects.model import Project
from restorack.projects.reaper.chunks import Chunk, read_chunks
from restorack.projects.reaper.reading import read_reaper
from restorack.render.session import load_session

SESSION = """\
format: 1
name: small
sample_rate: 44100
pan_law: linear
stems:
- {file: AUDIO/mono.wav, name: voice "one", pan: -0.5, stages: [{restorack.Air: {amount_db: 6}}], sends: [{to: room, gain_db: -6}]}
- {file: AUDIO/stereo.wav, start: 4410 samples, output: room, automation: {gain_db: [[0, -20], [1, 0]], pan: [[0, -1], [1, 1]]}}
buses: [{name: room, gain_db: -3}]
output: {subtype: FLOAT}
"""  # noqa: E501


def put(folder: Path, audio: Path, text: str = SESSION) -> Path:
    return sessions.put(folder, text.replace("AUDIO", str(audio)))


def parsed(path: Path) -> Any:
    return rpp.loads(path.read_text())


def track_names(root: Any) -> list[str]:
    return [track.find("NAME")[1] for track in root.findall("TRACK")]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents(sends_at_unity=False))
def test_a_session_comes_back(document: dict[str, Any], audio: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_yaml(folder / "s.yaml", document, audio)
        export_session(source, "reaper", folder / "made.rpp")
        import_project("reaper", folder / "made.rpp", folder / "t.yaml")
        before, after = load_session(source), load_session(folder / "t.yaml")
        assert carried(project_of(after, folder, plugins=False)) == carried(
            project_of(before, folder, plugins=False)
        )
        assert [stem.start for stem in after.stems] == [stem.start for stem in before.stems]
        assert [stem.file for stem in after.stems] == [stem.file for stem in before.stems]
        assert after.pan_law == before.pan_law


def test_another_reader_finds_everything(tmp_path: Path, audio: Path) -> None:
    done = export_session(put(tmp_path, audio), "reaper", tmp_path / "p.rpp")
    assert done.printed == ['voice "one"']
    assert done.files == [tmp_path / "p-audio" / "voice -one.wav"]
    root = parsed(tmp_path / "p.rpp")
    assert track_names(root) == ['voice "one"', "voice -one- (dry)", "stereo", "room"]
    wet, dry, stereo, room = root.findall("TRACK")
    assert [track.find("MUTESOLO")[1] for track in (wet, dry)] == ["0", "1"]
    assert float(wet.find("VOLPAN")[2]) == -0.5
    assert float(wet.find("VOLPAN")[3]) == pytest.approx(0.5, abs=1e-4)
    assert float(stereo.find("VOLPAN")[3]) == 1.0
    assert wet.find(".//SOURCE").find("FILE")[1] == "p-audio/voice -one.wav"
    assert dry.find(".//SOURCE").find("FILE")[1] == str(audio / "mono.wav")
    assert float(stereo.find("ITEM").find("POSITION")[1]) == pytest.approx(0.1)
    assert stereo.find("MAINSEND")[1] == "0"
    receives = [[float(word) for word in line[1:4]] for line in room.findall("AUXRECV")]
    assert receives == [[0, 0, pytest.approx(0.501187)], [2, 0, 1]]
    pans = [[float(w) for w in point[1:3]] for point in stereo.find("PANENV2").findall("PT")]
    assert pans == [[0, 1], [1, -1]]
    gains = [float(point[2]) for point in stereo.find("VOLENV2").findall("PT")]
    assert (gains[0], gains[-1], len(gains)) == (pytest.approx(0.1), 1.0, 21)


def test_a_session_sounds_the_same_afterwards(tmp_path: Path, audio: Path) -> None:
    source = put(tmp_path, audio)
    export_session(source, "reaper", tmp_path / "p.rpp")
    done = import_project("reaper", tmp_path / "p.rpp", tmp_path / "t.yaml")
    assert done.files == []
    again = (tmp_path / "t.yaml").read_text() + "output: {subtype: FLOAT}\n"
    one = sessions.rendered(tmp_path, source.read_text(), "one")
    two = sessions.rendered(tmp_path, again, "two")
    assert np.array_equal(one, two)
    assert sessions.decibels(one) > -20


NASTY = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12)


@settings(max_examples=50, deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=4))
def test_any_words_are_read_again(words: list[str]) -> None:
    clean = [" ".join(word.split()) for word in words]
    clean = [word.replace("`", "'") if all(m in word for m in "\"'`") else word for word in clean]
    root = Chunk(["REAPER_PROJECT"])
    root.add("NAME", *clean)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "p.rpp"
        path.write_text(root.to_text(), "utf-8", newline="\n")
        assert read_chunks(path).one("NAME").words[1:] == clean


def project(folder: Path, lines: str, audio: Path) -> Path:
    path = folder / "foreign.rpp"
    text = f'<REAPER_PROJECT 0.1 "6.8"\n{lines}\n>\n'.replace("AUDIO", str(audio))
    path.write_text(text)
    return path


ITEM = '<ITEM\nPOSITION 1\nLENGTH 0.1\n{}<SOURCE WAVE\nFILE "AUDIO/mono.wav"\n>\n>\n'
TRACK = "<TRACK\nNAME {}\n{}>\n"


def test_folders_become_buses(tmp_path: Path, audio: Path) -> None:
    lines = (
        TRACK.format("drums", "ISBUS 1 1\n")
        + TRACK.format("kick", ITEM.format(""))
        + TRACK.format("inner", "ISBUS 1 1\n")
        + TRACK.format("snare", "ISBUS 2 -2\n" + ITEM.format(""))
        + TRACK.format("voice", ITEM.format(""))
    )
    read = read_reaper(project(tmp_path, lines, audio), tmp_path)
    outputs = {track.name: track.output for track in [*read.tracks, *read.buses]}
    assert outputs == {
        "drums": "master", "kick": "drums", "inner": "drums", "snare": "inner", "voice": "master",
    }  # fmt: skip


def test_faders_trim_their_envelopes(tmp_path: Path, audio: Path) -> None:
    envelope = "<VOLENV2\nACT {}\nPT 0 1 0\nPT 1 0.5 0\n>\n"
    lines = "".join(
        TRACK.format(name, f"VOLPAN 0.5 0 -1\nAUTOMODE {mode}\n" + envelope.format(on))
        for name, mode, on in (("trims", 0, 1), ("reads", 1, 1), ("off", 0, 0))
    )
    trims, reads, off = read_reaper(project(tmp_path, lines, audio), tmp_path).buses
    assert [trims.gain_db[0][1], trims.gain_db[-1][1]] == pytest.approx([-6.0206, -12.0412])
    assert [reads.gain_db[0][1], reads.gain_db[-1][1]] == pytest.approx([0, -6.0206])
    assert off.gain_db == ((0.0, pytest.approx(-6.0206)),)


def test_a_track_without_output_is_not_heard(tmp_path: Path, audio: Path) -> None:
    lines = TRACK.format("voice", "MAINSEND 0\n" + ITEM.format(""))
    lines += TRACK.format("room", "AUXRECV 0 3 0.5 0 0\n")
    path = project(tmp_path, lines, audio)
    import_project("reaper", path, tmp_path / "s.yaml")
    session = load_session(tmp_path / "s.yaml")
    [voice] = session.stems
    assert voice.output == "no output"
    assert [bus.mute for bus in session.buses] == [False, True]
    assert [(send.to, send.pre) for send in voice.sends] == [("room", True)]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (ITEM.format("MUTE 1 0\n"), "muted items"),
        (ITEM.format("PLAYRATE 1.5 1 0\n"), "stretching"),
        (ITEM.format("FADEIN 1 0.01\n"), "fades"),
        (ITEM.format("VOLPAN 0.5 0 1 -1\n"), "gains and pans"),
        (ITEM.format("").replace("LENGTH 0.1", "LENGTH 10"), "loops"),
        ("<ITEM\n<SOURCE MIDI\n>\n>\n", "without an audio file: MIDI"),
        ("IPHASE 1\n", "polarity"),
        ("<MUTEENV\nACT 1 -1\n>\n", "MUTEENV"),
        ('<FXCHAIN\n<VST "VST3: Squeezer" s.vst3\nYWJj\n>\n>\n', "the effect 'VST3: Squeezer'"),
        ("<VOLENV2\nACT 1 -1\nPT 0 1 2\n>\n", "curved shapes"),
        ("AUXRECV 9 0 1 0 0\n", "no open bus"),
    ],
)
def test_what_a_session_cannot_hold_is_named(
    tmp_path: Path, audio: Path, inside: str, words: str
) -> None:
    read: Project = read_reaper(project(tmp_path, TRACK.format("t", inside), audio), tmp_path)
    [loss] = [loss for loss in read.losses if words in loss.what]
    assert "foreign.rpp:" in loss.place


def test_the_take_that_is_selected_is_played(tmp_path: Path, audio: Path) -> None:
    second = 'TAKE SEL\n<SOURCE WAVE\nFILE "AUDIO/stereo.wav"\n>\n'
    item = ITEM.format("")[:-2] + second + ">\n"
    read = read_reaper(project(tmp_path, TRACK.format("t", item), audio), tmp_path)
    assert read.tracks[0].clips[0].media.name == "stereo.wav"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (TRACK.format("t", ITEM.format("").replace("LENGTH 0.1", "LENGTH nan")), "'nan' is no"),
        (TRACK.format("t", "VOLPAN 1e300 0\n"), "'1e300' is no number"),
        (TRACK.format("t", "VOLPAN x 0\n"), "'x' is no number"),
        (TRACK.format("t", ITEM.format("").replace("mono.wav", "none.wav")), "no such file"),
        (TRACK.format("t", ""), "no track has audio"),
        (">\n>", "has not begun"),
        ("<TRACK", "has no end"),
        ("<A\n" * 200 + ">\n" * 200, "chunks within each other"),
        ('<TRACK\nNAME a\nAUXRECV 1 0 1\n>\n<TRACK\nNAME b\nAUXRECV 0 0 1\n>\n'
         + TRACK.format("t", ITEM.format("")), "circle"),
    ],
)  # fmt: skip
def test_hostile_projects_leave_nothing(
    tmp_path: Path, audio: Path, lines: str, words: str
) -> None:
    path = project(tmp_path, lines, audio)
    with pytest.raises(RestorackError, match=words):
        import_project("reaper", path, tmp_path / "s.yaml")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"\xff\xfe", "UTF-8"), (b"", "no project of REAPER"), (b"<TRACK\n>\n", "no project")],
)
def test_what_is_no_project(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "p.rpp"
    path.write_bytes(data)
    with pytest.raises(FileError, match=words):
        import_project("reaper", path, tmp_path / "s.yaml")


def test_nothing_half_written_stays(tmp_path: Path, audio: Path) -> None:
    source = put(tmp_path, audio)
    (tmp_path / "p-audio").mkdir()
    (tmp_path / "p-audio" / "voice -one.wav").write_bytes(b"mine")
    with pytest.raises(FileError, match="exists"):
        export_session(source, "reaper", tmp_path / "p.rpp")
    assert not (tmp_path / "p.rpp").exists()
    assert (tmp_path / "p-audio" / "voice -one.wav").read_bytes() == b"mine"
    export_session(source, "reaper", tmp_path / "p.rpp", force=True)
    assert (tmp_path / "p-audio" / "voice -one.wav").stat().st_size > 1000


def test_too_many_lines(tmp_path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restorack.projects.reaper.chunks.MAX_LINES", 3)
    with pytest.raises(FileError, match="more than 3 lines"):
        read_reaper(project(tmp_path, TRACK.format("t", ""), audio), tmp_path)


def test_what_the_head_says(tmp_path: Path, audio: Path) -> None:
    lines = "SAMPLERATE 96000 {} 0\nTEMPO 90 6 8\nMARKER 1 2.5 end 0\nMARKER 2 1 begin 0\n"
    free = read_reaper(project(tmp_path, lines.format(0), audio), tmp_path)
    assert (free.sample_rate, free.tempo, free.beats_per_bar) == (None, 90, 6)
    assert free.markers == [(1.0, "begin"), (2.5, "end")]
    assert [loss.what for loss in free.losses] == ["a time signature that is not in quarters"]
    assert read_reaper(project(tmp_path, lines.format(1), audio), tmp_path).sample_rate == 96_000


def test_pans_add_up_in_trim_mode(tmp_path: Path, audio: Path) -> None:
    envelope = "<PANENV2\nACT 1\nPT 0 0.5 0\nPT 1 -0.25 0\n>\n"
    lines = TRACK.format("t", "VOLPAN 1 0.25 -1\n" + envelope)
    [bus] = read_reaper(project(tmp_path, lines, audio), tmp_path).buses
    assert bus.pan == ((0.0, -0.25), (1.0, 0.5))


def test_pan_laws_that_a_session_lacks_are_named(tmp_path: Path, audio: Path) -> None:
    lines = TRACK.format("t", "VOLPAN 1 0 0.9\n" + ITEM.format(""))
    told = [loss.what for loss in read_reaper(project(tmp_path, lines, audio), tmp_path).losses]
    assert "the pan law of 't'" in told
    panned = TRACK.format("b", "AUXRECV 0 0 1 0.5 0\n")
    told = [
        loss.what for loss in read_reaper(project(tmp_path, lines + panned, audio), tmp_path).losses
    ]
    assert "the pan of a send to 'b'" in told


def test_items_that_are_longer_than_their_file_end_with_it(tmp_path: Path, audio: Path) -> None:
    item = ITEM.format("SOFFS 0.1\n").replace("LENGTH 0.1", "LENGTH 10")
    [track] = read_reaper(project(tmp_path, TRACK.format("t", item), audio), tmp_path).tracks
    assert track.clips[0].length == pytest.approx(9000 / 44_100 - 0.1)
