"""``restorack batch``: folders of files through one rack, resumable, by several workers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import path_or_url, quantity
from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.render.batch.output_layout import Kind

Inputs = Annotated[
    list[Path],
    typer.Argument(
        parser=path_or_url,
        metavar="IN",
        help="Audio files, and folders of them; also URLs, such as s3://bucket/transfers.",
        show_default=False,
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="DIR", parser=path_or_url,
        help="Folder of the outputs, or its URL; created if missing.",
    ),
]  # fmt: skip
NameFrom = Annotated[
    str | None,
    typer.Option(
        metavar="PATTERN",
        help="Names of outputs, such as '{artist}/{title}.{preset}.flac'; by default "
        "'{folder}/{stem}'. Fields: title, artist, album, albumartist, track, disc, date, year, "
        "genre, composer (tags; '{artist|nobody}' where there is none), stem, name, ext, parent, "
        "folder, preset.",
    ),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Recurse, preserving the folder structure.")
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", "-j", metavar="N", min=0, help="Workers; 0: as many as cores."),
]
Retries = Annotated[
    int,
    typer.Option(
        metavar="N", min=0,
        help="More attempts for a file whose plugin, worker or disk failed.",
    ),
]  # fmt: skip
Recycle = Annotated[
    int, typer.Option(metavar="N", min=1, help="Files after which a worker is replaced.")
]
Watch = Annotated[
    bool, typer.Option("--watch", help="Keep running and process new files as they arrive.")
]
Settle = Annotated[
    float,
    typer.Option(
        parser=quantity("s", 0.0),
        metavar="TIME",
        help="With --watch: seconds unchanged before a file counts as complete.",
    ),
]
Reports = Annotated[
    bool, typer.Option("--reports", help="Also write NAME.report.json beside each output.")
]
Differences = Annotated[
    bool,
    typer.Option("--differences", help="Also write NAME.difference.wav: input minus output."),
]
Pictures = Annotated[
    bool, typer.Option("--pictures", help="Also draw NAME.png: before, after and difference.")
]
Premis = Annotated[
    bool,
    typer.Option(
        "--premis",
        help="Also write NAME.mets.xml: METS with PREMIS 3, hashes, an event for each stage.",
    ),
]
Page = Annotated[
    bool,
    typer.Option(
        "--page",
        help="Also make NAME.page.html to compare before and after by ear, and index.html of all, "
        "the worst first.",
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(
        metavar="K/N",
        help="Do the K-th of N parts of the inputs, for array jobs: all N may write to one folder "
        "at once; every part needs the same inputs.",
    ),
]
Quarantine = Annotated[
    int,
    typer.Option(
        metavar="N", min=0,
        help="Failed attempts, of all runs together, after which a file is not tried again until "
        "it changes; 0: never.",
    ),
]  # fmt: skip
ExecutorName = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="local|ray|slurm",
        help="What runs the jobs: workers of this machine, of the Ray cluster that RAY_ADDRESS "
        "names (without it one is started here), or of a Slurm queue.",
    ),
]
SlurmSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--slurm",
        metavar="NAME=VALUE",
        help="With --executor slurm, any number of times: an option of sbatch (partition=audio), "
        "time in minutes, files per job of the queue (files=16), the folder of its jobs, which all "
        "machines see (folder=PATH; by default in DIR/.restorack).",
    ),
]
Metrics = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Keep the batch's state in a file for Prometheus: NAME.prom, for node_exporter.",
    ),
]
MetricsPort = Annotated[
    int | None,
    typer.Option(
        metavar="PORT", min=0, max=65535,
        help="Serve it for Prometheus on http://127.0.0.1:PORT/metrics.",
    ),
]  # fmt: skip
LogJson = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Append a JSON line for the batch's begin and end and for every file.",
    ),
]
Verify = Annotated[
    bool,
    typer.Option("--verify", help="Check contents even if size and time match."),
]


def batch(
    inputs: Inputs,
    output: Output,
    preset: shared.Preset = None,
    stage: shared.Stages = None,
    pattern: NameFrom = None,
    recursive: Recursive = False,
    jobs: Jobs = 0,
    watch: Watch = False,
    settle: Settle = 3.0,
    settings: shared.Settings = None,
    bypass: shared.Bypass = None,
    reports: Reports = False,
    differences: Differences = False,
    difference_subtype: shared.DifferenceSubtype = "DOUBLE",
    pictures: Pictures = False,
    premis: Premis = False,
    page: Page = False,
    engine: shared.Engine = "auto",
    start: shared.Start = None,
    end: shared.End = None,
    tail: shared.Tail = 0.0,
    rate: shared.Rate = None,
    format: shared.Format = None,  # noqa: A002  the option is called so
    subtype: shared.Subtype = None,
    executor: ExecutorName = "local",
    slurm: SlurmSettings = None,
    shard: Shard = None,
    retries: Retries = 1,
    quarantine: Quarantine = 10,
    recycle: Recycle = 1000,
    verify: Verify = False,
    md5: shared.Md5 = False,
    strict: shared.Strict = False,
    force: shared.Force = False,
    log_json: LogJson = None,
    metrics: Metrics = None,
    metrics_port: MetricsPort = None,
    dry_run: shared.DryRun = False,
    sandbox: shared.Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render many files through one rack, by several workers.

    What was done is kept in DIR/.restorack: run again, only what changed is rendered, and
    unfinished work. Ctrl-C ends it after the files in progress, a second one at once. A file that
    fails does not stop the others; a full disk does. One batch at a time writes to a folder, or its
    shards.
    """
    from restorack.archive.needs import require
    from restorack.cli.batch_executors import executor_of, refuse_memory
    from restorack.cli.chain_options import make_rack
    from restorack.cli.consoles.batch import BatchScreen
    from restorack.hosting.sandbox import shared_sandbox
    from restorack.presets.checking import check_plugins
    from restorack.render.batch import (
        OutputSpec,
        Pattern,
        RunOptions,
        Stop,
        make_recipe,
        plan_only,
        run_batch,
    )
    from restorack.render.batch.event_log import EventLog
    from restorack.render.batch.metrics import published
    from restorack.render.batch.remote.layout import output_layout
    from restorack.render.batch.shards import parse_shard
    from restorack.reports.sidecars import write_sidecars

    if premis:
        require("metsrw")
    part = parse_shard(shard) if shard is not None else None
    if part is not None and watch:
        raise ParameterError("both --watch and --shard", rule="parts are of a list that has an end")
    rack = make_rack(preset, stage or [], settings or [], bypass or [], load_plugins=not dry_run)
    options = shared.render_options(
        engine=engine, start=start, end=end, tail=tail, rate=rate, format=format,
        subtype=subtype, force=False, strict=strict, difference_subtype=difference_subtype,
        md5=md5,
        threads=0 if executor == "local" else 1,  # a queue gives a job one core
    )  # fmt: skip
    extension = shared.output_extension(format, rack.chain.settings.output.format)
    kinds = _kinds(difference=differences, report=reports, picture=pictures, mets=premis, page=page)
    refuse_memory(output, *inputs)
    make_executor = executor_of(executor, jobs, recycle=recycle, slurm=slurm or [], folder=output)
    plain = Screen(as_json=json, quiet=quiet)
    screen = BatchScreen(plain, watching=watch)
    if dry_run and watch:
        raise ParameterError("both --watch and --dry-run", rule="a plan has an end")
    notes = check_plugins(rack.chain, load_plugins=not dry_run)
    shared_sandbox().close()  # the workers have their own
    with output_layout(output, part) as layout:
        wanted = OutputSpec(
            layout,
            make_recipe(rack.chain, rack.infix, options),
            Pattern(pattern or "{folder}/{stem}", extension),
            kinds,
            force,
            write_sidecars if reports or pictures or premis or page else None,
        )
        if dry_run:
            for note in notes:
                plain.note(note)
            return screen.planned(plan_only(inputs, wanted, recursive=recursive))
        labels = {"shard": str(part)} if part is not None else {}
        with (
            EventLog(log_json, part) as log,
            screen.live() as counters,
            published(counters, labels, metrics, metrics_port),
        ):
            log.began(wanted)
            result = run_batch(
                inputs,
                wanted,
                recursive=recursive,
                watch=settle if watch else None,
                make_executor=make_executor,
                run_options=RunOptions(
                    retries,
                    verify,
                    log.then(screen.ended),
                    log.then_retried(screen.retried),
                    quarantine=quarantine,
                ),
                stop=Stop(screen.stopping),
                counters=counters,
            )
            log.ended(result)
        if page:
            screen.index(result, wanted, force=force)
        return screen.finished(result, wanted)


def _kinds(**wanted: bool) -> tuple[Kind, ...]:
    from restorack.render.batch.output_layout import KINDS

    return tuple(kind for kind in KINDS if kind == "output" or wanted[kind])
