"""Track the lines of a hum through a file: frequency, and amplitude and phase of each line.

Each line is a slowly turning phasor in noise: a random walk seen through measurements of known
noise, so that Kalman's filter with the smoother of Rauch, Tung and Striebel (1965) is the lock-in
that averages long under music and follows closely in pauses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.meters.hum import (
    CORRELATION,
    Complexes,
    Floats,
    HumSpectra,
    find_path,
    line_noise,
    line_phasors,
)

DRIFT_PER_SECOND = 0.15
"""Share of its level that a line may change in a second (one standard deviation)."""

OUTLIER = 9.0
"""Squared distance, in units of its expectation, beyond which a frame holds a note or a click."""

# A line's level is its low quantile, since notes only add; rounds of correcting the frequency, and
# the width that is averaged over. By hand.
LEVEL_QUANTILE = 0.2
REFINEMENTS = 3
SMOOTH_SECONDS = 2.0
SURE, PLAIN = 30.0, 10.0
"""Line-to-error ratios: of a line that makes a hum alone, and of each where there are several."""

HIGHEST_COMMON = 2
"""Common divisor of a hum's harmonics: its lines are those of 50 Hz, rectified of 100."""

# What hum is, by hand: its frequency moves by no more; shares of all and of the quiet frames that
# agree with a line; which are quiet; frames that must be there.
STABLE_HZ = 0.05
CONSISTENT_SHARE, CONSISTENT_IN_QUIET = 0.4, 0.75
QUIET_SHARE = 0.25
LEAST_FRAMES = 3


@dataclass(frozen=True)
class HumTrack:
    """A hum that can be synthesised.

    Parameters
    ----------
    times : ndarray of float64, shape (frames,)
        Seconds.
    cycles : ndarray of float64, shape (frames,)
        Phase of the fundamental in cycles.
    hertz : ndarray of float64, shape (frames,)
        Frequency of the fundamental.
    lines : ndarray of complex128, shape (channels, harmonics, frames)
        Amplitudes relative to the fundamental's phase; zero where a line is not there.
    slope : float
        Drift after the last frame, in Hz per second.
    """

    times: Floats
    cycles: Floats
    hertz: Floats
    lines: Complexes
    slope: float = 0.0

    @property
    def harmonics(self) -> list[int]:
        """Numbers of the harmonics that are there in any channel."""
        there = np.abs(self.lines).max(axis=(0, 2)) > 0
        return [int(index) + 1 for index in np.flatnonzero(there)]

    def levels(self) -> Floats:
        """Return the mean-square level of every harmonic over channels and time, full scale 1."""
        return np.asarray((np.abs(self.lines) ** 2).mean(axis=(0, 2)) / 2)

    def synthesise(self, start: int, count: int, sample_rate: float) -> Floats:
        """Return the hum at samples ``start`` to ``start + count``, shape (channels, count)."""
        seconds = (start + np.arange(count)) / sample_rate
        turn = np.exp(2j * np.pi * self._cycles_at(seconds))
        out = np.zeros((self.lines.shape[0], count))
        power = np.ones(count, np.complex128)
        there = self.harmonics
        for harmonic in range(1, max(there, default=0) + 1):
            power = power * turn
            if harmonic in there:
                for channel, lines in enumerate(self.lines):
                    line = np.interp(seconds, self.times, lines[harmonic - 1].real) * power.real
                    line -= np.interp(seconds, self.times, lines[harmonic - 1].imag) * power.imag
                    out[channel] += line
        return out

    def _cycles_at(self, seconds: Floats) -> Floats:
        """Interpolate by cubic Hermite pieces; beyond the ends the frequency stays or drifts on."""
        times, cycles, hertz = self.times, self.cycles, self.hertz
        inside = np.clip(seconds, times[0], times[-1])
        beyond = seconds - inside
        drift = 0.5 * self.slope * np.maximum(beyond, 0.0) ** 2
        edge = np.where(beyond < 0, hertz[0], hertz[-1])
        index = np.clip(np.searchsorted(times, inside, "right") - 1, 0, max(0, len(times) - 2))
        after = np.minimum(index + 1, len(times) - 1)
        span = np.maximum(times[after] - times[index], 1e-9)
        u = (inside - times[index]) / span
        rise = cycles[after] - cycles[index]
        first, last = hertz[index] * span - rise, rise - hertz[after] * span
        bend = u * (1 - u) * (first * (1 - u) + last * u)
        return np.asarray(cycles[index] + u * rise + bend + beyond * edge + drift)


