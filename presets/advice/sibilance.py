"""What harsh speech needs: its sibilants lowered."""

from __future__ import annotations

from restorack.meters.findings import Findings
from restorack.presets.advice.step import Step

HARSH_DB = -2.0
"""Level of sibilants over the voice from which they are harsh: nine in ten of 27 speakers lie
below (benchmarks/sibilance.py; docs/inside/dynamics.md)."""
SPEECH = 0.5
"""Likelihood from which it is speech, as in the preset ``dialogue``."""
LOOP = 0.5
"""Regularity of attacks from which it is none: drums, whose pauses and hiss are like speech's."""


def sibilance_steps(findings: Findings) -> tuple[Step, ...]:
    """Return the de-esser for speech whose sibilants are harsh.

    Parameters
    ----------
    findings : Findings
        Of :func:`restorack.analyze`.

    Returns
    -------
    tuple of Step
        Empty for other sounds.
    """
    content = findings.content
    level = content.sibilance_db
    if level is None or level < HARSH_DB or content.speech < SPEECH or content.beat >= LOOP:
        return ()
    said = f"sibilants {abs(level):.0f} dB {'above' if level >= 0.0 else 'below'} the voice, where "
    said += "those of half of all speakers lie 7 to 15 dB below; the preset dialogue has it"
    return (Step("sibilance", "restorack.DeEsser", said),)
