"""DAWprojects of other programs: what they say in their own ways, and hostile ones."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import daw_projects as made
import numpy as np
import pytest
import sessions

from restorack.errors import FileError, RestorackError
from restorack.projects import import_project
from restorack.projects.dawproject.archive import open_archive
from restorack.projects.dawproject.reading import read_dawproject
from restorack.projects.model import Project
from restorack.render.session import load_session

MONO = "audio/mono.wav"
LANES = '<Lanes track="t1"><Clips>{}</Clips>{}</Lanes>'


@pytest.fixture
def read(tmp_path: Path, audio: Path):  # type: ignore[no-untyped-def]
    """Return a reader of a project's text, with a mono file in it."""

    def reading(text: str | bytes) -> Project:
        path = made.write(tmp_path / "p.dawproject", text, {MONO: audio / "mono.wav"})
        folder = tmp_path / "scratch"
        folder.mkdir()
        return read_dawproject(path, folder)

    return reading


def one(clips: str, more: str = "", unit: str = "seconds", **options: str) -> str:
    return made.document(made.track(**options), LANES.format(clips, more), unit)


def test_times_in_beats(read) -> None:  # type: ignore[no-untyped-def]
    project = read(one(made.clip(attributes='time="4" duration="0.2"'), unit="beats"))
    [clip] = project.tracks[0].clips
    assert (clip.start, clip.length) == (2.0, pytest.approx(0.1))
    assert project.tempo == 120


def test_beats_under_a_moving_tempo_are_refused(read) -> None:  # type: ignore[no-untyped-def]
    tempo = (
        '<TempoAutomation unit="bpm"><Target/><RealPoint time="0" value="100"/>'
        '<RealPoint time="8" value="120"/></TempoAutomation>'
    )
    lanes = LANES.format(made.clip(), "")
    with pytest.raises(FileError, match="tempo that moves"):
        read(made.document(made.track(), lanes, "beats", tempo))


def test_clips_within_clips_are_cut_and_moved(read) -> None:  # type: ignore[no-untyped-def]
    inner = made.clip(attributes='time="0.05" duration="0.1" playStart="0.02"')
    outer = (
        '<Clip time="3" duration="0.07" playStart="0.06" contentTimeUnit="seconds"><Clips>'
        f"{inner}</Clips></Clip>"
    )
    [clip] = read(one(outer)).tracks[0].clips
    assert clip.start == pytest.approx(3.0)
    assert clip.offset == pytest.approx(0.03)
    assert clip.length == pytest.approx(0.07)


@pytest.mark.parametrize(
    ("first", "last", "offset", "lost"), [(0.0, 0.2, 0.0, 0), (0.05, 0.25, 0.05, 0), (0, 0.1, 0, 1)]
)
def test_audio_under_warps(  # type: ignore[no-untyped-def]
    read, first: float, last: float, offset: float, lost: int
) -> None:
    warped = (
        '<Clip time="2" duration="0.4" contentTimeUnit="beats">'
        '<Warps contentTimeUnit="seconds" timeUnit="beats">'
        '<Audio channels="1" sampleRate="44100" duration="0.2">'
        f'<File path="{MONO}"/></Audio><Warp time="0" contentTime="{first}"/>'
        f'<Warp time="0.4" contentTime="{last}"/></Warps></Clip>'
    )
    project = read(one(warped, unit="beats"))
    [clip] = project.tracks[0].clips
    assert (clip.start, clip.offset) == (1.0, pytest.approx(offset))
    assert clip.length == pytest.approx(min(0.2, 9000 / 44_100 - offset))
    assert len(project.losses) == lost


def test_groups_become_buses(read) -> None:  # type: ignore[no-untyped-def]
    group = (
        '<Track id="tg" name="Drums" contentType="tracks"><Channel id="cg" role="master" '
        'destination="cm"><Volume id="vg" unit="decibel" value="-6"/></Channel>'
        f"{made.track().replace('destination=' + chr(34) + 'cm' + chr(34), '')}</Track>"
    )
    project = read(made.document(group, LANES.format(made.clip(), "")))
    assert [(bus.name, bus.gain_db) for bus in project.buses] == [("Drums", ((0.0, -6.0),))]
    assert project.tracks[0].output == "Drums"


