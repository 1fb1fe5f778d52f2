"""``restorack render``: files through a preset or through stages given on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.options import (
    Bypass,
    DryRun,
    End,
    Engine,
    Force,
    Format,
    Preset,
    Rate,
    Sandbox,
    Settings,
    Stages,
    Start,
    Strict,
    Subtype,
    Tail,
    output_extension,
    render_options,
)
from restorack.errors import ParameterError

Inputs = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Audio files.", show_default=False)
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|DIR",
        help="Without it: STEM.PRESET.wav beside the input, STEM.restored.wav for --stage.",
    ),
]
Repairs = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.json",
        help="A report of this render, its repairs edited: where keep is false, the input comes "
        "back bit for bit; nothing else is looked for.",
    ),
]
Difference = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR", help="Also write what was removed: input minus output, 64-bit float."
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.json", help="Also write the JSON report; for several inputs a list of them."
    ),
]
Picture = Annotated[
    str | None,
    typer.Option(metavar="FILE.png|DIR", help="Also draw before, after and difference."),
]
SkipExisting = Annotated[
    bool, typer.Option("--skip-existing", help="Leave out inputs whose output exists.")
]


def render(
    inputs: Inputs,
    preset: Preset = None,
    stage: Stages = None,
    output: Output = None,
    settings: Settings = None,
    bypass: Bypass = None,
    repairs: Repairs = None,
    difference: Difference = None,
    report: Report = None,
    picture: Picture = None,
    engine: Engine = "auto",
    start: Start = None,
    end: End = None,
    tail: Tail = 0.0,
    rate: Rate = None,
    format: Format = None,  # noqa: A002  the option is called so
    subtype: Subtype = None,
    strict: Strict = False,
    force: Force = False,
    skip_existing: SkipExisting = False,
    dry_run: DryRun = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render audio files through a preset, or through stages given on the command line.

    The output is as long as the input and aligned with it to the sample. It appears when it is
    whole. A file that fails does not stop the others.
    """
    from restorack.cli.chain_options import follow_repairs, make_rack
    from restorack.cli.jobs import Batch, run_jobs
    from restorack.cli.output_paths import make_folders, plan_jobs, refuse_folder
    from restorack.presets.checking import check_plugins

    if force and skip_existing:
        raise ParameterError(
            "both --force and --skip-existing",
            rule="outputs that exist are either replaced or left alone",
        )
    for source in inputs:
        refuse_folder(source)
    rack = make_rack(preset, stage or [], settings or [], bypass or [], load_plugins=not dry_run)
    if repairs is not None:
        follow_repairs(rack.chain, repairs)
    jobs = plan_jobs(
        inputs,
        output=output,
        difference=difference,
        picture=picture,
        report=report,
        infix=rack.infix,
        extension=output_extension(format, rack.chain.settings.output.format),
    )
    options = render_options(
        engine=engine, start=start, end=end, tail=tail, rate=rate, format=format,
        subtype=subtype, force=force, strict=strict,
    )  # fmt: skip
    screen = Screen(as_json=json, quiet=quiet)
    for note in check_plugins(rack.chain, load_plugins=not dry_run):
        screen.note(note)
    if not dry_run:
        make_folders(inputs, output, difference, picture)
    return run_jobs(Batch(jobs, rack.chain, options, report, skip_existing, dry_run), screen)
