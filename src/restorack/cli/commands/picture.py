"""``restorack picture``: one picture for a paper or a ticket, as PNG or SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import quantity


def picture(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="waveform, spectrogram, difference (two files: before, after), noise-floor, "
            "repairs (reports of renders), loss (folders of trainings).",
            show_default=False,
        ),
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="What is drawn.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.png|FILE.svg", help="The picture."),
    ],
    start: shared.Start = None,
    end: shared.End = None,
    top: Annotated[
        float,
        typer.Option(
            "--top-frequency",
            parser=quantity("hz"),
            metavar="FREQUENCY",
            help="Upper end of spectrograms: Hz, or 12k.",
        ),
    ] = 22_050.0,
    force: Annotated[bool, typer.Option("--force", help="Replace a picture that exists.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Draw waveforms, spectrograms, a difference, noise floors, repairs or a training's loss.

    Several files are drawn below or over each other, on one scale.
    """
    from rich.markup import escape

    from restorack.reports.paper_pictures import write_paper_picture

    screen = Screen(as_json=json, quiet=quiet)
    write_paper_picture(
        kind, files, output, start=start, stop=end, top_hz=top, force=force
    )  # fmt: skip
    if not quiet:
        screen.show(escape(f"the picture is {output}"))
    screen.document({"picture": str(output), "kind": kind, "files": [str(one) for one in files]})
    return 0
