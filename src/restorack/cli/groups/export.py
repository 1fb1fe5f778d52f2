"""``restorack export``: what other programs take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.consoles.exchange import show_exchange
from restorack.cli.options import Force, Sandbox

export = typer.Typer(
    help="Sessions as projects of DAWs.", no_args_is_help=True, rich_markup_mode=None
)

SessionFile = Annotated[Path, typer.Argument(metavar="SESSION.yaml", help="A session.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The project's file.")]


@export.command("dawproject")
def export_dawproject(
    session: SessionFile,
    output: Output,
    reference: Annotated[
        bool,
        typer.Option("--reference", help="Refer to the session's own audio instead of embedding."),
    ] = False,
    force: Force = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Write a session as a DAWproject, for Bitwig Studio, Studio One, Cubase and others.

    Stems with stages are printed, the dry take muted beside them; VST3 plugins go along with their
    state. What is not carried is listed.
    """
    from restorack.projects import export_session

    screen = Screen(as_json=json, quiet=quiet)
    done = export_session(session, "dawproject", output, embed=not reference, force=force)
    show_exchange(done, screen)
    return 0


@export.command("reaper")
def export_reaper(
    session: SessionFile,
    output: Output,
    force: Force = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Write a session as a project of REAPER (.rpp), which refers to the session's audio.

    Stems with stages are printed into a folder beside it, of its name with -audio, the dry take
    muted beside them. What is not carried is listed.
    """
    from restorack.projects import export_session

    screen = Screen(as_json=json, quiet=quiet)
    show_exchange(export_session(session, "reaper", output, force=force), screen)
    return 0


@export.command("aaf")
def export_aaf(
    session: SessionFile,
    output: Output,
    force: Force = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Write a session as AAF, for Pro Tools and editors of film: an edit list with its audio.

    Stems are printed through their stages as 24-bit mono tracks at their places; muted ones are
    left out. What is not carried, such as faders, is listed.
    """
    from restorack.projects import export_session

    screen = Screen(as_json=json, quiet=quiet)
    show_exchange(export_session(session, "aaf", output, force=force), screen)
    return 0
