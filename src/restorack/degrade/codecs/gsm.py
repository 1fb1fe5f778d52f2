"""GSM full rate: the speech codec of the first mobile telephones, 13 kbit/s at 8 kHz."""

from __future__ import annotations

import numba
import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

# Hz and samples, GSM 06.10.
RATE = 8_000.0
FRAME = 160
LATENCY = latency_of_windows(FRAME)
"""The most samples that are held back, at 8 kHz."""
# Samples, lags of the long-term predictor, reflection coefficients and 16-bit full scale, GSM
# 06.10.
SUBFRAME = 40
SHORTEST_LAG, LONGEST_LAG = 40, 120
ORDER = 8
FULL_SCALE = 32_768.0

# Filters of GSM 06.10: 28180 / 2^15 and 32735 / 2^15.
PREEMPHASIS = 0.86
OFFSET_POLE = 0.999
LAR_SCALE = np.array([20.0, 20.0, 20.0, 20.0, 13.637, 15.0, 8.334, 8.824])
LAR_SHIFT = np.array([0.0, 0.0, 4.0, -5.0, 0.184, -3.5, -0.666, -2.235])
LAR_LEAST = np.array([-32.0, -32.0, -16.0, -16.0, -8.0, -8.0, -4.0, -4.0])
"""How log area ratios are coded; the largest code is ``-1 - least``."""
WEIGHTING = np.array([-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134]) / 8192.0
GAINS = np.array([0.1, 0.35, 0.65, 1.0])
GAIN_EDGES = np.array([0.2, 0.5, 0.8])
GRID_PULSES = 13
"""Pulses that a subframe keeps, GSM 06.10."""


class GsmCodec(WindowedStream):
    """Code and decode a stream at 8 kHz, every channel for itself, frame by frame.

    Parameters
    ----------
    channels : int

    Notes
    -----
    GSM 06.10 (ETSI EN 300 961), regular pulse excitation with long-term prediction, by its
    equations in floating point: eight reflection coefficients as coded log area ratios, a lag and
    a gain of 2 bits per 5 ms, and every third sample of what remains, in 3 bits.

    Written here although pedalboard has ``GSMFullRateCompressor``: that one cannot be streamed (its
    output depends on the blocks), mixes to mono, and resamples on its own.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, FRAME)
        self._states = [_State() for _ in range(channels)]

    def _process(self, window: Rows) -> Rows:
        pairs = zip(window, self._states, strict=True)
        return np.stack([state.recode(row) for row, state in pairs]).astype(np.float32)


class _State:
    """What one channel's coder and decoder remember."""

    def __init__(self) -> None:
        self.memory = np.zeros(4)  # offset filter's input and output, pre-emphasis, de-emphasis
        self.ratios = np.zeros(ORDER)
        self.analysis = np.zeros(ORDER)
        self.synthesis = np.zeros(ORDER + 1)
        self.residual = np.zeros(LONGEST_LAG)

    def recode(self, samples: Rows) -> Floats:
        """Code one frame and return what a telephone at the other end plays."""
        if not (samples.any() or self.residual.any() or self.memory.any()):
            return np.zeros(FRAME)
        frame = np.clip(samples.astype(np.float64) * FULL_SCALE, -32_768.0, 32_767.0)
        flat = np.empty(FRAME)
        _flatten(frame, self.memory, flat)
        ratios = _decoded_ratios(_reflections(flat))
        sent = np.empty(FRAME)
        _lattice(flat, self.ratios, ratios, self.analysis, sent, True)
        received = np.empty(FRAME)
        for at in range(0, FRAME, SUBFRAME):
            _excite(sent[at : at + SUBFRAME], self.residual, received[at : at + SUBFRAME])
        out = np.empty(FRAME)
        _lattice(received, self.ratios, ratios, self.synthesis, out, False)
        self.ratios = ratios
        _deemphasise(out, self.memory)
        out[np.abs(out) < 0.5] = 0.0  # a telephone plays whole steps
        self.memory[np.abs(self.memory) < 1e-6] = 0.0
        return np.clip(out, -32_768.0, 32_767.0) / FULL_SCALE


@numba.njit(cache=True, nogil=True)
def _flatten(frame, memory, out):  # type: ignore[no-untyped-def]
    """Take the offset out and raise the top (5.2.2, 5.2.3)."""
    for index in range(frame.size):
        level = frame[index] - memory[0] + OFFSET_POLE * memory[1]
        memory[0] = frame[index]
        out[index] = level - PREEMPHASIS * memory[1]
        memory[1] = level


@numba.njit(cache=True, nogil=True)
def _deemphasise(frame, memory):  # type: ignore[no-untyped-def]
    for index in range(frame.size):
        memory[3] = frame[index] + PREEMPHASIS * memory[3]
        frame[index] = memory[3]


@numba.njit(cache=True, nogil=True)
def _reflections(frame):  # type: ignore[no-untyped-def]
    """Return the reflection coefficients of a frame, by Schur's recursion (5.2.4, 5.2.5)."""
    correlation = np.zeros(ORDER + 1)
    for lag in range(ORDER + 1):
        for index in range(lag, frame.size):
            correlation[lag] += frame[index] * frame[index - lag]
    coefficients = np.zeros(ORDER)
    if correlation[0] <= 0.0:
        return coefficients
    forward = correlation.copy()
    backward = correlation.copy()
    for order in range(ORDER):
        if forward[0] < abs(backward[1]) or forward[0] <= 0.0:
            break
        coefficient = -backward[1] / forward[0]
        coefficients[order] = coefficient
        forward[0] += backward[1] * coefficient
        for index in range(1, ORDER - order):
            ahead = backward[index + 1] + coefficient * forward[index]
            forward[index] += coefficient * backward[index + 1]
            backward[index] = ahead
    return coefficients


