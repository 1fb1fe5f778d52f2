"""Sessions to AAF: an edit list with its audio."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import aaf2
import numpy as np
import pytest
import sessions

from restorack.errors import FileError, ParameterError
from restorack.projects import export_session

SESSION = """\
format: 1
name: small
sample_rate: 44100
tempo: 100
stems:
- {file: AUDIO/mono.wav, start: 4410 samples, stages: [{restorack.Air: {amount_db: 0}}]}
- {file: AUDIO/stereo.wav, gain_db: -3, pan: 0.5, sends: [{to: room}]}
- {file: AUDIO/slow.wav}
- {file: AUDIO/mono.wav, name: silent, mute: true}
buses: [{name: room}]
"""


def put(folder: Path, audio: Path, text: str = SESSION) -> Path:
    return sessions.put(folder, text.replace("AUDIO", str(audio)))


def tracks(path: Path) -> dict[str, tuple[int, Any]]:
    """Return the place in samples and the samples of each track."""
    found = {}
    with aaf2.open(str(path)) as file:
        for slot in next(file.content.toplevel()).slots:
            if slot.name == "Markers":
                continue
            *fill, clip = slot.segment.components
            source = clip.mob.slots[0].segment.mob
            data = np.frombuffer(source.essence.open("r").read(), np.uint8).reshape(-1, 3)
            whole = np.pad(data, ((0, 0), (1, 0))).view("<i4")[:, 0] / 2.0**31
            assert source.descriptor["SampleRate"].value == slot.edit_rate == 44_100
            found[slot.name] = (sum(part.length for part in fill), whole)
    return found


def test_stems_lie_at_their_places(tmp_path: Path, audio: Path) -> None:
    done = export_session(put(tmp_path, audio), "aaf", tmp_path / "p.aaf")
    found = tracks(tmp_path / "p.aaf")
    assert {name: place for name, (place, _) in found.items()} == {
        "mono": 4410, "stereo L": 0, "stereo R": 0, "slow": 0,
    }  # fmt: skip
    mono, stereo = sessions.read(audio / "mono.wav"), sessions.read(audio / "stereo.wav")
    assert np.max(np.abs(found["stereo L"][1] - stereo[0])) <= 2.0**-23
    assert np.max(np.abs(found["stereo R"][1] - stereo[1])) <= 2.0**-23
    assert len(found["mono"][1]) == mono.shape[1]
    assert len(found["slow"][1]) == round(5000 * 44_100 / 32_000)
    assert done.printed == ["mono"]
    told = "; ".join(loss.what for loss in done.losses)
    for words in (
        "muted track 'silent'", "muted track 'mono (dry)'", "the fader of 'stereo'",
        "the pan of 'stereo'", "the send of 'stereo' to 'room'", "the bus 'room'", "tempo",
    ):  # fmt: skip
        assert words in told


def test_repairs_are_markers_and_overs_are_listed(tmp_path: Path) -> None:
    rows = 0.1 * np.sin(np.arange(44_100) * 0.05)[None]
    rows[:, 9000:9006] += 0.7
    rows[:, 40_000:] *= 12.0
    sessions.write(tmp_path / "worn.wav", rows.astype(np.float32))
    stem = "{file: worn.wav, stages: [{restorack.Declicker: {}}]}"
    source = sessions.put(tmp_path, f"format: 1\nname: s\nstems: [{stem}]\n")
    done = export_session(source, "aaf", tmp_path / "p.aaf")
    with aaf2.open(str(tmp_path / "p.aaf")) as file:
        [slot] = [s for s in next(file.content.toplevel()).slots if s.name == "Markers"]
        places = [marker["Position"].value for marker in slot.segment.components]
        names = [marker["Comment"].value for marker in slot.segment.components]
    assert min(abs(place - 9000) for place in places) < 50
    assert all(name.startswith("worn: declicker") for name in names)
    assert any("above full scale" in loss.what for loss in done.losses)


def test_it_is_whole_or_not_there(
    tmp_path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = put(tmp_path, audio)
    monkeypatch.setitem(sys.modules, "aaf2", None)
    with pytest.raises(ParameterError, match="pyaaf2 is not installed"):
        export_session(source, "aaf", tmp_path / "p.aaf")
    monkeypatch.undo()
    before = sorted(tmp_path.iterdir())
    broken = put(tmp_path, audio, SESSION.replace("44100", "44100.5"))
    with pytest.raises(FileError, match="whole Hz"):
        export_session(broken, "aaf", tmp_path / "p.aaf")
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "p.aaf").write_bytes(b"mine")
    with pytest.raises(FileError, match="exists"):
        export_session(put(tmp_path, audio), "aaf", tmp_path / "p.aaf")
    export_session(put(tmp_path, audio), "aaf", tmp_path / "p.aaf", force=True)
    assert tracks(tmp_path / "p.aaf")
