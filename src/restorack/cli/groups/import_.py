"""``restorack import``: sessions from what other programs write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.consoles.exchange import show_exchange
from restorack.cli.options import Force

import_ = typer.Typer(
    help="Projects of DAWs as sessions.", no_args_is_help=True, rich_markup_mode=None
)

ProjectFile = Annotated[Path, typer.Argument(metavar="FILE", help="A project.")]
SessionOutput = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="SESSION.yaml",
        help="The session; audio goes into a folder beside it, of its name with -audio.",
    ),
]


@import_.command("dawproject")
def import_dawproject(
    file: ProjectFile,
    output: SessionOutput,
    force: Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Write a DAWproject as a session, with its audio beside it; what is not carried is listed."""
    return _imported("dawproject", file, output, force, Screen(as_json=json, quiet=quiet))


@import_.command("reaper")
def import_reaper(
    file: ProjectFile,
    output: SessionOutput,
    force: Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Write a project of REAPER (.rpp) as a session; what is not carried is listed."""
    return _imported("reaper", file, output, force, Screen(as_json=json, quiet=quiet))


def _imported(form: str, file: Path, output: Path, force: bool, screen: Screen) -> int:
    from restorack.projects import import_project

    show_exchange(import_project(form, file, output, force=force), screen)
    return 0
