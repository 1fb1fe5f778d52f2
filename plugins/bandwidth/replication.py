"""Continue a band above its edge: copy the octave below upwards under a predicted envelope.

Translation by whole patches is that of spectral band replication (Dietz, Liljeryd, Kjoerling,
Kunz, "Spectral Band Replication", AES 112, 2002). The translation is a multiple of the bins that
turn by whole cycles in a hop, so each patch is a plain single-sideband shift: transients keep
their time, tones stay tones.

The envelope is a straight fall, whose coefficients were fitted, or a trained network's bands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_amplitude, power_to_db
from restorack.dsp.stft import Spectra, square_root_hann
from restorack.plugins.bandwidth.features import LongTerm

Floats = NDArray[np.float64]

ONSET_SECONDS, ONSET_DB = 0.1, 20.0
"""Memory of the usual level, and the rise above it that is an onset beyond doubt."""

FLATTEN_HZ = 200.0
"""Width over which the copied octave is brought to one level: partials rise less above what lies
between them the higher they are."""


@dataclass(frozen=True)
class Continuation:
    """What is continued.

    Parameters
    ----------
    edge_hz : float
        End of the recorded band.
    top_hz : float
        End of what is added.
    whole : LongTerm
        Spectrum and floor of the recording.
    """

    edge_hz: float
    top_hz: float
    whole: LongTerm


class Envelope(Protocol):
    """Levels of the bins to add, from the power of the frames; possibly some frames late."""

    delay: int

    def push(self, power: Floats) -> Floats:
        """Take frames, return as many rows of levels in dB over that just below the edge."""

    def emphasised(self, levels: Floats, onsets: Floats, emphasis: float) -> Floats:
        """Return levels that stand out where there is an onset, 0 to 1 by frame."""


class BandContinuation:
    """The spectra to add above an edge, group by group of frames.

    Parameters
    ----------
    plan : Continuation
        Edge, top and what is known of the recording.
    sample_rate : float
        In Hz.
    frame, hop : int
        Of the analysis, with square-root Hann windows.
    envelope : callable
        Makes the envelope from the plan, the distance of the bins in Hz, and the bins to add.
    waiting : int
        Frames of silence that came before, and are due first.
    """

    def __init__(
        self,
        plan: Continuation,
        sample_rate: float,
        frame: int,
        hop: int,
        envelope: Callable[[Continuation, float, NDArray[np.int_]], Envelope],
        waiting: int = 0,
    ) -> None:
        bin_hz = sample_rate / frame
        edge = plan.edge_hz / bin_hz
        whole_turns = frame // hop
        shift = max(whole_turns, int(0.47 * edge) // whole_turns * whole_turns)
        first = int(0.97 * edge)
        bins = np.arange(first, min(frame // 2, int(plan.top_hz / bin_hz)))
        self._added = slice(first, first + len(bins))
        self._source = bins - ((bins - first) // shift + 1) * shift
        self._near = slice(int(edge * 2 ** (-1 / 3)), first)
        self._floor_db = plan.whole.floor_db(plan.edge_hz * 2 ** (-1 / 3), plan.edge_hz)
        self._envelope = envelope(plan, bin_hz, bins)
        self._held: Spectra | None = None
        self._waiting = waiting
        self._scale = 1.0 / np.sum(square_root_hann(frame) ** 2)
        self._reach = max(2, round(FLATTEN_HZ / 2 / bin_hz))
        self._decay = float(np.exp(-hop / (ONSET_SECONDS * sample_rate)))
        self._usual_db: float | None = None
        self._amount_db: float | None = None

    def __call__(self, spectra: Spectra, amount_db: float, emphasis: float) -> Spectra:
        """Return the spectra to add for the frames that are due.

        Parameters
        ----------
        spectra : ndarray of complex128, shape (channels, frames, bins)
            All channels get one gain, so that the stereo image is carried upwards.
        amount_db : float
            Level relative to the predicted one; reached by the end of the group.
        emphasis : float
            0 to 1: how much onsets stand out.
        """
        levels = self._envelope.push(self._power(spectra))
        due = self._due(spectra)
        count = due.shape[1]
        if not count:
            return due
        power = self._power(due)
        near = power_to_db(power[:, self._near].mean(axis=1) + 1e-24)
        onsets = self._onsets(near)[:, np.newaxis]
        level = near[:, np.newaxis] + self._envelope.emphasised(levels[-count:], onsets, emphasis)
        level += self._moving(amount_db, count)
        gain = db_to_amplitude(level) / self._local_level(power)[:, self._source]
        added = np.zeros_like(due)
        added[:, :, self._added] = due[:, :, self._source] * gain
        return added

    def _power(self, spectra: Spectra) -> Floats:
        power = (spectra.real**2 + spectra.imag**2).mean(axis=0)
        return np.asarray(power * self._scale)

    def _due(self, spectra: Spectra) -> Spectra:
        """Return the frames whose envelope has come."""
        if self._held is None:
            shape = (spectra.shape[0], self._waiting, spectra.shape[2])
            self._held = np.zeros(shape, spectra.dtype)
        joined = np.concatenate([self._held, spectra], axis=1)
        ready = max(0, joined.shape[1] - self._envelope.delay)
        self._held = joined[:, ready:]
        return joined[:, :ready]

    def _onsets(self, near: Floats) -> Floats:
        """Return 0 for a steady frame to 1 for one that rises far above those before it."""
        rises = np.empty_like(near)
        for index, level in enumerate(near):
            usual = level if self._usual_db is None else self._usual_db
            rises[index] = level - usual
            self._usual_db = max(self._floor_db, level + self._decay * (usual - level))
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
