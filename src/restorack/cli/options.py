"""Options that several commands have: declared once, so that they mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from restorack.cli.quantities import quantity, subtype as subtype_of
from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.render.plan import Engine as EngineWord, RenderOptions

ENGINES = ("auto", "dawdreamer", "stream")

Preset = Annotated[
    str | None,
    typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="A preset; see presets list."),
]
Stages = Annotated[
    list[str] | None,
    typer.Option(
        "--stage",
        metavar="STAGE",
        help="Instead of a preset, any number of times, or several with commas: the NAME of a "
        "stage of restorack or pedalboard, vst3=NAME, vst3=PATH, clap=NAME, lv2=NAME, lv2=URI or "
        "faust=FILE; NAME:PARAM=VALUE,... sets parameters.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.PARAM=VALUE", help="Change a parameter."),
]
Bypass = Annotated[
    list[str] | None, typer.Option("--bypass", metavar="STAGE", help="Leave a stage out.")
]
Engine = Annotated[
    str,
    typer.Option(
        metavar="|".join(ENGINES),
        help="Rendering engine; auto is DawDreamer, and streams plugins that would need over 1 GB "
        "there (in sessions the mix too, over 2 GB).",
    ),
]


def choose_sandbox(mode: str | None) -> str | None:
    """Set the mode for this command and its workers; refuse what this system cannot enforce."""
    from restorack.hosting.confine.modes import checked_mode, sandbox_mode, set_sandbox_mode

    if mode is not None:
        set_sandbox_mode(checked_mode(mode, "--sandbox"))
    if sandbox_mode() == "strict":
        from restorack.hosting.confine.policy import require_all

        require_all("strict")
    return mode


Sandbox = Annotated[
    str | None,
    typer.Option(
        metavar="off|auto|strict",
        callback=choose_sandbox,
        help="How plugins are confined: see docs/reference/security.md. strict refuses to start "
        "where the system cannot enforce all of it. Without it RESTORACK_SANDBOX, or auto.",
        show_default=False,
    ),
]
Start = Annotated[
    float | None,
    typer.Option(
        parser=quantity("s"),
        metavar="TIME",
        help="Start time: seconds, or 1:02.5.",
        show_default=False,
    ),
]
End = Annotated[
    float | None,
    typer.Option(
        parser=quantity("s"),
        metavar="TIME",
        help="End time: seconds, or 1:02.5.",
        show_default=False,
    ),
]
Tail = Annotated[
    float,
    typer.Option(parser=quantity("s"), metavar="TIME", help="Silence appended, for reverberation."),
]
Rate = Annotated[
    float | None,
    typer.Option(
        parser=quantity("hz"),
        metavar="RATE",
        help="Sample rate of the output: Hz, or 44.1k.",
        show_default=False,
    ),
]
Format = Annotated[
    str | None, typer.Option(metavar="FORMAT", help="wav, flac, ogg, mp3, aiff, rf64 or w64.")
]
Subtype = Annotated[
    str | None,
    typer.Option(
        parser=subtype_of, metavar="SUBTYPE", help="16, 24, 32, 32f, 64f or a name such as PCM_24."
    ),
]
DifferenceSubtype = Annotated[
    str,
    typer.Option(
        parser=subtype_of,
        metavar="SUBTYPE",
        help="Of difference files: 24, 32, 32f or 64f; output plus difference is exactly the input "
        "with 64f alone.",
    ),
]
Md5 = Annotated[
    bool,
    typer.Option(
        "--md5",
        help="Write the MD5 of the samples into outputs and difference files: the MD5 chunk of "
        "WAV and RF64; FLAC has it in any case.",
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace existing outputs; inputs are never overwritten.")
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Refuse inputs that are incomplete or may be; without it they are warned of.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be done, and write nothing.")
]


def check_engine(engine: str) -> None:
    """Raise :class:`ParameterError` for a word that is no engine, in any case."""
    if engine.lower() not in ENGINES:
        raise ParameterError(f"--engine {engine}", rule=f"one of {', '.join(ENGINES)}")


def render_options(
    *,
    engine: str,
    start: float | None,
    end: float | None,
    tail: float,
    rate: float | None,
    format: str | None,  # noqa: A002  the option is called so
    subtype: str | None,
    force: bool,
    strict: bool = False,
    difference_subtype: str = "DOUBLE",
    md5: bool = False,
    threads: int = 0,
) -> RenderOptions:
    """Return what the options of a command say of every file's render.

    Raises
    ------
    ParameterError
        For an engine that does not exist.
    """
    from restorack.render.plan import RenderOptions

    check_engine(engine)
    return RenderOptions(
        engine=cast("EngineWord", engine.lower()),
        start=start,
        stop=end,
        tail_seconds=tail,
        sample_rate=rate,
        format=format,
        subtype=subtype,
        force=force,
        strict=strict,
        difference_subtype=difference_subtype,
        md5=md5,
        threads=threads or None,
    )


def output_extension(given: str | None, of_preset: str) -> str:
    """Return the extension of outputs, without a dot: of the format given, else the preset's."""
    from pathlib import Path

    from restorack.io.output_formats import OUTPUT_FORMATS, choose_format

    return OUTPUT_FORMATS[choose_format(Path(), given or of_preset, None)[0]].extensions[0]
