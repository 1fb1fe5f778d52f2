"""Sessions to DAWproject and back."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sessions
from carried import carried
from hypothesis import HealthCheck, given, settings
from lxml import etree
from made_sessions import documents, write_yaml

from restorack.errors import FileError
from restorack.projects import export_session, import_project
from restorack.projects.dawproject.reading import read_dawproject
from restorack.projects.dawproject.writing import write_dawproject
from restorack.projects.from_session import project_of
from restorack.projects.model import Plugin, Project
from restorack.render.session import load_session

PRINTED = """\
format: 1
name: small
sample_rate: 44100
tempo: 108
stems:
- {file: AUDIO/mono.wav, gain_db: -3, stages: [{restorack.Declicker: {}}], sends: [{to: room}]}
- {file: AUDIO/stereo.wav, name: second, start: 1000 samples, mute: true, tail_seconds: 0.5}
- {file: AUDIO/slow.wav}
buses: [{name: room, stages: [{pedalboard.Gain: {gain_db: -9}}]}]
output: {subtype: FLOAT}
"""


def xml_of(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("project.xml"))


def put(folder: Path, audio: Path, text: str = PRINTED) -> Path:
    return sessions.put(folder, text.replace("AUDIO", str(audio)))


def test_the_schemas_are_unchanged_copies() -> None:
    folder = Path(__file__).parents[2] / "third_party" / "dawproject"
    readme = (folder / "README.md").read_text()
    for file in ("Project.xsd", "MetaData.xsd", "LICENSE"):
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() in readme


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_a_session_comes_back(
    document: dict[str, Any], audio: Path, project_schema: etree.XMLSchema
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_yaml(folder / "s.yaml", document, audio)
        export_session(source, "dawproject", folder / "p.dawproject")
        project_schema.assertValid(xml_of(folder / "p.dawproject"))
        import_project("dawproject", folder / "p.dawproject", folder / "t.yaml")
        before, after = load_session(source), load_session(folder / "t.yaml")
        assert carried(project_of(after, folder, plugins=True)) == carried(
            project_of(before, folder, plugins=True)
        )
        assert after.name == before.name
        assert [stem.start for stem in after.stems] == [stem.start for stem in before.stems]
        for one, other in zip(before.stems, after.stems, strict=True):
            assert one.file.read_bytes() == other.file.read_bytes()


def test_stems_with_stages_are_printed_and_the_dry_take_is_muted(
    tmp_path: Path, audio: Path, project_schema: Any, metadata_schema: Any
) -> None:
    source = put(tmp_path, audio)
    done = export_session(source, "dawproject", tmp_path / "p.dawproject")
    project_schema.assertValid(xml_of(tmp_path / "p.dawproject"))
    with zipfile.ZipFile(tmp_path / "p.dawproject") as archive:
        metadata_schema.assertValid(etree.fromstring(archive.read("metadata.xml")))
    assert done.printed == ["mono"]
    project = read_dawproject(tmp_path / "p.dawproject", tmp_path)
    assert [(t.name, t.mute) for t in project.tracks] == [
        ("mono", False), ("mono (dry)", True), ("second", True), ("slow", False),
    ]  # fmt: skip
    wet, dry = project.tracks[:2]
    assert (wet.gain_db, dry.gain_db, dry.sends) == (((0.0, -3.0),), ((0.0, -3.0),), ())
    assert [send.to for send in wet.sends] == ["room"]
    assert np.array_equal(sessions.read(dry.clips[0].media.path), sessions.read(audio / "mono.wav"))
    losses = {loss.what: loss.place for loss in done.losses}
    [stage] = [what for what in losses if "the stage gain" in what]
    assert losses[stage].endswith("session.yaml:9:9")
    assert any("pan_law constant_power" in what for what in losses)
    assert any("output" in what for what in losses)
    assert any("tail_seconds" in what for what in losses)


def test_a_printed_stem_is_what_the_session_renders(tmp_path: Path, audio: Path) -> None:
    text = PRINTED.replace("Declicker: {}", "Air: {amount_db: 6}").replace(
        "buses: [{name: room, stages: [{pedalboard.Gain: {gain_db: -9}}]}]", "buses: [{name: room}]"
    )
    source = put(tmp_path, audio, text)
    export_session(source, "dawproject", tmp_path / "p.dawproject")
    import_project("dawproject", tmp_path / "p.dawproject", tmp_path / "t.yaml")
    again = (tmp_path / "t.yaml").read_text() + "output: {subtype: FLOAT}\n"
    given = sessions.rendered(tmp_path, source.read_text(), "one")
    back = sessions.rendered(tmp_path, again, "two")
    assert np.array_equal(given[:, : back.shape[1]], back)
    assert sessions.decibels(back) > -20


def test_repairs_become_markers(tmp_path: Path, audio: Path) -> None:
    rows = 0.1 * np.sin(np.arange(44_100) * 0.05)[None]
    for at in (9000, 20_000, 31_000):
        rows[:, at : at + 6] += 0.7
    sessions.write(tmp_path / "worn.wav", rows.astype(np.float32))
    text = (
        "format: 1\nname: s\nstems: [{file: worn.wav, start: 0.5, stages: [restorack.Declicker]}]"
    )
    source = sessions.put(
        tmp_path, text.replace("restorack.Declicker", "{restorack.Declicker: {}}")
    )
    done = export_session(source, "dawproject", tmp_path / "p.dawproject")
    markers = xml_of(tmp_path / "p.dawproject").findall("Arrangement/Markers/Marker")
    assert done.markers == len(markers) >= 3
    times = [float(marker.get("time")) for marker in markers]
    for at in (9000, 20_000, 31_000):
        assert min(abs(time - 0.5 - at / 44_100) for time in times) < 0.001
    assert all(marker.get("name").startswith("worn: declicker") for marker in markers)
    back = import_project("dawproject", tmp_path / "p.dawproject", tmp_path / "t.yaml")
    assert any("marker" in loss.what for loss in back.losses)


def test_plugins_go_along_with_their_state(tmp_path: Path, project_schema: Any) -> None:
    state = b"VST3" + bytes(4) + b"0123456789ABCDEF0123456789ABCDEF" + bytes(30)
    plugin = Plugin("Squeezer", "0123456789ABCDEF0123456789ABCDEF", state, enabled=False)
    project = Project("p", 44_100.0)
    project.master.plugins = (plugin,)
    write_dawproject(project, tmp_path / "p.dawproject")
    root = xml_of(tmp_path / "p.dawproject")
    project_schema.assertValid(root)
    assert root.find(".//Vst3Plugin").get("deviceID") == plugin.class_id
    folder = tmp_path / "read"
    folder.mkdir()
    assert read_dawproject(tmp_path / "p.dawproject", folder).master.plugins == (plugin,)


def test_audio_may_stay_where_it_is(tmp_path: Path, audio: Path) -> None:
    source = put(tmp_path, audio)
    export_session(source, "dawproject", tmp_path / "p.dawproject", embed=False)
    with zipfile.ZipFile(tmp_path / "p.dawproject") as archive:
        assert [name for name in archive.namelist() if "audio/" in name] == ["audio/mono.wav"]
    import_project("dawproject", tmp_path / "p.dawproject", tmp_path / "t.yaml")
    files = {stem.name: stem.file for stem in load_session(tmp_path / "t.yaml").stems}
    assert files["second"].samefile(audio / "stereo.wav")
    assert files["mono"] == tmp_path / "t-audio" / "mono.wav"


def test_the_same_session_gives_the_same_bytes(tmp_path: Path, audio: Path) -> None:
    source = put(tmp_path, audio)
    for name in ("a", "b"):
        export_session(source, "dawproject", tmp_path / f"{name}.dawproject")
    assert (tmp_path / "a.dawproject").read_bytes() == (tmp_path / "b.dawproject").read_bytes()


def test_nothing_is_overwritten_unasked(tmp_path: Path, audio: Path) -> None:
    source = put(tmp_path, audio)
    target = tmp_path / "p.dawproject"
    export_session(source, "dawproject", target)
    with pytest.raises(FileError, match="exists"):
        export_session(source, "dawproject", target)
    with pytest.raises(FileError, match="source"):
        export_session(source, "dawproject", source, force=True)
    import_project("dawproject", target, tmp_path / "t.yaml")
    (tmp_path / "t.yaml").unlink()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FileError, match="exists"):
        import_project("dawproject", target, tmp_path / "t.yaml")
    assert sorted(tmp_path.rglob("*")) == before
    import_project("dawproject", target, tmp_path / "t.yaml", force=True)


def test_stages_that_are_off_are_named(tmp_path: Path, audio: Path) -> None:
    text = (
        "format: 1\nname: s\nstems:\n- {file: AUDIO/mono.wav, stages: [{restorack.Air: {}}, "
        "{stage: restorack.Dehum, enabled: false}, {vst3: None Such, optional: true}]}\n"
        "buses: [{name: b, stages: [{stage: restorack.Dehum, enabled: false}]}]\n"
    )
    done = export_session(put(tmp_path, audio, text), "dawproject", tmp_path / "p.dawproject")
    told = [loss.what for loss in done.losses]
    assert "stem 'mono': the stage dehum, which is bypassed" in told
    assert "stem 'mono': the stage none such, which is not installed" in told
    assert "bus 'b': the stage dehum, which is bypassed" in told


EIGHT = """\
format: 1
name: eight
sample_rate: 44100
stems:
- {file: AUDIO/mono.wav, name: a, pan: -0.4, gain_db: -3}
- {file: AUDIO/stereo.wav, name: b, sends: [{to: room, gain_db: -9}]}
- {file: AUDIO/slow.wav, name: c, start: 300 samples, output: low}
- file: AUDIO/mono.wav
  name: d
  stages: [{vst3: ZamCompX2, params: {threshold_db: -24}}]
  sends: [{to: room, pre: true}]
