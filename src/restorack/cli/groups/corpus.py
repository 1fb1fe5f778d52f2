"""``restorack corpus``: clean audio to train on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import quantity, whole_rate
from restorack.text import visible

if TYPE_CHECKING:
    from restorack.corpus.building import OnPiece

corpus = typer.Typer(
    help="Build, extend and inspect corpora of clean audio to train on.", rich_markup_mode=None
)

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The corpus's folder.")]
RateOption = Annotated[
    int,
    typer.Option(
        "--rate",
        parser=whole_rate(8000, 192_000),
        metavar="RATE",
        help="Sample rate of its files: Hz, or 44.1k.",
    ),
]
ChannelsOption = Annotated[
    int, typer.Option("--channels", min=1, max=2, help="Channels of its files, 1 or 2.")
]
ShareOption = Annotated[
    float, typer.Option("--validation", min=0, max=0.9, help="Share of works that is held out.")
]


@corpus.command()
def build(
    folder: FolderArgument,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0, help="Minutes of rendered scores; 0 for none.")
    ] = 300.0,
    recordings: Annotated[
        list[Path] | None,
        typer.Option(
            "--recordings",
            metavar="DIR",
            help="A folder of recordings with a table SOURCES.tsv; may be given several times.",
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            parser=quantity("s", 5, 600),
            metavar="TIME",
            help="Longest stretch of a score.",
        ),
    ] = 60.0,
    validation: ShareOption = 0.1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other music.")] = 0,
    rate: RateOption = 44_100,
    channels: ChannelsOption = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes.")] = 1,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Make training audio: scores of the music21 corpus on soundfonts, and recordings.

    Needs FluidSynth, soundfonts and music21 for scores. A build that was stopped goes on where it
    was; pieces that fail are counted, noted in failed.jsonl and not tried again. Sources and
    licences are in LICENCES.md.
    """
    from restorack.corpus.building import Plan, build_corpus
    from restorack.corpus.jobs import Format

    screen = Screen(as_json=as_json, quiet=quiet)
    plan = Plan(minutes, tuple(recordings or ()), seconds, validation, seed)
    with _bar(screen) as on_piece:
        built = build_corpus(
            folder, plan, Format(folder, rate, channels), jobs=jobs, on_piece=on_piece
        )
    screen.document(asdict(built))
    screen.show(f"{built.added} pieces added, {built.skipped} there already")
    if built.failed:
        screen.show(f"{len(built.failed)} failed, see {folder / 'failed.jsonl'}")
    _show_minutes(screen, built.minutes)
    return 0


@corpus.command()
def add(
    folder: FolderArgument,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES", help="Audio files, or folders of them.")
    ],
    licence: Annotated[str, typer.Option("--licence", help="Licence.")] = "own",
    attribution: Annotated[str, typer.Option("--attribution", help="Attribution.")] = "",
    allow_lossy: Annotated[
        bool, typer.Option("--allow-lossy", help="Accept lossy sources, or those cut in band.")
    ] = False,
    allow_noisy: Annotated[
        bool, typer.Option("--allow-noisy", help="Also with a noise floor, or clipped.")
    ] = False,
    validation: ShareOption = 0.1,
    rate: RateOption = 44_100,
    channels: ChannelsOption = 1,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Add recordings of your own that are clean: full band, no noise, no clipping.

    Each is measured; what a network should not take for clean is refused, with the reason. Exit
    code 3 where nothing was taken.
    """
    from restorack.corpus.admission import admit, choose_held_out, find_recordings
    from restorack.corpus.jobs import Format

    screen = Screen(as_json=as_json, quiet=quiet)
    found = []
    recordings = find_recordings(files)
    held_out = choose_held_out(folder, recordings, validation)
    for path in recordings:
        one = admit(
            path,
            Format(folder, rate, channels),
            licence=licence,
            attribution=attribution,
            allow_lossy=allow_lossy,
            allow_noisy=allow_noisy,
            validation_share=validation,
            held_out=held_out,
        )
        found.append(one)
        screen.show(f"{'taken  ' if one.taken else 'refused'} {path} {one.reason}".rstrip())
    screen.document([{**asdict(one), "path": str(one.path), "taken": one.taken} for one in found])
    taken = sum(one.taken for one in found)
    screen.show(f"{taken} of {len(found)} files taken")
    if taken:
        screen.note(_splits(folder))
    return 0 if taken else 3


def _splits(folder: Path) -> str:
    """Return how many pieces each split of a corpus has, and what training still lacks."""
    from collections import Counter

    from restorack.corpus.catalogue import read_catalogue

    counts = Counter(piece.split for piece in read_catalogue(folder))
    text = f"the corpus has {counts['train']} pieces to train on, {counts['validation']} held out"
    if all(counts[split] for split in ("train", "validation")):
        return text
    return f"{text}; training needs both: add more recordings, or raise --validation"


@corpus.command("info")
def info_(
    folder: FolderArgument,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Show what a corpus holds: minutes by kind and split, sources and licences."""
    from restorack.corpus.building import minutes_by_kind
    from restorack.corpus.catalogue import read_catalogue, summarise_sources

    screen = Screen(as_json=as_json, quiet=quiet)
    pieces = read_catalogue(folder)
    minutes, sources = minutes_by_kind(pieces), summarise_sources(pieces)
    screen.document({"pieces": len(pieces), "minutes": minutes, "sources": sources})
    _show_minutes(screen, minutes)
    if not quiet:
        screen.show(_table(("source", "minutes", "licence"), sources))
    return 0


def _show_minutes(screen: Screen, minutes: dict[str, float]) -> None:
    rows = [{"kind and split": name, "minutes": value} for name, value in minutes.items()]
    screen.show(_table(("kind and split", "minutes"), rows))


def _table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(*columns)
    for row in rows:
        table.add_row(*(str(row[name]) for name in columns))
    return table


@contextmanager
def _bar(screen: Screen) -> Iterator[OnPiece | None]:
    if not screen.shows_progress:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=screen.err, transient=True) as bars:
        task = bars.add_task("", total=1.0, text="")

        def show(key: str, done: float, failures: int) -> None:
            text = f"{key}{f', {failures} failed' if failures else ''}"
            bars.update(task, completed=done, text=visible(text, keep=""))

        yield show
