"""Where a recording's band ends: the wall of a codec, a resampler or a band-limited medium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.fifo import SampleFifo

Floats = NDArray[np.float64]

LOWEST_EDGE_HZ = 2_000.0
"""Below it a fall is an instrument's, not a medium's."""

TONE_DB = 60.0
"""A band whose median lies so far below its loudest bin is a tone."""

LOWEST_BAND_HZ, BANDS_PER_OCTAVE, HISTOGRAM_DB = 500.0, 6, 220
"""Bands whose levels are counted in steps of 1 dB, from -200 to +20 dB; a sixth of an octave."""

SEARCH_STEP = 2.0 ** (1 / 96)
"""Ratio of two edges that are tried: a sixteenth of those bands."""


@dataclass(frozen=True)
class BandEdge:
    """The upper end of a recording's band.

    Parameters
    ----------
    edge_hz : float
        Where the level has fallen by 10 dB from that just below (6 dB on a slope).
    end_hz : float
        Where it has fallen half-way down, in dB: the band ends here.
    drop_db : float
        Level below the edge over the level above it.
    is_wall : bool
        True where the fall takes a few percent of the frequency, False for a slope of up to
        two thirds of an octave.
    """

    edge_hz: float
    end_hz: float
    drop_db: float
    is_wall: bool


@dataclass(frozen=True)
class _Shape:
    """Bands to compare, as factors of the edge's frequency, and the fall that makes an edge.

    The fall counts as far as it exceeds the one from ``before`` to ``below``, carried on. Above
    ``highest``, a share of the Nyquist frequency, it is the converter's own filter.
    """

    before: tuple[float, float]
    below: tuple[float, float]
    above: tuple[float, float]
    drop_db: float
    highest: float
    edge_db: float


_WALL = _Shape((0.72, 0.84), (0.85, 0.97), (1.03, 1.12), 25.0, 0.9, 10.0)
_SLOPE = _Shape((0.42, 0.56), (0.6, 0.8), (1.25, 1.5), 45.0, 0.6, 6.0)


class LongTermSpectrum:
    """Mean power spectrum of a stream and its quietest moments, over all channels and frames.

    Powers are scaled so that white noise of unit variance has 1 in every bin.

    Parameters
    ----------
    channels : int
        Rows of every block.
    sample_rate : float
        In Hz; a frame takes about 93 ms.
    """

    def __init__(self, channels: int, sample_rate: float) -> None:
        self.frame = int(2 ** np.round(np.log2(0.0929 * sample_rate)))
        self.sample_rate = sample_rate
        self.frames, self.position = 0, -1
        self._fifo = SampleFifo(channels)
        self._window = np.hanning(self.frame + 1)[:-1] ** 2  # its skirts fall fast
        self._sum = np.zeros(self.frame // 2 + 1)
        count = int(BANDS_PER_OCTAVE * np.log2(sample_rate / 2 / LOWEST_BAND_HZ))
        borders = LOWEST_BAND_HZ * 2.0 ** (np.arange(max(1, count) + 1) / BANDS_PER_OCTAVE)
        self._borders = np.round(borders / sample_rate * self.frame).astype(int)
        self._histogram = np.zeros((len(borders) - 1, HISTOGRAM_DB), np.int64)

    def push(self, block: Rows) -> None:
        """Take samples; frames of digital silence do not count."""
        self._fifo.push(block)
        while len(self._fifo) >= self.frame:
            rows = self._fifo.pop(self.frame)
            self.position += 1
            if rows.any():
                self._take(self._power(rows))

    def _take(self, power: Floats) -> None:
        """Count a frame that is not silent."""
        self._sum += power
        self._count_levels(power)
        self.frames += 1

    def _count_levels(self, power: Floats) -> None:
        sums = np.add.reduceat(power, self._borders)[:-1] / np.diff(self._borders)
        level = np.clip(power_to_db(sums + 1e-24) + HISTOGRAM_DB - 20, 0, HISTOGRAM_DB - 1)
        self._histogram[np.arange(len(level)), level.astype(int)] += 1

    def floor_db(self, low: float, high: float, share: float = 0.03) -> float:
        """Return the level per bin that the band has in its quietest ``share`` of frames."""
        first, last = np.searchsorted(
            self._borders, np.array([low, high]) / self.sample_rate * self.frame
        )
        last = min(max(first + 1, last), len(self._histogram))
        counts = self._histogram[min(first, last - 1) : last].sum(axis=0).cumsum()
        return float(np.searchsorted(counts, share * counts[-1])) + 20.5 - HISTOGRAM_DB

    def _power(self, rows: Rows) -> Floats:
        spectra = np.fft.rfft(rows * self._window, axis=1)
        power = spectra.real**2 + spectra.imag**2
        return np.asarray(power.mean(axis=0) / np.sum(self._window**2))

    @property
    def power(self) -> Floats:
        """Mean power per bin, shape ``(frame // 2 + 1,)``."""
        return self._sum / max(1, self.frames)


def measure_edge(audio: Rows, sample_rate: float) -> BandEdge | None:
    """Return the edge of a whole signal, shape ``(channels, samples)``, or None."""
    spectrum = LongTermSpectrum(audio.shape[0], sample_rate)
    spectrum.push(audio)
    return find_edge(spectrum.power, sample_rate)


def find_edge(power: Floats, sample_rate: float) -> BandEdge | None:
    """Find where a long-term spectrum falls and stays down.

    Parameters
    ----------
    power : ndarray of float64, shape (bins,)
        Mean power from 0 Hz to the Nyquist frequency.
    sample_rate : float
        In Hz.

    Returns
    -------
    BandEdge or None
        None for a full band, for silence, and for tones with nothing between them.
    """
    levels = _Levels(power, sample_rate / 2)
    for shape in (_WALL, _SLOPE):
        found = _search(levels, shape)
        if found is not None:
            return found
    return None


class _Levels:
    """Smoothed levels in dB, asked for by frequency."""

    def __init__(self, power: Floats, nyquist: float) -> None:
        smooth = np.convolve(power, np.full(5, 0.2), "same")
        self.db = power_to_db(smooth + 1e-24)
        self.nyquist = nyquist

    def index(self, hertz: float) -> int:
        return round(hertz / self.nyquist * (len(self.db) - 1))

    def quantile(self, low: float, high: float, share: float) -> float:
        part = self.db[self.index(low) : max(self.index(low) + 1, self.index(high))]
        place = share * (len(part) - 1)  # as np.quantile, without its checks: a search asks often
        at = min(int(place), max(0, len(part) - 2))
        near = np.partition(part, (at, min(at + 1, len(part) - 1)))
        below, above = near[at], near[min(at + 1, len(part) - 1)]
        return float(below + (place - at) * (above - below))


def _search(levels: _Levels, shape: _Shape) -> BandEdge | None:
    top = 0.98 * levels.nyquist
    best, drop, most = 0.0, 0.0, shape.drop_db
    hertz = LOWEST_EDGE_HZ
    while hertz <= shape.highest * levels.nyquist and hertz * shape.above[0] < 0.97 * top:
        fall, carried_on = _fall(levels, hertz, shape, top)
        if fall - carried_on > most:
            best, drop, most = hertz, fall, fall - carried_on
        hertz *= SEARCH_STEP
    if not best:
        return None
    edge, end = _flank(levels, best, shape, drop)
    return BandEdge(edge, end, drop, shape is _WALL)


def _fall(levels: _Levels, hertz: float, shape: _Shape, top: float) -> tuple[float, float]:
    """Return the fall at a frequency in dB, and what the slope below it would have given."""
    before, below = (
        levels.quantile(low * hertz, high * hertz, 0.5) for low, high in (shape.before, shape.below)
    )
    loudest = levels.quantile(shape.below[0] * hertz, shape.above[0] * hertz, 1.0)
    if below < loudest - TONE_DB:  # a tone's skirts, not a band
        return 0.0, 0.0
    start = shape.above[0] * hertz
    above = levels.quantile(start, min(top, shape.above[1] * hertz), 0.5)
    rest = levels.quantile(start, top, 0.995)  # partials above would stand out
    middles = [np.log2(low * high) for low, high in (shape.before, shape.below, shape.above)]
    distance = (middles[2] - middles[1]) / (middles[1] - middles[0])
    return below - max(above, rest), max(0.0, before - below) * float(distance)


def _flank(levels: _Levels, near: float, shape: _Shape, drop: float) -> tuple[float, float]:
    """Return where the level leaves that below, and where half of the fall is, near an edge."""
    low, high = shape.below[0] * near, min(shape.above[1] * near, levels.nyquist)
    plateau = levels.quantile(low, shape.below[1] * near, 0.5)
    end = _last_above(levels, low, high, plateau - drop / 2)
    if shape is _WALL:
        low = 0.88 * end
        plateau = levels.quantile(low, 0.95 * end, 0.5)
    return _last_above(levels, low, end, plateau - shape.edge_db), end


def _last_above(levels: _Levels, low: float, high: float, threshold: float) -> float:
    first, last = levels.index(low), levels.index(high)
    loud = np.flatnonzero(levels.db[first : last + 1] >= threshold)
    at = first + (int(loud[-1]) if len(loud) else 0)
    return at / (len(levels.db) - 1) * levels.nyquist
