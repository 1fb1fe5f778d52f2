"""Workers of a pool share the cores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from restorack.render.batch.executors import pool
from restorack.render.batch.job import Job
from restorack.render.batch.output_layout import OutputLayout
from restorack.render.batch.recipe import Recipe
from restorack.render.plan import RenderOptions


@pytest.mark.parametrize(("workers", "threads"), [(1, 8), (3, 2), (8, 1), (20, 1)])
def test_a_job_has_its_share_of_the_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: int, threads: int
) -> None:
    monkeypatch.setattr(pool, "usable_cores", lambda: 8)
    recipe = Recipe.unwritten("any", RenderOptions(threads=None))
    job = Job("a", tmp_path / "a.wav", OutputLayout(tmp_path), recipe)
    shared = pool.LocalPool(workers)._with_its_share(job)
    assert shared.recipe.options.threads == threads
    asked = replace(job, recipe=replace(recipe, options=RenderOptions(threads=5)))
    assert pool.LocalPool(workers)._with_its_share(asked) == asked
