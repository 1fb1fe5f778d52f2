"""The floor below the bands of a noise picture: rumble, which falls steeply with frequency.

Patches of a tenth of a second cannot tell frequencies of a few hertz apart. Here frames last
0.74 s. Across a few of their bins a median passes over partials and hum, and over time a low
quantile over drums and bass notes. What moves in level is music, and rumble falls with frequency
above its highest place, so that a bass that lies higher than the rumble is not taken for it.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import DensityFrames

Floats: TypeAlias = NDArray[np.float64]

# Seconds of a frame, 32,768 samples at 44.1 kHz; where bands are fine enough, and the fade to
# them; bins and frames that are averaged; frames that must be heard; the quantile that is the
# level. By hand, on the scenes and recordings that docs/inside/denoiser.md names.
FRAME_S = 0.743
HIGHEST_HZ, FADES_FROM_HZ = 180.0, 120.0
BINS_AROUND, FRAMES_AROUND = 13, 3
LEAST_FRAMES = 6
TIME_QUANTILE = 0.3
STEADY_DB, LOWERED_PER_DB = 3.0, 4.0
"""Between the first decile of levels and their middle; what moves more is lowered."""

PEAK_BELOW_HZ, SLACK_DB = 36.0, 1.5
"""Of rumble the highest place, and what it may rise by above that; on thirteen recordings,
ibid."""
SURELY_RAISED_DB = 3.0
"""Mean rise over the bands' floor from which on the rumble is sure. By hand."""


class LowFloorMeter:
    """Measure the steady noise below 180 Hz of a stream; memory grows by 0.1 MB a minute.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows; the floor is that of their mean power.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        frame = 2 ** round(np.log2(FRAME_S * sample_rate))
        self._frames = DensityFrames(channels, frame, frame // 2, 1)
        self._bins = int(HIGHEST_HZ * frame / sample_rate) + BINS_AROUND
        self.frequencies_hz = np.arange(self._bins) * sample_rate / frame
        self._heard: list[NDArray[np.float32]] = []
        # Wilson & Hilferty's median of a gamma variable, over its mean.
        self._median = (1.0 - 1.0 / (9.0 * channels)) ** 3

    def push(self, block: Rows) -> None:
        """Take samples."""
        for densities in self._frames.push(block):
            power = _sliding(densities[:, 0, : self._bins].mean(axis=0), BINS_AROUND, 0, "reflect")
            self._heard.append((np.median(power, axis=-1) / self._median).astype(np.float32))

    def level_db(self) -> Floats | None:
        """Return the floor's density in dB at :attr:`frequencies_hz`, None where no rumble is.

        What is not steady is lowered. A steady level that is highest above 36 Hz is a bass, or
        hides what rumble there is.
        """
        if len(self._heard) < LEAST_FRAMES:
            return None
        around = _sliding(np.array(self._heard), FRAMES_AROUND, 0, "edge").mean(axis=-1)
        levels = power_to_db(around + 1e-20)
        first, low, half = np.quantile(levels, (0.1, TIME_QUANTILE, 0.5), axis=0)
        steady = low - LOWERED_PER_DB * np.maximum(0.0, half - first - STEADY_DB)
        peak = int(np.argmax(steady))
        if self.frequencies_hz[peak] > PEAK_BELOW_HZ:
            return None
        bound = np.minimum.accumulate(steady[peak:]) + SLACK_DB
        return np.concatenate([steady[:peak], np.minimum(steady[peak:], bound)])


def _sliding(values: Floats, count: int, axis: int, mode: str) -> Floats:
    """Return windows of some neighbours along an axis, as the last axis."""
    side = count // 2
    widths = [(side, side) if which == axis else (0, 0) for which in range(values.ndim)]
    padded = np.pad(values, widths, mode=mode)  # type: ignore[call-overload]
    return np.lib.stride_tricks.sliding_window_view(padded, count, axis=axis)


def with_rumble(
    floor: tuple[Floats, Floats, Floats], rumble: tuple[Floats, Floats], share: float
) -> tuple[Floats, Floats, Floats]:
    """Return a floor raised to the rumble where that is louder, with its finer frequencies.

    Parameters
    ----------
    floor : tuple of ndarray
        Frequencies in Hz, shape (bands,), density in dB, shape (times, bands), and how sure it
        is, 0 to 1, shape (bands,) or (1,).
    rumble : tuple of ndarray
        Frequencies in Hz and density in dB, from a :class:`LowFloorMeter`.
    share : float
        How far it is raised, in dB, 0 to 1.

    Returns
    -------
    tuple of ndarray
        As the floor.
    """
    frequencies, levels, confidence = floor
    low = rumble[0][rumble[0] < HIGHEST_HZ]
    above = frequencies >= HIGHEST_HZ
    carried = np.array([np.interp(low, frequencies, row) for row in levels])
    fade = np.clip((HIGHEST_HZ - low) / (HIGHEST_HZ - FADES_FROM_HZ), 0.0, 1.0)
    raised = share * fade * np.maximum(0.0, rumble[1][: len(low)] - carried)
    if len(confidence) == len(frequencies):
        known = np.interp(low, frequencies, confidence)
        sure = np.maximum(known, np.clip(raised.mean(axis=0) / SURELY_RAISED_DB, 0.0, 1.0))
        confidence = np.concatenate([sure, confidence[above]])
    levels = np.concatenate([carried + raised, levels[:, above]], axis=1)
    return np.concatenate([low, frequencies[above]]), levels, confidence
