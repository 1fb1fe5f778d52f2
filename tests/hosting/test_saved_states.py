"""States that are saved, and load again to the same sound; LV2 states are values of ports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from restorack.cli.main import app
from restorack.errors import ParameterError, PluginError
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin, faust, lv2, vst3
from restorack.presets import chain_from_text, dump_preset
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.2, 2)
URI = "urn:zamaudio:ZamCompX2"
SHORT = "<x> a pset:Preset ; lv2:appliesTo <urn:zamaudio:ZamCompX2> ; lv2:port [ %s ] ."


def test_a_saved_state_is_the_same_sound(tmp_path: Path) -> None:
    moved = vst3("ZamCompX2", threshold_db=-40, makeup_db=6)
    (tmp_path / "mine.vstpreset").write_bytes(moved.save_state())
    again = vst3("ZamCompX2", state=str(tmp_path / "mine.vstpreset"))
    assert np.array_equal(again(AUDIO, RATE), moved(AUDIO, RATE))
    assert not np.array_equal(again(AUDIO, RATE), vst3("ZamCompX2")(AUDIO, RATE))


def test_an_lv2_state_is_turtle_and_the_same_sound(tmp_path: Path) -> None:
    moved = lv2(URI, threshold_db=-40, makeup_db=6, stereo_detection="On")
    file = tmp_path / "mine.ttl"
    file.write_bytes(moved.save_state())
    again = lv2(URI, state=str(file))
    assert np.array_equal(again(AUDIO, RATE), moved(AUDIO, RATE))
    found = {p["name"]: p["current"] for p in again.describe()["parameters"]}
    assert (found["threshold_db"], found["stereo_detection"]) == ("-40", "On")
    over = lv2(URI, state=str(file), makeup_db=0)
    expected = lv2(URI, threshold_db=-40, stereo_detection=True)
    assert np.array_equal(over(AUDIO, RATE), expected(AUDIO, RATE))
    text = f"format: 1\nname: x\nstages:\n  - {{lv2: '{URI}', state: mine.ttl}}\n"
    (tmp_path / "x.yaml").write_text(text)
    chain = chain_from_text(text, str(tmp_path / "x.yaml"))
    assert np.array_equal(chain(AUDIO, RATE), moved(AUDIO, RATE))
    assert "base64" in dump_preset(chain, tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SHORT % 'lv2:symbol "nope" ; pset:value 1', "sets a port 'nope' that it has not"),
        (SHORT % 'lv2:symbol "thr" ; pset:value 7', "threshold_db = 7"),
        (SHORT.replace("ZamCompX2", "ZamEQ2") % "", "belongs to another plugin: urn:zamaudio:Z"),
        ("appliesTo {", "is no Turtle"),
        (SHORT % "" + " <x> state:state [ ] .", "more than values of ports"),
    ],
)
def test_a_state_that_would_do_something_else_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "a.ttl").write_text(text)
    with pytest.raises((PluginError, ParameterError), match=words):
        lv2(URI, state=str(tmp_path / "a.ttl")).check()


def test_what_is_no_state_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("nothing")
    with pytest.raises(PluginError, match="is no state of an LV2 plugin"):
        lv2(URI, state=str(tmp_path / "a.ttl"))
    with pytest.raises(PluginError, match="has no state"):
        faust("process = _;").save_state()


def test_the_command_saves_one(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    file = tmp_path / "a.vstpreset"
    command = ["plugins", "save-state", "ZamCompX2", "-o", str(file), "--set", "makeup_db=6 dB"]
    assert CliRunner().invoke(app, command).exit_code == 0
    spec = PluginSpec("vst3", "ZamCompX2", state=str(file))
    found = {p["name"]: p["current"] for p in HostedPlugin(spec).describe()["parameters"]}
    assert float(found["makeup_db"]) == 6
