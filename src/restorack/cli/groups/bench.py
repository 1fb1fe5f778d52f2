"""``restorack bench``: benchmarks on your own recordings: damaged sets, renders, scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.commands.evaluate import CsvFile, Force, Metrics, check_target, split_words
from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.options import Bypass, Preset, Sandbox, Settings, Stages
from restorack.cli.quantities import quantity

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.bench.manifest import BenchSet
    from restorack.bench.scoring import ConditionScore

bench = typer.Typer(
    help="Benchmark on your own recordings.", no_args_is_help=True, rich_markup_mode=None
)

Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--conditions",
        metavar="NAME[,NAME...]",
        help="Only these conditions, instead of all.",
    ),
]
SetFolder = Annotated[Path, typer.Argument(metavar="SET", help="A set that bench make made.")]


@bench.command("make")
def make_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the set goes.")],
    clean: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="Clean recordings: lossless, without noise and clicks."
        ),
    ],
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other places and damage.")] = 0,
    conditions: Conditions = None,
    seconds: Annotated[
        float,
        typer.Option(parser=quantity("s", 1.0), metavar="TIME", help="Music in each item."),
    ] = 10.0,
    lead_in: Annotated[
        float,
        typer.Option(
            metavar="S", min=0.0, help="Damage alone before the music, for tools that want a clip."
        ),
    ] = 0.0,
    most: Annotated[
        int | None,
        typer.Option("--max-recordings", metavar="N", min=1, help="Maximum recordings."),
    ] = None,
    noise: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Recordings of noise: adds the condition real-noise."),
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Make a set: excerpts of clean recordings, each damaged in known ways.

    The conditions: clean (nothing wrong), clicks, clicks-heavy, crackle, hiss, hiss-faint, surface,
    film, worn (all of it), acoustic (all of it, of a horn's band), cut-4k, cut-8k, cut-16k,
    clipped; of generated music: decoder-peaks; of discs: wow, curve (cut by RIAA, played flat),
    walls (of a mono groove). The same seed and recordings make the same set.
    """
    from restorack.bench.conditions import choose_conditions
    from restorack.bench.making import MakeOptions, make_set

    screen = Screen(as_json=json, quiet=quiet)
    chosen = choose_conditions(
        split_words(conditions), None if noise is None else str(noise.resolve())
    )
    options = MakeOptions(seed, seconds, lead_in, most)
    made = make_set(folder, clean, chosen, options, on_item=screen.note)
    screen.show(f"{len(made.items)} items, {len(made.conditions)} conditions in {folder}")
    screen.document(made.model_dump(mode="json"))
    return 0


@bench.command("run")
def run_command(
    folder: SetFolder,
    outputs: Annotated[
        Path, typer.Argument(metavar="OUT", help="Gets CONDITION/ITEM.wav, 24-bit.")
    ],
    preset: Preset = None,
    stage: Stages = None,
    settings: Settings = None,
    bypass: Bypass = None,
    conditions: Conditions = None,
    force: Force = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render the items of a set through a preset, or through stages given on the command line.

    Any folder of the layout CONDITION/ITEM.wav will do.
    """
    from restorack.bench.rendering import run_set
    from restorack.cli.chain_options import make_rack

    screen = Screen(as_json=json, quiet=quiet)
    rack = make_rack(preset, stage or [], settings or [], bypass or [])
    count = run_set(
        folder, outputs, rack.chain, split_words(conditions), force=force,
        on_item=lambda condition, item: screen.note(f"{condition}/{item}"),
    )  # fmt: skip
    screen.show(f"{count} items in {outputs}")
    screen.document({"outputs": str(outputs), "items": count})
    return 0


@bench.command("score")
def score_command(
    folder: SetFolder,
    outputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="OUT",
            help="What tools made of it: CONDITION/ITEM.wav. SET itself scores doing nothing.",
            show_default=False,
        ),
    ],
    conditions: Conditions = None,
    metrics: Metrics = None,
    resample: Annotated[
        bool, typer.Option("--resample", help="Bring outputs to the set's sample rate.")
    ] = False,
    csv: CsvFile = None,
    force: Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Score outputs against the truth: medians over the items, and the worst of them.

    Items that are missing, failed, late or of another length are counted beside the figures.
    """
    from restorack.bench.manifest import read_manifest
    from restorack.bench.scoring import as_entries, score_set
    from restorack.reports.figures import write_csv

    screen = Screen(as_json=json, quiet=quiet)
    made = read_manifest(folder)
    check_target(csv, [], force)
    documents, entries = [], []
    for tool in outputs:
        scores = score_set(
            folder, tool, split_words(conditions), split_words(metrics), resample=resample,
            on_item=_noting(screen, tool),
        )  # fmt: skip
        found = [{"outputs": str(tool), **entry} for entry in as_entries(scores)]
        entries += found
        documents.append(_document(tool, scores))
        _show(screen, made, tool, scores)
    if csv is not None:
        write_csv(csv, entries, force=force)
    screen.document(documents[0] if len(documents) == 1 else documents)
    return 0


def _noting(screen: Screen, tool: Path) -> Callable[[str, str], None]:
    return lambda condition, item: screen.note(f"{tool}: {condition}/{item}")


def _document(tool: Path, scores: Mapping[str, ConditionScore]) -> dict[str, Any]:
    from restorack.bench.scoring import as_entries
    from restorack.reports.figures import summarise

    conditions = {}
    for name, score in scores.items():
        entries = as_entries({name: score})
        conditions[name] = {
            "summary": summarise(entries), "faults": score.faults(), "missing": score.missing,
            "items": entries,
        }  # fmt: skip
    return {"outputs": str(tool), "conditions": conditions}


def _show(screen: Screen, made: BenchSet, tool: Path, scores: Mapping[str, ConditionScore]) -> None:
    from rich.markup import escape

    screen.show(f"[bold]{escape(str(tool))}[/bold]: median (worst) over the items")
    kinds = dict.fromkeys(made.conditions[name].kind for name in scores)
    for kind in kinds:
        chosen = {n: score for n, score in scores.items() if made.conditions[n].kind == kind}
        screen.show(_table(kind, chosen))


def _table(kind: str, scores: Mapping[str, ConditionScore]) -> Table:
    from rich.table import Table

    from restorack.bench.scoring import as_entries, headline
    from restorack.metrics.catalogue import DEFAULT
    from restorack.reports.figures import figures_text, summarise

    summaries = {name: summarise(as_entries({name: score})) for name, score in scores.items()}
    asked = [n for n in dict.fromkeys(m for s in summaries.values() for m in s) if n not in DEFAULT]
    columns = [*headline(kind), *asked]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("condition", no_wrap=True)
    for name in (*columns, "faults"):
        table.add_column(name.replace("_", " "), justify="right")
    for name, summary in summaries.items():
        faults = ", ".join(
            f"{count} {fault.replace('_', ' ')}"
            for fault, count in scores[name].faults().items()
            if count
        )
        table.add_row(name, *(figures_text(summary.get(column)) for column in columns), faults)
    return table
