"""``--strict``: what is missing of an input is a warning, or an error that names the file."""

import json

import numpy as np
import pytest
import soundfile
from command_line import RATE

GAIN = ("--stage", "pedalboard.Gain", "--set", "gain.gain_db=-3")


@pytest.fixture
def cut(tmp_path):
    """Return a folder with a whole recording and one that lacks its second half."""
    folder = tmp_path / "in"
    folder.mkdir()
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, RATE)
    for name in ("cut.wav", "whole.wav"):
        soundfile.write(folder / name, samples, RATE, subtype="PCM_16")
    path = folder / "cut.wav"
    path.write_bytes(path.read_bytes()[: 44 + RATE])
    return path


def test_render(cli, cut, tmp_path):
    out = tmp_path / "o.wav"
    ran = cli("render", cut, "-o", out, *GAIN, "--json")
    assert ran.code == 0
    assert "0.500 s are missing after 0.500 s" in ran.document["warnings"][0]
    assert soundfile.info(out).frames == RATE // 2
    out.unlink()
    for more in ((), ("--dry-run",)):
        ran = cli("render", cut, "-o", out, *GAIN, "--strict", *more)
        assert ran.code == 5
        assert "cut.wav: the file is cut short" in ran.err
        assert not out.exists()


def test_batch_counts_incomplete_inputs(cli, cut, tmp_path):
    ran = cli("batch", cut.parent, "-o", tmp_path / "o", "-j", 1, *GAIN, "--json")
    assert ran.code == 0
    assert ran.document["counts"]["done"] == 2
    assert ran.document["incomplete_inputs"] == 1
    rows = {entry["source"]["path"]: entry for entry in ran.document["files"]}
    assert rows[str(cut)]["incomplete_input"]
    assert "cut short" in rows[str(cut)]["warnings"][0]
    # What was done without strictness is not taken for done with it.
    ran = cli("batch", cut.parent, "-o", tmp_path / "o", "-j", 1, *GAIN, "--strict", "--json")
    assert ran.code == 5
    assert (ran.document["counts"]["done"], ran.document["counts"]["failed"]) == (1, 1)


def test_info_and_analyze(cli, cut):
    ran = cli("info", cut, "--json")
    assert ran.code == 0
    assert ran.document["missing_seconds"] == 0.5
    assert "cut short" in ran.document["warnings"][0]
    ran = cli("analyze", cut, "--json")
    assert "cut short" in ran.document["findings"]["recording"]["warnings"][0]
    for command in ("info", "analyze"):
        ran = cli(command, cut, "--strict")
        assert ran.code == 5
        assert "cut short" in ran.err


def test_session_and_stems(cli, cut, tmp_path):
    session = tmp_path / "s.yaml"
    session.write_text(f"format: 1\nname: s\nstems:\n  - {{file: {json.dumps(str(cut))}}}\n")
    ran = cli("session", "check", session, "--json")
    assert "cut short" in ran.document["warnings"][0]
    ran = cli("session", "render", session, "-o", tmp_path / "mix", "--json")
    assert ran.code == 0
    assert ran.document["warnings"][0].startswith("stem cut: the file is cut short")
    preset = tmp_path / "p.yaml"
    preset.write_text("format: 1\nname: p\nstages:\n  - pedalboard.Gain: {gain_db: -3}\n")
    ran = cli("stems", "apply", cut.parent, "-p", preset, "-o", tmp_path / "stems")
    assert ran.code == 0
    assert "cut short" in ran.err
    for line in (
        ("session", "check", session),
        ("session", "render", session, "-o", tmp_path / "mix2"),
        ("stems", "apply", cut.parent, "-p", preset, "-o", tmp_path / "stems2"),
    ):
        ran = cli(*line, "--strict")
        assert ran.code == 5, line
        assert "cut short" in ran.err
    assert not (tmp_path / "stems2").exists()


def test_a_damaged_flac_is_named(cli, cut, tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 4_000), RATE)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    for line in (("render", path, "-o", tmp_path / "o.wav", *GAIN), ("analyze", path)):
        ran = cli(*line)
        assert ran.code == 5
        assert "a.flac: the data is damaged near sample" in ran.err


def test_page(cli, cut, tmp_path):
    page = ("page", cut, "-p", "hiss-only", "-o", tmp_path / "page")
    ran = cli(*page, "--strict")
    assert ran.code == 5
    assert "cut short" in ran.err
    assert not list((tmp_path / "page").iterdir())
    ran = cli(*page, "--json")
    assert ran.code == 0
    assert "cut short" in ran.document["warnings"][str(cut)][0]


def test_evaluate_warns(cli, cut):
    whole = cut.with_name("whole.wav")
    half = cut.with_name("half.wav")
    soundfile.write(half, soundfile.read(whole)[0][: RATE // 2], RATE, subtype="PCM_16")
    ran = cli("evaluate", half, cut)
    assert ran.code == 0
    assert f"warning: {cut}: the file is cut short" in ran.err
    assert "half.wav: " not in ran.err
    ran = cli("evaluate", half, cut, "--json")
    assert ["cut short" in text for text in ran.document["incomplete"]] == [True]


@pytest.mark.slow
def test_compare_warns(cli, tmp_path):
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 70 * RATE)
    for name in ("real.wav", "clean.wav"):
        soundfile.write(tmp_path / name, sound, RATE, subtype="PCM_16")
    cut = tmp_path / "real.wav"
    cut.write_bytes(cut.read_bytes()[: 44 + 120 * RATE])
    ran = cli("compare", cut, tmp_path / "clean.wav", "--rounds", 1)
    assert ran.code == 0
    assert f"warning: {cut}: the file is cut short" in ran.err
