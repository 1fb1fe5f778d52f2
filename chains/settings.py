"""What a preset says beyond its stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class OutputSettings:
    """The output file.

    Parameters
    ----------
    sample_rate : float or "input"
        In Hz.
    format : str
        ``wav``, ``flac``, ``ogg``, ``mp3`` or ``aiff``.
    subtype : str
        soundfile's word: ``PCM_16``, ``PCM_24``, ``PCM_32``, ``FLOAT``, ``DOUBLE``, ...
    dither : str
        ``triangular`` or ``none``; used only where the word is shortened.
    ceiling_dbtp : float or None
        True peak that the output may not pass; one gain for the file, never upwards.
    mix : float
        Dry/wet of the whole rack, 0 to 1.
    gain_db : float
        Applied after the mix.
    """

    sample_rate: float | Literal["input"] = "input"
    format: str = "wav"
    subtype: str = "PCM_24"
    dither: str = "triangular"
    ceiling_dbtp: float | None = None
    mix: float = 1.0
    gain_db: float = 0.0


@dataclass(frozen=True)
class AdviceRule:
    """When a preset fits a recording.

    Parameters
    ----------
    when : mapping of str to object
        Names of an analysis' figures, and what each must be: a word, a list of words, true,
        false, or limits ``{at_least: number, below: number}``. All must hold.
    because : str
        The reason in words; figures stand in braces, such as ``{clicks.per_second:.0f}``.
    weight : float
        Of several rules that hold, the one of the greatest weight counts.
    """

    when: Mapping[str, Any]
    because: str
    weight: float = 50.0


@dataclass(frozen=True)
class ChainSettings:
    """A preset's name, description, working rate, output and advice.

    Parameters
    ----------
    work_rate : float or "input"
        In Hz: audio is resampled to it before the first stage.
    advice : tuple of AdviceRule
        When to use it.
    """

    name: str = ""
    description: str = ""
    work_rate: float | Literal["input"] = "input"
    output: OutputSettings = field(default_factory=OutputSettings)
    advice: tuple[AdviceRule, ...] = ()
