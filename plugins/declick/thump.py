"""The slow swing after a pop: found, and told from the music, in the low band alone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from restorack.dsp import _core
from restorack.dsp.autoregression import Floats, decimate, decimation_taps

LOW_RATE = 1378.0
"""About the rate that swings are looked for at: everything above 600 Hz is left out."""
ORDER_MS, CONTEXT_MS = 29.0, 260.0
"""Order of the low band's model (40 coefficients), and the music on each side it comes from. By
hand."""
RISE_MS = 1.5
"""Time constant in which a swing rises, so that its shapes begin without a step. By hand."""
DECAYS_MS = (6.0, 12.0, 24.0, 48.0)
"""In milliseconds, an octave apart: they cover swings of tens of milliseconds
(docs/inside/declicker.md)."""
HIGHEST_HZ = (250.0, 200.0, 150.0, 90.0)
"""Time constants that are tried, and the highest frequency of each."""
MIDDLE_FIRST = (1, 0, 2, 3)
"""The order in which time constants are tried: the second is nearest to all of them."""
LENGTHS = 4.5
"""A tail is followed for so many time constants, and faded out by then."""
SPACING = 2.5
"""Cosines under a decay lie 1 / (2 SPACING decay) Hz apart: closer than its width in frequency."""
SIZES_DB = (0.0, 12.0, 24.0)
"""Expected power of a swing over that of the low band around it."""
ENERGY_RISE, ENERGY_RISE_MS = 2.0, 30.0
"""Variances that the low band's residual must have after the anchor to be looked at at all."""
LEAST_EVIDENCE = 60.0
"""In nats: how much likelier the low band must be with a swing than without."""
LATER_MS, LATER_SHARE = 8.0, 0.35
"""A swing that starts this much after the anchor explains at most that share. By hand."""
EARLIER_MS, EARLIER_SHARE = 5.0, 1.12
"""A swing that begins with the click explains little once that has passed, and no more from a
while before it on; a note that swells, or a drum struck a moment later or before, does."""
LEFT_SHARE, SMALL_SHARE, MOST_LEFT = 0.2, 0.02, 20.0
"""Of the residual in the zone, so much may be left without the swing; if it is more than so many
variances, less."""
STAYS, STAYS_SHARE = 1.25, 0.05
"""A note stays: power in the swing's band after it, over that before, beyond this share of it."""
KNOWN_MS, HISTORY_MS, STEP_MS = 1000.0, 3000.0, 40.0
"""What must be heard first; how far back alike events are looked for; how often. By hand."""
SIMILAR_SHARE = 0.1
"""Where the last seconds hold something alike without a click, a drum say, this is another one."""
FLOOR, RIDGE = 1e-12, 1e-10
"""Power (-120 dBFS) and share of the diagonal (-100 dB) that keep silence solvable."""
MOST_SHAPES = 64
"""Swings of one time constant that the native core takes."""


