"""Continue a band above its edge: copy the octave below upwards under a predicted envelope.

Translation by whole patches is that of spectral band replication (Dietz, Liljeryd, Kjoerling,
Kunz, "Spectral Band Replication", AES 112, 2002). The translation is a multiple of the bins that
turn by whole cycles in a hop, so each patch is a plain single-sideband shift: transients keep
their time, tones stay tones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.audio.framing import Spectra, square_root_hann

Floats = NDArray[np.float64]

# The fall above the edge, in dB per octave, is linear in what is heard below it. Measured on
# music, speech and single notes: the slope just below the edge says little of the one above
# (its share is small), the height above the recording's own floor says more.
FALL_DB = 7.0
FALL_PER_DB_ABOVE_FLOOR = 0.15
FALL_PER_SLOPE = 0.15
REFERENCE_EDGE_HZ, GROWTH_WITH_EDGE = 4_000.0, 0.25

ONSET_SECONDS, ONSET_DB = 0.1, 20.0
"""Memory of the usual level, and the rise above it that is an onset beyond doubt."""

FLATTEN_HZ = 200.0
"""Width over which the copied octave is brought to one level: partials rise less above what lies
between them the higher they are."""


@dataclass(frozen=True)
class Continuation:
    """What the envelope above an edge is predicted from.

    Parameters
    ----------
    edge_hz : float
        End of the recorded band.
    top_hz : float
        End of what is added.
    floor_db : float
        Level per bin just below the edge in the recording's quietest moments.
    """

    edge_hz: float
    top_hz: float
    floor_db: float


class BandContinuation:
    """The spectra to add above an edge, group by group of frames.

    Parameters
    ----------
    plan : Continuation
        Edge, top and floor.
    sample_rate : float
        In Hz.
    frame, hop : int
        Of the analysis, with square-root Hann windows.
    """

    def __init__(self, plan: Continuation, sample_rate: float, frame: int, hop: int) -> None:
        self._plan = plan
        bin_hz = sample_rate / frame
        edge = plan.edge_hz / bin_hz
        whole_turns = frame // hop
        shift = max(whole_turns, int(0.47 * edge) // whole_turns * whole_turns)
        first = int(0.97 * edge)
        bins = np.arange(first, min(frame // 2, int(plan.top_hz / bin_hz)))
        self._added = slice(first, first + len(bins))
        self._source = bins - ((bins - first) // shift + 1) * shift
        # Levels are measured a sixth of an octave below the edge.
        self._octaves = np.maximum(0.0, np.log2(bins / edge)) + 1 / 6
        self._near = slice(int(edge * 2 ** (-1 / 3)), first)
        self._far = slice(int(edge * 0.5), int(edge * 2**-0.6))
        self._far_octaves = 0.6
        self._scale = 1.0 / np.sum(square_root_hann(frame) ** 2)
        self._reach = max(2, round(FLATTEN_HZ / 2 / bin_hz))
        self._decay = float(np.exp(-hop / (ONSET_SECONDS * sample_rate)))
        self._usual_db: float | None = None
        self._amount_db: float | None = None

    def __call__(self, spectra: Spectra, amount_db: float, emphasis: float) -> Spectra:
        """Return the spectra to add, of the shape of what came in.

        Parameters
        ----------
        spectra : ndarray of complex128, shape (channels, frames, bins)
            All channels get one gain, so that the stereo image is carried upwards.
        amount_db : float
            Level relative to the predicted one; reached by the end of the group.
        emphasis : float
            0 to 1: share of the fall that a full onset is spared.
        """
        power = (spectra.real**2 + spectra.imag**2).mean(axis=0)
        near, far = self._level_db(power, self._near), self._level_db(power, self._far)
        fall = self._fall_db((near - far) / self._far_octaves, near - self._plan.floor_db)
        fall *= 1.0 - emphasis * self._onsets(near)
        level = near[:, np.newaxis] - np.outer(fall, self._octaves)
        level += self._moving(amount_db, len(near))
        gain = 10 ** (level / 20) / np.sqrt(self._scale)
        gain /= self._local_level(power)[:, self._source]
        added = np.zeros_like(spectra)
        added[:, :, self._added] = spectra[:, :, self._source] * gain
        return added

    def _level_db(self, power: Floats, bins: slice) -> Floats:
        return np.asarray(10 * np.log10(power[:, bins].mean(axis=1) * self._scale + 1e-24))

    def _fall_db(self, slope: Floats, above: Floats) -> Floats:
        """Return the fall in dB per octave above the edge."""
        growth = (self._plan.edge_hz / REFERENCE_EDGE_HZ) ** GROWTH_WITH_EDGE
        return np.asarray(
            FALL_DB
            + FALL_PER_DB_ABOVE_FLOOR * growth * np.clip(above, 0.0, 60.0)
            - FALL_PER_SLOPE * np.clip(slope, -40.0, 10.0)
        )

    def _onsets(self, near: Floats) -> Floats:
        """Return 0 for a steady frame to 1 for one that rises far above those before it."""
        rises = np.empty_like(near)
        for index, level in enumerate(near):
            usual = level if self._usual_db is None else self._usual_db
            rises[index] = level - usual
            self._usual_db = max(self._plan.floor_db, level + self._decay * (usual - level))
        return np.clip(rises / ONSET_DB, 0.0, 1.0)

    def _moving(self, amount_db: float, frames: int) -> Floats:
        """Return the amount for every frame, on a line from that of the group before."""
        before = amount_db if self._amount_db is None else self._amount_db
        self._amount_db = amount_db
        return before + (amount_db - before) * np.arange(1, frames + 1)[:, np.newaxis] / frames

    def _local_level(self, power: Floats) -> Floats:
        """Return the root mean square around every bin."""
        width = 2 * self._reach + 1
        padded = np.pad(power, ((0, 0), (self._reach + 1, self._reach)), mode="edge")
        sums = padded.cumsum(axis=1)
        mean = np.maximum(sums[:, width:] - sums[:, :-width], 0.0) / width
        floor = 1e-9 * power.mean(axis=1, keepdims=True) + 1e-30
        return np.asarray(np.sqrt(mean + floor))
