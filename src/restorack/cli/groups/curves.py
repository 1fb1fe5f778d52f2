"""``restorack curves``: recording curves of discs, and which label used which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.dsp.decibels import amplitude_to_db

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.plugins.disc.curves import Curve
    from restorack.plugins.disc.labels import LabelEntry

curves = typer.Typer(help="Recording curves of discs, by name and by label.", no_args_is_help=True)

SHOWN_HZ = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000)
"""Frequencies of the table, as in published tables of curves."""

CurveArgument = Annotated[
    str,
    typer.Argument(
        metavar="CURVE",
        help="A name, turnover, shelf and roll-off (500R-13.7), or a label and a year "
        "('Columbia (American) 1940').",
        show_default=False,
    ),
]


@curves.command("list")
def list_curves(
    label: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Labels with it in their name, instead.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Labels' curves of that year, instead.")
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """List the curves that have names; with --label or --year, what labels used."""
    from restorack.plugins.disc.curves import NAMED_CURVES
    from restorack.plugins.disc.labels import find_entries

    screen = Screen(as_json=json, quiet=quiet)
    if label is None and year is None:
        screen.show(_curve_table(NAMED_CURVES))
        screen.document([_described(curve) for curve in NAMED_CURVES])
        return 0
    found = find_entries(label or "", year)
    screen.show(_label_table(found) if found else "no label of that name and year is known")
    screen.document([_entry(one) for one in found])
    return 0


@curves.command("show")
def show_curve(curve: CurveArgument, json: JsonFlag = False, quiet: QuietFlag = False) -> int:
    """Show a curve's corners and its level over frequency, as played."""
    import numpy as np

    from restorack.plugins.disc.labels import find_curve

    screen = Screen(as_json=json, quiet=quiet)
    found = find_curve(curve)
    levels = amplitude_to_db(found.gain(np.array(SHOWN_HZ, float)))
    response = dict(zip(SHOWN_HZ, (round(float(level), 2) for level in levels), strict=True))
    screen.show(*_lines(found), "", *(f"{at:>6} Hz  {db:+7.2f} dB" for at, db in response.items()))
    screen.document(_described(found) | {"level_db": {str(at): db for at, db in response.items()}})
    return 0


@curves.command("plot")
def plot_curves(
    names: Annotated[
        list[str], typer.Argument(metavar="CURVE...", help="As of show.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.png", help="The picture.")
    ] = Path("curves.png"),
    force: Annotated[bool, typer.Option("--force", help="Replace a picture that exists.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Draw curves over each other, as played."""
    from rich.markup import escape

    from restorack.plugins.disc.labels import find_curve
    from restorack.reports.curve_picture import write_curve_picture

    screen = Screen(as_json=json, quiet=quiet)
    found = [find_curve(name) for name in names]
    write_curve_picture(found, output, force=force)
    screen.show(escape(str(output)))
    screen.document({"picture": str(output), "curves": [_described(curve) for curve in found]})
    return 0


def _described(curve: Curve) -> dict[str, Any]:
    return {
        "name": curve.name, "code": curve.code, "shelf_hz": curve.shelf_hz,
        "turnover_hz": curve.turnover_hz, "rolloff_hz": curve.rolloff_hz,
        "used": curve.used, "source": curve.source,
    }  # fmt: skip


def _entry(one: LabelEntry) -> dict[str, Any]:
    return {
        "label": one.label, "medium": one.medium, "from": one.first, "to": one.last,
        "curve": one.curve, "source": one.cite(),
    }  # fmt: skip


def _lines(curve: Curve) -> list[str]:
    """Return what is known of a curve, a fact a line."""
    corners = {
        "bass rises below": curve.turnover_hz,
        "bass shelf from": curve.shelf_hz,
        "treble falls above": curve.rolloff_hz,
    }
    said = [f"{curve.name}  ({curve.code})"] if curve.name != curve.code else [curve.name]
    said += [f"{name:<20}{hz:.0f} Hz" for name, hz in corners.items() if hz]
    return said + [text for text in (curve.used, curve.source) if text]


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name)
    return table


def _curve_table(found: tuple[Curve, ...]) -> Table:
    table = _table("name", "code", "used", "source")
    for curve in found:
        table.add_row(f"[bold]{curve.name}[/bold]", curve.code, curve.used, curve.source)
    return table


def _label_table(found: list[LabelEntry]) -> Table:
    table = _table("label", "medium", "years", "curve", "source")
    for one in found:
        table.add_row(one.label, one.medium, one.years, one.curve, one.cite())
    return table
