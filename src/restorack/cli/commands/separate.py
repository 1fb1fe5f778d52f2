"""``restorack separate``: a recording becomes three parts that add up to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen

if TYPE_CHECKING:
    from restorack.separation.report import SeparationReport


def separate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The recording.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Folder of the parts; made if missing.",
            show_default=False,
        ),
    ],
    master: Annotated[
        str,
        typer.Option(metavar="NAME", help="Preset of the session's master; see presets list."),
    ] = "master-dynamic",
    force: shared.Force = False,
    strict: shared.Strict = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Separate a recording into a harmonic part, a percussive part and the voice.

    NAME.harmonic.wav, NAME.percussive.wav and NAME.voice.wav, 64-bit float, are the recording
    exactly where they are added; session.yaml beside them mixes them again through a master preset.
    """
    from restorack.cli.consoles.progress_bars import bar, shown_by
    from restorack.cli.outputs import make_folder
    from restorack.presets import load_preset
    from restorack.separation.separate import separate as separated

    screen = Screen(as_json=json, quiet=quiet)
    load_preset(master)  # one that is not there is refused before the work
    make_folder(output)
    with bar(screen, file.name, "") as show:
        found = separated(
            file, output, master=master, force=force, strict=strict,
            on_share=shown_by(show) if show is not None else None,
        )  # fmt: skip
    for warning in found.warnings:
        screen.note(f"warning: {warning}")
    if not quiet:
        screen.show(*_lines(found))
    screen.document(found.to_dict())
    return 0


def _lines(found: SeparationReport) -> list[str]:
    lines = []
    for part in found.parts:
        level = "silent" if part.level_dbfs is None else f"{part.level_dbfs:.1f} dBFS"
        lines.append(f"{part.file}: {level}, {part.share:.0%} of the energy")
    if found.session is not None:
        lines.append(f"{found.session}: mixes them again")
    return lines
