"""Batches: many files through one rack, by workers that stay warm, resumable at any moment."""

from restorack.render.batch.api import plan_only, run_batch
from restorack.render.batch.executors.pool import LocalPool
from restorack.render.batch.executors.protocol import Executor
from restorack.render.batch.inputs import find_inputs
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.manifest import Manifest
from restorack.render.batch.output_layout import OutputLayout
from restorack.render.batch.pattern import Pattern
from restorack.render.batch.plan import OutputSpec, plan_batch
from restorack.render.batch.progress_counters import ProgressCounters
from restorack.render.batch.recipe import Recipe, make_recipe
from restorack.render.batch.run import Batch, BatchResult, Entry, RunOptions, Stop
from restorack.render.batch.watch import Watcher

__all__ = [
    "Batch",
    "BatchResult",
    "Entry",
    "Executor",
    "Job",
    "LocalPool",
    "Manifest",
    "Outcome",
    "OutputLayout",
    "OutputSpec",
    "Pattern",
    "ProgressCounters",
    "Recipe",
    "RunOptions",
    "Stop",
    "Watcher",
    "find_inputs",
    "make_recipe",
    "plan_batch",
    "plan_only",
    "run_batch",
]
