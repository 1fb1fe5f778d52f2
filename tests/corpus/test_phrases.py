"""Single notes become phrases: pitches by their names, releases, rhythm, dynamics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from restorack.corpus.phrases import from_onset, instruments_of, pitch_of, play_phrase
from restorack.corpus.recordings import Recording, read_recordings
from restorack.errors import CorpusError

RATE = 8000


def recording(name: str) -> Recording:
    return Recording(Path(name), name, "notes", "CC0", "me", None, None)


@pytest.mark.parametrize(
    ("name", "pitch"),
    [
        ("asax_a2_f_rr1.flac", 45),
        ("asax_ab3_p.flac", 56),
        ("notes/piano_FF_As2.flac", 46),
        ("piano_FF_B-1.flac", 11),
        ("phil_bass-clarinet_A4_15_forte.mp3", 69),
        ("oboe_c4.wav", 60),
        ("avl_38-PearlSnare-1.flac", None),
        ("drum_cymbal_soft.flac", None),
        ("bja_BD_05.flac", None),
    ],
)
def test_pitches_are_read_from_names(name: str, pitch: int | None) -> None:
    assert pitch_of(name) == pitch


def test_notes_are_grouped_by_instrument() -> None:
    names = ["asax_a2_f.flac", "asax_b2_f.flac", "phil_oboe_A4_1.mp3", "phil_tuba_A1_1.mp3",
             "kit_snare.flac"]  # fmt: skip
    found = {one.name: one for one in instruments_of([recording(name) for name in names])}
    assert set(found) == {"asax", "phil_oboe", "phil_tuba", "kit"}
    assert [pitch for pitch, _ in found["asax"].pitched] == [45, 47]
    assert len(found["kit"].strokes) == 1


def tone(one: Recording) -> np.ndarray:
    """Half a second of silence, then three seconds of the pitch in its name."""
    pitch = pitch_of(one.name) or 72
    time = np.arange(3 * RATE) / RATE
    wave = 0.2 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time)
    return np.concatenate([np.zeros(RATE // 2), wave])[np.newaxis].astype(np.float32)


@pytest.fixture
def flute():
    letters = ("c4", "d4", "e4", "f4", "g4", "a4", "b4", "c5", "d5", "e5")
    (found,) = instruments_of([recording(f"flute_{one}_f.wav") for one in letters])
    return found


def test_notes_begin_at_their_onset() -> None:
    note = from_onset(tone(recording("flute_a4.wav")), RATE)
    assert np.argmax(np.abs(note[0]) > 0.01) == pytest.approx(0.005 * RATE, abs=2)
    assert np.abs(note).max() == pytest.approx(1.0)


def test_a_phrase_is_made_of_the_notes_that_there_are(flute) -> None:
    for seed in range(6):
        audio, used = play_phrase(flute, tone, 8.0, RATE, np.random.default_rng(seed))
        assert audio.shape == (1, 8 * RATE)
        assert len(used) >= 4
        assert np.abs(audio[0, : RATE // 4]).max() > 0.05  # no silence of the recording's head
        steps = np.abs(np.diff([pitch_of(one.name) for one in used]))
        assert np.median(steps) <= 4  # it walks
        assert len({one.name for one in used}) > 1


def test_loudness_swells(flute) -> None:
    levels = np.zeros(4)
    for seed in range(12):
        audio, _ = play_phrase(flute, tone, 8.0, RATE, np.random.default_rng(seed))
        levels += [float(np.mean(part**2)) for part in np.split(audio[0], 4)]
    assert levels[1] > 1.3 * levels[0]


def test_phrases_repeat_by_seed(flute) -> None:
    one, same, other = (
        play_phrase(flute, tone, 4.0, RATE, np.random.default_rng(seed))[0] for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_releases_do_not_click(flute) -> None:
    audio, _ = play_phrase(flute, tone, 8.0, RATE, np.random.default_rng(3))
    # A cut sine would step by up to its peak; a note's first sample is at its zero.
    fastest = 2 * np.pi * 660 / RATE
    assert np.abs(np.diff(audio[0])).max() < 2.5 * fastest * np.abs(audio).max()


def table(folder: Path, text: str, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"audio")
    (folder / "SOURCES.tsv").write_text(text)
    return folder


def test_a_table_tells_whose_recordings_are(tmp_path: Path) -> None:
    head = "name\tlicence\tperformer\tbrickwall_kHz\tfloor_p2_dB_re_prog\n"
    rows = "notes/a_c4.flac\tCC0\tann\t-\t-50\nmusic/b_mov1.mp3\tCC BY\tbob\t15.5\t\n"
    folder = table(tmp_path, head + rows, "notes/a_c4.flac", "music/b_mov1.mp3")
    music, note = read_recordings(folder)
    assert (music.kind, music.licence, music.attribution) == ("music", "CC BY", "bob")
    assert (music.wall_hz, music.floor_db, music.work) == (15_500.0, None, "b")
    assert (note.kind, note.wall_hz, note.floor_db) == ("notes", None, -50.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\tminutes\na.wav\t3\n", "no column 'licence'"),
        ("name\tlicence\na.wav\t\n", r"SOURCES\.tsv:2: 'a\.wav' has no licence"),
        ("name\tlicence\nb.wav\tCC0\n", r"'b\.wav' is not there"),
    ],
)
def test_a_table_with_gaps_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CorpusError, match=words):
        read_recordings(table(tmp_path, text, "a.wav"))


def test_a_folder_without_a_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_recordings(tmp_path)
