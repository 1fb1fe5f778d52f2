"""Speed curves as CSV: one line for each knot, seconds and speed."""

from __future__ import annotations

import csv
import math
from os import PathLike
from pathlib import Path

import numpy as np

from restorack.dsp.speed_curve import SpeedCurve
from restorack.errors import FileError, RestorackError
from restorack.io.atomic import AtomicFile

HEAD = ("seconds", "speed")
LARGEST_BYTES = 64_000_000
"""Of a file that is read; bounds memory, by hand."""


def write_speed_curve(curve: SpeedCurve, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write a curve, to be edited and read again.

    Parameters
    ----------
    curve : SpeedCurve
    path : path-like
    force : bool
        Replace a file that exists.

    Raises
    ------
    FileError
        Where it exists or cannot be written.
    """
    lines = [",".join(HEAD)]
    lines += [
        f"{at:.6f},{speed:.8f}"
        for at, speed in zip(curve.seconds, curve.speeds, strict=True)
    ]  # fmt: skip
    with AtomicFile(path, force=force) as target:
        target.part.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_speed_curve(path: str | PathLike[str]) -> SpeedCurve:
    """Read a curve.

    Parameters
    ----------
    path : path-like
        CSV with the head ``seconds,speed`` and rising seconds; a speed of 1.01 is one per cent too
        fast. Between its lines the speed changes evenly, beyond them it stays.

    Raises
    ------
    FileError
        Where it cannot be read, or does not hold that; the line is named.
    """
    source = Path(path)
    try:
        if source.stat().st_size > LARGEST_BYTES:
            raise FileError("is too large for a speed curve", where=str(source))
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot be read ({error})", where=str(source)) from None
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != HEAD:
        rule = f"the first line: {','.join(HEAD)}"
        raise FileError("is no speed curve", where=str(source), rule=rule)
    knots = np.array([_knot(row, number, source) for number, row in enumerate(rows[1:], 2)])
    try:
        return SpeedCurve(*knots.reshape(-1, 2).T)
    except RestorackError as error:
        raise FileError(error.what, where=str(source), rule=error.rule) from None


def _knot(row: list[str], number: int, source: Path) -> tuple[float, float]:
    try:
        at, speed = (float(cell) for cell in row)
        if math.isfinite(at) and math.isfinite(speed):
            return at, speed
    except ValueError:
        pass
    raise FileError(
        f"line {number}: {','.join(row)!r}", where=str(source), rule="two numbers: seconds,speed"
    )
