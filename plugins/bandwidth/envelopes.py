"""The two envelopes of a continuation: a straight fall, and a trained network's bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import power_to_db
from restorack.inference.band_envelope import EnvelopeStream
from restorack.plugins.bandwidth.envelope_network import trained_envelope
from restorack.plugins.bandwidth.features import (
    BANDS_ABOVE,
    BANDS_PER_OCTAVE,
    REFERENCE_EDGE_HZ,
    BandFeatures,
)
from restorack.plugins.bandwidth.replication import Continuation

Floats = NDArray[np.float64]
Bins = NDArray[np.int_]

# The fall above the edge, in dB per octave, is linear in what is heard below it. Measured on
# music, speech and single notes: the slope just below the edge says little of the one above
# (its share is small), the height above the recording's own floor says more.
FALL_DB = 7.0
FALL_PER_DB_ABOVE_FLOOR = 0.15
FALL_PER_SLOPE = 0.15
GROWTH_WITH_EDGE = 0.25

LEVEL_DB = 2.5
"""The level of noise's mean power over the mean of its bins' levels in dB."""

ENERGY_SHARE, LOUD_DB = 0.85, 12.0
"""Loud frames get so much of the way from the expected level to the expected energy, those that lie
this far below the recording's mean none of it: few frames hold the energy, most are heard as
they are expected."""

WEIGHT = 0.5
"""Of the network in a blend."""

ONSET_RISE_DB, NEUTRAL_EMPHASIS = 15.0, 0.4
"""Rise of an onset beyond doubt from no emphasis to all of it, and where it is as predicted."""


class StraightFall:
    """A fall in dB per octave that follows slope and height of the octave below.

    Parameters
    ----------
    plan : Continuation
        Edge, top and what is known of the recording.
    bin_hz : float
        Distance of the bins.
    bins : ndarray of int
        Those to add.
    """

    delay = 0

    def __init__(self, plan: Continuation, bin_hz: float, bins: Bins) -> None:
        edge = plan.edge_hz / bin_hz
        # Levels are measured a sixth of an octave below the edge.
        self._octaves = np.maximum(0.0, np.log2(bins / edge)) + 1 / 6
        self._near = slice(int(edge * 2 ** (-1 / 3)), int(0.97 * edge))
        self._far = slice(int(edge * 0.5), int(edge * 2**-0.6))
        self._far_octaves = 0.6
        self._floor_db = plan.whole.floor_db(plan.edge_hz * 2 ** (-1 / 3), plan.edge_hz)
        self._growth = (plan.edge_hz / REFERENCE_EDGE_HZ) ** GROWTH_WITH_EDGE

    def push(self, power: Floats) -> Floats:
        """Return levels in dB over that just below the edge."""
        near, far = (
            power_to_db(power[:, part].mean(axis=1) + 1e-24) for part in (self._near, self._far)
        )
        slope, above = (near - far) / self._far_octaves, near - self._floor_db
        fall = (
            FALL_DB
            + FALL_PER_DB_ABOVE_FLOOR * self._growth * np.clip(above, 0.0, 60.0)
            - FALL_PER_SLOPE * np.clip(slope, -40.0, 10.0)
        )
        return -np.outer(fall, self._octaves)

    def emphasised(self, levels: Floats, onsets: Floats, emphasis: float) -> Floats:
        """Return levels that fall less where there is an onset."""
        return levels * (1.0 - emphasis * onsets)


class TrainedEnvelope:
    """The bands that the network predicts, joined by straight lines.

    Parameters
    ----------
    plan, bin_hz, bins
        As of :class:`StraightFall`.
    stream : EnvelopeStream, optional
        Another network than the one that comes with the package.
    """

    def __init__(
        self, plan: Continuation, bin_hz: float, bins: Bins, stream: EnvelopeStream | None = None
    ) -> None:
        self._features: BandFeatures | None = None
        self._plan, self._bin_hz = plan, bin_hz
        self._stream = stream or trained_envelope()
        self.delay = self._stream.delay
        self._loud = np.zeros(self.delay)
        octaves = np.maximum(1e-6, np.log2(np.maximum(bins, 1) * bin_hz / plan.edge_hz))
        place = octaves * BANDS_PER_OCTAVE - 0.5
        whole = np.clip(np.floor(place), 0, BANDS_ABOVE - 2).astype(int)
        part = np.clip(place - whole, 0.0, 1.0)
        self._lines = np.zeros((BANDS_ABOVE, len(bins)))
        columns = np.arange(len(bins))
        self._lines[whole, columns] = 1 - part
        self._lines[whole + 1, columns] += part

    def push(self, power: Floats) -> Floats:
        """Return levels in dB over that just below the edge, some frames late."""
        if self._features is None:
            bins = power.shape[1]
            plan = self._plan
            self._features = BandFeatures(plan.edge_hz, self._bin_hz, bins, plan.whole)
        levels, excess = self._stream.push(self._features(power))
        loud, self._loud = np.split(
            np.concatenate([self._loud, self._features.loudness(power, LOUD_DB)]), [len(levels)]
        )
        share = ENERGY_SHARE * loud[:, np.newaxis]
        bands = levels + LEVEL_DB + share * np.maximum(excess - LEVEL_DB, 0.0)
        return np.asarray(bands.astype(np.float64) @ self._lines)

    def emphasised(self, levels: Floats, onsets: Floats, emphasis: float) -> Floats:
        """Return levels that rise where there is an onset, from those that were predicted."""
        return levels + ONSET_RISE_DB * (emphasis - NEUTRAL_EMPHASIS) * onsets


class BlendedEnvelope:
    """The mean, in dB, of both: a fall that errs alike everywhere, a network that errs elsewhere.

    Parameters
    ----------
    plan, bin_hz, bins
        As of :class:`StraightFall`.
    """

    def __init__(self, plan: Continuation, bin_hz: float, bins: Bins) -> None:
        self._trained = TrainedEnvelope(plan, bin_hz, bins)
        self._straight = StraightFall(plan, bin_hz, bins)
        self.delay = self._trained.delay
        self._late = np.zeros((self.delay, len(bins)))

    def push(self, power: Floats) -> Floats:
        """Return the levels of the network, then those of the fall, some frames late."""
        trained = self._trained.push(power)
        straight = np.concatenate([self._late, self._straight.push(power)])
        self._late = straight[len(trained) :]
        return np.concatenate([trained, straight[: len(trained)]], axis=1)

    def emphasised(self, levels: Floats, onsets: Floats, emphasis: float) -> Floats:
        """Return the mean of both, each with its own way to stand out at onsets."""
        trained, straight = np.split(levels, 2, axis=1)
        network = self._trained.emphasised(trained, onsets, emphasis)
        fall = self._straight.emphasised(straight, onsets, emphasis)
        return np.asarray(WEIGHT * network + (1.0 - WEIGHT) * fall)
