"""``restorack render``: files through a preset or through stages named on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from restorack.cli.screen import JsonFlag, QuietFlag, Screen
from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.render.plan import Engine as EngineWord

ENGINES = ("auto", "dawdreamer", "stream")

Inputs = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Audio files.", show_default=False)
]
Preset = Annotated[
    str | None,
    typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="A preset; see presets list."),
]
Stages = Annotated[
    list[str] | None,
    typer.Option(
        "--stage",
        metavar="STAGE",
        help="Instead of a preset, any number of times: restorack.NAME, pedalboard.NAME, "
        "vst3=NAME, vst3=PATH, lv2=URI or faust=FILE.",
    ),
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
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.PARAM=VALUE", help="Change a parameter."),
]
Bypass = Annotated[
    list[str] | None, typer.Option("--bypass", metavar="STAGE", help="Leave a stage out.")
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
Engine = Annotated[
    str,
    typer.Option(
        metavar="|".join(ENGINES),
        help="What hosts plugins and makes the last mix; auto streams what would need over 2 GB.",
    ),
]
Start = Annotated[
    float | None, typer.Option(metavar="S", help="Begin here, in seconds.", show_default=False)
]
End = Annotated[
    float | None, typer.Option(metavar="S", help="End here, in seconds.", show_default=False)
]
Tail = Annotated[
    float, typer.Option(metavar="S", help="Seconds of silence appended, for reverberation.")
]
Rate = Annotated[
    float | None,
    typer.Option(metavar="HZ", help="Sample rate of the output.", show_default=False),
]
Format = Annotated[
    str | None, typer.Option(metavar="FORMAT", help="wav, flac, ogg, mp3, aiff, rf64 or w64.")
]
Subtype = Annotated[
    str | None,
    typer.Option(metavar="SUBTYPE", help="PCM_16, PCM_24, PCM_32, FLOAT, DOUBLE, ..."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace outputs that exist; an input never is.")
]
SkipExisting = Annotated[
    bool, typer.Option("--skip-existing", help="Leave out inputs whose output exists.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be done, and write nothing.")
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
    force: Force = False,
    skip_existing: SkipExisting = False,
    dry_run: DryRun = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render audio files through a preset, or through stages named on the spot.

    The output is as long as the input and aligned with it to the sample. It appears when it is
    whole. A file that fails does not stop the others.
    """
    from restorack.cli.jobs import Batch, run_jobs
    from restorack.cli.racks import follow_repairs, make_rack
    from restorack.cli.targets import make_folders, plan_jobs, refuse_folder
    from restorack.render.plan import RenderOptions

    _check_words(engine, force, skip_existing)
    for source in inputs:
        refuse_folder(source)
    rack = make_rack(preset, stage or [], settings or [], bypass or [])
    if repairs is not None:
        follow_repairs(rack.chain, repairs)
    jobs = plan_jobs(
        inputs,
        output=output,
        difference=difference,
        picture=picture,
        report=report,
        infix=rack.infix,
        extension=_extension(format, rack.chain.settings.output.format),
    )
    options = RenderOptions(
        engine=cast("EngineWord", engine),
        start=start,
        stop=end,
        tail_seconds=tail,
        sample_rate=rate,
        format=format,
        subtype=subtype,
        force=force,
    )
    if not dry_run:
        make_folders(inputs, output, difference, picture)
    screen = Screen(as_json=json, quiet=quiet)
    return run_jobs(Batch(jobs, rack.chain, options, report, skip_existing, dry_run), screen)


def _check_words(engine: str, force: bool, skip_existing: bool) -> None:
    if engine not in ENGINES:
        raise ParameterError(f"--engine {engine}", rule=f"one of {', '.join(ENGINES)}")
    if force and skip_existing:
        raise ParameterError(
            "both --force and --skip-existing",
            rule="outputs that exist are either replaced or left alone",
        )


def _extension(given: str | None, of_preset: str) -> str:
    from restorack.audio.targets import choose_format
    from restorack.cli.targets import EXTENSIONS

    return EXTENSIONS[choose_format(Path(), given or of_preset, None)[0]]
