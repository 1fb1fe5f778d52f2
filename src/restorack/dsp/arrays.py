"""The one gate through which audio enters: shape, type, finiteness, sample rate."""

from __future__ import annotations

import math
import operator
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.errors import AudioError, AudioTypeError

Rows: TypeAlias = NDArray[np.float32]
"""Audio as ``(channels, samples)`` float32; full scale is -1 to 1, values beyond it are allowed."""

LOUDEST = np.float32(1e12)
"""+240 dBFS: what lies beyond is taken for as much, since powers of it overflow a float32."""

MAX_CHANNELS = 64
"""More rows than this are taken for samples: channels and samples are exchanged."""
# In Hz: from below any audio format to the fastest converters.
MIN_SAMPLE_RATE = 1_000.0
MAX_SAMPLE_RATE = 768_000.0


class Layout(Enum):
    """How a caller's array lays its samples out."""

    MONO = "(samples,)"
    ROWS = "(channels, samples)"
    COLUMNS = "(samples, channels)"


def to_rows(
    audio: Any, channels: int | None = None, layout: Layout | None = None
) -> tuple[Rows, Layout]:
    """Check audio and return it as rows, without ever writing into it.

    Parameters
    ----------
    audio : array_like of float, shape (samples,) or (channels, samples)
        Audio in float32 or float64, full scale -1 to 1. Shape (samples, channels) is taken where
        it cannot be mistaken: of more than 64 samples, or in a stream that began so.
    channels, layout : optional
        Of the stream that the audio continues.

    Returns
    -------
    rows : ndarray of float32, shape (channels, samples)
        A view of the input where that is possible.
    layout : Layout
        How the input is laid out.

    Raises
    ------
    AudioTypeError
        For integers and anything else that is not floating point.
    AudioError
        For NaN, infinity, a wrong number of dimensions, or more than 64 rows.
    """
    array = np.asarray(audio)
    if array.dtype.kind in "iub":
        bits = 8 * array.dtype.itemsize - (array.dtype.kind == "i")
        raise AudioTypeError(
            f"audio is {array.dtype}, not floating point",
            rule="samples are floats with full scale -1 to 1",
            remedy=f"scale first: audio.astype('float32') / 2.0**{bits}",
        )
    if array.dtype not in (np.float32, np.float64):
        raise AudioTypeError(
            f"audio is {array.dtype}", rule="samples are float32 or float64", remedy="convert first"
        )
    if array.ndim not in (1, 2):
        raise AudioError(
            f"audio has {array.ndim} dimensions (shape {array.shape})",
            rule="audio is (samples,) or (channels, samples)",
        )
    found = _layout_of(array.shape, channels, layout)
    rows = {Layout.MONO: array[np.newaxis], Layout.COLUMNS: array.T}.get(found, array)
    if rows.shape[0] > MAX_CHANNELS:
        raise AudioError(
            f"audio has {rows.shape[0]} rows (shape {array.shape})",
            rule=f"at most {MAX_CHANNELS} channels, channels first",
            remedy="channels first: transpose?",
        )
    if rows.shape[0] == 0:
        raise AudioError(f"audio has no channel (shape {array.shape})", rule="at least one row")
    with np.errstate(over="ignore"):
        single = rows.astype(np.float32, copy=False)
    require_finite(single)
    return single, found


def _layout_of(
    shape: tuple[int, ...], channels: int | None = None, layout: Layout | None = None
) -> Layout:
    """Return how an array of one or two dimensions is laid out: channels first where in doubt."""
    if len(shape) == 1:
        return Layout.MONO
    samples_first = shape[0] > MAX_CHANNELS >= shape[1] >= 1
    continued = layout is Layout.COLUMNS and shape[1] == channels
    return Layout.COLUMNS if samples_first or continued else Layout.ROWS


def require_finite(rows: Rows, *, where: str = "") -> None:
    """Raise :class:`AudioError` that names the first sample that is not finite."""
    finite = np.isfinite(rows)
    if finite.all():
        return
    channel, position = (int(index) for index in np.argwhere(~finite)[0])
    raise AudioError(
        f"sample {rows[channel, position]} at channel {channel}, position {position}",
        where=where,
        rule="every sample is a finite float32",
        remedy="repair the file first, for example with numpy.nan_to_num",
    )


def bounded(rows: Rows) -> Rows:
    """Return rows with what lies beyond :data:`LOUDEST` set to it; the same object without such."""
    if not rows.size or (rows.max() <= LOUDEST and rows.min() >= -LOUDEST):
        return rows
    return np.clip(rows, -LOUDEST, LOUDEST)


def check_sample_rate(sample_rate: Any) -> float:
    """Return the sample rate in Hz as a float.

    Raises
    ------
    AudioTypeError
        For what is no number.
    AudioError
        For one out of range.
    """
    rule = f"a number from {MIN_SAMPLE_RATE:.0f} to {MAX_SAMPLE_RATE:.0f} Hz"
    if isinstance(sample_rate, bool) or not hasattr(sample_rate, "__float__"):
        raise AudioTypeError(f"sample rate {sample_rate!r}", rule=rule)
    try:
        rate = float(sample_rate)
    except (TypeError, ValueError):  # an array of several numbers
        rate = math.nan
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise AudioError(f"sample rate {sample_rate!r}", rule=rule)
    return rate


def check_buffer_size(buffer_size: Any) -> int:
    """Return the number of samples per block.

    Raises
    ------
    AudioTypeError
        For what is no whole number.
    AudioError
        For less than one sample.
    """
    rule = "a whole number of samples, at least one"
    try:
        size = operator.index(buffer_size)
    except TypeError:
        raise AudioTypeError(f"buffer_size = {buffer_size!r}", rule=rule) from None
    if size < 1:
        raise AudioError(f"buffer_size = {buffer_size!r}", rule=rule)
    return size


def like_input(rows: Rows, layout: Layout) -> Rows:
    """Return rows in the layout that the caller used."""
    if layout is Layout.MONO:
        mono: Rows = rows[0]
        return mono
    return np.ascontiguousarray(rows.T) if layout is Layout.COLUMNS else rows