- {file: AUDIO/stereo.wav, name: e, stages: [{vst3: ZaMaximX2}], gain_db: -6}
- {file: AUDIO/mono.wav, name: f, automation: {gain_db: [[0, -40], [0.1, 0]], pan: [[0, -1], [0.2, 1]]}}
- {file: AUDIO/slow.wav, name: g, mute: true}
- {file: AUDIO/stereo.wav, name: h, stages: [{restorack.Air: {amount_db: 6}}]}
buses:
- {name: room, stages: [{vst3: ZamCompX2, params: {threshold_db: -30}}], gain_db: -2}
- {name: low, pan: 0.2, sends: [{to: room, gain_db: -12}]}
master: {gain_db: -3}
output: {subtype: FLOAT}
"""  # noqa: E501


def test_eight_stems_null_with_the_session(
    tmp_path: Path, audio: Path, project_schema: Any
) -> None:
    source = put(tmp_path, audio, EIGHT)
    done = export_session(source, "dawproject", tmp_path / "p.dawproject")
    assert done.printed == ["h"]
    root = xml_of(tmp_path / "p.dawproject")
    project_schema.assertValid(root)
    roles = {track.get("name"): track.find("Channel").get("role") for track in root.iter("Track")}
    assert [roles[n] for n in ("a", "room", "low", "master")] == [
        "regular", "effect", "submix", "master",
    ]  # fmt: skip
    import_project("dawproject", tmp_path / "p.dawproject", tmp_path / "t.yaml")
    again = (tmp_path / "t.yaml").read_text() + "output: {subtype: FLOAT}\n"
    one = sessions.rendered(tmp_path, source.read_text(), "one")
    two = sessions.rendered(tmp_path, again, "two")
    assert np.array_equal(one, two)
    assert sessions.decibels(one) > -10
