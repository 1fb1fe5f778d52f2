"""Declipper: restores crests that were cut off, and leaves every other sample as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.core.parameters import AutoFloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db, db_to_amplitude

if TYPE_CHECKING:
    from restorack.plugins.declip.clip_map import ClipMap, Values


class Declipper(Processor):
    """Restore clipped samples: crests that ran into a limit, and were cut off flat.

    Clipping is found by its levels: flat tops that the signal enters and leaves at a slope gather
    at one level, at full scale or below it where the gain was lowered later, for each channel and
    polarity; where resampling, dither or a codec left no flat tops, samples pile up there. Clipped
    samples become what makes short-time spectra sparse, and lie at the clipping level or beyond it;
    every other sample passes bit for bit. The level is not changed: restored peaks may lie over
    full scale, where float files keep them, and others need a lower gain.

    A first pass finds the levels of the whole file; a stream without one goes by what it has
    heard.

    Notes
    -----
    After Siedenburg, Kowalski and Doerfler, "Audio declipping with social sparsity", ICASSP 2014,
    and Zaviska, Rajmic, Ozerov and Rencker, "A survey and an extensive evaluation of popular audio
    declipping methods", IEEE JSTSP 15 (1), 2021.
    """

    traits = frozenset({Trait.RESTORES})

    threshold_db = AutoFloatParameter(
        -60.0,
        24.0,
        unit="dBFS",
        description="Level from which samples are clipped, in all channels and both polarities. "
        "auto: found, for each of them and over time, in a first pass; a number needs none.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: ClipMap | None = None
        self._peak: float = 0.0
        self._clear_counts()

    @property
    def needs_preparation(self) -> bool:
        """Whether levels are looked for."""
        return bool(self.threshold_db == "auto")

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples that are ever withheld at a sample rate in Hz."""
        from restorack.plugins.declip.restoration import latency

        return latency(sample_rate)

    def findings(self) -> dict[str, Any]:
        """Return what was restored in the latest stream.

        ``clipped_samples`` and ``clipped_runs`` count all channels, ``over_full_scale`` restored
        samples beyond full scale; ``peak_dbfs`` is the highest restored one.
        """
        peak = self._peak
        return {
            "samples": self._samples,
            "clipped_samples": self._clipped,
            "clipped_runs": self._runs,
            "peak_dbfs": round(float(amplitude_to_db(peak)), 2) if peak > 0.0 else None,
            "over_full_scale": self._over,
        }

    def summary(self) -> str:
        """Return how many samples were restored, and how high the peaks are where it matters."""
        if not self._clipped:
            return "no clipping found, unchanged"
        share = 100.0 * self._clipped / max(self._samples, 1)
        said = f"{self._clipped:,} clipped samples restored ({share:.2g} %)"
        if self._over:
            said += f", peaks up to {amplitude_to_db(self._peak):+.1f} dBFS"
        return said

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        from restorack.meters.clipping.clip_levels import ClipLevelFinder
        from restorack.plugins.declip.clip_map import ClipMap

        finder: ClipLevelFinder | None = None
        channels = 0
        for block in blocks if self.needs_preparation else ():
            channels = len(block)
            finder = finder or ClipLevelFinder(channels)
            finder.push(block)
        if finder is not None:
            finder.finish()
            self._learned = ClipMap.of_finder(finder, channels)

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        from restorack.meters.clipping.clip_levels import ClipLevelFinder
        from restorack.plugins.declip.clip_map import ClipMap
        from restorack.plugins.declip.restoration import DeclippingStream

        self._clear_counts()
        self._last_side = np.zeros(channels, np.float32)
        self._finder: ClipLevelFinder | None = None
        self._heard = 0
        if self.threshold_db != "auto":
            level = float(db_to_amplitude(float(self.threshold_db)))
            self._map = ClipMap.of_level(level, channels)
        elif self._learned is not None:
            self._map = self._learned
        else:
            self._finder = ClipLevelFinder(channels)
        self._line = DeclippingStream(sample_rate, channels, self._mark, self._note)

    def _push(self, block: Rows) -> Rows:
        self._samples += block.size
        return self._line.push(block)

    def _finish(self) -> Rows:
        return self._line.finish()

    def _mark(self, window: Rows, first: int) -> tuple[Values, Values]:
        """Return which samples of a window are clipped, by what was learned or heard so far."""
        from restorack.plugins.declip.clip_map import ClipMap

        if self._finder is not None:
            stop = first + window.shape[1]
            self._finder.push(window[:, self._heard - stop :])
            self._heard = stop
            self._map = ClipMap.of_finder(self._finder, len(window))
        return self._map.mark(window, first)

    def _note(self, sides: Values, after: Rows) -> None:
        """Count what was restored in a block."""
        clipped = sides != 0.0
        self._clipped += int(clipped.sum())
        joined = np.concatenate([self._last_side[:, np.newaxis], sides], axis=1)
        self._runs += int(np.sum((joined[:, 1:] != joined[:, :-1]) & clipped))
        self._last_side = sides[:, -1].copy()
        if clipped.any():
            size = np.abs(after[clipped])
            self._peak = max(self._peak, float(size.max()))
            self._over += int(np.sum(size > 1.0))

    def _clear_counts(self) -> None:
        self._samples = self._clipped = self._runs = self._over = 0
        self._peak = 0.0
