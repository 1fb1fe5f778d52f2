"""Perceptual quantisation: noise is put where it is masked, until a frame fits its bits."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power
from restorack.dsp.fir import Floats

FULL_SCALE_SPL = 96.0
"""A sine of full scale is taken for 96 dB SPL, as encoders do, to place the threshold in quiet."""
SIDE_BITS = 32.0
"""Bits of a frame that hold no spectrum: its header. By hand, as the size of an MP3 header."""
BAND_BITS = 4.0
"""Bits of a frame's header, and of each band's scale factor."""
FINEST, COARSEST = -80, 160
"""Range of the common gain, in quarters of an octave."""


@dataclass(frozen=True)
class BandLayout:
    """How a transform's coefficients fall into critical bands.

    Parameters
    ----------
    edges : ndarray of int64, shape (bands + 1,)
        First coefficient of every band, and the last one's end: the coder's bandwidth.
    spread : ndarray of float64, shape (bands, bands)
        Energy that row ``b`` gets from column ``a``.
    quiet : ndarray of float64, shape (bands,)
        Threshold in quiet, energy per coefficient.
    barks : ndarray of float64, shape (bands,)
        Middles of the bands.
    """

    edges: NDArray[np.int64]
    spread: Floats
    quiet: Floats
    barks: Floats


def bark(frequencies: Floats) -> Floats:
    """Return frequencies in Hz on the Bark scale (Zwicker and Terhardt 1980)."""
    bend = np.arctan((frequencies / 7_500.0) ** 2)
    return np.asarray(13.0 * np.arctan(7.6e-4 * frequencies) + 3.5 * bend)


def quiet_threshold_spl(frequencies: Floats) -> Floats:
    """Return the threshold in quiet in dB SPL (Terhardt 1979)."""
    khz = np.clip(frequencies, 20.0, 20_000.0) / 1_000.0
    dip = -6.5 * np.exp(-0.6 * (khz - 3.3) ** 2)
    return np.asarray(3.64 * khz**-0.8 + dip + 1e-3 * khz**4)


def spreading_db(distance: Floats) -> Floats:
    """Return masking over distances in Bark: Schroeder, Atal and Hall, JASA 66 (1979), eq. 2."""
    at = distance + 0.474
    return np.asarray(15.81 + 7.5 * at - 17.5 * np.sqrt(1.0 + at**2))


def band_layout(
    hop: int, sample_rate: float, bandwidth_hz: float, width_bark: float, least: int
) -> BandLayout:
    """Lay out bands for a transform.

    Parameters
    ----------
    hop : int
        Coefficients from 0 to half the sample rate.
    sample_rate, bandwidth_hz : float
        In Hz; nothing above the bandwidth is coded.
    width_bark : float
        Width of a band.
    least : int
        Fewest coefficients of a band.
    """
    spacing = 0.5 * sample_rate / hop
    end = max(1, min(hop, round(bandwidth_hz / spacing)))
    places = bark(np.arange(end, dtype=np.float64) * spacing)
    edges = [0]
    while edges[-1] < end:
        top = places[edges[-1]] + width_bark
        reached = int(np.searchsorted(places, top))
        edges.append(min(end, max(reached, edges[-1] + least)))
    bounds = np.array(edges, np.int64)
    middles: Floats = 0.5 * (bounds[1:] + bounds[:-1]).astype(np.float64) * spacing
    barks = bark(middles)
    spread = db_to_power(spreading_db(barks[:, np.newaxis] - barks))
    quiet = db_to_power(quiet_threshold_spl(middles) - FULL_SCALE_SPL) * hop / 4.0
    return BandLayout(bounds, spread, quiet / np.diff(bounds), barks)


def quantise_frame(parts: Floats, layout: BandLayout, bits: float) -> float:
    """Quantise the transforms of one frame in place, with as many bits as it may have.

    Parameters
    ----------
    parts : ndarray of float64, shape (transforms, hop)
        One long transform, or several short ones that share the bits.
    layout : BandLayout
    bits : float

    Returns
    -------
    float
        Bits that were used, as estimated from the entropy of every band.
    """
    steps = np.empty_like(parts)
    for part, step in zip(parts, steps, strict=True):
        _masked_steps(part, layout.edges, layout.spread, layout.quiet, layout.barks, step)
    used: float = _fit(parts, steps, layout.edges, bits)
    return used


@numba.njit(cache=True, nogil=True)
def _tonality(logs, energy, count):  # type: ignore[no-untyped-def]
    """Return 0 for noise, whose flatness is -5.5 dB in one transform, to 1 for pure tones."""
    flatness_db = 10.0 / np.log(10.0) * (logs / count - np.log(energy / count))
    return min(1.0, max(0.0, (-flatness_db - 5.5) / 15.0))


@numba.njit(cache=True, nogil=True)
def _masked_steps(part, edges, spread, quiet, barks, steps):  # type: ignore[no-untyped-def]
    """Find the step whose noise is just masked, for every band.

    The masker's energy is spread over the bands; noise lies 6 dB below a noisy masker and 18 dB
    below a tonal one (the psychoacoustic model of ISO/IEC 11172-3, D.2), told apart by spectral
    flatness: the whole's, and the more of the band's own the wider it is.
    """
    bands = edges.size - 1
    energy = np.zeros(bands)
    logs = np.zeros(bands)
    for band in range(bands):
        for index in range(edges[band], edges[band + 1]):
            power = part[index] * part[index] + 1e-30
            energy[band] += power
            logs[band] += np.log(power)
    whole = _tonality(logs.sum(), energy.sum(), edges[-1])
    for band in range(bands):
        width = edges[band + 1] - edges[band]
        own = min(1.0, (width - 4.0) / 12.0)
        tonal = (1.0 - own) * whole + own * _tonality(logs[band], energy[band], width)
        masker = 0.0
        for other in range(bands):
            masker += spread[band, other] * energy[other]
        offset = 18.0 * tonal + 6.0 * (1.0 - tonal)
        allowed = max(masker / width * 10.0 ** (-0.1 * offset), quiet[band])
        for index in range(edges[band], edges[band + 1]):
            steps[index] = np.sqrt(12.0 * allowed)


@numba.njit(cache=True, nogil=True)
def _fit(parts, steps, edges, budget):  # type: ignore[no-untyped-def]
    """Find the finest common gain that fits the bits, and quantise with it."""
    low, high = FINEST, COARSEST
    while low < high:
        middle = (low + high) // 2
        if _bits(parts, steps, edges, 2.0 ** (0.25 * middle)) <= budget:
            high = middle
        else:
            low = middle + 1
    gain = 2.0 ** (0.25 * low)
    used = _bits(parts, steps, edges, gain)
    end = edges[-1]
    for part in range(parts.shape[0]):
        for index in range(parts.shape[1]):
            value = parts[part, index]
            if index >= end:
                parts[part, index] = 0.0
                continue
            step = steps[part, index] * gain
            level = _level(abs(value), step)
            parts[part, index] = np.sign(value) * level ** (4.0 / 3.0) * step
    return used


@numba.njit(cache=True, nogil=True)
def _level(size, step):  # type: ignore[no-untyped-def]
    """Return the quantiser's level: MP3's and AAC's power law, coarser where it is loud."""
    return np.floor(np.sqrt(size / step * np.sqrt(size / step)) + 0.4054)


@numba.njit(cache=True, nogil=True)
def _bits(parts, steps, edges, gain):  # type: ignore[no-untyped-def]
    """Estimate the bits of a frame: levels of a band are taken to fall off geometrically."""
    total = SIDE_BITS
    for part in range(parts.shape[0]):
        for band in range(edges.size - 1):
            first, last = edges[band], edges[band + 1]
            step = steps[part, first] * gain
            levels = 0.0
            for index in range(first, last):
                levels += _level(abs(parts[part, index]), step)
            if levels > 0.0:
                mean = levels / (last - first)
                entropy = (1.0 + mean) * np.log2(1.0 + mean) - mean * np.log2(mean)
                total += BAND_BITS + (last - first) * (entropy + mean / (1.0 + mean))
    return total
