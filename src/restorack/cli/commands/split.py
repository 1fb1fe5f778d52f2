"""``restorack split``: a side of a disc or tape becomes tracks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import quantity
from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.splitting.report import SplitReport


def split(
    side: Annotated[
        Path, typer.Argument(metavar="SIDE", help="The recording of a side.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Folder of the tracks; made if missing.",
            show_default=False,
        ),
    ] = None,
    write: Annotated[
        str,
        typer.Option(
            metavar="KINDS",
            help="What is written, with commas: files (one for each track), cues (a copy of the "
            "side with cue points, as WAV), cue-sheet, labels (for Audacity).",
        ),
    ] = "files",
    tracks: Annotated[
        int | None,
        typer.Option("--tracks", metavar="N", help="Number of tracks, where it is known."),
    ] = None,
    titles: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Titles: a text file with one on every line, or a CSV table with the column "
            "title and others for more tags. There are then as many tracks as titles.",
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="NAME=TEXT",
            help="A tag of all tracks, such as album=...; "
            "any number of times. The side's own tags are carried.",
        ),
    ] = None,
    first: Annotated[
        int, typer.Option("--first", metavar="N", help="Number of the first track.")
    ] = 1,
    min_gap: Annotated[
        float,
        typer.Option(parser=quantity("s"), metavar="TIME", help="Shortest gap."),
    ] = 0.3,
    min_track: Annotated[
        float,
        typer.Option(parser=quantity("s"), metavar="TIME", help="Shortest track."),
    ] = 10.0,
    trim: Annotated[
        bool,
        typer.Option(
            "--trim/--no-trim",
            help="Leave out lead-in, gaps and run-out. Untrimmed files put together are the "
            "side, bit for bit.",
        ),
    ] = True,
    fade_in: Annotated[
        float | None,
        typer.Option(
            parser=quantity("s"),
            metavar="TIME",
            show_default="0.1",
            help="Fade-in of trimmed files, in the noise before the music.",
        ),
    ] = None,
    fade_out: Annotated[
        float | None,
        typer.Option(
            parser=quantity("s"),
            metavar="TIME",
            show_default="0.5",
            help="Fade-out of trimmed files, in the noise after the music.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Also draw the side and its tracks."),
    ] = None,
    format: shared.Format = None,  # noqa: A002  the option is called so
    subtype: shared.Subtype = None,
    force: shared.Force = False,
    strict: shared.Strict = False,
    dry_run: shared.DryRun = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Split a side of a disc or tape into its tracks.

    Lead-in, gaps and run-out are found by the side's own noise. Files are in the side's own format
    where none is given; its tags are carried.
    """
    from restorack.cli.outputs import make_folder, make_folder_of
    from restorack.io.atomic import check_writable
    from restorack.splitting.split import split as split_side

    if output is None and not dry_run:
        raise ParameterError("no folder", rule="-o DIR names where the tracks go, or --dry-run")
    screen = Screen(as_json=json, quiet=quiet)
    if picture is not None:
        make_folder_of(picture)
        check_writable(picture, force=force, sources=[side])
    if output is not None and not dry_run:
        make_folder(output)
    found = split_side(
        side, None if dry_run else output, write=_kinds(write), titles=titles, tags=_tags(tag),
        tracks=tracks, min_gap_s=min_gap, min_track_s=min_track, trim=trim, fade_in_s=fade_in,
        fade_out_s=fade_out, first_number=first, format=format, subtype=subtype, force=force,
        strict=strict,
    )  # fmt: skip
    if picture is not None:
        from restorack.reports.split_picture import write_split_picture

        write_split_picture(found, picture, force=force)
    _show(found, screen)
    screen.document(found.to_dict())
    return 0


def _kinds(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def _tags(given: list[str] | None) -> dict[str, str]:
    tags = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ParameterError(f"--tag {text}", rule="NAME=TEXT, such as album=Blue")
        tags[name.strip().lower()] = value.strip()
    return tags


def _show(found: SplitReport, screen: Screen) -> None:
    from rich.markup import escape

    from restorack.reports.split_table import split_lines, split_table

    for text in [*found.notes, *(f"warning: {text}" for text in found.warnings)]:
        screen.note(text)
    if not screen.quiet:
        lines: list[Any] = [split_table(found), *map(escape, split_lines(found))]
        screen.show(*lines)
