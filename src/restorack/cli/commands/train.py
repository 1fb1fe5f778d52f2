"""``restorack train``: train a network from a configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.consoles.progress_bars import short_time
from restorack.errors import TrainingError

if TYPE_CHECKING:
    from restorack.training.progress import OnTraining, TrainingProgress
    from restorack.training.run import Trained


def train(
    stage: Annotated[str, typer.Argument(help="What to train, such as tiny-hiss.")],
    config: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", help="The configuration, in YAML.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder of the run; training-STAGE if not given."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the folder's checkpoint, if it has one.")
    ] = False,
    device: Annotated[
        str, typer.Option("--device", help="auto, cpu or cuda; auto takes a GPU if there is one.")
    ] = "auto",
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard's files too.")
    ] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Train a network on a corpus, and export the weights that restore held-out pieces best.

    Checkpoints, the log and its picture are kept in the folder; Ctrl-C stops at a checkpoint, and
    --resume goes on from there. With a budget in steps the weights come out the same, bit for bit,
    however often the run was stopped or killed.
    """
    run_training = _training()
    screen = Screen(as_json=as_json, quiet=quiet)
    folder = out if out is not None else Path(f"training-{stage}")
    with _bar(screen, stage) as on_progress:
        done = run_training(
            stage,
            config,
            folder,
            resume=resume,
            device=device,
            tensorboard=tensorboard,
            on_progress=on_progress,
        )
    screen.document(
        {
            "stage": stage,
            "weights": str(done.weights),
            "steps": done.steps,
            "seconds": round(done.seconds, 1),
            "validation": done.validation,
        }
    )
    screen.show(f"{done.weights}")
    for name, value in done.validation.items():
        screen.note(f"  {name}: {value:.4g}")
    return 0


def _training() -> Callable[..., Trained]:
    try:
        from restorack.training.run import train as run_training
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise TrainingError(
            "PyTorch is not installed",
            rule="training needs PyTorch; restoring does not",
            remedy="pip install 'restorack[train]'",
        ) from None
    return run_training


@contextmanager
def _bar(screen: Screen, stage: str) -> Iterator[OnTraining | None]:
    """Draw a bar while the training lasts; where none is drawn, a line at each validation."""
    if not screen.shows_progress:
        yield None if screen.quiet else _lines(screen)
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=screen.err, transient=True) as bars:
        task = bars.add_task(stage, total=1.0, text="")

        def show(progress: TrainingProgress) -> None:
            bars.update(task, completed=progress.fraction, text=_words(progress))

        yield show


def _lines(screen: Screen) -> OnTraining:
    seen: list[float | None] = [None]

    def show(progress: TrainingProgress) -> None:
        if progress.score != seen[0]:
            seen[0] = progress.score
            screen.note(f"{progress.fraction:4.0%} {_words(progress)}")

    return show


def _words(progress: TrainingProgress) -> str:
    """Return step, loss, score and the time left."""
    parts = [f"step {progress.step}", f"loss {progress.loss:.4f}"]
    if progress.best is not None:
        parts.append(f"score {progress.score:.3f} (best {progress.best:.3f})")
    if progress.doing == "validating":
        parts.append("validating")
    elif progress.fraction:
        left = progress.seconds * (1.0 / progress.fraction - 1.0)
        parts.append(f"{short_time(left)} left")
    return ", ".join(parts)
