"""Damaged inputs of every kind keep the law of :mod:`fuzzing`: right, or refused by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from fuzzing import disks
from fuzzing.law import attempt

pytestmark = pytest.mark.slow

KINDS = ("audio", "presets", "sessions", "repairs", "patterns", "answers", "manifests")
TRIALS, CHUNK = 150, 50
KILLS = (0, 2, 4, 6)
"""Of the child that hosts, politely, of the whole command, of a worker."""
FIRST = [range(at, at + CHUNK) for at in range(0, TRIALS, CHUNK)]


@pytest.mark.parametrize("seeds", FIRST, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
@pytest.mark.parametrize("name", KINDS)
def test_damaged_input_is_used_rightly_or_refused_by_name(
    name: str, seeds: range, tmp_path: Path
) -> None:
    _require_none_fails(name, seeds, tmp_path)


@pytest.mark.parametrize("seed", KILLS)
def test_a_command_that_is_disturbed_leaves_whole_files_and_is_resumed(
    seed: int, tmp_path: Path
) -> None:
    _require_none_fails("kills", range(seed, seed + 1), tmp_path)


@pytest.mark.skipif(not disks.available(), reason="no small file system can be made here")
@pytest.mark.parametrize("seed", range(5))
def test_a_disk_that_runs_full_is_named_and_holds_whole_files(seed: int, tmp_path: Path) -> None:
    _require_none_fails("disks", range(seed, seed + 1), tmp_path)


def _require_none_fails(name: str, seeds: range, folder: Path) -> None:
    kind = import_module(f"fuzzing.{name}")
    failed = []
    for seed in seeds:
        place = folder / str(seed)
        place.mkdir()
        trial = attempt(kind, seed, place)
        if trial.verdict == "failed":
            failed.append(f"{name} {seed}: {trial.said}")
    assert not failed, f"{len(failed)} of {len(seeds)}:\n" + "\n\n".join(failed[:5])
