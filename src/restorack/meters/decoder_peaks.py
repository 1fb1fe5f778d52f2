"""Peaks that decoders of generated music leave: a comb of fixed frequencies under everything.

Transposed convolutions leave peaks at multiples of the decoder's rate over its strides (Afchar et
al., A Fourier explanation of AI-music artifacts, ISMIR 2025). The mean of log spectra over the
file shows them: music moves, they stay. What else stays is told apart by number: each frequency
that a decoder can have is tried, and the places where its peaks would be are ranked among the
bins around them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.frame_transform import frame_spectra, mean_power

Floats = NDArray[np.float64]

DECODER_RATES_HZ = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Sample rates that decoders of generated music and speech have."""
PRIMES = (2, 3, 5)
"""Strides are products of these; so are the products of strides."""
LOWEST_HZ, HIGHEST_HZ = 40.0, 6_000.0
"""Fundamentals that are looked for: closer peaks merge, and of farther ones there are too few."""
FROM_HZ = 1_000.0
"""Below it are hum and the partials of every held note."""
TOP_HZ = 24_000.0
"""Half the highest of them."""
TOPS_HZ = (8_000.0, 12_000.0, 16_000.0, TOP_HZ)
"""Halves of decoders' rates: a comb may end there, whatever the file's rate is."""
LEAST_PEAKS = 4
"""Of a comb; of fewer there is no telling. By hand."""

FRAME_S = 0.75
"""Length of a transform, so that peaks 1.3 Hz wide stand apart. By hand."""
LEAST_FRAMES = 4
"""Spectra that a mean is made of, at least. By hand."""
NEAR_BINS = 25
"""To either side of a bin: what its level is held against."""
RANKED_BINS = 1024
"""In a row: what a peak's place is ranked among."""
BAND_DB = 75.0
"""The band ends where the spectrum lies so far below its level at 1 to 4 kHz."""

STANDS = 0.06
"""Share of the bins around that are as high as a peak, at most. Tried on 24 clean recordings."""
STANDS_DB = 1.5
"""A peak stands where so few bins around are as high, and it so far over them."""
LEAST_SHARE = 0.3
"""Of the peaks must stand; kernels have zeros, and music hides some."""
MOST_OF_POWER = 10.0**-1.5
"""A comb that is louder within the whole is the music: a drone, a test tone."""


@dataclass(frozen=True)
class DecoderComb:
    """Peaks at multiples of a fundamental.

    Parameters
    ----------
    fundamental_hz : float
    peaks_hz : ndarray of float64
        Those that stand out, rising.
    over_db : ndarray of float64
        Each one's level over the spectrum around, means of dB over the file.
    share : ndarray of float64
        Each one's part of the power of all frequencies, frame by frame in the mean (of dB).
    possible : int
        Places in the band where peaks could be.
    confidence : float
        0.5 to 1: 0.5 is just enough.
    """

    fundamental_hz: float
    peaks_hz: Floats
    over_db: Floats
    share: Floats
    possible: int
    confidence: float