def track_hum(
    spectra: HumSpectra,
    nominals_hz: tuple[float, ...],
    harmonics: int,
    width_hz: float,
    *,
    causal: bool = False,
) -> HumTrack | None:
    """Find the hum of a file, or of what was heard of a stream.

    Parameters
    ----------
    spectra : HumSpectra
        Frames of the file.
    nominals_hz : tuple of float
        Fundamentals to try; the best is taken.
    harmonics : int
        Highest harmonic.
    width_hz : float
        Widest band of the lock-in.
    causal : bool
        True: every frame knows only those before it.

    Returns
    -------
    HumTrack or None
        None where no steady line is there.
    """
    if len(spectra.centres()) < LEAST_FRAMES:
        return None
    paths = [find_path(spectra, nominal, harmonics) for nominal in nominals_hz]
    hertz, _ = max(paths, key=lambda found: found[1])
    times, frames = spectra.centres(), spectra.array()
    top = min(harmonics, int((frames.shape[2] - 10) * spectra.bin_hz / hertz.max()))
    lock = _Lock(spectra, frames, times, max(1, top), width_hz)
    for _ in range(REFINEMENTS):
        lines, errors = lock.follow(hertz)
        hertz = hertz + _frequency_error(lines, errors, times)
    slope = 0.0
    if causal:
        hertz, slope = _continued(hertz, times)
    lines, errors = lock.follow(hertz, causal=causal)
    there = lock.present(lines, errors, stable=float(np.ptp(hertz)) <= STABLE_HZ)
    if not there.any():
        return None
    return HumTrack(times, lock.cycles, hertz, lines * there[:, :, np.newaxis], slope)


class _Lock:
    """Phasors of all harmonics along a path, and the tracker over them."""

    def __init__(
        self,
        spectra: HumSpectra,
        frames: NDArray[np.complex64],
        times: Floats,
        harmonics: int,
        width_hz: float,
    ) -> None:
        self._spectra, self._frames, self._times = spectra, frames, times
        self._harmonics = np.arange(1, harmonics + 1)
        self._hop = spectra.hop / spectra.sample_rate
        self._width = width_hz
        self.cycles = np.zeros(len(times))

    def follow(self, hertz: Floats, *, causal: bool = False) -> tuple[Complexes, Floats]:
        """Return lines and their error variances, shape (channels, harmonics, frames)."""
        rises = 0.5 * (hertz[1:] + hertz[:-1]) * self._hop
        self.cycles = hertz[0] * self._times[0] + np.concatenate([[0.0], rises.cumsum()])
        size, bin_hz = self._spectra.size, self._spectra.bin_hz
        seen, noise = [], []
        for harmonic in self._harmonics:
            bins = harmonic * hertz / bin_hz
            phasors = line_phasors(self._frames, bins, size)
            seen.append(phasors * np.exp(-2j * np.pi * harmonic * self.cycles))
            noise.append(line_noise(self._frames, bins, size))
        self._seen, self._noise = np.stack(seen, axis=1), np.stack(noise, axis=1)
        level = np.quantile(np.abs(self._seen), LEVEL_QUANTILE, axis=2)
        drift = (DRIFT_PER_SECOND * level) ** 2 + 1e-30
        least = drift / (2 * np.pi * self._width) ** 2 / self._hop
        noise_of_frames = CORRELATION * self._noise + least[:, :, np.newaxis]
        walk = drift * self._hop
        return smooth_phasors(self._seen, noise_of_frames, walk, level**2, causal=causal)

    def present(self, lines: Complexes, errors: Floats, *, stable: bool) -> NDArray[np.bool_]:
        """Return which lines are hum, shape (channels, harmonics).

        A line of hum stands above its own error; many frames agree with it, and most of the
        quiet ones do: a note that comes and goes fails there. Several lines vouch for one
        another where the frequency is as stable as that of mains, and unless all of them are
        multiples of a third harmonic or a higher one: those are the partials of a note.
        """
        power = np.abs(lines) ** 2
        sureness = np.median(power / errors, axis=2)
        near = np.abs(self._seen - lines) ** 2 <= OUTLIER * self._noise + 0.1 * power
        quiet = self._noise <= np.quantile(self._noise, QUIET_SHARE, axis=2, keepdims=True)
        share_of_quiet = (near & quiet).sum(axis=2) / quiet.sum(axis=2)
        steady = (near.mean(axis=2) >= CONSISTENT_SHARE) & (share_of_quiet >= CONSISTENT_IN_QUIET)
        plain = steady & (sureness >= PLAIN)
        found = self._harmonics[plain.any(axis=0)]
        if np.gcd.reduce(found) > HIGHEST_COMMON:
            return np.zeros_like(plain)
        several = stable and len(found) >= 2
        return np.asarray(plain & (several or (plain & (sureness >= SURE)).any()))


