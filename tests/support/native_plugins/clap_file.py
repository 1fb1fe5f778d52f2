"""A CLAP file of small effects, of some C: a gain, a splitter into two bands, a ducker."""

from __future__ import annotations

import subprocess
from pathlib import Path

LATENCY = 37
"""Samples by which the gain is late, and says so."""

SOURCE = Path(__file__).with_name("clap_effects.c")


def compile_clap(folder: Path, name: str = "Effects", plugins: int = 3) -> Path:
    """Build ``NAME.clap`` with Test Gain, then Test Split and Test Duck; return its path."""
    target = folder / f"{name}.clap"
    options = ["-shared", "-fPIC", "-w", f"-DCOUNT={plugins}"]
    subprocess.run(
        ["gcc", *options, "-o", str(target), str(SOURCE)], check=True, capture_output=True
    )
    return target