def test_steps_and_units_of_automation(read) -> None:  # type: ignore[no-untyped-def]
    points = (
        '<Points unit="decibel"><Target parameter="v1"/><RealPoint time="0" value="-6" '
        'interpolation="hold"/><RealPoint time="1" value="0"/></Points>'
        '<Points unit="linear"><Target parameter="p1"/><RealPoint time="0" value="-1"/>'
        '<RealPoint time="1" value="0.5"/></Points>'
    )
    track = read(one(made.clip(), points)).tracks[0]
    assert [value for _, value in track.gain_db] == [-6, -6, 0]
    assert track.gain_db[1][0] == pytest.approx(1.0, abs=1e-4)
    assert track.pan == ((0.0, -1.0), (1.0, 0.5))


@pytest.mark.parametrize(
    ("clips", "more", "channel", "words"),
    [
        ('<Clip time="0" duration="1"><Notes/></Clip>', "", "", "Notes of a clip"),
        (made.clip(attributes='time="0" fadeInTime="0.1"'), "", "", "fade-in"),
        (made.clip(attributes='time="0" loopEnd="0.1"'), "", "", "loop"),
        (made.clip(attributes='time="0" enable="false"'), "", "", "switched off"),
        ("", "<Video/>", "", "Video"),
        ("", '<Points><Target parameter="x"/></Points>', "", "neither a fader nor a pan"),
        ("", "", '<Devices><Equalizer deviceName="EQ"/></Devices>', "Equalizer 'EQ'"),
        ("", "", '<Sends><Send destination="cm"><Volume value="1"/></Send></Sends>', "no bus"),
    ],
)
def test_what_a_session_cannot_hold_is_named_with_its_line(  # type: ignore[no-untyped-def]
    read, clips: str, more: str, channel: str, words: str
) -> None:
    text = made.document(made.track(more=channel), LANES.format(clips, more))
    losses = read(text).losses
    [loss] = [loss for loss in losses if words in loss.what]
    assert "project.xml:1" in loss.place


def test_clips_become_one_file(tmp_path: Path, audio: Path) -> None:
    second = made.clip(attributes='time="0.15" duration="0.01" playStart="0.1"')
    first = made.clip(attributes='time="0.1" duration="0.02"')
    path = made.write(tmp_path / "p.dawproject", one(second + first), {MONO: audio / "mono.wav"})
    import_project("dawproject", path, tmp_path / "s.yaml")
    session = load_session(tmp_path / "s.yaml")
    assert session.stems[0].start == 4410
    rows, given = sessions.read(session.stems[0].file), sessions.read(audio / "mono.wav")
    assert rows.shape == (1, round(0.06 * 44_100))
    assert np.array_equal(rows[:, :882], given[:, :882])
    assert not rows[:, 882:2205].any()
    assert np.array_equal(rows[:, 2205:], given[:, 4410:4851])


def test_names_that_a_session_refuses(tmp_path: Path, audio: Path) -> None:
    structure = made.track("a/b=c") + made.track("A/B=C", number=2) + made.track("master", number=3)
    lanes = "".join(f'<Lanes track="t{n}"><Clips>{made.clip()}</Clips></Lanes>' for n in (1, 2, 3))
    text = made.document(structure, lanes)
    path = made.write(tmp_path / "p.dawproject", text, {MONO: audio / "mono.wav"})
    done = import_project("dawproject", path, tmp_path / "s.yaml")
    names = [stem.name for stem in load_session(tmp_path / "s.yaml").stems]
    assert names == ["a-b-c", "A-B-C (2)", "master (2)"]
    assert len([loss for loss in done.losses if "the name" in loss.what]) == 3


def laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><Project version="1.0">&l8;</Project>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (laughs(), "document type declaration"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><Project/>', "document type declaration"),
        ("<Project>", "no well-formed XML"),
        (b"\xff\xfe\x00", "no well-formed XML"),
        ("<MetaData/>", "rule|a Project"),
        ("<a>" * 300 + "</a>" * 300, "within each other"),
        (one(made.clip(attributes='time="nan" duration="1"')), "'nan' is no number"),
        (one(made.clip(attributes='time="1e999" duration="1"')), "'1e999' is no number"),
        (one(made.clip(attributes='time="-1" duration="1"')), "'-1' is no number"),
        (one(made.clip(attributes='time="x" duration="1"')), "'x' is no number"),
        (one(made.clip("audio/none.wav")), "no file 'audio/none.wav'"),
        (one(made.clip("../mono.wav")), "no file"),
        (one(""), "no track has audio"),
        (one(made.clip(), unit="frames"), "time unit 'frames'"),
    ],
)  # fmt: skip
def test_hostile_texts_are_refused_and_leave_nothing(
    tmp_path: Path, audio: Path, text: str | bytes, words: str
) -> None:
    path = made.write(tmp_path / "p.dawproject", text, {MONO: audio / "mono.wav"})
    with pytest.raises(RestorackError, match=words):
        import_project("dawproject", path, tmp_path / "s.yaml")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["../evil.wav", "/etc/evil.wav", "a/../../b", "C:\\x", "..\\x"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = made.write(tmp_path / "p.dawproject", one(""), {name: b"x"})
    with pytest.raises(FileError, match="lie inside"):
        import_project("dawproject", path, tmp_path / "s.yaml")


def test_bombs_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "p.dawproject"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", one(made.clip()))
        archive.writestr(MONO, b"")
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")  # of the audio: it claims to be 3 GiB long
    data[entry + 24 : entry + 28] = struct.pack("<I", 3 << 30)
    path.write_bytes(data)
    with pytest.raises(FileError, match="would unpack to 3072 MiB"):
        import_project("dawproject", path, tmp_path / "s.yaml")


def test_a_text_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = made.write(tmp_path / "p.dawproject", b" " * (65 << 20))
    with pytest.raises(FileError, match="longer than 64 MiB"):
        import_project("dawproject", path, tmp_path / "s.yaml")


def test_what_is_no_zip_and_what_is_broken(tmp_path: Path, audio: Path) -> None:
    path = tmp_path / "p.dawproject"
    path.write_bytes(b"no zip")
    with pytest.raises(FileError, match="no readable ZIP"):
        import_project("dawproject", path, tmp_path / "s.yaml")
    made.write(path, one(made.clip()), {MONO: audio / "mono.wav"})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FileError, match="ZIP"):
        import_project("dawproject", path, tmp_path / "s.yaml")
    made.write(path, one(made.clip()), {MONO: b"RIFF, but not really"})
    with pytest.raises(FileError, match="mono"):
        import_project("dawproject", path, tmp_path / "s.yaml")
    assert list(tmp_path.iterdir()) == [path]


def test_buses_in_a_circle_are_refused(tmp_path: Path, audio: Path) -> None:
    buses = "".join(
        f'<Track id="b{a}" name="b{a}">'
        f'<Channel id="k{a}" role="effect" destination="k{b}"/></Track>'
        for a, b in ((1, 2), (2, 1))
    )
    text = made.document(made.track() + buses, LANES.format(made.clip(), ""))
    path = made.write(tmp_path / "p.dawproject", text, {MONO: audio / "mono.wav"})
    with pytest.raises(FileError, match="circle"):
        import_project("dawproject", path, tmp_path / "s.yaml")


def test_folders_whose_own_channel_is_a_track(read) -> None:  # type: ignore[no-untyped-def]
    own = '<Track id="tf" name="Drums"><Channel id="cf" role="master"/></Track>'
    inner = made.track().replace('destination="cm"', "")
    folder = f'<Track id="t0" name="Drums">{own}{inner}</Track>'
    project = read(made.document(folder, LANES.format(made.clip(), "")))
    assert [(bus.name, bus.output) for bus in project.buses] == [("Drums", "master")]
    assert [(track.name, track.output) for track in project.tracks] == [("voice", "Drums")]