def smooth_phasors(
    seen: Complexes, noise: Floats, walk: Floats, prior: Floats, *, causal: bool
) -> tuple[Complexes, Floats]:
    """Estimate random walks from noisy phasors, with outliers held off.

    Parameters
    ----------
    seen, noise : ndarray, shape (channels, harmonics, frames)
        Phasors and their noise powers.
    walk, prior : ndarray of float64, shape (channels, harmonics)
        Variance that a step adds, and variance before the first frame.
    causal : bool
        True leaves out the backward pass.

    Returns
    -------
    estimates, variances : ndarray, shape (channels, harmonics, frames)
    """
    count = seen.shape[2]
    state, spread = np.zeros_like(seen[:, :, 0]), prior + walk + 1e-30
    states, spreads = np.empty_like(seen), np.empty(seen.shape)
    for at in range(count):
        spread = spread + walk
        off = seen[:, :, at] - state
        distance = (off.real**2 + off.imag**2) / (spread + noise[:, :, at])
        trusted = noise[:, :, at] * np.maximum(1.0, distance / OUTLIER) ** 2
        gain = spread / (spread + trusted)
        state, spread = state + gain * off, (1.0 - gain) * spread
        states[:, :, at], spreads[:, :, at] = state, spread
    for at in range(count - 2, -1, -1) if not causal else ():
        gain = spreads[:, :, at] / (spreads[:, :, at] + walk)
        states[:, :, at] += gain * (states[:, :, at + 1] - states[:, :, at])
        ahead = spreads[:, :, at] + walk
        spreads[:, :, at] += gain**2 * (spreads[:, :, at + 1] - ahead)
    return states, spreads


def _frequency_error(lines: Complexes, errors: Floats, times: Floats) -> Floats:
    """Return by how much the fundamental is off at every frame, from how the lines turn."""
    if len(times) < 2:
        return np.zeros(len(times))
    harmonics = np.arange(1, lines.shape[1] + 1)[:, np.newaxis]
    turns = np.angle(lines[:, :, 1:] * lines[:, :, :-1].conj()) / (2 * np.pi)
    sureness = np.abs(lines[:, :, 1:]) ** 2 / errors[:, :, 1:]
    weight = np.where(sureness > PLAIN, sureness, 0.0)
    hop = times[1] - times[0]
    up = (weight * harmonics * turns).sum(axis=(0, 1)) / hop
    down = (weight * harmonics**2).sum(axis=(0, 1))
    span = max(1, round(SMOOTH_SECONDS / hop))
    kernel = np.hanning(2 * span + 1)
    up, down = (_convolved(series, kernel) for series in (up, down))
    error = up / (down + 1e-12)
    return np.asarray(np.interp(times, (times[1:] + times[:-1]) / 2, error))


def _continued(hertz: Floats, times: Floats) -> tuple[Floats, float]:
    """Return the path with its newest second on the line of what came before, and the slope.

    The newest frames have no later ones to be smoothed with.
    """
    old = times <= times[-1] - SMOOTH_SECONDS / 2
    if old.sum() < LEAST_FRAMES:
        return hertz, 0.0
    slope, base = np.polyfit(times[old] - times[-1], hertz[old], 1)
    return np.where(old, hertz, base + slope * (times - times[-1])), float(slope)


def _convolved(series: Floats, kernel: Floats) -> Floats:
    """Return a smoothed series of the same length."""
    margin = len(kernel) // 2
    return np.convolve(series, kernel, "full")[margin : margin + len(series)]
