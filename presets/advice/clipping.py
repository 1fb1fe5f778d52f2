"""What a clipped recording needs before a preset."""

from __future__ import annotations

from restorack.meters.findings import Findings
from restorack.presets.advice.step import Step

FEWEST_AT_FULL_SCALE = 5
"""Flat tops at full scale that are worth a stage: as of the condition ``light``."""


def clipping_steps(findings: Findings) -> tuple[Step, ...]:
    """Return the declipper, first in the chain, for a recording that is clipped.

    Parameters
    ----------
    findings : Findings
        Of :func:`restorack.analyze`.

    Returns
    -------
    tuple of Step
        Empty for what is not clipped.
    """
    found = findings.clipping
    reasons = []
    if found.full_scale_runs >= FEWEST_AT_FULL_SCALE:
        reasons.append(f"{found.full_scale_runs} crests are cut off at full scale")
    if found.plateau_dbfs is not None:
        level = f"{found.plateau_dbfs:.1f} dBFS"
        reasons.append(f"{found.plateau_runs} crests are cut off at {level}")
    if not reasons:
        return ()
    said = f"{' and '.join(reasons)}; restored peaks are higher: leave headroom"
    return (Step("clipping", "restorack.Declipper", said),)