class DecoderPeakMeter:
    """Gather the mean log spectrum of a stream and look for a decoder's comb in it.

    Parameters
    ----------
    channels : int
        Rows of every block.
    sample_rate : float
        In Hz.
    """

    def __init__(self, channels: int, sample_rate: float) -> None:
        self._size = 2 ** round(np.log2(FRAME_S * sample_rate))
        self._rate = sample_rate
        self._window = np.hanning(self._size + 1)[:-1]
        self._fifo = SampleFifo(channels)
        self._past = np.zeros((channels, 0), np.float32)
        self._sum = np.zeros(self._size // 2 + 1)
        self._power = np.zeros(self._size // 2 + 1)
        self._total = 0.0
        self.frames = 0

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        hop = self._size // 2
        while len(self._fifo) >= hop:
            fresh = self._fifo.pop(hop)
            joined = np.concatenate([self._past, fresh], axis=1)
            self._past = fresh
            if joined.shape[1] == self._size:
                self._add(joined)

    def _add(self, samples: Rows) -> None:
        power = mean_power(frame_spectra(samples, self._window, self._size))[0]
        if float(power.sum()) > 1e-20:
            self._sum += np.log(power + 1e-30)
            self._power += power
            self._total += float(np.log(power.sum()))
            self.frames += 1

    def result(self, fundamental_hz: float = 0.0) -> DecoderComb | None:
        """Return the comb that was found, or None.

        Parameters
        ----------
        fundamental_hz : float
            Take its multiples where they stand out, whatever else they could be; 0: look.
        """
        if self.frames < LEAST_FRAMES:
            return None
        frames = self.frames
        places = Places(self._sum / frames, self._total / frames, self._rate / self._size)
        if fundamental_hz:
            comb = places.comb(fundamental_hz, LEAST_EVIDENCE)
            return comb if len(comb.peaks_hz) else None
        return find_comb(places, self._power / frames)


LEAST_EVIDENCE = 15.0
"""Of chance, minus its natural logarithm: 3e-7 for each of some 200 fundamentals."""
FINER_EVIDENCE, FINER_PEAKS = 8.0, 2
"""Of a comb with closer peaks that holds one already found, from its other peaks."""
MAINS_HZ = (50.0, 60.0, 100.0, 120.0)
"""Rectifiers double it."""
ABOVE_BUZZ_DB = 6.0
"""A decoder's peaks are so much higher than those of a mains comb that they may lie on."""


def find_comb(places: Places, power: Floats) -> DecoderComb | None:
    """Return the comb in a spectrum, or None.

    Parameters
    ----------
    places : Places
        Of the mean log spectrum.
    power : ndarray of float64, shape (bins,)
        Mean power of the same frames.
    """
    known = {hertz: places.evidence(hertz) for hertz in fundamentals_hz()}
    likely = {hertz: found for hertz, found in known.items() if found >= LEAST_EVIDENCE}
    if not likely:
        return None
    fundamental = max(likely, key=lambda hertz: likely[hertz])
    for coarser in _multiples(fundamental, likely):
        if not places.has_finer(coarser, fundamental):
            fundamental = coarser
    finer = [one for one in known if fundamental in _multiples(one, [fundamental])]
    finer = [one for one in finer if places.has_finer(fundamental, one)]
    fundamental = max(finer, default=fundamental)
    comb = places.comb(fundamental, max(likely.values()))
    is_sound = places.part_of_power(power, comb) > MOST_OF_POWER
    return None if is_sound or places.is_buzz(comb) else comb


def _multiples(hertz: float, among: Iterable[float]) -> list[float]:
    """Return those that are twice a frequency, or another whole number of times."""
    ratios = [(one, one / hertz) for one in among]
    return [one for one, ratio in ratios if ratio > 1.5 and abs(ratio - round(ratio)) < 1e-6]


@lru_cache(maxsize=1)
def fundamentals_hz() -> tuple[float, ...]:
    """Return every fundamental that is looked for: a rate over a product of strides."""
    products = {1}
    for prime in PRIMES:
        products = {p * prime**n for p in products for n in range(11) if p * prime**n <= 1200}
    found = {round(rate / p, 6) for rate in DECODER_RATES_HZ for p in products}
    found -= set(MAINS_HZ)
    return tuple(sorted(hertz for hertz in found if LOWEST_HZ <= hertz <= HIGHEST_HZ))


class Places:
    """Where peaks of a spectrum are, and how rare ones of their height are around.

    Parameters
    ----------
    log_power : ndarray of float64, shape (bins,)
        Mean over frames of the natural logarithm of power, from 0 Hz on.
    log_total : float
        Mean of the logarithm of all bins' power.
    bin_hz : float
        Distance of bins, about 1 Hz.
    """

    def __init__(self, log_power: Floats, log_total: float, bin_hz: float) -> None:
        from scipy.ndimage import maximum_filter1d, median_filter

        self._bin_hz, self._log_power, self._log_total = bin_hz, log_power, log_total
        level_db = 10.0 / np.log(10.0) * log_power
        self._level_db = level_db
        self._over_db = level_db - median_filter(level_db, 2 * NEAR_BINS + 1, mode="nearest")
        is_highest = self._over_db >= maximum_filter1d(self._over_db, 5, mode="nearest")
        self._peaks_db = np.where(is_highest, self._over_db, -np.inf)
        whole = self._peaks_db[: len(level_db) // RANKED_BINS * RANKED_BINS]
        self._ranked = np.sort(whole.reshape(-1, RANKED_BINS), axis=1)
        self._top_hz = self._band_end()

    def _band_end(self) -> float:
        """Return where the band ends: above, dither or nothing is left."""
        bins = max(1, round(100.0 / self._bin_hz))
        count = len(self._level_db) // bins
        bands = np.median(self._level_db[: count * bins].reshape(count, bins), axis=1)
        middle = float(np.median(bands[10:40])) if count > 10 else 0.0
        live = np.flatnonzero(bands[:-1] > middle - BAND_DB) if count > 10 else np.zeros(0, int)
        return min(TOP_HZ, 100.0 * float(live[-1] + 1)) if live.size else 0.0

    def orders(self, hertz: float) -> NDArray[np.int_]:
        """Return the numbers of the multiples in the band."""
        return np.arange(int(np.ceil(FROM_HZ / hertz)), int(self._top_hz / hertz) + 1)

    def chances(self, hertz: float, orders: NDArray[np.int_]) -> tuple[Floats, Floats]:
        """Return the share of bins around each multiple that are as high, and its excess in dB.

        Other multiples among the bins around do not count.
        """
        low = np.floor(orders * hertz / self._bin_hz).astype(int)
        height = np.maximum(self._peaks_db[low], self._peaks_db[low + 1])
        block = np.minimum(low // RANKED_BINS, len(self._ranked) - 1)
        as_high = np.zeros(len(low), int)
        for one in np.unique(block):
            inside = block == one
            all_high = RANKED_BINS - np.searchsorted(self._ranked[one], height[inside])
            own = np.sort(height[inside])
            as_high[inside] = all_high - (len(own) - np.searchsorted(own, height[inside]))
        # Two bins were looked at; itself is one that is as high.
        share = 2.0 * (np.maximum(0, as_high) + 1.0) / (RANKED_BINS + 1.0)
        return np.where(np.isfinite(height), np.minimum(1.0, share), 1.0), height

    def evidence(self, hertz: float, apart_from: int = 0, least_peaks: int = LEAST_PEAKS) -> float:
        """Return minus the log of the chance that a comb's places are so high (Fisher 1925).

        Those whose number ``apart_from`` divides are left out.
        """
        from scipy.special import gammaincc

        orders = self.orders(hertz)
        if apart_from:
            orders = orders[orders % apart_from != 0]
        if len(orders) < least_peaks:
            return 0.0
        share, over = self.chances(hertz, orders)
        stands = np.cumsum((share <= STANDS) & (over >= STANDS_DB))
        counts = np.unique(np.searchsorted(orders * hertz, TOPS_HZ, side="right"))
        counts = counts[counts >= least_peaks]
        counts = counts[stands[counts - 1] >= np.maximum(least_peaks, LEAST_SHARE * counts)]
        if not counts.size:
            return 0.0
        total = -np.cumsum(np.log(share))[counts - 1]
        return float(-np.log(gammaincc(counts, total) + 1e-300).max())

    def has_finer(self, hertz: float, finer: float) -> bool:
        """Return whether a comb of closer peaks shows also without those of a known one."""
        found = self.evidence(finer, round(hertz / finer), FINER_PEAKS)
        return found > FINER_EVIDENCE

    def comb(self, hertz: float, evidence: float) -> DecoderComb:
        """Return the comb of a fundamental."""
        orders = self.orders(hertz)
        share, over = self.chances(hertz, orders)
        stands = (share <= STANDS) & (over >= STANDS_DB)
        return DecoderComb(
            hertz,
            np.asarray(orders[stands] * hertz),
            over[stands],
            self._shares(np.asarray(orders[stands] * hertz, np.float64)),
            len(orders),
            round(1.0 - 0.5 ** (evidence / LEAST_EVIDENCE), 2),
        )

    def _shares(self, hertz: Floats) -> Floats:
        low = np.floor(hertz / self._bin_hz).astype(int)
        highest = np.maximum(self._log_power[low], self._log_power[low + 1])
        return np.asarray(np.exp(highest - self._log_total))

    def is_buzz(self, comb: DecoderComb) -> bool:
        """Return whether a comb is a part of that of the mains: its peaks are no higher."""
        for mains in MAINS_HZ:
            if not _multiples(mains, [comb.fundamental_hz]):
                continue
            ratio = round(comb.fundamental_hz / mains)
            orders = self.orders(mains)
            share, over = self.chances(mains, orders)
            others = (orders % ratio != 0) & (share <= STANDS) & (over >= STANDS_DB)
            has_others = self.evidence(mains, ratio) > LEAST_EVIDENCE
            if has_others and np.median(comb.over_db) < np.median(over[others]) + ABOVE_BUZZ_DB:
                return True
        return False

    def part_of_power(self, power: Floats, comb: DecoderComb) -> float:
        """Return the part of all power that the peaks have, over what is around them."""
        at = np.rint(comb.peaks_hz / self._bin_hz).astype(int)[:, np.newaxis]
        near = power[np.clip(at + np.arange(-8, 9), 0, len(power) - 1)]
        around = np.median(near, axis=1, keepdims=True)
        return float(np.maximum(near[:, 5:12] - around, 0.0).sum() / power.sum())
