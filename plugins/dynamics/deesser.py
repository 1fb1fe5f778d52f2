"""DeEsser: sibilance that stands out of a voice, lowered in its own band."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import AutoFloatParameter, FloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import smooth_rise
from restorack.dsp.frame_transform import mean_power
from restorack.dsp.stft import Spectra, SpectralChange
from restorack.meters.sibilance import OVERLAP, Bands, sibilance_frame
from restorack.plugins.dynamics.sibilance import BELOW_CENTRE, SibilanceFollower

Floats = NDArray[np.float64]

GROUP = 16
"""Frames that are worked on at once."""
AHEAD = 4
"""Groups that are heard before one is worked on: 0.19 s, in which a vowel follows an s."""


class DeEsser(Processor):
    """Lower the sibilance of a voice where it stands out, and nothing else.

    A frame of 12 ms is a sibilant where the energy from 3.5 to 12 kHz exceeds that of the vowels'
    band. It is lowered by ``amount`` of what it has above ``threshold_db`` over the voice's own
    level, in the band around the centre of the sibilance: both are followed, so that neither
    level nor speaker matter. Everywhere else the input passes bit for bit. Hiss that fills much of
    the time, as of cymbals, is no sibilance.

    Notes
    -----
    The band is split by short-time spectra with linear phase; what is taken away is subtracted.
    The voice's level is known once a vowel was heard. In a dense mix, whose other parts fill the
    vowels' band, hardly anything counts as a sibilant: de-ess the voice before it is mixed.
    """

    traits = frozenset({Trait.RESTORES})

    amount = FloatParameter(
        0.7,
        0.0,
        1.0,
        description="The part of the excess that is taken off; 0 returns the input bit for bit.",
    )
    max_reduction_db = FloatParameter(
        10.0, 0.0, 24.0, unit="dB", description="Sibilance is lowered by at most this."
    )
    threshold_db = FloatParameter(
        -10.0,
        -40.0,
        20.0,
        unit="dB",
        description="Level of sibilance over that of the voice from which it is too much.",
    )
    frequency_hz = AutoFloatParameter(
        1_500.0,
        16_000.0,
        unit="Hz",
        description="What lies above is lowered; auto follows the sibilance.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._counts = {"frames": 0, "lowered": 0}
        self._most_db = self._centre = 0.0

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples."""
        frame = sibilance_frame(sample_rate)
        return SpectralChange.latency(frame, frame // OVERLAP, GROUP, AHEAD * GROUP)

    def findings(self) -> dict[str, Any]:
        """Return how much of the time sibilance was lowered, how far at most, and where it is."""
        frames = max(1, self._counts["frames"])
        return {
            "lowered_percent": round(100.0 * self._counts["lowered"] / frames, 2),
            "max_reduction_db": round(self._most_db, 1),
            "sibilance_hz": round(self._centre) if self._counts["lowered"] else None,
        }

    def summary(self) -> str:
        """Return where sibilance was, how far and how often it was lowered."""
        found = self.findings()
        if found["sibilance_hz"] is None:
            return "no sibilance above the threshold, unchanged" if self._counts["frames"] else ""
        lowered = f"lowered by up to {found['max_reduction_db']:.0f} dB"
        where = f"sibilance around {found['sibilance_hz'] / 1000.0:.1f} kHz"
        return f"{where} {lowered}, {found['lowered_percent']:.2g} % of the time"

    def _begin(self, sample_rate: float, channels: int) -> None:
        frame = sibilance_frame(sample_rate)
        hop = frame // OVERLAP
        self._hertz = np.asarray(np.fft.rfftfreq(frame, 1.0 / sample_rate), np.float64)
        self._bands = Bands(sample_rate, frame)
        self._follower = SibilanceFollower(hop / sample_rate)
        self._ahead: deque[tuple[Spectra, Floats]] = deque()
        self._changing = SpectralChange(channels, frame, hop, GROUP, self._change, AHEAD * GROUP)
        self._counts = {"frames": 0, "lowered": 0}
        self._most_db = self._centre = 0.0

    def _push(self, block: Rows) -> Rows:
        return self._changing.push(block)

    def _finish(self) -> Rows:
        return self._changing.finish()

    def _change(self, spectra: Spectra) -> Spectra:
        """Take a group of frames, return what is added to those of a group before."""
        measured = self._bands.measure(mean_power(spectra))
        for frame in measured:
            self._follower.listen(frame)
        self._ahead.append((spectra, measured))
        if len(self._ahead) <= AHEAD:
            return spectra[:, :0]
        return self._lowered(*self._ahead.popleft())

    def _lowered(self, spectra: Spectra, frames: Floats) -> Spectra:
        """Return what is added to the spectra of frames: less than nothing in their hiss."""
        removed = np.zeros(spectra.shape[1:])
        for number, measured in enumerate(frames):
            reduction = self._follower.reduction_db(
                measured, self.threshold_db, self.amount, self.max_reduction_db
            )
            if reduction > 0.0:
                removed[number] = self._share(reduction)
                self._note(reduction)
        self._counts["frames"] += len(removed)
        return -removed * spectra

    def _share(self, reduction_db: float) -> Any:
        """Return the part of each bin that is taken away."""
        centre = self._follower.centre_hz
        set_by_hand = self.frequency_hz
        edge = centre * BELOW_CENTRE if isinstance(set_by_hand, str) else set_by_hand
        band = smooth_rise(self._hertz, edge / np.sqrt(2.0), edge)
        return 1.0 - db_to_amplitude(-reduction_db * band)

    def _note(self, reduction_db: float) -> None:
        self._counts["lowered"] += 1
        self._centre += (self._follower.centre_hz - self._centre) / self._counts["lowered"]
        self._most_db = max(self._most_db, reduction_db)
