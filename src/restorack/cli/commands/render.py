"""``restorack render``: files through a preset or through stages given on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen
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
        help="A file or a folder, created if missing. Without it: STEM.PRESET.wav beside the "
        "input, STEM.restored.wav for --stage.",
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
SpeedCurve = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv",
        help="Play the input by a speed curve first, as restorack speed writes it, or edited; "
        "alone or before a preset or stages.",
    ),
]
Difference = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR",
        help="Also write what was removed: input minus output, 64-bit float WAV.",
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
Page = Annotated[
    Path | None,
    typer.Option(
        metavar="PAGE.html|DIR",
        help="Also make a page to compare before, after and each stage by ear; a folder for long "
        "files.",
    ),
]
Premis = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.xml|DIR",
        help="Also write a METS document with PREMIS 3: files, hashes, an event for each stage.",
    ),
]
SkipExisting = Annotated[
    bool, typer.Option("--skip-existing", help="Leave out inputs whose output exists.")
]

Threads = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=0,
        help="Threads that work on a file at a time, with the same samples for any number; "
        "0: as many as cores.",
    ),
]


def render(
    inputs: Inputs,
    preset: shared.Preset = None,
    stage: shared.Stages = None,
    output: Output = None,
    settings: shared.Settings = None,
    bypass: shared.Bypass = None,
    repairs: Repairs = None,
    speed_curve: SpeedCurve = None,
    difference: Difference = None,
    difference_subtype: shared.DifferenceSubtype = "DOUBLE",
    report: Report = None,
    picture: Picture = None,
    page: Page = None,
    premis: Premis = None,
    engine: shared.Engine = "auto",
    threads: Threads = 0,
    start: shared.Start = None,
    end: shared.End = None,
    tail: shared.Tail = 0.0,
    rate: shared.Rate = None,
    format: shared.Format = None,  # noqa: A002  the option is called so
    subtype: shared.Subtype = None,
    md5: shared.Md5 = False,
    strict: shared.Strict = False,
    force: shared.Force = False,
    skip_existing: SkipExisting = False,
    dry_run: shared.DryRun = False,
    sandbox: shared.Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render audio files through a preset, or through stages given on the command line.

    The output is as long as the input and aligned with it to the sample, and is written atomically.
    A file that fails does not stop the others; a full disk does.
    """
    from restorack.archive.needs import require
    from restorack.cli.chain_options import follow_repairs, make_rack
    from restorack.cli.consoles.render import RenderScreen
    from restorack.cli.outputs import make_folder_of
    from restorack.cli.page_options import page_options
    from restorack.cli.render_page import RenderPage
    from restorack.io.atomic import check_writable
    from restorack.presets.checking import check_plugins
    from restorack.render.batch import Recipe, RunOptions
    from restorack.render.batch.executors.inline import planning, rendering, run_inline
    from restorack.render.batch.given_outputs import OutputNames, refuse_folder
    from restorack.reports.sidecars import write_sidecars

    if force and skip_existing:
        raise ParameterError(
            "both --force and --skip-existing",
            rule="outputs that exist are either replaced or left alone",
        )
    for source in inputs:
        refuse_folder(source)
    if premis is not None:
        require("metsrw")
    rack = make_rack(
        preset, stage or [], settings or [], bypass or [],
        load_plugins=not dry_run, speed_curve=speed_curve,
    )  # fmt: skip
    if repairs is not None:
        follow_repairs(rack.chain, repairs)
    options = shared.render_options(
        engine=engine, start=start, end=end, tail=tail, rate=rate, format=format,
        subtype=subtype, force=force, strict=strict, difference_subtype=difference_subtype,
        md5=md5,
        threads=threads,
    )  # fmt: skip
    extension = shared.output_extension(format, rack.chain.settings.output.format)
    names = OutputNames(output, difference, picture, report, rack.infix, extension, premis)
    recipe = Recipe.unwritten(rack.infix, options)
    jobs, layout = names.jobs(inputs, recipe, force=force, sidecars=write_sidecars)
    plain = Screen(as_json=json, quiet=quiet)
    for note in check_plugins(rack.chain, load_plugins=not dry_run):
        plain.note(note)
    screen = RenderScreen(plain, rack.chain, jobs)
    shown = page_options(start=start, stop=end)
    if dry_run:
        report, page = None, None
    else:
        layout.make()
    if report is not None:
        make_folder_of(report)
        check_writable(report, force=force)
    how = RunOptions(retries=0, on_end=screen.ended, skip_existing=skip_existing)
    with RenderPage(plain, page, jobs, rack.chain, shown, force=force) as made:
        work = planning(rack.chain) if dry_run else rendering(rack.chain, screen.watch, made.listen)
        result = run_inline(jobs, work, how)
        made.write(result)
    return screen.finished(result, report, force=force)
