"""``restorack compare-presets``: a recording through several presets, to choose by ear."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag
from restorack.cli.options import Sandbox, Strict
from restorack.cli.page_options import Audio, ForcePage, MaxMb, NoAnalysis
from restorack.errors import ParameterError


def compare_presets(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    presets: Annotated[
        list[str],
        typer.Option(
            "--preset", "-p", metavar="NAME|FILE.yaml", help="Two presets, or up to seven."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="PAGE.html|DIR",
            help="One file that holds everything, or a folder with the audio beside index.html.",
        ),
    ] = Path("presets.html"),
    audio: Audio = "auto",
    max_mb: MaxMb = 12.0,
    no_analysis: NoAnalysis = False,
    force: ForcePage = False,
    strict: Strict = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render recordings through several presets, on one page, to choose by ear.

    The page is that of restorack page: before, every preset's result and what it removed, at
    matched loudness on one playhead, with a blind test, ratings and measurements side by side.
    """
    from restorack.cli.commands.page import page

    if not 2 <= len(dict.fromkeys(presets)) <= 7:
        raise ParameterError(
            f"{len(dict.fromkeys(presets))} preset to compare",
            rule="between two and seven, each with --preset",
            remedy="restorack presets list names them",
        )
    return page(
        files, presets, output, audio=audio, max_mb=max_mb, no_analysis=no_analysis,
        force=force, strict=strict, sandbox=sandbox, as_json=json, quiet=quiet,
    )  # fmt: skip