def test_a_track_without_clips_that_others_lead_to_is_a_bus(read) -> None:  # type: ignore[no-untyped-def]
    group = made.track("group", number=2)
    voice = made.track().replace('destination="cm"', 'destination="c2"')
    project = read(made.document(group + voice, LANES.format(made.clip(), "")))
    assert [bus.name for bus in project.buses] == ["group"]
    assert project.tracks[0].output == "group"


@pytest.mark.parametrize("name", ["/x/evil", "evil.vst3", "C:\\evil", "a#b", ""])
def test_plugins_are_never_taken_by_path(tmp_path: Path, audio: Path, name: str) -> None:
    plugin = (
        f'<Devices><Vst3Plugin deviceName="{name}" deviceRole="audioFX">'
        '<State path="s.vstpreset"/></Vst3Plugin></Devices>'
    )
    state = b"VST3" + bytes(4) + b"0123456789ABCDEF0123456789ABCDEF" + bytes(30)
    text = made.document(made.track(more=plugin), LANES.format(made.clip(), ""))
    files = {MONO: audio / "mono.wav", "s.vstpreset": state}
    path = made.write(tmp_path / "p.dawproject", text, files)
    done = import_project("dawproject", path, tmp_path / "s.yaml")
    assert any("can be trusted" in loss.what for loss in done.losses)
    assert "vst3" not in (tmp_path / "s.yaml").read_text()


def test_too_many_elements(read, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("restorack.projects.dawproject.tree.MAX_NODES", 10)
    with pytest.raises(FileError, match="more than 10 elements"):
        read(one(made.clip()))


def test_full_disks_locks_and_crowds(tmp_path: Path, audio: Path) -> None:
    path = made.write(tmp_path / "p.dawproject", one(made.clip()), {MONO: audio / "mono.wav"})
    with pytest.raises(FileError, match="MiB are free"), open_archive(path, 1000):
        pass
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("restorack.projects.dawproject.archive.MAX_ENTRIES", 1)
        with pytest.raises(FileError, match="more than 1 files"), open_archive(path):
            pass
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark)
        data[at + flags] |= 1  # project.xml says that it is encrypted
    path.write_bytes(data)
    with pytest.raises(FileError, match="is encrypted"):
        import_project("dawproject", path, tmp_path / "s.yaml")


def test_what_is_said_of_sends_meters_and_vcas(read) -> None:  # type: ignore[no-untyped-def]
    sends = (
        '<Sends><Send destination="cb" type="pre"><Volume unit="decibel" value="-3"/></Send>'
        '<Send destination="cb"><Enable value="false"/><Volume value="1"/></Send></Sends>'
    )
    bus = '<Track id="tb" name="room"><Channel id="cb" role="effect"/></Track>'
    vca = '<Track id="tv" name="all"><Channel id="cv" role="vca"/></Track>'
    text = made.document(made.track(more=sends) + bus + vca, LANES.format(made.clip(), ""))
    meter = '<TimeSignature numerator="6" denominator="8"/></Transport>'
    project = read(text.replace("</Transport>", meter))
    assert [(s.to, s.gain_db, s.pre) for s in project.tracks[0].sends] == [("room", -3.0, True)]
    told = " ".join(loss.what for loss in project.losses)
    assert "VCA 'all'" in told
    assert "not in quarters" in told
    assert "goes to no bus" in told
    assert [track.name for track in project.all_tracks] == ["voice", "room", "master"]


def test_broken_samples_leave_nothing(tmp_path: Path) -> None:
    rows = sessions.noise(1, 1, 9000)
    rows[:, 5000] = np.nan
    sessions.write(tmp_path / "nan.wav", rows)
    text = one(made.clip(attributes='time="0" duration="0.15"'))
    path = made.write(tmp_path / "p.dawproject", text, {MONO: tmp_path / "nan.wav"})
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RestorackError, match=r"p.dawproject: mono.wav: sample 5000 .* is nan"):
        import_project("dawproject", path, tmp_path / "s.yaml")
    assert sorted(tmp_path.iterdir()) == before
