"""``restorack compare``: synthetic damage held against a real record, and fitted to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import quantity

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.analysis import Comparison
    from restorack.analysis.fit import OnRound


def compare(
    real: Annotated[Path, typer.Argument(metavar="REAL", help="A real, damaged record.")],
    clean: Annotated[
        Path, typer.Argument(metavar="CLEAN", help="A clean recording, ideally of similar music.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.yaml",
            help="Also write the fitted damage, as a preset that restorack render takes.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Also draw both, over each other."),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(
            parser=quantity("s"), metavar="TIME", help="How much of each is looked at; 30 at least."
        ),
    ] = 60.0,
    rounds: Annotated[int, typer.Option(metavar="N", help="Maximum iterations.")] = 8,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace outputs that exist.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Fit synthetic damage to a real record.

    Measures REAL, damages CLEAN with degrading stages, and moves their parameters until the
    figures agree; prints both side by side.
    """
    from restorack.analysis import compare as fit
    from restorack.cli.outputs import make_folder_of
    from restorack.io.atomic import AtomicFile
    from restorack.render.batch.given_outputs import refuse_folder

    for source in (real, clean):
        refuse_folder(source)
    for target in (output, picture):
        if target is not None:
            make_folder_of(target)
            AtomicFile(target, force=force, sources=[real, clean]).check()
    screen = Screen(as_json=json, quiet=quiet)
    screen.note(f"fitting damage to {real}: measures up to {rounds} times")
    with _progress(screen, rounds) as on_round:
        found = fit(real, clean, seconds=seconds, rounds=rounds, seed=seed, on_round=on_round)
    for source, findings in ((real, found.real), (clean, found.clean)):
        for text in findings.recording.warnings:
            screen.note(f"warning: {source}: {text}")
    if output is not None:
        from restorack.presets import save_preset

        save_preset(found.chain, output, force=force)
    if picture is not None:
        from restorack.reports.analysis_picture import write_comparison_picture

        write_comparison_picture(found.real, found.synthetic, picture, force=force)
    if not quiet:
        screen.show(_table(found), _verdict(found))
    screen.document(_document(found, output, picture))
    return 0


@contextmanager
def _progress(screen: Screen, rounds: int) -> Iterator[OnRound | None]:
    """Draw a bar while the fit lasts; where none is drawn, a line after each round."""
    if not screen.shows_progress:
        yield (
            None
            if screen.quiet
            else lambda made, figures, agreeing: screen.note(
                _words(made, rounds, figures, agreeing)
            )
        )
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=screen.err, transient=True) as bars:
        task = bars.add_task("measuring both recordings", total=rounds + 1)

        def show(made: int, figures: int, agreeing: int) -> None:
            text = _words(made, rounds, figures, agreeing)
            bars.update(task, completed=made + 1, description=text)

        yield show


def _words(made: int, rounds: int, figures: int, agreeing: int) -> str:
    if not made:
        return f"both recordings measured; {figures} figures to fit"
    return f"round {made} of at most {rounds}: {agreeing} of {figures} figures agree"


def _table(found: Comparison) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("figure", "real", "synthetic", "clean", "agrees", "fitted"):
        table.add_column(name, justify="left" if name in ("figure", "fitted") else "right")
    for row in found.rows:
        table.add_row(
            row.figure,
            _number(row.real),
            _number(row.synthetic),
            _number(row.clean),
            "yes" if row.agrees else "no",
            f"{row.stage}.{row.parameter} = {row.value:.3g}",
        )
    return table


def _verdict(found: Comparison) -> str:
    if not found.rows:
        return "the real record has no damage that the clean one has not"
    agreed = sum(row.agrees for row in found.rows)
    times = "once" if found.rounds == 1 else f"{found.rounds} times"
    return f"{agreed} of {len(found.rows)} figures agree; measured {times}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _document(found: Comparison, output: Path | None, picture: Path | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "agrees": found.agrees,
        "rounds": found.rounds,
        "figures": [vars(row) for row in found.rows],
        "damage": [
            {"stage": name, "params": stage.values()}
            for name, stage in zip(found.chain.names, found.chain, strict=True)
        ],
        "real": found.real.to_dict(),
        "clean": found.clean.to_dict(),
        "synthetic": found.synthetic.to_dict(),
    }
    document |= {"preset": str(output)} if output is not None else {}
    return document | ({"picture": str(picture)} if picture is not None else {})