class ThumpFinder:
    """Low-frequency tails that begin at a known place.

    The low band is music, an autoregressive process known from before and after the tail, plus a
    sum of decaying swings with unknown weights. Both are Gaussian, so the likeliest swing and the
    evidence for it come from one small linear system per time constant.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Notes
    -----
    After Godsill and Tan, Removal of low frequency transient noise from old recordings using
    model-based signal separation techniques, WASPAA 1997: two processes, parted by their models.
    """

    def __init__(self, sample_rate: float) -> None:
        self._factor = factor = max(1, round(sample_rate / LOW_RATE))
        rate = sample_rate / factor
        self._taps = decimation_taps(factor)
        self._order = max(8, round(ORDER_MS * 1e-3 * rate))
        self._context = max(4 * self._order, round(CONTEXT_MS * 1e-3 * rate))
        self._shapes = [
            _shapes(sample_rate, factor, decay, highest)
            for decay, highest in zip(DECAYS_MS, HIGHEST_HZ, strict=True)
        ]
        self._longest = max(len(low) for _, low in self._shapes)
        self._energy_rise = round(ENERGY_RISE_MS * 1e-3 * rate)
        self._later = round(LATER_MS * 1e-3 * sample_rate)
        self._earlier = round(EARLIER_MS * 1e-3 * sample_rate)
        self._known, self._history, self._step = (
            round(ms * 1e-3 * sample_rate) for ms in (KNOWN_MS, HISTORY_MS, STEP_MS)
        )
        self._begin()

    def _begin(self) -> None:
        lengths = (
            self._factor,
            self._order,
            self._context,
            self._longest,
            self._energy_rise,
            self._later,
            self._earlier,
            self._known,
            self._history,
            self._step,
            self._reach,
        )
        settings = (
            ENERGY_RISE,
            LEAST_EVIDENCE,
            LATER_SHARE,
            EARLIER_SHARE,
            LEFT_SHARE,
            SMALL_SHARE,
            MOST_LEFT,
            SIMILAR_SHARE,
            FLOOR,
            RIDGE,
        )
        rows = tuple(np.ascontiguousarray(low.T) for _, low in self._shapes)
        self._handle = _core.new_thumps(
            lengths,
            MIDDLE_FIRST,
            tuple(len(each) for each in rows),
            tuple(10.0 ** (size / 10.0) for size in SIZES_DB),
            settings,
            self._taps,
            rows,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle what the native finder is made from."""
        return {key: value for key, value in vars(self).items() if key != "_handle"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the native finder anew."""
        vars(self).update(state)
        self._begin()

    @property
    def before(self) -> int:
        """Samples that must be there before an anchor."""
        return self._history + self._reach

    @property
    def _reach(self) -> int:
        """Samples before an anchor that its own low band is looked at in."""
        low = self._context + self._order + 1
        return low * self._factor + len(self._taps) // 2 + self._earlier

    @property
    def after(self) -> int:
        """Samples that must be there from an anchor on."""
        low = self._longest + self._context + self._order + 1
        return low * self._factor + len(self._taps) // 2 + self._later

    def find(self, signal: Floats, anchor: int, heard: int) -> Floats | None:
        """Return the swing that begins at a sample of a signal, if there clearly is one.

        Parameters
        ----------
        signal : ndarray, shape (samples,)
            With :attr:`before` samples before the anchor, and :attr:`after` from it on.
        anchor : int
        heard : int
            Samples of the stream before the anchor; in its first second no swing is told.

        Returns
        -------
        ndarray or None
            Samples at the full rate from the anchor on; they fade to nothing.
        """
        weights = np.empty(MOST_SHAPES)
        number = _core.find_thump(self._handle, signal, anchor, heard, weights)
        if number < 0:
            return None
        full, shapes = self._shapes[number]
        weights = weights[: shapes.shape[1]]
        low, start = self._low_band(signal, anchor)
        if self._stays(low, start, start + len(shapes), shapes @ weights):
            return None
        thump: Floats = full @ weights
        return thump

    def _stays(self, low: Floats, start: int, stop: int, thump: Floats) -> bool:
        """Return whether the swing's band is louder after it than it was before: a note's is."""
        context = self._context
        size = 2 * max(context, len(thump))
        spectrum = np.abs(np.fft.rfft(thump, size)) ** 2
        window = np.hanning(context)
        before, after = (
            float(spectrum @ np.abs(np.fft.rfft(window * side, size)) ** 2)
            for side in (low[start - context : start], low[stop : stop + context])
        )
        return after > STAYS * before + STAYS_SHARE * float(spectrum @ spectrum)

    def _low_band(self, signal: Floats, anchor: int) -> tuple[Floats, int]:
        """Return the low band on a grid that has the anchor on it, and the anchor's place.

        It goes on as far from the anchor as the longest tail asks for.
        """
        factor, half = self._factor, len(self._taps) // 2
        start = self._context + self._order + 1
        count = 2 * start + self._longest
        first = anchor - start * factor - half
        part = signal[first : first + (count - 1) * factor + 2 * half + 1]
        return decimate(part, self._taps, factor), start


@lru_cache(maxsize=32)
def _shapes(
    sample_rate: float, factor: int, decay_ms: float, highest_hz: float
) -> tuple[Floats, Floats]:
    """Return decaying swings, a column each, at the full rate and in the low band."""
    decay = decay_ms * 1e-3
    count = round(LENGTHS * decay * sample_rate) // factor * factor
    time = np.arange(count) / sample_rate
    ending = np.clip((1.0 - np.arange(count) / count) / 0.4, 0.0, 1.0)
    envelope = np.exp(-time / decay) * np.sin(0.5 * np.pi * ending) ** 2
    envelope *= 1.0 - np.exp(-time / (RISE_MS * 1e-3))
    numbers = np.arange(max(2, int(2.0 * SPACING * decay * highest_hz)) + 1)
    full = envelope[:, None] * np.cos(np.pi / (SPACING * decay) * np.outer(time, numbers))
    full /= np.sqrt(np.mean(full**2, axis=0))
    taps = decimation_taps(factor)
    half = len(taps) // 2
    low = np.stack([decimate(np.pad(row, half), taps, factor) for row in full.T], axis=1)
    for array in (full, low):
        array.flags.writeable = False
    return full, np.ascontiguousarray(low)
