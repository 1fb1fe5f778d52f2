"""``restorack page``: a web page of recordings before and after, to listen to and look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.options import Sandbox, Strict
from restorack.cli.page_options import Audio, ForcePage, MaxMb, NoAnalysis, NoStages, page_options


def page(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    preset: Annotated[
        list[str],
        typer.Option(
            "--preset",
            "-p",
            metavar="NAME|FILE.yaml",
            help="Preset to apply; several times to compare presets side by side.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="PAGE.html|DIR",
            help="One file that holds everything, or a folder with index.html and the audio "
            "beside it, for long recordings.",
        ),
    ] = Path("page.html"),
    folder: Annotated[
        bool, typer.Option("--folder", help="Make a folder of it, whatever it is called.")
    ] = False,
    title: Annotated[str | None, typer.Option("--title", help="The page's heading.")] = None,
    audio: Audio = "auto",
    max_mb: MaxMb = 12.0,
    no_stages: NoStages = False,
    no_analysis: NoAnalysis = False,
    force: ForcePage = False,
    strict: Strict = False,
    sandbox: Sandbox = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render recordings and make a page to compare them by ear, before and after.

    The page plays before, after, the difference and each stage's output on one playhead, at matched
    loudness; it has waveform, spectrogram, loops, markers of repairs, a blind test (ABX), ratings,
    measurements, the preset and all versions. It opens in any browser, from disk, and loads nothing
    from elsewhere. A folder also gets each render and difference as 24-bit WAV, and its report. A
    file that fails does not stop the others; a full disk does.
    """
    from restorack.cli.consoles.page import PageRun
    from restorack.cli.failures import common_exit_code
    from restorack.presets import load_preset
    from restorack.presets.checking import check_plugins
    from restorack.presets.finding import find_preset
    from restorack.reports.listening.target import PageTarget

    screen = Screen(as_json=as_json, quiet=quiet)
    options = page_options(
        audio=audio, max_mb=max_mb, no_stages=no_stages, no_analysis=no_analysis, strict=strict
    )
    chains = [load_preset(find_preset(name)) for name in dict.fromkeys(preset)]
    for chain in chains:
        for note in check_plugins(chain, load_plugins=True):
            screen.note(note)
    target = PageTarget.of(output, folder=folder, force=force)
    run = PageRun(screen, target, files, [chains] * len(files), options, title)
    run.run()
    screen.document(run.document())
    return common_exit_code(run.failures)
