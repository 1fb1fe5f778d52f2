"""A command line run within the test's process, and short files to run it on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile
from command_line import RATE, Cli, Ran

from restorack.cli.main import main
from restorack.testing.signals import worn_music

PRESET = """\
format: 1
name: low-cut
description: Takes the lowest octaves away.
stages:
  - pedalboard.HighpassFilter: {cutoff_frequency_hz: 60}
  - pedalboard.Gain: {gain_db: -3}
"""


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Return a function that runs a command line."""

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """Return a preset of two simple stages."""
    path = tmp_path / "low-cut.yaml"
    path.write_text(PRESET)
    return path


@pytest.fixture
def make_worn(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a short worn recording."""

    def write(name: str = "worn.wav", channels: int = 1, **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, worn_music(RATE, 0.5, channels).T, RATE, **options)
        return path

    return write


@pytest.fixture
def worn(make_worn: Callable[..., Path]) -> Path:
    """Return one short worn recording."""
    return make_worn()
