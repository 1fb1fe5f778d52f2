"""Projects as sessions, and chains that projects can hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sessions

from restorack.projects.audio import media_of
from restorack.projects.from_session import can_carry
from restorack.projects.model import Clip, Media, Plugin, Project, Track
from restorack.projects.names import document_name, fit_file, fit_name
from restorack.projects.to_session import write_session
from restorack.render.session import load_session


def media(audio: Path, *, embedded: bool = True) -> Media:
    found = media_of(audio / "mono.wav", embedded=embedded)
    assert found is not None
    return found


def track(name: str, audio: Path) -> Track:
    one = media(audio)
    return Track(name, output="master", clips=(Clip(one, 0.0, one.seconds),))


def test_a_file_of_two_tracks_is_copied_once(tmp_path: Path, audio: Path) -> None:
    project = Project("p", tracks=[track("a", audio), track("b", audio)])
    written = write_session(project, tmp_path / "s.yaml")
    assert written.files == [tmp_path / "s-audio" / "mono.wav"]
    assert [s.name for s in load_session(tmp_path / "s.yaml").stems] == ["a", "b"]


def test_what_a_master_has_not_is_named(tmp_path: Path, audio: Path) -> None:
    project = Project("p", tracks=[track("a", audio)])
    project.master.pan, project.master.mute = ((0.0, -1.0), (1.0, 1.0)), True
    project.master.solo = True
    project.master.gain_db = ((0.0, -6.0), (1.0, 0.0))
    write_session(project, tmp_path / "s.yaml")
    told = [loss.what for loss in project.losses]
    assert told == ["pan of the master", "mute of the master", "solo of the master"]
    assert load_session(tmp_path / "s.yaml").master.gain_db.points == [(0, -6), (1, 0)]


def test_plugins_that_are_off_stay_off(tmp_path: Path, audio: Path) -> None:
    one = track("a", audio)
    one.plugins = (Plugin("None Such", "0" * 32, b"VST3", enabled=False),)
    write_session(Project("p", tracks=[one]), tmp_path / "s.yaml")
    [slot] = load_session(tmp_path / "s.yaml").stems[0].chain.slots
    assert (slot.enabled, slot.missing) == (False, True)
    assert (tmp_path / "s-audio" / "a-1.vstpreset").read_bytes() == b"VST3"


def test_the_users_own_files_are_never_overwritten(tmp_path: Path, audio: Path) -> None:
    (tmp_path / "s-audio").mkdir()
    rows = sessions.write(tmp_path / "s-audio" / "a.wav", sessions.noise(5, 1, 900))
    own = media_of(tmp_path / "s-audio" / "a.wav")
    assert own is not None
    half = Track("a", output="master", clips=(Clip(own, 0.0, 0.01),))
    with pytest.raises(Exception, match="source"):
        write_session(Project("p", tracks=[half]), tmp_path / "s.yaml", force=True)
    assert (sessions.read(tmp_path / "s-audio" / "a.wav") == rows).all()


@pytest.mark.parametrize(
    ("stem", "carried"),
    [
        ("stages: [{vst3: ZamCompX2}]", True),
        ("stages: [{vst3: ZamCompX2, enabled: false}]", True),
        ("stages: [{vst3: ZamCompX2}, {restorack.Air: {}}]", False),
        ("stages: [{vst3: ZamCompX2, on: voice}]", False),
        ("stages: [{vst3: ZamCompX2, latency_samples: 3}]", False),
        ("stages: [{vst3: ZamCompX2, automation: {threshold_db: [[0, -9], [1, 0]]}}]", False),
        ("stages: [{vst3: None Such, optional: true}]", False),
        ("preset: ./mixed.yaml", False),
    ],
)
def test_chains_that_a_project_can_hold(
    tmp_path: Path, audio: Path, stem: str, carried: bool
) -> None:
    (tmp_path / "mixed.yaml").write_text(
        "format: 1\nname: mixed\nstages: [{vst3: ZamCompX2}]\noutput: {mix: 0.5}\n"
    )
    text = f"format: 1\nname: s\nstems: [{{file: {audio / 'mono.wav'}, {stem}}}]\n"
    session = load_session(sessions.put(tmp_path, text))
    assert can_carry(session.stems[0]) is carried


def test_names_are_fit_and_never_alike() -> None:
    assert fit_name("", set()) == "track"
    assert fit_name("a/b", {"a-b", "a-b (2)"}) == "a-b (3)"
    assert len(fit_name("x" * 500, set())) == 80
    assert fit_file("../../x.wav", {"x.wav"}) == "x-2.wav"
    assert fit_file("C:\\dir\\.wav", set()) == "wav"
    assert document_name("Ünder / way!") == "nder-way"
    assert document_name("???") == "session"


def test_clips_with_an_offset_are_cut(tmp_path: Path, audio: Path) -> None:
    one = media(audio)
    cut = replace(track("a", audio), clips=(Clip(one, 0.5, 0.1, 0.05),))
    write_session(Project("p", tracks=[cut]), tmp_path / "s.yaml")
    [stem] = load_session(tmp_path / "s.yaml").stems
    assert stem.start == 22_050
    rows = sessions.read(audio / "mono.wav")[:, 2205:6615]
    assert (sessions.read(stem.file) == rows).all()
