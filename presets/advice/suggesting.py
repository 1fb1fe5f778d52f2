"""Advice: which preset fits what an analysis found, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from restorack.chains.settings import AdviceRule
from restorack.config.yaml_source import parse_yaml, read_text
from restorack.errors import PresetError
from restorack.meters.findings import Findings
from restorack.presets.advice.clipping import clipping_steps
from restorack.presets.advice.disc import disc_steps
from restorack.presets.advice.rules import advice_rule, check_advice, holds, reason
from restorack.presets.advice.sibilance import sibilance_steps
from restorack.presets.advice.step import Step
from restorack.presets.finding import preset_files
from restorack.presets.schema import PresetModel, checked


@dataclass(frozen=True)
class Suggestion:
    """A preset that fits, and why."""

    preset: str
    reason: str


@dataclass(frozen=True)
class Advice:
    """What to do with a recording.

    Parameters
    ----------
    preset : str or None
        The name of the preset that fits best; None: leave it as it is.
    reason : str
        Why.
    alternatives : tuple of Suggestion
        Others that fit, best first.
    steps : tuple of Step
        What is to be done before it: clipping, sibilance, and what a disc's transfer needs.
    """

    preset: str | None
    reason: str
    alternatives: tuple[Suggestion, ...] = ()
    steps: tuple[Step, ...] = ()


def advise(findings: Findings) -> Advice:
    """Choose a preset by the ``advice`` that presets, shipped and the user's own, give.

    Parameters
    ----------
    findings : Findings
        Of :func:`restorack.analyze`.

    Returns
    -------
    Advice
        Without a preset where none says that it fits.
    """
    found: list[tuple[float, str, str]] = []
    for name in sorted(preset_files()):
        rules = [rule for rule in _rules(name) if holds(rule, findings)]
        if rules:
            best = max(rules, key=lambda rule: rule.weight)
            found.append((best.weight, name, reason(best, findings)))
    found.sort(key=lambda one: -one[0])
    suggestions = [Suggestion(name, text) for _, name, text in found]
    steps = (*clipping_steps(findings), *sibilance_steps(findings), *disc_steps(findings))
    if not suggestions:
        return Advice(None, _untouched(findings), steps=steps)
    first = suggestions[0]
    return Advice(first.preset, first.reason, tuple(suggestions[1:]), steps)


def _rules(name: str) -> tuple[AdviceRule, ...]:
    """Return a preset's rules; one that cannot be read has none, and its own errors elsewhere."""
    path = preset_files()[name]
    try:
        text = read_text(path)
    except PresetError:
        return ()
    return _rules_in(text, str(path)) if "advice" in text else ()


@lru_cache(maxsize=64)  # reading all presets takes as long as analysing a short file
def _rules_in(text: str, path: str) -> tuple[AdviceRule, ...]:
    try:
        item = parse_yaml(text, path)
        model: PresetModel = checked(PresetModel, item)
        check_advice(item)
    except PresetError:
        return ()
    return tuple(advice_rule(rule) for rule in model.advice)


def _untouched(findings: Findings) -> str:
    if findings.level.sample_peak_dbfs is None:
        return "it is silent"
    reasons = findings.condition.reasons
    if not reasons:
        return "nothing is wrong with it: leave it as it is"
    return f"no preset says that it helps with this: {'; '.join(reasons)}"
