"""The noise floor of a recording, estimated from the music itself.

The plane of time and frequency is cut into patches. In a patch of stationary Gaussian noise
the powers are exponentially distributed, so that the ratio of two of their quantiles is known;
in a patch of partials or attacks the ratio is larger. Patches that look like noise are counted
in histograms of their level, and the floor of a band is the lowest level at which they gather.
Sustained music is not taken for noise since its partials stand in silence or in noise, never
in a plateau; music that looks like noise (cymbals, breath) moves in level, noise gathers.

The idea descends from minimum statistics [1]_ and quantile-based estimation [2]_.

References
----------
.. [1] R. Martin, "Noise power spectral density estimation based on optimal smoothing and
   minimum statistics", IEEE Trans. Speech Audio Process. 9(5), 2001.
.. [2] V. Stahl, A. Fischer, R. Bippus, "Quantile based noise estimation for spectral
   subtraction and Wiener filtering", Proc. ICASSP 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.meters.histogram_floor.bands import (
    SURE,
    BandFloor,
    band_floors,
    bridge_unsure_bands,
    corroborated,
    estimated_floors,
    followed_floors,
    local_floors,
)
from restorack.meters.histogram_floor.level_histogram import LevelHistogram
from restorack.meters.histogram_floor.meter import PatchMeter, mean_density_db, total_power
from restorack.meters.histogram_floor.noise_passages import NoiseRun, RunFinder
from restorack.meters.histogram_floor.patch_histogram import LevelHistograms
from restorack.meters.histogram_floor.rumble_floor import LowFloorMeter, with_rumble

Floats: TypeAlias = NDArray[np.float64]

# Seconds that a floor holds for; SNR of a recording that is left alone; share of the bands that
# must be sure; segments of a file that has one floor, a minute. By hand.
SEGMENT_S = 20.0
CLEAN_SNR_DB = 50.0
LEAST_CONFIDENT_BANDS = 0.15
SHORT_FILE_SEGMENTS = 3
BOLD_SNR_DB, WARY_SNR_DB = 20.0, 30.0
"""Between them a judged floor gives way to the bridged one in unsure bands; on held-out scenes."""
RUMBLING_SNR_DB = (30.0, 26.0)
"""SNR up to which rumble counts, not at all and wholly; as noise_floor.rumble has it."""


@dataclass(frozen=True)
class NoiseFloor:
    """A noise floor over time and frequency.

    Parameters
    ----------
    frequencies_hz : ndarray, shape (bands,)
        Rising.
    times_s : ndarray, shape (times,)
        Rising; one time for a floor that stands still.
    density_db : ndarray, shape (times, bands)
        Power density in dB; white noise of variance 1 has 0 dB at every frequency.
    confidence : ndarray, shape (bands,)
        From 0 to 1: how surely steady noise has this level.
    source : str
        ``music``, ``lead-in``, ``gap``, ``region`` or ``file``.
    snr_db : float or None
        Mean power of the recording without the floor, over the floor's, in dB; None where the
        recording was not heard.
    """

    frequencies_hz: Floats
    times_s: Floats
    density_db: Floats
    confidence: Floats
    source: str
    snr_db: float | None

    @property
    def is_still(self) -> bool:
        """Whether the density is the same at all times."""
        return len(self.times_s) == 1

    def density(self, frequencies_hz: Floats, seconds: float) -> Floats:
        """Return the power density at frequencies in Hz and a time in seconds."""
        at = float(np.interp(seconds, self.times_s, np.arange(len(self.times_s))))
        low = int(at)
        high = min(low + 1, len(self.times_s) - 1)
        now = self.density_db[low] * (1.0 - (at - low)) + self.density_db[high] * (at - low)
        return np.asarray(db_to_power(np.interp(frequencies_hz, self.frequencies_hz, now)))

    def octaves(self) -> dict[str, float]:
        """Return the mean level per octave band: its centre in Hz, the density in dB."""
        mean = self.density_db.mean(axis=0)
        found = {}
        for centre in (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000):
            if centre < self.frequencies_hz[-1]:
                grid = centre * 2.0 ** np.linspace(-0.5, 0.5, 9)
                level = np.interp(grid, self.frequencies_hz, mean).mean()
                found[f"{centre:g}"] = round(float(level), 1)
        return found


class NoisePsdEstimator(Protocol):
    """What looks at a noise picture and says where the floor is."""

    def __call__(
        self, counts: NDArray[np.int32], patches: int, mean_db: float, centres_hz: Floats
    ) -> tuple[Floats, Floats]:
        """Return levels in dB and how sure they are, 0 to 1, of all bands or the lower ones.

        Parameters
        ----------
        counts : ndarray, shape (kinds, bands, levels)
            Of a :class:`~restorack.meters.histogram_floor.level_histogram.LevelHistogram`.
        patches : int
            How many were counted.
        mean_db : float
            Mean power density of what was heard, as at 44.1 kHz.
        centres_hz : ndarray, shape (bands,)
            The bands' centres.
        """


def _enough(segments: list[list[BandFloor]]) -> bool:
    """Return whether enough bands are sure for a floor to be believed."""
    sureness = [[one.confidence for one in floors] for floors in segments]
    sure = corroborated(np.mean(sureness, axis=0))
    return float(np.mean(sure > SURE)) >= LEAST_CONFIDENT_BANDS


class NoiseFloorEstimator:
    """Estimate the noise floor of a stream; memory grows by 0.8 MB a minute.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows; the floor is that of their mean power.
    judge : NoisePsdEstimator, optional
        Says where each band's floor is. Without it levels at which noise-like patches gather
        are looked for, and unsure bands are bridged from sure ones.

    Notes
    -----
    Frames last about 93 ms and overlap by half, a patch spans four of them and a band of
    about a sixth of an octave. Histograms are kept for segments of 20 s. In files of more than
    a minute each segment has its own floor, so that it follows a level that changes over a
    record side; but never more than 8 dB above the file's, since applause is noise too.
    """

    def __init__(
        self, sample_rate: float, channels: int, judge: NoisePsdEstimator | None = None
    ) -> None:
        self._rate = sample_rate
        self._judge = judge
        self._meter = PatchMeter(sample_rate, channels)
        self._histograms: list[LevelHistograms] = []
        self._per_segment = max(1, round(SEGMENT_S / self._meter.seconds))
        self._patches = 0
        self._power = 0.0
        self._picture = LevelHistogram(self._meter.sizes) if judge else None
        self._settled: dict[int, list[list[BandFloor]]] = {}
        self._runs = RunFinder(self._meter.seconds)
        self._low = LowFloorMeter(sample_rate, channels) if judge else None

    def push(self, block: Rows) -> None:
        """Take samples."""
        if self._low is not None:
            self._low.push(block)
        for patch in self._meter.push(block):
            if self._patches % self._per_segment == 0:
                self._histograms.append(LevelHistograms(self._meter.sizes))
            like_noise = self._histograms[-1].add(patch.levels_db, patch.ratios_db)
            if self._picture is not None:
                self._picture.add(patch.levels_db, patch.ratios_db)
            self._power += total_power(patch.spectrum)
            self._runs.add(patch.levels_db, like_noise, patch.spectrum)
            self._patches += 1

    def estimate(self) -> NoiseFloor | None:
        """Return the floor of what was heard, or None where nothing is found."""
        if not self._histograms:
            return None
        whole = LevelHistograms.summed(self._histograms)
        overall = self._judged(whole, 0, self._patches)
        segments = self._followed(overall)
        enough = _enough(segments)
        run = self._runs.best(overall)
        # One pause tells the spectrum best, but over long files the level may change.
        if run is not None and (len(self._histograms) <= SHORT_FILE_SEGMENTS or not enough):
            floor = self._from_run(run)
        elif enough:
            floor = self._from_bands(segments, overall)
        else:
            return self._undecided(band_floors(whole))
        if floor.snr_db is not None and floor.snr_db >= CLEAN_SNR_DB:
            return None
        return self._with_rumble(floor)

    def _with_rumble(self, floor: NoiseFloor) -> NoiseFloor:
        """Return a floor raised to the rumble; where there is little hiss it may be the music's."""
        level_db = None if self._low is None else self._low.level_db()
        if self._low is None or level_db is None or floor.snr_db is None:
            return floor
        quiet_db, noisy_db = RUMBLING_SNR_DB
        share = float(np.clip((quiet_db - floor.snr_db) / (quiet_db - noisy_db), 0.0, 1.0))
        if share == 0.0:
            return floor
        frequencies, levels, confidence = with_rumble(
            (floor.frequencies_hz, floor.density_db, floor.confidence),
            (self._low.frequencies_hz, level_db),
            share,
        )
        return self._floor(floor.times_s, levels, frequencies, confidence, floor.source)

    def _undecided(self, gathered: list[BandFloor]) -> NoiseFloor | None:
        """Return where levels gather if a judge cannot tell, but only what is surely noisy."""
        if self._judge is None or not _enough([gathered]):
            return None
        floor = self._from_bands([gathered for _ in self._histograms], gathered)
        return floor if floor.snr_db is not None and floor.snr_db < BOLD_SNR_DB else None

    def _judged(self, heard: LevelHistograms, first: int, end: int) -> list[BandFloor]:
        """Return the floors of some patches, as the judge says or where noise gathers."""
        if self._judge is None or self._picture is None:
            return band_floors(heard)
        counts = self._picture.total
        if end - first < self._patches:
            counts = self._picture.counts(first, end)
        mean_db = mean_density_db(self._power, self._patches, self._rate)
        levels, sure = self._judge(counts, end - first, mean_db, self._meter.centres_hz)
        return estimated_floors(levels, sure, heard)

    def _followed(self, overall: list[BandFloor]) -> list[list[BandFloor]]:
        """Return the floors of every segment."""
        segments = range(len(self._histograms))
        if len(self._histograms) <= SHORT_FILE_SEGMENTS:
            return [overall for _ in segments]
        if self._judge is None:
            return [local_floors(self._around(at), overall) for at in segments]
        return followed_floors([self._around(at)[0] for at in segments], overall)

    def _from_bands(self, segments: list[list[BandFloor]], overall: list[BandFloor]) -> NoiseFloor:
        middles = np.arange(len(segments), dtype=np.float64) + 0.5
        times = middles * (self._per_segment * self._meter.seconds)
        confidence = corroborated(np.array([one.steadiness for one in overall]))
        centres = self._meter.centres_hz
        levels = np.array([bridge_unsure_bands(floors, centres) for floors in segments])
        cautious = self._floor(times, levels, centres, confidence, "music")
        if self._judge is None or cautious.snr_db is None:
            return cautious
        # In a noisy file a floor too low costs more than one too high in bands that are unsure.
        trust = np.clip((WARY_SNR_DB - cautious.snr_db) / (WARY_SNR_DB - BOLD_SNR_DB), 0.0, 1.0)
        judged = np.array([[one.level_db for one in floors] for floors in segments])
        bold = levels + trust * np.maximum(0.0, judged - levels)
        return self._floor(times, bold, centres, confidence, "music")

    def _around(self, at: int) -> list[list[BandFloor]]:
        """Return the floors of a segment where it can tell, and of it with its neighbours."""
        if at in self._settled:
            return self._settled[at]
        first, after = max(0, at - 1), at + 2
        end = min(after * self._per_segment, self._patches)
        near = LevelHistograms.summed(self._histograms[first:after])
        found = [self._judged(near, first * self._per_segment, end)]
        if self._judge is None:
            found.insert(0, band_floors(self._histograms[at]))
        # What is heard later is far from here.
        if after * self._per_segment <= self._patches:
            self._settled[at] = found
        return found

    def _from_run(self, run: NoiseRun) -> NoiseFloor:
        kernel = np.ones(9) / 9.0
        smooth = np.convolve(np.pad(run.density, 4, mode="edge"), kernel, "valid")
        frequencies = np.arange(len(smooth)) * self._rate / self._meter.frame
        # A mean is raised by partials that the bands' quantiles pass over: a fading chord.
        cap = np.interp(frequencies, self._meter.centres_hz, run.level_db) + 2.0
        level = np.minimum(power_to_db(smooth + 1e-20), cap)
        source = "lead-in" if run.begin_s < 1.0 else "gap"
        return self._floor(np.zeros(1), level[np.newaxis], frequencies, np.ones(1), source)

    def _floor(
        self, times: Floats, levels: Floats, frequencies: Floats, confidence: Floats, source: str
    ) -> NoiseFloor:
        bins = np.arange(self._meter.frame // 2 + 1) * self._rate / self._meter.frame
        floor = NoiseFloor(frequencies, times, levels, confidence, source, 0.0)
        noise = float(np.mean([total_power(floor.density(bins, time)) for time in times]))
        power = self._power / max(1, self._patches)
        ratio = max(power - noise, 1e-3 * power) / max(noise, 1e-20)
        snr = float(power_to_db(max(ratio, 1e-20)))
        return NoiseFloor(frequencies, times, levels, confidence, source, snr)
