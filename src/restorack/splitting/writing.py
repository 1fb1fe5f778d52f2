"""The files of a side: spans of its samples with fades, bit for bit where nothing fades."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.dither import LONGEST_WORD, dither_rows, on_grid
from restorack.io.reader import AudioReader, DoubleRows
from restorack.io.writer import AudioWriter
from restorack.splitting.layout import Span

DITHER_SEED = 78
"""Any: a fixed seed makes the same file of the same side."""


def write_spans(reader: AudioReader, spans: Sequence[Span], writers: Sequence[AudioWriter]) -> None:
    """Write spans of a side, each into a file of its own, and finish the files.

    Parameters
    ----------
    reader : AudioReader
        It is read once, from the first sample to the last that a span has.
    spans : sequence of Span
        In order, none over another.
    writers : sequence of AudioWriter
        Open; none of them is left.
    """
    stop = max(span.stop for span in spans)
    position, at = 0, 0
    for block in reader.blocks64(stop=stop):
        end = position + block.shape[1]
        while at < len(spans) and spans[at].start < end:
            span, writer = spans[at], writers[at]
            first, last = max(span.start, position), min(span.stop, end)
            if first < last:
                piece = block[:, first - position : last - position]
                writer.write(encoded(piece, span, first, writer.bits))
            if span.stop > end:
                break
            writer.finish()
            at += 1
        position = end


def encoded(rows: DoubleRows, span: Span, start: int, bits: int | None) -> DoubleRows:
    """Return samples of a span as its file gets them.

    Parameters
    ----------
    rows : ndarray of float64, shape (channels, samples)
    span : Span
    start : int
        Sample of the side that they begin with.
    bits : int or None
        Of the file's words; what does not fit is dithered. None for floats and lossy formats.
    """
    gain = fade_gains(span, start, rows.shape[1])
    faded = rows if gain is None else rows * gain
    if bits is None or bits > LONGEST_WORD:
        return faded
    fits = on_grid(faded, bits)  # type: ignore[arg-type]  # it computes in float64
    if gain is not None:
        fits &= gain == 1.0
    if fits.all():
        return faded
    dithered = dither_rows(faded.astype(np.float32), bits, start - span.start, DITHER_SEED, fits)
    return dithered.astype(np.float64)


def fade_gains(span: Span, start: int, count: int) -> NDArray[np.float64] | None:
    """Return the gains of samples of a span; None where all are 1.

    A fade is a raised cosine: half a period of it, from 0 to 1.
    """
    first, last = span.start + span.fade_in, span.stop - span.fade_out
    if start >= first and start + count <= last:
        return None
    at = np.arange(start, start + count, dtype=np.float64)
    gain = np.ones(count)
    if span.fade_in:
        gain *= _raised(np.clip((at - span.start + 0.5) / span.fade_in, 0.0, 1.0))
    if span.fade_out:
        gain *= _raised(np.clip((span.stop - at - 0.5) / span.fade_out, 0.0, 1.0))
    return gain


def _raised(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(share >= 1.0, 1.0, 0.5 - 0.5 * np.cos(np.pi * share))
