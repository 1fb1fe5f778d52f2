"""Floors of bands mixed from what is steady and what a network judges from counts of levels."""

from __future__ import annotations

import numpy as np

from restorack.dsp.decibels import db_to_power
from restorack.meters.noise_floor.abstention import Evidence, lowered_by
from restorack.meters.noise_floor.band_floor import BandFloor
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.judgement import corroborated
from restorack.meters.noise_floor.mixture import mixed_floor, of_the_whole, with_sure_judgement
from restorack.meters.noise_floor.steady_bands import steady_bands
from restorack.meters.noise_floor.white_noise import WhiteNoise


def mixed_bands(heard: Heard, white: WhiteNoise) -> BandFloor:
    """Return the floor of a passage's bands; the passage has been judged.

    Parameters
    ----------
    heard : Heard
        The passage.
    white : WhiteNoise
        What the same measurement finds in white noise.

    Raises
    ------
    ValueError
        Where no network was asked.
    """
    judged, centres, voting = heard.judged, heard.bands.centres_hz, heard.bands.middle
    if judged is None:
        raise ValueError("a passage that no network has judged")
    bands = steady_bands(heard.quiet_db, heard.mean_db, centres, white)
    spread = float(np.median(bands.modulation[voting]))
    steady_snr = heard.snr_db(db_to_power(bands.floor_db))
    whole = of_the_whole(bands, judged, voting, steady_snr, heard.range_db)
    mixed = mixed_floor(bands, judged, centres, whole)
    mixed = with_sure_judgement(mixed, judged, heard.snr_db(db_to_power(mixed)))
    sureness = corroborated(judged.sure)
    judged_sure = float(np.mean(sureness[voting]))
    snr = heard.snr_db(db_to_power(mixed))
    evidence = Evidence(snr, heard.range_db, spread, judged_sure, heard.expected)
    sure = evidence.broadband()
    trust = np.maximum(bands.trust, sureness)
    return BandFloor(mixed, trust, sure, lowered_by(sure), evidence)
