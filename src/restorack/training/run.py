"""Train a stage from a configuration: set everything up, run it, export what is best."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch

from restorack.corpus.reader import open_clips, read_sources
from restorack.errors import ConfigError, FileError
from restorack.io.atomic import write_whole
from restorack.networks.device import chosen_device
from restorack.training.checkpoint import Checkpoint, load_checkpoint
from restorack.training.config import TrainingConfig, read_config
from restorack.training.export import export_best
from restorack.training.loop import LATEST, Trainer
from restorack.training.progress import OnTraining
from restorack.training.scenes import ExampleLoader, Recipe, open_workers
from restorack.training.stream import ExampleStream
from restorack.training.tasks import task_class
from restorack.weights.store import read_manifest

_MAY_CHANGE: dict[str, tuple[str, ...]] = {"corpus": ("path",), "data": ("workers",)}
_MAY_CHANGE |= dict.fromkeys(("budget", "every", "export"), ())
"""What may differ when a run is resumed: these keys of a part, or where none is named all."""


@dataclass(frozen=True)
class Trained:
    """What a training has given.

    Attributes
    ----------
    weights : Path
        The exported safetensors file.
    steps : int
    seconds : float
    validation : dict
        Of the weights that were exported.
    """

    weights: Path
    steps: int
    seconds: float
    validation: dict[str, float]


def train(
    stage: str,
    config: str | PathLike[str],
    out: str | PathLike[str],
    *,
    resume: bool = False,
    device: str = "auto",
    tensorboard: bool = False,
    on_progress: OnTraining | None = None,
) -> Trained:
    """Train a stage's network.

    Parameters
    ----------
    stage : str
        One of :data:`restorack.training.tasks.TASKS`.
    config : path-like
        A YAML file.
    out : path-like
        The folder for checkpoints, logs and ``export/``.
    resume : bool
        Go on from the checkpoint in the folder.
    device : str
        ``auto``, ``cpu`` or ``cuda``.
    tensorboard : bool
        Also write TensorBoard's files.
    on_progress : callable, optional
        Called after each step.

    Raises
    ------
    ConfigError, TrainingError, CorpusError, FileError
    """
    kind = task_class(stage)
    settings = read_config(config, kind.settings_type)
    if settings.stage not in (None, stage):
        raise ConfigError(
            f"a configuration for {settings.stage!r}", where=str(config), rule=f"stage: {stage}"
        )
    folder = Path(out)
    task = kind(kind.settings_type(**settings.task), settings.network)
    chosen = chosen_device(device)
    open_clips(**_corpus(settings, "train"))  # before workers open it, whose errors come late
    validation = open_clips(**_corpus(settings, "validation"))
    maker = _scene_maker(stage, settings)
    resumed = _prepared(folder, Path(config), settings, resume=resume)

    def stream_from(position: dict[str, int] | None) -> ExampleStream:
        return ExampleStream(maker, settings.seed, settings.data, position)

    try:
        with _torch_set_up(settings.threads):
            trainer = Trainer(
                task, settings, folder, stream_from, validation, chosen, resumed, on_progress,
                tensorboard=tensorboard,
            )  # fmt: skip
            trainer.run()
    finally:
        maker.close()
    corpus = settings.corpus
    sources = read_sources(
        corpus.path, list(corpus.weights) or None, allow_lossy=corpus.allow_lossy
    )
    weights = export_best(task, settings, folder, sources, chosen)
    found = read_manifest(weights).validation
    return Trained(weights, trainer.step, trainer.seconds, found)


def _prepared(
    folder: Path, config: Path, settings: TrainingConfig, *, resume: bool
) -> Checkpoint | None:
    """Make the run's folder, or return the checkpoint that it goes on from."""
    latest = folder / LATEST
    if resume and latest.exists():
        checkpoint = load_checkpoint(latest)
        _require_same(checkpoint.state["config"], settings, config)
        return checkpoint
    if latest.exists():
        raise FileError(
            "holds a training already",
            where=str(folder),
            rule="a run is never overwritten",
            remedy="go on with --resume, or choose another folder with --output",
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "config.yaml", config.read_bytes())
    return None


def _require_same(before: dict[str, Any], now: TrainingConfig, config: Path) -> None:
    told = now.model_dump(mode="json")
    for part, theirs in before.items():
        if part not in told:
            continue  # an earlier version had it
        mine, free = told[part], _MAY_CHANGE.get(part)
        if free == ():
            continue
        changed = mine != theirs
        if free and changed:
            changed = any(mine[key] != value for key, value in theirs.items() if key not in free)
        if changed:
            raise ConfigError(
                f"{part} = {mine!r}, and {theirs!r} when the run began",
                where=str(config),
                rule="a run is resumed with the configuration that it began with",
                remedy="only budget, every, export, data.workers and corpus.path may change",
            )


def _corpus(settings: TrainingConfig, split: str) -> dict[str, Any]:
    return {
        "folder": settings.corpus.path,
        "split": split,
        "weights": settings.corpus.weights,
        "allow_lossy": settings.corpus.allow_lossy,
    }


def _scene_maker(stage: str, settings: TrainingConfig) -> ExampleLoader:
    recipe = Recipe(
        stage, settings.task, settings.network, _corpus(settings, "train"), settings.seed
    )
    return ExampleLoader(open_workers(recipe), recipe, settings.data.workers)


@contextmanager
def _torch_set_up(threads: int) -> Iterator[None]:
    """Set torch's threads and arithmetic for a run, and put back what was."""
    before = torch.get_num_threads()
    deterministic = torch.backends.cudnn.deterministic
    if threads:
        torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    torch.set_flush_denormal(True)  # tiny gradients are slow otherwise
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.backends.cudnn.deterministic = deterministic
        torch.set_num_threads(before)
