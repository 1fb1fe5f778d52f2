"""Metrics of files as of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restorack.errors import AudioError
from restorack.metrics.clicks import ClickWindow
from restorack.metrics.evaluation import MAX_OFFSET_SECONDS, evaluate as evaluate_arrays

Signal = ArrayLike | str | PathLike[str]


def evaluate(
    reference: Signal,
    estimate: Signal,
    sample_rate: float | None = None,
    degraded: Signal | None = None,
    *,
    clicks: Signal | None = None,
    noise: Signal | None = None,
    windows: Sequence[ClickWindow] | None = None,
    metrics: Sequence[str] | None = None,
    max_offset_seconds: float = MAX_OFFSET_SECONDS,
) -> dict[str, float]:
    """Return every metric that the signals allow, by name.

    Parameters
    ----------
    reference, estimate, degraded, clicks, noise : array_like or path-like
        Audio of shape (samples,) or (channels, samples), or files; see
        :func:`restorack.metrics.measure`.
    sample_rate : float, optional
        In Hz, of arrays; files have their own.
    windows, metrics, max_offset_seconds : optional
        As of :func:`restorack.metrics.measure`.

    Raises
    ------
    AudioError
        For signals of different rates, and for arrays without one.
    """
    signals = {"reference": reference, "estimate": estimate, "degraded": degraded,
               "clicks": clicks, "noise": noise}  # fmt: skip
    loaded = {name: _loaded(value) for name, value in signals.items() if value is not None}
    rates = {rate for _, rate in loaded.values() if rate is not None}
    rates |= {float(sample_rate)} if sample_rate is not None else set()
    if len(rates) != 1:
        shown = ", ".join(f"{rate:g} Hz" for rate in sorted(rates)) or "no sample rate"
        raise AudioError(shown, where="evaluate", rule="all signals have one sample rate")
    arrays: dict[str, Any] = {name: audio for name, (audio, _) in loaded.items()}
    first, second = arrays.pop("reference"), arrays.pop("estimate")
    return evaluate_arrays(
        first, second, rates.pop(), **arrays, windows=windows, metrics=metrics,
        max_offset_seconds=max_offset_seconds,
    )  # fmt: skip


def _loaded(signal: Any) -> tuple[Any, float | None]:
    """Return a signal, and its rate where it is a file."""
    if not isinstance(signal, (str, PathLike)):
        return signal, None
    from restorack.io.reader import AudioReader

    with AudioReader(signal) as reader:
        blocks = list(reader.blocks(1 << 16))
        return np.concatenate(blocks, axis=1), float(reader.info.sample_rate)
