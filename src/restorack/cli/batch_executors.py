"""What runs the jobs of ``restorack batch``, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from restorack.errors import ParameterError, suggest
from restorack.io.remote.urls import is_remote

if TYPE_CHECKING:
    from restorack.render.batch.api import MakeExecutor

NAMES = ("local", "ray", "slurm")


def executor_of(
    name: str, jobs: int, *, recycle: int, slurm: Sequence[str], folder: Path
) -> MakeExecutor:
    """Return what makes the executor of a name.

    Parameters
    ----------
    name : str
        ``local``, ``ray`` or ``slurm``.
    jobs : int
        Workers; 0: as many as cores, or as is usual in a queue.
    recycle : int
        Jobs after which a local worker is replaced.
    slurm : sequence of str
        ``NAME=VALUE``.
    folder : Path
        Of the outputs.

    Raises
    ------
    ParameterError
        For a name that none has, settings that are wrong, and packages that are missing.
    """
    if slurm and name != "slurm":
        raise ParameterError(f"--slurm {slurm[0]}", rule="it goes with --executor slurm")
    if name == "local":
        from restorack.render.batch import LocalPool
        from restorack.system.machine import usable_cores

        return lambda tell: LocalPool(jobs or usable_cores(), recycle=recycle, on_progress=tell)
    if name == "ray":
        from restorack.render.batch.executors.ray_executor import RayExecutor, require_ray

        require_ray()
        return lambda tell: RayExecutor(jobs, on_progress=tell)
    if name == "slurm":
        return _slurm(jobs, slurm, folder)
    raise ParameterError(f"--executor {name}", rule="local, ray or slurm",
                         remedy=suggest(name, NAMES))  # fmt: skip


def _slurm(jobs: int, words: Sequence[str], folder: Path) -> MakeExecutor:
    from restorack.render.batch.executors.slurm_executor import SlurmExecutor
    from restorack.render.batch.executors.slurm_queue import require_submitit
    from restorack.render.batch.output_layout import STATE_FOLDER

    require_submitit()
    settings = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise ParameterError(f"--slurm {word}", rule="NAME=VALUE, such as partition=audio")
        settings[key] = value
    given = settings.pop("folder", None)
    cluster = settings.pop("cluster", None)
    if given is None and is_remote(folder):
        raise ParameterError(
            "no folder for the jobs of the queue",
            where=str(folder),
            rule="all machines must see it, and the output folder is in a store",
            remedy="add --slurm folder=PATH",
        )
    place = Path(given) if given is not None else folder / STATE_FOLDER
    return lambda tell: SlurmExecutor(
        jobs, place.absolute(), settings, cluster=cluster, on_progress=tell
    )


def refuse_memory(*paths: Path) -> None:
    """Refuse ``memory:``, which is empty in a process that begins.

    Raises
    ------
    ParameterError
        Where one of the paths is such.
    """
    for path in paths:
        if str(path).startswith("memory:"):
            raise ParameterError(
                "the memory of a process that begins is empty", where=str(path),
                rule="such URLs are for programs in Python",
            )  # fmt: skip
