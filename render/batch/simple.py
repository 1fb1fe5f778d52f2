"""A batch in one call: files or folders through one chain, by several workers, resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path

from restorack.chains import Chain, all_slots
from restorack.core.registry import is_local
from restorack.io.output_formats import OUTPUT_FORMATS, choose_format
from restorack.io.remote.urls import as_path
from restorack.presets.making import ChainLike, chain_of
from restorack.render.batch.api import MakeExecutor, run_batch
from restorack.render.batch.executors.inline import InlineExecutor, rendering
from restorack.render.batch.executors.pool import LocalPool
from restorack.render.batch.output_layout import KINDS
from restorack.render.batch.pattern import Pattern
from restorack.render.batch.plan import OutputSpec
from restorack.render.batch.recipe import make_recipe
from restorack.render.batch.remote.layout import output_layout
from restorack.render.batch.run import BatchResult, Entry, RunOptions
from restorack.render.batch.work import WorkerCache
from restorack.render.plan import Engine, RenderOptions
from restorack.system.machine import usable_cores

PathLikeStr = str | PathLike[str]


def batch(
    inputs: PathLikeStr | Iterable[PathLikeStr],
    output: PathLikeStr,
    chain: ChainLike,
    *,
    pattern: str = "{folder}/{stem}",
    recursive: bool = False,
    jobs: int = 0,
    differences: bool = False,
    engine: Engine = "auto",
    tail_seconds: float = 0.0,
    sample_rate: float | None = None,
    format: str | None = None,  # noqa: A002  the name that soundfile and pedalboard use
    subtype: str | None = None,
    force: bool = False,
    strict: bool = False,
    md5: bool = False,
    on_end: Callable[[Entry], None] | None = None,
) -> BatchResult:
    """Render many files through one chain into a folder.

    What was done is kept in the folder's ``.restorack``: called again, only what changed is
    rendered. A file that fails does not stop the others; a full disk does.

    Parameters
    ----------
    inputs : path-like, or iterable of path-like
        Audio files, and folders of them; also URLs such as ``s3://bucket/transfers``.
    output : path-like
        A folder, created if missing, or a URL.
    chain : Chain, stage, str, path-like or list
        What :func:`restorack.render` takes.
    pattern : str
        Names of the outputs, without extension.
    recursive : bool
        Take what lies in the folders' folders, too, and keep their structure.
    jobs : int
        Workers; 0: as many as cores. Stages that only this process knows
        (:func:`restorack.register`) render in it, one file after the other.
    differences : bool
        Also write ``NAME.difference.wav``: input minus output.
    engine, tail_seconds, sample_rate, format, subtype, strict, md5 : optional
        As of :func:`restorack.render`, for every file.
    force : bool
        Replace files that are not the batch's own; inputs are never overwritten.
    on_end : callable, optional
        Gets the entry of each file that has ended.

    Returns
    -------
    BatchResult
        ``entries`` say of every file whether it was done, and why not.

    Raises
    ------
    RestorackError
        Before anything is rendered: for inputs that are not there, and names that meet.
    """
    rack = chain_of(chain)
    given = [inputs] if isinstance(inputs, (str, PathLike)) else list(inputs)
    options = RenderOptions(
        None, engine, None, None, tail_seconds, sample_rate, format, subtype, False, strict,
        md5=md5,
    )  # fmt: skip
    form = choose_format(Path(), format or rack.settings.output.format, None)[0]
    kinds = tuple(kind for kind in KINDS if kind == "output" or
                  (differences and kind == "difference"))  # fmt: skip
    with output_layout(as_path(output)) as layout:
        spec = OutputSpec(
            layout,
            make_recipe(rack, rack.settings.name or "restored", options),
            Pattern(pattern, OUTPUT_FORMATS[form].extensions[0]),
            kinds,
            force,
        )
        return run_batch(
            [as_path(path) for path in given],
            spec,
            recursive=recursive,
            make_executor=_executor(rack, jobs, in_memory=in_memory(output, *given)),
            run_options=RunOptions(on_end=on_end) if on_end is not None else None,
        )


def in_memory(*paths: PathLikeStr) -> bool:
    """Return whether a path is in the memory of this process, where no worker finds it."""
    return any(str(path).startswith("memory:") for path in paths)


def _executor(chain: Chain, jobs: int, *, in_memory: bool) -> MakeExecutor:
    if in_memory:
        return lambda tell: InlineExecutor(WorkerCache().do)
    if any(is_local(type(slot.stage)) for slot in all_slots(chain)):
        return lambda tell: InlineExecutor(rendering(chain))
    return lambda tell: LocalPool(jobs or usable_cores(), on_progress=tell)
