"""Batches: many files through one rack, by workers that stay warm, resumable at any moment."""

from restorack.render.batch.api import plan_only, run_batch
from restorack.render.batch.engine import Engine
from restorack.render.batch.inputs import find_inputs
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.manifest import Manifest
from restorack.render.batch.output_layout import Places
from restorack.render.batch.pattern import Pattern
from restorack.render.batch.plan import Wanted, plan_batch
from restorack.render.batch.pool import LocalPool
from restorack.render.batch.progress_counters import Tally
from restorack.render.batch.recipe import Recipe, make_recipe
from restorack.render.batch.run import Batch, BatchResult, Entry, Habits, Stop
from restorack.render.batch.watch import Watcher

__all__ = [
    "Batch",
    "BatchResult",
    "Engine",
    "Entry",
    "Habits",
    "Job",
    "LocalPool",
    "Manifest",
    "Outcome",
    "Pattern",
    "Places",
    "Recipe",
    "Stop",
    "Tally",
    "Wanted",
    "Watcher",
    "find_inputs",
    "make_recipe",
    "plan_batch",
    "plan_only",
    "run_batch",
]
