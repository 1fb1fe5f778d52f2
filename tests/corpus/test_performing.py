"""Scores become performances, performances MIDI, MIDI sound: bounded, varied, the same by seed."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from restorack.corpus import fluidsynth
from restorack.corpus.arranging import DRUMS, Performance, Played, arrange
from restorack.corpus.fluidsynth import find_soundfonts, render_midi
from restorack.corpus.instruments import FAMILIES, instruments_for
from restorack.corpus.midi import TICKS, midi_file
from restorack.corpus.notes import Note, read_notes, score_names, varied_order
from restorack.errors import CorpusError

SCALE = [Note(part, quarter, 1.0, 60 - 12 * part + quarter % 12) for quarter in range(200)
         for part in (0, 1)]  # fmt: skip


def played(*rows: tuple[float, float, int]) -> Performance:
    notes = [Played(0, onset, length, pitch, 100) for onset, length, pitch in rows]
    end = max(note.onset + note.length for note in notes)
    return Performance(notes, {0: 73}, {0: 64}, end)


def read_events(midi: bytes) -> list[tuple[int, bytes]]:
    """Parse a file of our own: times in ticks and messages."""
    assert midi[:4] == b"MThd"
    assert struct.unpack(">IHHH", midi[4:14]) == (6, 0, 1, TICKS)
    (length,) = struct.unpack(">I", midi[18:22])
    track, found, now, at = midi[22:], [], 0, 0
    assert len(track) == length
    while at < length:
        delta = 0
        while True:
            byte = track[at]
            delta, at = delta << 7 | byte & 0x7F, at + 1
            if byte < 0x80:
                break
        now += delta
        size = 3 + track[at + 2] if track[at] == 0xFF else 2 if track[at] >> 4 == 0xC else 3
        found.append((now, track[at : at + size]))
        at += size
    return found


def test_a_performance_stays_within_its_bounds() -> None:
    for seed in range(20):
        performance = arrange(SCALE, np.random.default_rng(seed), longest=20.0)
        assert 15.0 < performance.seconds <= 20.2
        for note in performance.notes:
            assert 0 <= note.onset <= 20.1
            assert 0 < note.length <= 20.0
            assert 20 <= note.velocity <= 127
            assert 12 <= note.pitch <= 115
        assert {note.channel for note in performance.notes} - {DRUMS} == {0, 1}


def test_performances_vary_with_the_seed_and_only_with_it() -> None:
    one, same, other = (arrange(SCALE, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    programs = {
        program
        for seed in range(60)
        for program in arrange(SCALE, np.random.default_rng(seed)).programs.values()
    }
    assert len(programs) > 20


def test_instruments_suit_their_parts() -> None:
    ranges = {one.program: one for family in FAMILIES.values() for one in family}
    fitting = total = 0
    for seed in range(200):
        for program, pitch in zip(
            instruments_for([72.0, 48.0], np.random.default_rng(seed)), (72.0, 48.0), strict=True
        ):
            total += 1
            fitting += ranges[program].lowest <= pitch <= ranges[program].highest
    assert fitting / total > 0.9  # a family may have nothing that low


def test_midi_says_what_is_played() -> None:
    events = read_events(midi_file(played((0.0, 0.5, 60), (0.5, 1.0, 64))))
    second = 2 * TICKS
    assert (0, bytes([0xC0, 73])) in events
    assert (0, bytes([0x90, 60, 100])) in events
    assert (second // 2, bytes([0x80, 60, 0])) in events
    assert (second // 2, bytes([0x90, 64, 100])) in events
    assert (3 * second // 2, bytes([0x80, 64, 0])) in events
    assert events[-1][1] == b"\xff\x2f\x00"


def test_a_key_that_sounds_is_let_go_before_it_is_struck_again() -> None:
    events = read_events(midi_file(played((0.0, 4.0, 60), (1.0, 0.5, 60))))
    keys = [(tick, data[0] >> 4) for tick, data in events if data[0] >> 4 in (8, 9)]
    second = 2 * TICKS
    assert keys == [(0, 9), (second, 8), (second, 9), (3 * second // 2, 8)]


def test_midi_sounds_for_as_long_as_asked(soundfont: Path) -> None:
    rows = render_midi(midi_file(played((0.0, 1.0, 69))), soundfont, 1.5, 22_050)
    assert rows.shape == (2, 33_075)
    assert np.abs(rows).max() > 0.01
    spectrum = np.abs(np.fft.rfft(rows[0, 4410:17_640]))
    hertz = np.argmax(spectrum) * 22_050 / 13_230
    assert min(hertz % 440, 440 - hertz % 440) < 10  # the a', or a harmonic of it


def test_an_endless_render_is_stopped(soundfont: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    midi = midi_file(played((0.0, 60.0, 60)))
    with pytest.raises(CorpusError, match="did not end"):
        render_midi(midi, soundfont, 60.0, 44_100, timeout_s=0.01)
    monkeypatch.setattr(fluidsynth, "LARGEST_BYTES", 100_000)
    with pytest.raises(CorpusError, match="FluidSynth failed"):
        render_midi(midi, soundfont, 60.0, 44_100)


def test_a_missing_renderer_or_soundfont_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soundfont: Path
) -> None:
    with pytest.raises(CorpusError, match="no soundfont"):
        find_soundfonts([tmp_path])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CorpusError, match="FluidSynth is not installed"):
        find_soundfonts()


@pytest.fixture(scope="module")
def soundfont() -> Path:
    smallest = min(find_soundfonts(), key=lambda one: one.path.stat().st_size)
    return smallest.path


def test_scores_have_their_notes() -> None:
    notes = read_notes("bach/bwv66.6.mxl", np.random.default_rng(0))
    assert {note.part for note in notes} == {0, 1, 2, 3}
    # the chorale ends on an F sharp major chord, one crotchet upbeat and nine bars
    last = [note for note in notes if note.onset + note.length == 36.0]
    assert {note.pitch % 12 for note in last} == {6, 10, 1}
    assert all(note.length > 0 for note in notes)


def test_a_book_gives_one_tune_by_seed() -> None:
    name = next(one for one in score_names() if one.startswith("airdsAirs/"))
    one, same, other = (read_notes(name, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_score_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(CorpusError, match=r"none\.xml: cannot be parsed"):
        read_notes("none.xml", np.random.default_rng(0))


def test_large_collections_do_not_crowd_out_small_ones() -> None:
    names = [f"large/{number}" for number in range(900)] + [f"small/{n}" for n in range(9)]
    orders = [varied_order(names, np.random.default_rng(seed)) for seed in range(20)]
    assert sorted(orders[0]) == sorted(names)
    # by weight small ones are an eleventh of the draws at first, by number a hundredth
    early = sum(name.startswith("small") for ordered in orders for name in ordered[:20])
    assert early / 400 == pytest.approx(1 / 11, abs=0.045)


def test_reading_scores_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import numpy as np; from restorack.corpus.notes import read_notes; "
        "read_notes('bach/bwv66.6.mxl', np.random.default_rng(0))"
    )
    import os
    import sys

    env = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
