"""How fast the record turned: what recurs in its noise and in its clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.sections import butterworth, filtered
from restorack.meters.histogram_floor.estimate import NoiseFloor

Floats = NDArray[np.float64]

# Levels a second, 2.3 degrees of a 78 apart; bands in Hz that surface noise fills; seconds whose
# mean is taken out, a few turns. By hand.
SERIES_HZ = 200.0
BANDS_HZ = ((1_500.0, 3_000.0), (3_000.0, 6_000.0), (6_000.0, 12_000.0))
LOCAL_S = 5.0
ABOVE_DB, BELOW_DB = 4.0, 8.0
"""What is so near the noise floor is noise; what is above it is music."""

# Pairs of levels that a lag is read from, two seconds, and the share of the time that must be
# noise; the longest lag, eight turns of the slowest disc; speeds that are tried, from below 33 1/3
# to above 80 rpm. By hand.
LEAST_PAIRS = 400
LEAST_HEARD = 0.1
LONGEST_LAG_S = 16.0
SLOWEST_RPM, FASTEST_RPM = 30.0, 100.0
SPEEDS_RPM = (78.26, 76.59, 80.0, 33.333, 45.0)
"""Nominal speeds: 78 (77.92 at mains of 50 Hz), early electric and acoustic ones, LP, single."""

SLOWEST_FREE_RPM = 60.0
"""Early discs turned at any speed from about here on; what recurs more slowly, and at no standard
speed, is more likely the music's bars."""

# Share by which a nominal speed may be off; speeds that are tried, 0.03 % apart; clicks, and
# turns, that must be there. By hand.
NEAR = 0.012
SPEEDS = 4000
LEAST_CLICKS = 12
LEAST_TURNS = 3
PEAK_REACH = 50
"""Grid steps: 1.5 % of the speed."""

# In deviations over all speeds: what a standard speed, any other, and a certain one must reach;
# the share of that at which twice the speed is taken; least correlation; seconds over which clicks
# are spread. By hand.
LEAST_SCORE, LEAST_FREE_SCORE, SURE_SCORE = 5.5, 10.0, 10.0
NEARLY = 0.7
LEAST_CORRELATION = 0.03
CLICK_BLUR_S = 0.02


@dataclass(frozen=True)
class Rotation:
    """A speed at which noise or clicks recur.

    Parameters
    ----------
    rpm : float
        Turns a minute.
    nominal_rpm : float or None
        The standard speed that is within 1.2 %.
    confidence : float
        From 0 to 1.
    """

    rpm: float
    nominal_rpm: float | None
    confidence: float


