"""Perceptual quantisation: noise is put where it is masked, until a frame fits its bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
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
    quantised = np.ascontiguousarray(parts)
    used = _core.perceptual_quantise(
        quantised,
        len(parts),
        bits,
        layout.edges,
        layout.spread,
        layout.quiet,
        (SIDE_BITS, BAND_BITS, FINEST, COARSEST),
    )
    parts[...] = quantised
    return used
