"""Sides of worn records to try things with: shellac in mono, LPs in stereo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from restorack.chains import Chain

PRESETS = ("degrade-78rpm-light", "degrade-78rpm-default", "degrade-78rpm-heavy")
"""What wears shellac sides, in turn."""

STYLES = ("folk", "jazz", "ballad", "strings")
"""Music that was cut on discs, in turn."""

BANDS = ("The Tin Whistle Four", "Lamplight Orchestra", "Miss Corda", "Harbour Quartet")
"""Their players, who never were."""

SPREAD = 0.9
"""Share of the room in an LP's channels, each with its own. By hand."""


@dataclass(frozen=True)
class RecordSide:
    """A side as it plays today.

    Attributes
    ----------
    samples : ndarray of float32, shape (channels, samples)
        Within full scale: one channel of shellac, two of an LP.
    artist, title, date : str
        For its tags.
    """

    samples: NDArray[np.float32]
    artist: str
    title: str
    date: str


def record_side(
    number: int, seconds: float, sample_rate: float, *, lp: bool = False, seed: int = 0
) -> RecordSide:
    """Return a side; the same for the same arguments.

    Parameters
    ----------
    number : int
        Which of a wall of records, from 0: music, players and wear differ.
    seconds, sample_rate : float
        Its length, and Hz.
    lp : bool
        A stereo LP instead of shellac.
    seed : int
        Another seed, another wall.

    Returns
    -------
    RecordSide
    """
    from restorack.synthesis.loops import compose
    from restorack.synthesis.worn_record import cut

    style = STYLES[number % len(STYLES)]
    own = 1000 * seed + number
    music = compose(style, seconds, sample_rate, own)
    rows = _stereo(music, sample_rate, own) if lp else cut(music, sample_rate)[np.newaxis]
    chain = _lp_wear() if lp else _shellac_wear(number)
    for stage in chain:
        if hasattr(stage, "seed"):
            stage.seed = own
    worn = chain.process((0.6 * rows).astype(np.float32), sample_rate)
    year = (1964 if lp else 1924) + number % 10
    return RecordSide(
        np.clip(worn, -1.0, 1.0),
        artist=BANDS[number % len(BANDS)],
        title=f"{style.title()} No. {100 * seed + number + 1}",
        date=str(year),
    )


def _stereo(music: NDArray[np.float64], rate: float, seed: int) -> NDArray[np.float64]:
    """Return the music in a room, with other echoes on either side."""
    from restorack.synthesis.ragtime import room

    sides = [room(music, rate, np.random.default_rng([seed, side])) for side in (1, 2)]
    mixed = (1.0 - SPREAD) * music + SPREAD * np.stack(sides)
    return np.asarray(0.8 * mixed / np.abs(mixed).max())


def _shellac_wear(number: int) -> Chain:
    from restorack.presets import load_preset

    return load_preset(PRESETS[number % len(PRESETS)])


def _lp_wear() -> Chain:
    from restorack.chains import Chain
    from restorack.stages import Clicks, Crackle, Rumble, SurfaceNoise

    rpm = 100 / 3
    return Chain(
        Rumble(level_db=-36.0, rpm=rpm),
        SurfaceNoise(level_db=-38.0, rpm=rpm, grain=0.2),
        Crackle(rate_per_s=30.0, level_db=-44.0, rpm=rpm),
        Clicks(rate_per_s=2.0, amplitude_min=0.05, amplitude_max=0.3, rpm=rpm),
    )
