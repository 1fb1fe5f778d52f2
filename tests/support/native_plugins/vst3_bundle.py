"""A VST3 bundle of several plugins, of some C: each stands for what real ones surprise with."""

from __future__ import annotations

import subprocess
from pathlib import Path

NAME = "Several"
PLUGINS = ("Gain", "Wide", "Tone", "Unsettled", "Ducker")
"""Gain: stereo, two parameters of one title. Wide: one input, two outputs, the right one halved.
Tone: no input. Unsettled: halved until every parameter was sent once. Ducker: has a side-chain."""

SOURCE = Path(__file__).with_name("several_vst3.c")


def several(folder: Path, name: str = NAME) -> Path:
    """Build ``NAME.vst3`` with all of :data:`PLUGINS`; return its path."""
    return _built(folder, name, len(PLUGINS), 0)


def single(folder: Path, plugin: str) -> Path:
    """Build ``PLUGIN.vst3`` that holds one plugin alone; return its path."""
    return _built(folder, plugin, 1, PLUGINS.index(plugin))


def _built(folder: Path, name: str, count: int, first: int) -> Path:
    bundle = folder / f"{name}.vst3"
    inside = bundle / "Contents" / "x86_64-linux"
    inside.mkdir(parents=True)
    options = ["-shared", "-fPIC", "-w", f"-DCOUNT={count}", f"-DFIRST={first}"]
    command = ["gcc", *options, "-o", str(inside / f"{name}.so"), str(SOURCE)]
    subprocess.run(command, check=True, capture_output=True)
    return bundle
