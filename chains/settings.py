"""What a preset says beyond its stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


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
class ChainSettings:
    """A preset's name, description, working rate and output.

    Parameters
    ----------
    work_rate : float or "input"
        In Hz: audio is resampled to it before the first stage.
    """

    name: str = ""
    description: str = ""
    work_rate: float | Literal["input"] = "input"
    output: OutputSettings = field(default_factory=OutputSettings)
