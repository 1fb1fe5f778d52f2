"""``restorack tune``: the parameters of a preset, searched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import quantity
from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.tuning.history import History
    from restorack.tuning.tune import OnTrial


def tune(
    preset: Annotated[
        str, typer.Argument(metavar="PRESET", help="A preset's name or path.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.yaml",
            help="The tuned preset; FILE.history.json and FILE.png are written beside it.",
            show_default=False,
        ),
    ],
    inputs: Annotated[
        list[Path],
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            help="A recording; any number of times.",
            show_default=False,
        ),
    ],
    clean: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="The clean recording of an input, in order: tunes towards these by --metric.",
            show_default=False,
        ),
    ] = None,
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            "--reference",
            metavar="FILE",
            help="A recording that sounds as inputs should, or a folder: tunes towards its tone, "
            "width and dynamics. Without --clean and --reference our analysis judges.",
            show_default=False,
        ),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STAGE.PARAM[=LOW..HIGH]",
            help="A parameter to search; any number of times. Without it all numbers that the "
            "preset sets of restorack's stages.",
            show_default=False,
        ),
    ] = None,
    metric: Annotated[
        str, typer.Option(metavar="NAME", help="For --clean; see docs/reference/metrics.md.")
    ] = "snr_db",
    trials: Annotated[int, typer.Option(metavar="N", help="At most so many trials.")] = 200,
    grid: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Search a grid of N points for each parameter, all of it, instead of CMA-ES.",
            show_default=False,
        ),
    ] = None,
    prior: Annotated[
        float,
        typer.Option(
            metavar="DB",
            help="Cost of a parameter that is one spread of the shipped presets away from the "
            "preset's own; 0: none.",
        ),
    ] = 0.05,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed.")] = 0,
    seconds: Annotated[
        float,
        typer.Option(parser=quantity("s"), metavar="TIME", help="Of the middle of each recording."),
    ] = 10.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from FILE.history.json of the same search.")
    ] = False,
    force: shared.Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Search the parameters of a preset without gradients, and write the best.

    Any stages, plugins included, by CMA-ES or on a grid: towards clean recordings, towards how a
    reference sounds, or by the faults that the analysis finds. The same seed gives the same search.
    """
    from restorack.cli.outputs import make_folder_of
    from restorack.io.atomic import check_writable
    from restorack.reports.tune_picture import write_tune_picture
    from restorack.tuning.tune import TuneOptions, tune as tuned

    if clean and len(clean) != len(inputs):
        raise ParameterError(
            f"{len(inputs)} inputs, {len(clean)} clean", rule="one clean recording for each input"
        )
    screen = Screen(as_json=json, quiet=quiet)
    make_folder_of(output)
    picture = output.with_suffix(".png")
    check_writable(picture, force=force, sources=inputs)
    options = TuneOptions(
        metric=metric, trials=trials, method="cma" if grid is None else "grid",
        grid=7 if grid is None else grid, prior=prior, seed=seed, seconds=seconds, resume=resume,
        force=force,
    )  # fmt: skip
    pairs = list(zip(inputs, clean, strict=True)) if clean else []
    with _progress(screen, trials) as on_trial:
        found = tuned(
            preset, output, vary or (), pairs=pairs, inputs=() if pairs else inputs,
            references=reference or (), options=options, on_trial=on_trial,
        )  # fmt: skip
    write_tune_picture(found, picture, force=force)
    if not quiet:
        screen.show(*_lines(found, output, picture))
    screen.document(found.to_dict())
    return 0


@contextmanager
def _progress(screen: Screen, trials: int) -> Iterator[OnTrial | None]:
    """Draw a bar of trials with the lowest loss while the context lasts."""
    if not screen.shows_progress:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}"),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=screen.err, transient=True) as bars:
        task = bars.add_task("trials", total=trials, text="")

        def show(count: int, history: History) -> None:
            best = history.best
            bars.update(task, completed=count, text="" if best is None else f"loss {best.loss:.4g}")

        yield show


def _lines(found: History, output: Path, picture: Path) -> list[str]:
    best, first = found.best, found.trials[0]
    if best is None or best.objective is None:
        return []
    before = "failed" if first.objective is None else f"{first.objective:.4g}"
    lines = [f"{found.objective}: {before} to {best.objective:.4g} in {len(found.trials)} trials"]
    lines += [
        f"{knob.name}: {knob.start:g} to {value:g}"
        for knob, value in zip(found.knobs, best.values, strict=True)
    ]
    return [*lines, f"{output}, {picture}"]
