"""The condition of a recording, with reasons: rules over its figures, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from restorack.meters.findings import ConditionFigures, Word

WORDS: tuple[Word, ...] = ("clean", "light", "worn", "heavy")


@dataclass(frozen=True)
class Rule:
    """A figure and the limits that make a condition light, worn and heavy.

    Parameters
    ----------
    figure : str
        Dotted name.
    limits : tuple of float or None
        From which on it is light, worn, heavy; None for never.
    text : str
        The reason, with ``{value}``.
    falling : bool
        True where less is worse.
    """

    figure: str
    limits: tuple[float | None, float | None, float | None]
    text: str
    falling: bool = False

    def severity(self, value: float | None) -> int:
        """Return 0 for clean to 3 for heavy."""
        if value is None:
            return 0
        sign = -1.0 if self.falling else 1.0
        met = [limit is not None and sign * value >= sign * limit for limit in self.limits]
        return max((at + 1 for at, one in enumerate(met) if one), default=0)


RULES = (
    Rule("clicks.at_least_per_second", (0.3, 3.0, 12.0), "clicks, at least {value:.1f} a second"),
    Rule("crackle.per_second", (25.0, 50.0, 120.0), "crackle, {value:.0f} impulses a second"),
    Rule("thumps.per_second", (0.1, 0.5, 2.0), "{value:.1f} thumps a second"),
    Rule("noise.snr_db", (36.0, 26.0, 16.0), "music {value:.0f} dB over the noise", falling=True),
    Rule("hum.below_music_db", (45.0, 32.0, 18.0), "hum {value:.0f} dB below the music", True),
    Rule("rumble.below_music_db", (26.0, 14.0, 4.0), "rumble {value:.0f} dB below the music", True),
    Rule("clipping.full_scale_runs", (5, 200, None), "clipped at full scale {value} times"),
    Rule("clipping.plateau_runs", (8, 200, None), "cut flat below full scale {value} times"),
)
"""Limits after the recordings that docs/guides/analysis.md names."""

QUIET_CRACKLE_DB = -58.0
"""Crackle that lies further below the programme's peak is not heard."""


def condition_of(figure: Callable[[str], Any]) -> ConditionFigures:
    """Return the condition: the worst of what the rules say.

    Parameters
    ----------
    figure : callable
        Takes a dotted name, returns the figure.
    """
    crackle_db = figure("crackle.peak_db")
    inaudible = crackle_db is None or crackle_db < QUIET_CRACKLE_DB
    said = []
    for rule in RULES:
        value = figure(rule.figure)
        if rule.figure == "crackle.per_second" and inaudible:
            continue
        severity = rule.severity(value)
        if severity:
            said.append((severity, rule.text.format(value=value)))
    said.sort(key=lambda one: -one[0])
    worst = said[0][0] if said else 0
    return ConditionFigures(
        word=WORDS[worst], reasons=[f"{text} ({WORDS[severity]})" for severity, text in said]
    )


def figure_of(parts: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return a look-up of dotted names in groups of figures."""

    def look_up(name: str) -> Any:
        group, _, rest = name.partition(".")
        return getattr(parts[group], rest)

    return look_up
