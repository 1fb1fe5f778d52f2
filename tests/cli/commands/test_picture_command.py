"""``restorack picture``: what is drawn is there, and what cannot be drawn is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli
from PIL import Image


@pytest.fixture
def sources(make_worn, tmp_path: Path) -> dict[str, list[Path]]:
    first, second = make_worn("$a.wav"), make_worn("b.wav", 2)
    report = tmp_path / "r.json"
    listed = [{"seconds": 0.1, "peak": 0.3, "keep": True}, {"seconds": 1.2, "peak": 0.0}]
    report.write_text(json.dumps({"stages": [{"findings": {"listed": listed}}]}))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.csv").write_text("step,loss\n1,0.5\n2,0.25\n3,\n")
    return {
        "waveform": [first, second], "spectrogram": [first], "difference": [first, second],
        "noise-floor": [first], "repairs": [report], "loss": [tmp_path / "run"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["waveform", "spectrogram", "difference", "noise-floor", "repairs", "loss"]
)
def test_each_kind_is_drawn(
    cli: Cli, sources: dict[str, list[Path]], tmp_path: Path, kind: str
) -> None:
    target = tmp_path / "p.png"
    ran = cli("picture", kind, *sources[kind], "-o", target)
    assert ran.code == 0, ran.err
    with Image.open(target) as image:
        assert image.width == 1500
        assert len(np.unique(np.asarray(image.convert("L").reduce(8)))) > 5


def test_a_picture_is_svg_by_its_name_and_never_replaced(
    cli: Cli, sources: dict[str, list[Path]], tmp_path: Path
) -> None:
    target = tmp_path / "p.svg"
    assert cli("picture", "waveform", *sources["waveform"], "-o", target).code == 0
    assert "</svg>" in target.read_text()
    assert cli("picture", "waveform", *sources["waveform"], "-o", target).code == 5


def test_a_difference_shows_what_differs(cli: Cli, tmp_path: Path) -> None:
    time = np.arange(RATE) / RATE
    one, other = tmp_path / "1.wav", tmp_path / "2.wav"
    soundfile.write(one, 0.5 * np.sin(2 * np.pi * 1000 * time), RATE)
    soundfile.write(other, 0.5 * np.sin(2 * np.pi * 1000 * time), RATE)
    same, differing = tmp_path / "same.png", tmp_path / "differing.png"
    assert cli("picture", "difference", one, other, "-o", same).code == 0
    soundfile.write(other, 0.5 * np.sin(2 * np.pi * 3000 * time), RATE)
    assert cli("picture", "difference", one, other, "-o", differing).code == 0
    with Image.open(same) as a, Image.open(differing) as b:
        assert np.asarray(a.convert("L")).max() > 0
        assert np.abs(np.asarray(a, int).mean() - np.asarray(b, int).mean()) > 1.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("waves", "x.wav", "-o", "p.png"), "did you mean 'waveform'"),
        (("difference", "x.wav", "-o", "p.png"), "two: before, and after"),
        (("waveform", "x.wav", "-o", "p.jpg"), ".png or .svg"),
        (("repairs", "nothing.json", "-o", "p.png"), "JSON report"),
        (("loss", "nothing", "-o", "p.png"), "log.csv"),
    ],
)
def test_what_cannot_be_drawn_is_refused(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    ran = cli("picture", *arguments)
    assert ran.code in (2, 5)
    assert said in ran.err
