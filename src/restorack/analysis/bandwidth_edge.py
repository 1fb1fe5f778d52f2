"""Where a recording's band ends: the wall of a codec, a resampler or a band-limited medium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.audio.fifo import SampleFifo
from restorack.audio.gate import Rows

Floats = NDArray[np.float64]

LOWEST_EDGE_HZ = 2_000.0
"""Below it a fall is an instrument's, not a medium's."""

FULL_BAND = 0.9
"""An edge above this share of the Nyquist frequency is the converter's own filter."""

LOWEST_BAND_HZ, BANDS_PER_OCTAVE, HISTOGRAM_DB = 500.0, 6, 220

SEARCH_STEP = 2.0 ** (1 / 96)


@dataclass(frozen=True)
class BandEdge:
    """The upper end of a recording's band.

    Parameters
    ----------
    edge_hz : float
        Where the level has fallen by 6 dB from that just below.
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
    """Bands to compare, as factors of the edge's frequency, and the fall that makes an edge."""

    below: tuple[float, float]
    above: tuple[float, float]
    drop_db: float


_WALL = _Shape((0.85, 0.97), (1.03, 1.12), 20.0)
_SLOPE = _Shape((0.6, 0.8), (1.25, 1.5), 40.0)


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
        self.frames = 0
        self._fifo = SampleFifo(channels)
        self._window = np.hanning(self.frame + 1)[:-1]
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
            if rows.any():
                power = self._power(rows)
                self._sum += power
                self._count_levels(power)
                self.frames += 1

    def _count_levels(self, power: Floats) -> None:
        sums = np.add.reduceat(power, self._borders)[:-1] / np.diff(self._borders)
        level = np.clip(10 * np.log10(sums + 1e-24) + HISTOGRAM_DB - 20, 0, HISTOGRAM_DB - 1)
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
        self.db = 10 * np.log10(smooth + 1e-24)
        self.nyquist = nyquist

    def index(self, hertz: float) -> int:
        return round(hertz / self.nyquist * (len(self.db) - 1))

    def quantile(self, low: float, high: float, share: float) -> float:
        part = self.db[self.index(low) : max(self.index(low) + 1, self.index(high))]
        return float(np.quantile(part, share))


def _search(levels: _Levels, shape: _Shape) -> BandEdge | None:
    top = 0.98 * levels.nyquist
    best, drop = 0.0, shape.drop_db
    hertz = LOWEST_EDGE_HZ
    while hertz <= FULL_BAND * levels.nyquist and hertz * shape.above[0] < 0.97 * top:
        below = levels.quantile(shape.below[0] * hertz, shape.below[1] * hertz, 0.5)
        above = levels.quantile(shape.above[0] * hertz, min(top, shape.above[1] * hertz), 0.5)
        rest = levels.quantile(shape.above[0] * hertz, top, 0.9)
        if below - max(above, rest) > drop:
            best, drop = hertz, below - max(above, rest)
        hertz *= SEARCH_STEP
    if not best:
        return None
    edge, end = _flank(levels, best, shape, drop)
    return BandEdge(edge, end, drop, shape is _WALL)


def _flank(levels: _Levels, near: float, shape: _Shape, drop: float) -> tuple[float, float]:
    """Return where the level is 6 dB down, and where half of the fall, near a coarse edge."""
    low, high = shape.below[0] * near, min(shape.above[1] * near, levels.nyquist)
    plateau = levels.quantile(low, shape.below[1] * near, 0.5)
    end = _last_above(levels, low, high, plateau - drop / 2)
    plateau = levels.quantile(0.88 * end, 0.95 * end, 0.5)
    edge = _last_above(levels, 0.88 * end if shape is _WALL else low, end, plateau - 6.0)
    return edge, end


def _last_above(levels: _Levels, low: float, high: float, threshold: float) -> float:
    first, last = levels.index(low), levels.index(high)
    loud = np.flatnonzero(levels.db[first : last + 1] >= threshold)
    at = first + (int(loud[-1]) if len(loud) else 0)
    return at / (len(levels.db) - 1) * levels.nyquist
