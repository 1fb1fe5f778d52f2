"""``restorack speed``: the wow and the tuning of a recording, and its speed as a curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from restorack.cli import options as shared
from restorack.cli.console import JsonFlag, QuietFlag, Screen


def speed(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="An audio file.", show_default=False)
    ],
    rpm: Annotated[
        float | None,
        typer.Option(metavar="RPM", help="Speed of rotation in the transfer, within 1 %."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Also write the speed as seconds,speed; render --speed-curve applies it.",
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Also draw the speed.")
    ] = None,
    force: shared.Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Measure the wow of a disc, blind, and the pitch that its music is tuned to."""
    from restorack.io.atomic import check_writable
    from restorack.io.reader import AudioReader
    from restorack.meters.speed.partials import SlowSignal, find_partials
    from restorack.meters.speed.tuning import find_tuning
    from restorack.meters.speed.wow import find_wow

    screen = Screen(as_json=json, quiet=quiet)
    for target in (csv, picture):
        if target is not None:
            check_writable(target, force=force, sources=[source])
    with AudioReader(source) as reader:
        slow = SlowSignal(float(reader.info.sample_rate))
        for block in reader.blocks():
            slow.push(block)
        length = reader.info.frames / reader.info.sample_rate
    samples = slow.result()[0]
    wow = find_wow(samples, slow.rate, rpm)
    tuning = find_tuning(find_partials(samples, slow.rate))
    found: dict[str, Any] = {"source": str(source), "seconds": round(length, 3)}
    found["wow"] = None if wow is None else wow.described()
    found["a4_hz"] = None if tuning is None else round(tuning.a4_hz, 2)
    _write_curve(wow.curve() if wow else None, length, csv, picture, force=force)
    screen.show(*_lines(found))
    screen.document(found)
    return 0


def _write_curve(
    curve: Any, seconds: float, csv: Path | None, picture: Path | None, *, force: bool
) -> None:
    """Write the curve, that of a right speed where no wow was found."""
    import numpy as np

    from restorack.dsp.speed_curve import SpeedCurve
    from restorack.plugins.disc.speed_files import write_speed_curve
    from restorack.reports.speed_picture import write_speed_picture

    curve = curve or SpeedCurve(np.array([0.0, max(seconds, 1e-3)]), np.ones(2))
    if csv is not None:
        write_speed_curve(curve, csv, force=force)
    if picture is not None:
        write_speed_picture(curve, picture, force=force)


def _lines(found: dict[str, Any]) -> list[str]:
    wow, a4 = found["wow"], found["a4_hz"]
    if wow is None:
        lines = ["wow: none of 0.05 % or more that both halves have"]
    else:
        lines = [f"wow: {wow['depth_percent']:.3f} % once a turn, at {wow['rpm']:.2f} rpm"]
        if "twice_a_turn_percent" in wow:
            lines.append(f"     {wow['twice_a_turn_percent']:.3f} % twice a turn")
        if wow["radius_lost"]:
            lines.append(f"     growing inwards: {wow['radius_lost']:.0%} of the radius is lost")
    lines.append("tuning: cannot tell" if a4 is None else f"tuning: A4 at {a4:.1f} Hz")
    return lines
