"""Stems for the tests of sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sessions import FRAMES, noise, write


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Any]:
    """Eight stems: a, b and f are mono, d to h are shorter or longer than the others."""
    channels = dict(zip("abcdefgh", (1, 1, 2, 2, 2, 1, 2, 2), strict=True))
    made = {
        name: noise(seed, count, FRAMES - 3000 * (seed % 3))
        for seed, (name, count) in enumerate(channels.items())
    }
    for name, rows in made.items():
        write(tmp_path / f"{name}.wav", rows)
    return made