class _Correlation:
    """An autocorrelation over values that count and values that do not, of several passages."""

    def __init__(self, lags: int) -> None:
        self._lags = lags
        self._products = np.zeros(lags + 1)
        self._pairs = np.zeros(lags + 1)

    def add(self, series: Floats, counts: Floats) -> None:
        """Take a series of mean 0 over the values that count (1, others 0)."""
        size = 1 << int(np.ceil(np.log2(2 * len(series))))
        lags = min(self._lags, len(series) // 2)
        for total, values in ((self._products, series * counts), (self._pairs, counts)):
            power = np.abs(np.fft.rfft(values, size)) ** 2
            total[: lags + 1] += np.fft.irfft(power, size)[: lags + 1]

    def normalised(self) -> Floats | None:
        """Return the correlation at every lag, None where there is too little to correlate."""
        if self._pairs[0] < LEAST_PAIRS or self._products[0] <= 0.0:
            return None
        variance = self._products[0] / self._pairs[0]
        enough = self._pairs > max(LEAST_PAIRS, LEAST_HEARD**2 * self._pairs[0])
        last = int(np.argmin(enough)) if not enough.all() else len(enough)
        if last < 2:
            return None
        pairs = np.maximum(self._pairs[:last], 1.0)
        return np.asarray(self._products[:last] / pairs / variance)


@dataclass(frozen=True)
class _Passage:
    seconds: float
    levels: dict[tuple[float, float], NDArray[np.float32]]
    clicks: Floats


class RotationFinder:
    """Gather what may recur over passages, and find its period.

    The level of the noise in three bands, wherever no music covers it, and the clicks make series
    of 200 values a second; 5 MB an hour are kept. Where something turns, the series resembles
    itself after one turn, two turns, and so on: the mean of its autocorrelation over the
    multiples of the period stands out of that at other periods.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._hop = max(1, round(sample_rate / SERIES_HZ))
        self._series_hz = sample_rate / self._hop
        self._lags = round(LONGEST_LAG_S * self._series_hz)
        self._bands = [band for band in BANDS_HZ if band[0] < 0.4 * sample_rate]
        self._passages: list[_Passage] = []
        self._click_count = 0

    def push(
        self, passage: Rows, clicks: Sequence[tuple[float, float]], seconds: float = 0.0
    ) -> None:
        """Take a passage without its clicks.

        Parameters
        ----------
        passage : ndarray of float32, shape (channels, samples)
        clicks : sequence of (float, float)
            Seconds in the passage, and peak.
        seconds : float
            Where the passage begins.
        """
        count = passage.shape[1] // self._hop
        if count < LEAST_PAIRS:
            return
        self._click_count += len(clicks)
        series = np.zeros(count)
        for place, peak in clicks:
            at = int(place * self._series_hz)
            if at < count:
                series[at] += np.sqrt(peak)
        levels = {band: self._levels(passage, band, count) for band in self._bands}
        self._passages.append(_Passage(seconds, levels, series))

    def _levels(self, passage: Rows, band: tuple[float, float], count: int) -> NDArray[np.float32]:
        """Return power densities in dB: white noise of variance 1 has 0."""
        high = min(band[1], 0.48 * self._rate)
        sections = butterworth(3, (band[0], high), "bandpass", self._rate)
        part = filtered(sections, passage)[0][:, : count * self._hop]
        power = (part**2).reshape(len(part), count, self._hop).mean(axis=(0, 2))
        share = (high - band[0]) / (0.5 * self._rate)
        return np.asarray(power_to_db(power / share + 1e-16), np.float32)

    def _correlations(self, floor: NoiseFloor | None, with_clicks: bool) -> list[Floats]:
        """Return the autocorrelations of the noise in each band, and of the clicks."""
        width = LOCAL_S * self._series_hz
        found = []
        bands = [] if floor is None else [(band, floor) for band in self._bands]
        for band, known in bands:
            correlation = _Correlation(self._lags)
            grid = np.geomspace(band[0], min(band[1], 0.48 * self._rate), 24)
            for passage in self._passages:
                level = passage.levels[band].astype(np.float64)
                middle = passage.seconds + 0.5 * len(level) / self._series_hz
                noise = power_to_db(known.density(grid, middle).mean() + 1e-20)
                counts = (level < noise + ABOVE_DB) & (level > noise - BELOW_DB)
                heard = counts.astype(np.float64)
                correlation.add(_centred(level, heard, width), heard)
            found.append(correlation.normalised())
        if with_clicks and self._click_count >= LEAST_CLICKS:
            correlation = _Correlation(self._lags)
            blur = np.hanning(2 * round(CLICK_BLUR_S * self._series_hz) + 3)[1:-1]
            for passage in self._passages:
                everywhere = np.ones(len(passage.clicks))
                blurred = np.convolve(passage.clicks, blur, "same")
                correlation.add(_centred(blurred, everywhere, width), everywhere)
            found.append(correlation.normalised())
        return [one for one in found if one is not None]

    def scores(
        self, floor: NoiseFloor | None, *, with_clicks: bool = True
    ) -> tuple[Floats, Floats, Floats]:
        """Return speeds in rpm, how far each stands out in deviations, and its correlation."""
        rpm = np.geomspace(SLOWEST_RPM, FASTEST_RPM, SPEEDS)
        best, correlated = np.zeros(len(rpm)), np.zeros(len(rpm))
        for correlation in self._correlations(floor, with_clicks):
            mean, score = self._comb(correlation, rpm)
            best += np.maximum(0.0, score) ** 2
            correlated = np.maximum(correlated, mean)
        return rpm, np.sqrt(best), correlated

    def _comb(self, correlation: Floats, rpm: Floats) -> tuple[Floats, Floats]:
        turn = 60.0 / rpm * self._series_hz
        sums, count = np.zeros(len(rpm)), np.zeros(len(rpm))
        lags = np.arange(len(correlation))
        for multiple in range(1, int(lags[-1] / turn.min()) + 1):
            inside = multiple * turn <= lags[-1]
            sums[inside] += np.interp(multiple * turn[inside], lags, correlation)
            count[inside] += 1
        enough = count >= LEAST_TURNS
        if enough.mean() < 0.3:
            return np.zeros(len(rpm)), np.zeros(len(rpm))
        mean = sums / np.maximum(1.0, count)
        centre = float(np.median(mean[enough]))
        mean = np.where(enough, mean, centre)
        spread = np.median(np.abs(mean[enough] - centre)) / 0.6745
        return mean - centre, (mean - centre) / max(float(spread), 1e-9)

    def result(self, floor: NoiseFloor | None, *, with_clicks: bool = True) -> Rotation | None:
        """Return the speed that stands out, or None.

        Parameters
        ----------
        floor : NoiseFloor or None
            Of the recording; without one only its clicks can tell.
        with_clicks : bool
            Whether the clicks are ones.
        """
        rpm, score, correlated = self.scores(floor, with_clicks=with_clicks)
        at = _fastest(rpm, score, int(score.argmax()))
        if score[at] < LEAST_SCORE:
            return None
        speed = _middle(rpm, score, at)
        nominal = _nominal(speed)
        least = LEAST_FREE_SCORE if nominal is None else LEAST_SCORE
        if nominal is None and speed < SLOWEST_FREE_RPM:
            return None
        if score[at] < least or correlated[at] < LEAST_CORRELATION:
            return None
        confidence = float(np.clip((score[at] - LEAST_SCORE) / (SURE_SCORE - LEAST_SCORE), 0, 1))
        confidence *= 0.5 if nominal is None else 1.0
        return Rotation(speed, nominal, round(confidence, 2))


def _nominal(rpm: float) -> float | None:
    """Return the standard speed that this is, None for none."""
    nearest = min(SPEEDS_RPM, key=lambda known: abs(known / rpm - 1.0))
    return nearest if abs(nearest / rpm - 1.0) <= NEAR else None


def _fastest(rpm: Floats, score: Floats, at: int) -> int:
    """Return the place of twice the speed where that is as likely.

    Two turns recur too, so that the faster one is the turn; but a pattern may come twice a turn,
    so that a standard speed stays.
    """
    if rpm[at] * 2 > FASTEST_RPM:
        return at
    middle = int(np.abs(rpm - 2 * rpm[at]).argmin())
    near = slice(max(0, middle - 8), middle + 9)
    faster = near.start + int(score[near].argmax())
    if score[faster] <= NEARLY * score[at]:
        return at
    stays = _nominal(float(rpm[at])) is not None and _nominal(float(rpm[faster])) is None
    return at if stays else faster


def _middle(rpm: Floats, score: Floats, at: int) -> float:
    """Return the middle of a peak: the centre of what is above half of its height."""
    near = slice(max(0, at - PEAK_REACH), at + PEAK_REACH + 1)
    weight = np.maximum(0.0, score[near] - 0.5 * score[at])
    return float(np.sum(rpm[near] * weight) / weight.sum())


def _centred(series: Floats, counts: Floats, width: float) -> Floats:
    """Return a series less its mean around, over the values that count."""
    window = np.ones(2 * int(width / 2) + 1)
    size = 1 << int(np.ceil(np.log2(len(series) + len(window))))
    spectrum = np.fft.rfft(window, size)

    def smooth(values: Floats) -> Floats:
        whole = np.fft.irfft(np.fft.rfft(values, size) * spectrum, size)
        half = len(window) // 2
        return np.asarray(whole[half : half + len(values)])

    return np.asarray(series - smooth(series * counts) / np.maximum(smooth(counts), 1.0))
