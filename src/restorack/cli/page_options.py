"""Options of the commands that make pages: declared once, so that they mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from restorack.errors import ParameterError, suggest

if TYPE_CHECKING:
    from restorack.reports.listening.making import PageOptions

CODECS = ("auto", "flac", "opus")

Audio = Annotated[
    str,
    typer.Option(
        "--audio", metavar="|".join(CODECS),
        help="Coding of the page's audio; auto: FLAC where it fits, else Opus.",
    ),
]  # fmt: skip
MaxMb = Annotated[
    float,
    typer.Option("--max-mb", min=0.5, metavar="MB", help="Largest size of a page in one file."),
]
NoStages = Annotated[bool, typer.Option("--no-stages", help="Leave out the outputs of the stages.")]
NoAnalysis = Annotated[
    bool,
    typer.Option(
        "--no-analysis", help="Measure loudness and peak only, not noise, clicks and hum."
    ),
]
ForcePage = Annotated[bool, typer.Option("--force", help="Replace files.")]


def page_options(
    *,
    audio: str = "auto",
    max_mb: float = 12.0,
    no_stages: bool = False,
    no_analysis: bool = False,
    strict: bool = False,
    start: float | None = None,
    stop: float | None = None,
) -> PageOptions:
    """Return what the options say of a page.

    Raises
    ------
    ParameterError
        For a coding that does not exist.
    """
    from restorack.reports.listening.making import PageOptions

    word = audio.lower()
    if word not in CODECS:
        raise ParameterError(
            f"--audio {audio}", rule=f"one of {', '.join(CODECS)}", remedy=suggest(word, CODECS)
        )
    codec = None if word == "auto" else cast("Literal['flac', 'opus']", word)
    return PageOptions(codec, max_mb, not no_stages, not no_analysis, strict, start, stop)