@numba.njit(cache=True, nogil=True)
def _decoded_ratios(coefficients):  # type: ignore[no-untyped-def]
    """Turn reflection coefficients to log area ratios, code them and decode them (5.2.6-5.2.8)."""
    ratios = np.empty(ORDER)
    for index in range(ORDER):
        size = abs(coefficients[index])
        if size >= 0.95:
            size = 8.0 * size - 6.375
        elif size >= 0.675:
            size = 2.0 * size - 0.675
        ratio = np.sign(coefficients[index]) * size
        code = np.floor(LAR_SCALE[index] * ratio + LAR_SHIFT[index] + 0.5)
        code = min(max(code, LAR_LEAST[index]), -1.0 - LAR_LEAST[index])
        ratios[index] = (code - LAR_SHIFT[index]) / LAR_SCALE[index]
    return ratios


@numba.njit(cache=True, nogil=True)
def _coefficient(ratio):  # type: ignore[no-untyped-def]
    """Return the reflection coefficient of a log area ratio (5.2.9.2)."""
    size = abs(ratio)
    if size >= 1.225:
        size = min(0.125 * size + 0.796875, 0.9999)
    elif size >= 0.675:
        size = 0.5 * size + 0.3375
    return np.sign(ratio) * size


@numba.njit(cache=True, nogil=True)
def _lattice(source, before, ratios, state, out, analysis):  # type: ignore[no-untyped-def]
    """Filter a frame through the lattice, whose ratios glide at its begin (5.2.9, 5.2.10, 5.3)."""
    coefficients = np.empty(ORDER)
    for index in range(source.size):
        if index in (0, 13, 27, 40):
            share = 0.25 if index == 0 else 0.5 if index == 13 else 0.75 if index == 27 else 1.0
            for order in range(ORDER):
                ratio = (1.0 - share) * before[order] + share * ratios[order]
                coefficients[order] = _coefficient(ratio)
        value = source[index]
        if analysis:
            delayed = value
            for order in range(ORDER):
                past = state[order]
                state[order] = delayed
                delayed = past + coefficients[order] * value
                value = value + coefficients[order] * past
        else:
            for order in range(ORDER - 1, -1, -1):
                value = value - coefficients[order] * state[order]
                state[order + 1] = state[order] + coefficients[order] * value
            state[0] = value
        out[index] = value


@numba.njit(cache=True, nogil=True)
def _excite(sent, past, received):  # type: ignore[no-untyped-def]
    """Code 5 ms of the residual and decode them: lag, gain, a grid of pulses (5.2.11-5.2.18)."""
    best = 0.0
    lag = SHORTEST_LAG
    for candidate in range(SHORTEST_LAG, LONGEST_LAG + 1):
        match = 0.0
        for index in range(SUBFRAME):
            match += sent[index] * past[LONGEST_LAG + index - candidate]
        if match > best:
            best = match
            lag = candidate
    power = 0.0
    for index in range(SUBFRAME):
        power += past[LONGEST_LAG + index - lag] ** 2
    ratio = best / power if power > 0.0 else 0.0
    gain = GAINS[np.searchsorted(GAIN_EDGES, ratio, side="right")]
    remains = np.empty(SUBFRAME)
    for index in range(SUBFRAME):
        received[index] = gain * past[LONGEST_LAG + index - lag]
        remains[index] = sent[index] - received[index]
    _add_pulses(remains, received)
    past[: LONGEST_LAG - SUBFRAME] = past[SUBFRAME:].copy()
    past[LONGEST_LAG - SUBFRAME :] = received


@numba.njit(cache=True, nogil=True)
def _add_pulses(remains, received):  # type: ignore[no-untyped-def]
    """Keep every third sample of the weighted residual, on the strongest of four grids."""
    weighted = np.zeros(SUBFRAME)
    for index in range(SUBFRAME):
        for tap in range(WEIGHTING.size):
            at = index + 5 - tap
            if 0 <= at < SUBFRAME:
                weighted[index] += WEIGHTING[tap] * remains[at]
    best, grid = -1.0, 0
    for candidate in range(4):
        energy = 0.0
        for pulse in range(GRID_PULSES):
            energy += weighted[candidate + 3 * pulse] ** 2
        if energy > best:
            best, grid = energy, candidate
    largest = 0.0
    for pulse in range(GRID_PULSES):
        largest = max(largest, abs(weighted[grid + 3 * pulse]))
    block = _decoded_maximum(largest)
    for pulse in range(GRID_PULSES):
        at = grid + 3 * pulse
        code = min(7.0, max(0.0, np.floor(4.0 * weighted[at] / block + 4.0)))
        received[at] += (2.0 * code - 7.0) / 8.0 * block


@numba.njit(cache=True, nogil=True)
def _decoded_maximum(largest):  # type: ignore[no-untyped-def]
    """Round a block's maximum up to one of 64 steps: 16 to 512, then eight to an octave."""
    if largest < 512.0:
        return 32.0 * np.floor(largest / 32.0) + 31.0
    step = 2.0 ** (np.floor(np.log2(min(largest, 32_767.0))) - 3.0)
    return step * np.floor(min(largest, 32_767.0) / step) + step - 1.0
