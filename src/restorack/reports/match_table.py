"""What was matched as a table: before, wanted, after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.text import path_text

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.matching.report import MatchReport

# Third octaves that are shown: every third, an octave apart, from 31 Hz on.
_SHOWN = slice(1, None, 3)


def match_table(found: MatchReport) -> Table:
    """Return the figures of target, reference and output, and the distances between them."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("", "target", "reference", "output"):
        table.add_column(title, justify="left" if not title else "right")
    all_three = (found.before, found.reference, found.after)
    for name, key, unit in (
        ("loudness", "loudness_lufs", "LUFS"),
        ("loudness range", "loudness_range_lu", "LU"),
        ("peak to loudness", "peak_to_loudness_db", "dB"),
        ("slow levels spread", "slow_spread_db", "dB"),
        ("fast levels spread", "fast_spread_db", "dB"),
    ):
        table.add_row(name, *(_figure(getattr(one, key), unit) for one in all_three))
    before, after = found.distance_before, found.distance_after
    table.add_row("tone off by", _figure(before.tone_db, "dB"), "", _figure(after.tone_db, "dB"))
    table.add_row("width off by", _figure(before.width_db, "dB"), "", _figure(after.width_db, "dB"))
    return table


def match_lines(found: MatchReport) -> list[str]:
    """Return what was done, in lines."""
    if found.status == "unchanged":
        return [f"{path_text(found.output)}: nothing to change"]
    changes = found.changes
    hz = " ".join(f"{centre:6.0f}" for centre in found.centres_hz[_SHOWN])
    return [
        f"gain {changes.gain_db:+.1f} dB; slow levels x {changes.slow_ratio:.2f}, fast levels x "
        f"{changes.fast_ratio:.2f}",
        f"Hz   {hz}",
        f"mid  {_row(changes.middle_db)}",
        f"side {_row(changes.side_db)}",
        f"{path_text(found.output)}",
    ]


def _row(gains: list[float]) -> str:
    return " ".join(f"{gain:+6.1f}" for gain in gains[_SHOWN])


def _figure(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.1f} {unit}"
