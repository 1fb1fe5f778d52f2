"""``restorack analyze``: what is wrong with recordings, how much, and which preset fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure, InterruptedBatchError, common_exit_code, failure_of
from restorack.cli.options import Strict
from restorack.cli.quantities import quantity
from restorack.cli.streams import ClosedPipeError
from restorack.io.file_names import fitting_name

if TYPE_CHECKING:
    from restorack.meters.findings import Findings
    from restorack.presets import Advice, Step


@dataclass(frozen=True)
class _Request:
    """What the options ask of every file."""

    most: float
    strict: bool
    force: bool


def analyze(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Audio files.", show_default=False)
    ],
    plots: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also draw each file's figures, as DIR/STEM.png."),
    ] = None,
    most: Annotated[
        float,
        typer.Option(
            "--max-seconds",
            parser=quantity("s"),
            metavar="TIME",
            help="Longest excerpt analysed in detail, in seconds: longer files are sampled.",
        ),
    ] = 300.0,
    strict: Strict = False,
    force: Annotated[bool, typer.Option("--force", help="Replace pictures that exist.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Analyse recordings without a reference, and name the preset that fits.

    Clicks, crackle, noise, band, hum, rumble, clipping, channels, speed and condition; for discs
    also which stage corrects speed, curve and walls. Every figure is explained in
    docs/guides/analysis.md. A file that fails does not stop the others.
    """
    screen = Screen(as_json=json, quiet=quiet)
    request = _Request(most, strict, force)
    pictures = _planned_pictures(files, plots, force)
    entries: list[dict[str, Any]] = []
    failures: list[Failure] = []
    try:
        for number, file in enumerate(files, 1):
            place = f"{number}/{len(files)}" if len(files) > 1 else ""
            try:
                entries.append(_entry(file, pictures.get(file), request, screen, place))
            except ClosedPipeError:
                raise
            except Exception as error:
                failures.append(failure_of(error))
                screen.fail(failures[-1])
                entries.append({"path": str(file), "error": failures[-1].to_dict()})
    except KeyboardInterrupt:
        left = [{"path": str(file), "status": "interrupted"} for file in files[len(entries) :]]
        raise InterruptedBatchError(_document([*entries, *left])) from None
    screen.document(_document(entries))
    return common_exit_code(failures)


def _document(entries: list[dict[str, Any]]) -> Any:
    return entries[0] if len(entries) == 1 else entries


def _planned_pictures(files: list[Path], folder: Path | None, force: bool) -> dict[Path, Path]:
    """Name the pictures, refuse those that would meet or that exist, and make their folder."""
    from restorack.errors import FileError
    from restorack.io.atomic import AtomicFile

    if folder is None:
        return {}
    taken: dict[Path, Path] = {}
    for file in files:
        picture = folder / fitting_name(file.stem, ".png")
        if picture in taken.values():
            raise FileError(
                "two inputs would give one picture",
                where=str(picture),
                rule="every picture has a name of its own",
                remedy="analyse them into different folders",
            )
        taken[file] = picture
    folder.mkdir(parents=True, exist_ok=True)
    for picture in taken.values():
        AtomicFile(picture, force=force).check()
    return taken


def _entry(
    file: Path, picture: Path | None, request: _Request, screen: Screen, place: str
) -> dict[str, Any]:
    from restorack.analysis import analyze as measure
    from restorack.cli.consoles.progress_bars import bar
    from restorack.presets import advise

    with bar(screen, file.name, place) as on_progress:
        found = measure(
            file, most_seconds=request.most, strict=request.strict, on_progress=on_progress
        )
    advice = advise(found)
    if picture is not None:
        from restorack.reports.analysis_picture import write_analysis_picture

        write_analysis_picture(found, picture, force=request.force)
    _show(found, advice, screen)
    entry = {"path": str(file), "findings": found.to_dict(), "advice": advice_values(advice)}
    return entry | ({"picture": str(picture)} if picture is not None else {})


def advice_values(advice: Advice) -> dict[str, Any]:
    """Return advice as JSON values."""
    return {
        "preset": advice.preset,
        "reason": advice.reason,
        "alternatives": [vars(one) for one in advice.alternatives],
        "steps": [vars(one) for one in advice.steps],
    }


def _show(found: Findings, advice: Advice, screen: Screen) -> None:
    from rich.markup import escape

    from restorack.reports.analysis_table import analysis_table

    if screen.quiet:
        return
    recording = found.recording
    looked = ""
    if recording.examined_seconds < recording.duration_seconds - 1.0:
        looked = f", {recording.examined_seconds:.0f} s of it looked at closely"
    screen.show(
        f"[bold]{escape(recording.path)}[/bold]: {recording.duration_seconds:.1f} s{looked}",
        analysis_table(found),
        escape(_condition_line(found)),
        *map(escape, _advice_lines(advice)),
        *(escape(f"warning: {text}") for text in recording.warnings),
    )


def _condition_line(found: Findings) -> str:
    reasons = "; ".join(found.condition.reasons)
    return f"condition: {found.condition.word}" + (f": {reasons}" if reasons else "")


def _advice_lines(advice: Advice) -> list[str]:
    lines = [f"preset: {advice.preset or 'none'}: {advice.reason}"]
    lines += [f"    or: {one.preset}: {one.reason}" for one in advice.alternatives]
    return [*lines, *map(_step_line, advice.steps)]


def _step_line(step: Step) -> str:
    """Return what a disc's transfer needs, as a line of a preset."""
    if step.stage is None:
        return f"{step.topic}: {step.reason}"
    values = ", ".join(f"{name}: {value}" for name, value in step.parameters.items())
    return f"{step.topic}: {step.stage}: {{{values}}}: {step.reason}"
