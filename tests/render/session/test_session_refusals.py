"""What a session refuses, with its line, before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sessions import ONE, noise, put, rendered, write

from restorack.errors import FileError, PresetError
from restorack.render.session import SessionOptions, render_session


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {file: none.wav}\n", "none.wav"),
        ("- {fil: x.wav}\n", "'file' is missing"),
        ("- {file: x.wav, gian_db: 3}\n", "did you mean 'gain_db'"),
        ("- {file: x.wav, gain_db: loud}\n", "from -120 to 60 dB"),
        ("- {file: x.wav, pan: 2}\n", "from -1 (left) to 1 (right)"),
        ("- {file: x.wav, output: rom}\nbuses: [{name: room}]\n", "did you mean 'room'"),
        ("- {file: x.wav, sends: [{to: rom}]}\nbuses: [{name: room}]\n", "did you mean 'room'"),
        ("- {file: x.wav}\n- {file: x.wav}\n", "unique"),
        ("- {file: x.wav, name: master}\n", "none is 'master'"),
        ("- {file: x.wav, start: 2 beats}\n", "without a tempo"),
        ("- {file: x.wav, start: soon}\n", "a time is"),
        ("- {file: x.wav, preset: vinil}\n", "did you mean 'vinyl'"),
        ("- {file: x.wav, stages: [{restorack.Declick: {}}]}\n", "restorack.Declicker"),
        ("- {file: x.wav, stages: [{vst3: ZamCompX9}]}\n", "ZamCompX"),
        ("- {file: x.wav, stages: [{vst3: ZamCompX2, params: {treshold_db: 1}}]}\n", "threshold"),
        ("- {file: x.wav, automation: {pann: [[0, 1]]}}\n", "STAGE.PARAMETER"),
        ("- {file: x.wav, automation: {pan: [[1, 1], [0, 1]]}}\n", "rising"),
        ("- {file: x.wav, automation: {pan: [[0, 3]]}}\n", "from -1 to 1"),
        ("- {file: x.wav, automation: {gain.db: [[0, 3]]}}\n", "no stage 'gain'"),
        ("- {file: x.wav, set: {gain.db: 1}}\n", "no stage 'gain'"),
        (
            "- {file: x.wav}\nbuses: [{name: p, output: q}, {name: q, sends: [{to: p}]}]\n",
            "in a circle",
        ),
        ("- {file: x.wav}\nmaster: {pan: 1}\n", "unknown key 'pan'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path / "x.wav", noise(1, 1, 100))
    with pytest.raises((PresetError, FileError)) as caught:
        render_session(put(tmp_path, ONE + text), tmp_path / "out")
    assert said in str(caught.value)
    assert "session.yaml:" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_outputs_that_exist_are_refused_before_the_work(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    text = ONE + "- {file: a.wav}\n"
    rendered(tmp_path, text)
    with pytest.raises(FileError, match="exists"):
        rendered(tmp_path, text)
    rendered(tmp_path, text, force=True)
    inside = ONE.replace("name: s", "name: a") + "- {file: a.wav}\n"
    with pytest.raises(FileError, match="source"):
        render_session(put(tmp_path, inside), tmp_path, SessionOptions(force=True))


def test_a_plugin_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """ZamEQ2 makes NaN at 11,025 Hz."""
    write(tmp_path / "x.wav", noise(1, 2, 5000), 11_025)
    text = ONE + "- {file: x.wav, output: bus}\nbuses:\n- {name: bus, stages: [{vst3: ZamEQ2}]}\n"
    with pytest.raises(Exception, match="bus bus"):
        render_session(put(tmp_path, text), tmp_path / "out")
    assert not (tmp_path / "out").exists()
