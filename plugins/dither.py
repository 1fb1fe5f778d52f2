"""Dither: the last stage before a shorter word."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import ChoiceParameter, IntParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.dither import (
    LONGEST_WORD,
    Mask,
    dither_rows,
    on_grid,
    round_rows,
    triangular_noise,
)
from restorack.dsp.noise_shaping import SHAPES, ShapedRounder, shaping_taps
from restorack.io.output_formats import PCM_BITS
from restorack.io.overs import OverCounter

WORD_BITS = {name: bits for name, bits in PCM_BITS.items() if bits <= LONGEST_WORD}

SHORTEST_RUN = 32
"""Samples on the grid are taken for untouched ones in runs at least this long.

After a halving, and in float32 near full scale at 24 bits, every second sample lies on the grid
by accident: a run of 32 then happens once in 2^32 samples, which is a day of audio."""

COUNTS = ("shortened_samples", "untouched_samples", "clipped_samples")

REMEDY = "lower the level before this stage (pedalboard.Gain, or restorack.Loudness)"


class Dither(Processor):
    """Shorten the word with triangular dither two steps wide; leave alone what is short enough.

    ``shape`` moves the error to where the ear hears least, above 15 kHz; in all it then has more
    power. It is for the last word of a file: what is processed again gets none.

    A sample passes untouched where it belongs to a run of at least 32 that the target word holds
    exactly (what lies before and after the stream counts as such): digital silence stays silent,
    a file that has the target's word already stays as it is, and so do the stretches of it that
    the stages before did not touch.

    Notes
    -----
    The noise depends on seed, channel and position in the stream alone. Where a renderer knows
    which samples changed, :func:`restorack.dsp.dither.dither_rows` takes that as a mask.
    """

    traits = frozenset({Trait.STOCHASTIC})

    type = ChoiceParameter(
        "triangular",
        ("triangular", "none"),
        description="Triangular dither before rounding, or rounding alone (halves to even).",
    )
    subtype = ChoiceParameter(
        "PCM_24", tuple(WORD_BITS), description="The word that samples are shortened to."
    )
    shape = ChoiceParameter(
        "none",
        ("none", *SHAPES),
        description="Noise shaping for the rate: light lowers the error by 16 dB at 3.5 kHz (44.1 "
        "kHz) and has 6 dB more in all, strong by 23 and 13 dB.",
    )
    seed = IntParameter(0, 0, 2**31 - 1, description="Another seed, other noise.")

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._counts = dict.fromkeys(COUNTS, 0)
        self._overs: OverCounter | None = None

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples: what is needed to see a whole run."""
        return SHORTEST_RUN - 1 if self.type == "triangular" else 0

    def findings(self) -> dict[str, Any]:
        """Return how many samples were shortened, left alone, clipped (sum of all channels)."""
        warnings = self._overs.warning() if self._overs else []
        return self._counts | ({"warnings": warnings} if warnings else {})

    def summary(self) -> str:
        """Return how much was shortened, and how much went beyond full scale."""
        shortened, whole, clipped = (self._counts[name] for name in COUNTS)
        total = shortened + whole
        share = 100.0 * shortened / total if total else 0.0
        over = f", {clipped:,} samples beyond full scale" if clipped else ""
        shaped = "" if self.shape == "none" else f", {self.shape} noise shaping"
        return f"{share:.3g} % of samples shortened to {self.subtype}{shaped}{over}"

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._bits = WORD_BITS[self.subtype]
        self._overs = OverCounter(self._bits, sample_rate)
        self._overs.remedy = REMEDY
        self._ahead = self.predict_latency(sample_rate)
        self._pending = np.zeros((channels, 0), np.float32)
        self._past_on_grid = np.ones((channels, self._ahead), np.bool_)
        self._position = 0
        self._counts = dict.fromkeys(COUNTS, 0)
        self._shaper: ShapedRounder | None = None
        if self.shape != "none":
            self._shaper = ShapedRounder(
                channels, self._bits, shaping_taps(self.shape, sample_rate)
            )

    def _push(self, block: Rows) -> Rows:
        joined = np.concatenate([self._pending, block], axis=1)
        ready = max(0, joined.shape[1] - self._ahead)
        self._pending = joined[:, ready:]
        return self._shortened(joined[:, :ready], on_grid(joined, self._bits))

    def _finish(self) -> Rows:
        beyond = np.ones((self._pending.shape[0], self._ahead), np.bool_)
        held = on_grid(self._pending, self._bits)
        return self._shortened(self._pending, np.concatenate([held, beyond], axis=1))

    def _shortened(self, rows: Rows, held: Mask) -> Rows:
        """Shorten rows, given which of them and of the samples that follow lie on the grid."""
        left = held
        if self._ahead > 0:
            flags = np.concatenate([self._past_on_grid, held], axis=1)
            left = _in_runs(flags)[:, : rows.shape[1]]
            self._past_on_grid = flags[:, rows.shape[1] : rows.shape[1] + self._ahead]
        out = self._rounded(rows, left)
        self._count(rows, left)
        self._position += rows.shape[1]
        return out

    def _rounded(self, rows: Rows, left: Mask) -> Rows:
        """Round samples with the dither of their place, but for those that are left."""
        if self._shaper is not None:
            noise = np.zeros(rows.shape)
            if self.type == "triangular":
                noise = triangular_noise(*self._place_of(rows), self.seed)
            return self._shaper.round(rows, noise, left)
        if self.type == "none":
            return round_rows(rows, self._bits)
        return dither_rows(rows, self._bits, self._position, self.seed, left)

    def _place_of(self, rows: Rows) -> tuple[int, int, int]:
        return rows.shape[0], self._position, rows.shape[1]

    def _count(self, rows: Rows, left: Mask) -> None:
        untouched = int(left.sum())
        self._counts["untouched_samples"] += untouched
        self._counts["shortened_samples"] += rows.size - untouched
        if self._overs is not None:
            self._overs.push(rows, self._position)
            self._counts["clipped_samples"] = self._overs.count


def _in_runs(flags: Mask) -> Mask:
    """Return which samples lie in a run of set flags that is long enough.

    Sample ``i`` of the result is flag ``i + SHORTEST_RUN - 1``; as many at the end lack the flags
    that follow and are left out.
    """
    whole = _sums(flags) == SHORTEST_RUN
    return _sums(whole) > 0


def _sums(flags: Mask) -> NDArray[np.int64]:
    """Return the sum of every window of the shortest run's length."""
    sums: NDArray[np.int64] = np.cumsum(flags, axis=1, dtype=np.int64)
    sums[:, SHORTEST_RUN:] -= sums[:, :-SHORTEST_RUN].copy()
    return sums[:, SHORTEST_RUN - 1 :]
