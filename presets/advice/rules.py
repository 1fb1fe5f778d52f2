"""What presets say about when they fit: read, checked, and put to the figures of an analysis."""

from __future__ import annotations

import re
from typing import Any

from restorack.chains.settings import AdviceRule
from restorack.config.yaml_source import Item
from restorack.errors import PresetError, suggest
from restorack.meters.findings import Findings, figure_names
from restorack.presets.schema import AdviceModel, LimitsModel

_FIGURE = re.compile(r"\{([A-Za-z0-9_.]+)(?::\.([0-3])f)?\}")
_BRACE = re.compile(r"[{}]")


def advice_rule(model: AdviceModel) -> AdviceRule:
    """Return a rule as chains hold it."""
    when = {
        name: wanted.model_dump(exclude_none=True) if isinstance(wanted, LimitsModel) else wanted
        for name, wanted in model.when.items()
    }
    return AdviceRule(when, model.because.strip(), model.weight)


def check_advice(item: Item) -> None:
    """Refuse figures that no analysis has.

    Parameters
    ----------
    item : Item
        A preset's tree, which follows the schema.

    Raises
    ------
    PresetError
        With line and nearest name.
    """
    if "advice" not in item.value:
        return
    known = figure_names()
    for number, rule in enumerate(item.value["advice"].value):
        for name in rule.value["when"].value:
            _require(name, known, item, ["advice", number, "when", name])
        place: list[str | int] = ["advice", number, "because"]
        text = rule.value["because"].plain()
        for name, _ in _FIGURE.findall(text):
            _require(name, known, item, place)
        if _BRACE.search(_FIGURE.sub("", text)):
            raise PresetError(
                f"because = {text!r}",
                where=str(item.place(place)),
                rule="braces hold a figure, such as {clicks.per_second:.1f}",
            )


def _require(name: str, known: list[str], item: Item, place: list[str | int]) -> None:
    if name not in known:
        raise PresetError(
            f"no figure {name!r}",
            where=str(item.place(place)),
            rule="figures are those of restorack analyze --json, such as clicks.per_second",
            remedy=suggest(name, known),
        )


def holds(rule: AdviceRule, findings: Findings) -> bool:
    """Return whether all that a rule wants is so."""
    return all(_fits(findings.figure(name), wanted) for name, wanted in rule.when.items())


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if value is None or isinstance(value, (str, list, dict)):
            return False
        low, high = wanted.get("at_least"), wanted.get("below")
        return (low is None or value >= low) and (high is None or value < high)
    if isinstance(wanted, list):
        return any(_fits(value, one) for one in wanted)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    return bool(value == wanted)


def reason(rule: AdviceRule, findings: Findings) -> str:
    """Return a rule's reason with the recording's figures in it."""

    def said(match: re.Match[str]) -> str:
        value = findings.figure(match[1])
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return f"{value:.{match[2] or 0}f}"
        return "nothing" if value is None else str(value)

    return _FIGURE.sub(said, rule.because)
