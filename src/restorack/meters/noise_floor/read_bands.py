"""Floors of bands as a network reads them from what bands show of noise."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power
from restorack.meters.noise_floor.abstention import MOVING_DB, Evidence
from restorack.meters.noise_floor.band_floor import BandFloor
from restorack.meters.noise_floor.band_signs import band_signs
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.white_noise import WhiteNoise

DOUBT_LOWERS_DB = 30.0
"""A floor of no certainty is lowered by this. Part of the trained weights."""

LEAST_NOISY = 0.1
"""Sureness of noise from which down nothing is taken off. By hand."""


class BandReading(Protocol):
    """Where the noise of bands lies; see :class:`restorack.inference.floor_reader.Reading`."""

    @property
    def over_db(self) -> NDArray[np.floating]:
        """Over the first decile of each band's quieter bins, shape (bands,)."""

    @property
    def sure(self) -> NDArray[np.floating]:
        """How sure that is, 0 to 1, shape (bands,)."""

    @property
    def noisy(self) -> float:
        """How sure it is that there is noise, 0 to 1."""


class BandReader(Protocol):
    """Says what signs mean, as :class:`restorack.inference.floor_reader.FloorReader`."""

    def __call__(self, signs: NDArray[np.float32], /) -> BandReading:
        """Return what signs of shape (bands, signs) say."""


class ReadBands:
    """Find floors by a reader.

    Parameters
    ----------
    reader : BandReader
        Says what signs mean.
    """

    def __init__(self, reader: BandReader) -> None:
        self._reader = reader

    def __call__(self, heard: Heard, white: WhiteNoise, /) -> BandFloor:
        """Return the floor of a passage's bands."""
        signs = band_signs(heard, white)
        read = self._reader(signs.values)
        level = signs.first_decile_db + read.over_db
        snr = heard.snr_db(db_to_power(level))
        evidence = Evidence(snr, heard.range_db, signs.spread, read.noisy, heard.expected)
        sure = read.noisy
        if heard.range_db < MOVING_DB and not heard.expected:
            # Held organs and pads: the reader has heard too few of them.
            sure *= evidence.heard_over_noise()
        trust = np.asarray(read.sure, np.float64)
        if sure <= LEAST_NOISY:
            return BandFloor(np.asarray(level), trust, 0.0, None, evidence)
        return BandFloor(np.asarray(level), trust, sure, DOUBT_LOWERS_DB * (1.0 - sure), evidence)
