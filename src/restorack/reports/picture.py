"""Before and after in one picture: spectrograms on one colour scale, and the waveforms."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import power_to_db
from restorack.io.atomic import AtomicFile
from restorack.io.reader import AudioReader
from restorack.reports.verification import verify_png, verify_svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

COLUMNS = 900
"""Of a spectrogram; longer files average the power of several frames in one column."""

SPAN_DB = 90.0
"""Of the colour scale, below the loudest point of all pictures."""

BLOCK = 1 << 16
"""Samples that are read at a time."""

TEXT = 13
"""Points of the lettering: legible at half the size."""


@dataclass(frozen=True)
class Drawn:
    """A signal as it is drawn.

    Attributes
    ----------
    power : ndarray, shape (bins, columns)
        Mean power of the frames in each column; a full-scale sine gives 1.
    low, high : ndarray, shape (columns,)
        Lowest and highest sample of each column.
    seconds : float
        Length.
    nyquist_hz : float
    """

    power: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    seconds: float
    nyquist_hz: float


def write_picture(
    before: str | PathLike[str],
    after: str | PathLike[str],
    path: str | PathLike[str],
    *,
    difference: bool = True,
    start: float | None = None,
    stop: float | None = None,
    top_hz: float = 12_000.0,
    titles: Sequence[str] = ("before", "after", "difference (what was removed)"),
    late_samples: int = 0,
    force: bool = False,
) -> None:
    """Draw the spectrograms and waveforms of two files side by side, as PNG.

    Parameters
    ----------
    before, after : path-like
        Audio files; channels are averaged.
    path : path-like
        The PNG.
    difference : bool
        Also draw before minus after, where both have one rate.
    start, stop : float, optional
        The part of ``before``, in seconds, that ``after`` was rendered from.
    top_hz : float
        Upper end of the frequency axis, or the highest Nyquist frequency.
    titles : sequence of str
        Of before, after and difference.
    late_samples : int
        How late ``after`` is, in its own samples; what it has before, or lacks, is left out.
    force : bool
        Replace a picture that exists.

    Raises
    ------
    FileError, AudioError
        Where a file cannot be read or the picture not be written.
    """
    with AudioReader(before) as first, AudioReader(after) as second:
        span = first.span(start, stop)
        heard = (max(0, late_samples), second.info.frames)
        signals = [draw_signal([(first, *span)]), draw_signal([(second, *heard)])]
        if difference and first.info.sample_rate == second.info.sample_rate:
            begin = span[0] + max(0, -late_samples)
            count = max(0, min(span[1] - begin, heard[1] - heard[0]))
            pair = [(first, begin, begin + count), (second, heard[0], heard[0] + count)]
            signals.append(draw_signal(pair))
    figure = _figure(signals, list(titles), min(top_hz, max(one.nyquist_hz for one in signals)))
    save_picture(figure, path, force=force, sources=[before, after])


def save_picture(
    figure: Figure,
    path: str | PathLike[str],
    *,
    force: bool,
    sources: Sequence[str | PathLike[str]] = (),
) -> None:
    """Write a figure as PNG, or as SVG if the name ends so; it appears when it is whole."""
    is_svg = str(path).lower().endswith(".svg")
    with (
        AtomicFile(path, force=force, sources=sources) as appearing,
        open(appearing.descriptor, "wb", closefd=False) as file,
    ):
        if is_svg:
            figure.savefig(file, format="svg", metadata={"Date": None})
        else:
            figure.savefig(file, format="png", pil_kwargs={"optimize": True})
        file.flush()
        (verify_svg if is_svg else verify_png)(appearing.part, appearing.given)


def draw_signal(readers: Sequence[tuple[AudioReader, int, int]]) -> Drawn:
    """Measure a span of a file, or the first of two minus the second, in one pass.

    Parameters
    ----------
    readers : sequence of (AudioReader, first, last)
        One or two spans of equal length, in samples.
    """
    rate = float(readers[0][0].info.sample_rate)
    first, last = readers[0][1:]
    frames = last - first
    size = 1 << max(8, round(np.log2(0.046 * rate)))  # 46 ms: 2048 samples at 44.1 kHz
    per_column = max(1, -(-frames // COLUMNS))
    streams = [_mono(*reader) for reader in readers]
    gathered = _Columns(size, per_column, max(1, -(-frames // per_column)))
    for parts in zip(*streams, strict=True):
        gathered.push(parts[0] if len(parts) == 1 else parts[0] - parts[1])
    return gathered.drawn(frames / rate, rate / 2.0)


def _mono(reader: AudioReader, first: int, last: int) -> Any:
    return (block.mean(axis=0, dtype=np.float64) for block in reader.blocks(BLOCK, first, last))


class _Columns:
    """Frames and samples gathered into the columns of a picture."""

    def __init__(self, size: int, per_column: int, columns: int) -> None:
        self._size, self._per_column, self._columns = size, per_column, columns
        self._hop = min(size // 4, per_column)
        self._window = np.hanning(size)
        self._scale = (2.0 / self._window.sum()) ** 2
        self._power = np.zeros((size // 2 + 1, columns))
        self._counts = np.zeros(columns)
        self._low, self._high = np.zeros(columns), np.zeros(columns)
        self._waiting = np.zeros(size // 2)  # frames are centred: half of one before the start
        self._frame = 0
        self._sample = 0

    def push(self, samples: NDArray[np.float64]) -> None:
        """Take the next samples."""
        columns = (self._sample + np.arange(len(samples))) // self._per_column
        np.minimum.at(self._low, columns, samples)
        np.maximum.at(self._high, columns, samples)
        self._sample += len(samples)
        self._transform(np.concatenate([self._waiting, samples]))

    def _transform(self, joined: NDArray[np.float64]) -> None:
        count = max(0, (len(joined) - self._size) // self._hop + 1)
        if count:
            views = np.lib.stride_tricks.sliding_window_view(joined, self._size)
            self._gather(views[:: self._hop][:count])
        self._waiting = joined[count * self._hop :]

    def _gather(self, frames: NDArray[np.float64]) -> None:
        for at in range(0, len(frames), 64):  # so that no block of spectra gets large
            part = frames[at : at + 64]
            power = self._scale * np.abs(np.fft.rfft(part * self._window)) ** 2
            centres = (self._frame + np.arange(len(part))) * self._hop
            columns = np.minimum(centres // self._per_column, self._columns - 1)
            np.add.at(self._power.T, columns, power)
            np.add.at(self._counts, columns, 1.0)
            self._frame += len(part)

    def drawn(self, seconds: float, nyquist_hz: float) -> Drawn:
        """Return the picture's numbers."""
        self._transform(np.concatenate([self._waiting, np.zeros(self._size // 2)]))
        power = self._power / np.maximum(self._counts, 1.0)
        for column in np.flatnonzero(self._counts == 0).tolist():  # the end of a short file
            power[:, column] = power[:, max(0, column - 1)]
        return Drawn(power, self._low, self._high, seconds, nyquist_hz)


def _figure(signals: Sequence[Drawn], titles: Sequence[str], top_hz: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.4 * len(signals) + 1.0, 5.8), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(
        2, len(signals), sharex="col", sharey="row", squeeze=False, height_ratios=[2.6, 1.0]
    )
    loudest = max(float(one.power.max(initial=0.0)) for one in signals)
    top_db = 10.0 * np.ceil(power_to_db(max(loudest, 1e-12)) / 10.0)
    reach = max(float(np.abs([one.low, one.high]).max()) for one in signals) or 1.0
    for column, (signal, title) in enumerate(zip(signals, titles, strict=False)):
        image = draw_spectrogram(grid[0, column], signal, title, top_hz, top_db)
        draw_waveform(grid[1, column], signal, reach)
    grid[0, 0].set_ylabel("frequency (kHz)", fontsize=TEXT)
    grid[1, 0].set_ylabel("amplitude", fontsize=TEXT)
    bar = figure.colorbar(image, ax=list(grid[0]), pad=0.012, fraction=0.025)
    bar.set_label("level (dBFS)", fontsize=TEXT)
    bar.ax.tick_params(labelsize=TEXT)
    bar.outline.set_visible(False)
    return figure


def draw_spectrogram(axes: Any, signal: Drawn, title: str, top_hz: float, top_db: float) -> Any:
    """Draw a spectrogram and return its image; the colours reach from ``top_db`` 90 dB down."""
    level = power_to_db(np.maximum(signal.power, 1e-14))
    image = axes.imshow(
        level,
        origin="lower",
        aspect="auto",
        extent=(0.0, max(signal.seconds, 1e-3), 0.0, signal.nyquist_hz / 1000.0),
        vmin=top_db - SPAN_DB,
        vmax=top_db,
        cmap="magma",
        interpolation="bilinear",
    )
    axes.set_facecolor(image.cmap(0.0))  # above a Nyquist frequency that is lower than the other's
    axes.set_ylim(0.0, top_hz / 1000.0)
    axes.set_title(title, fontsize=16, loc="left")
    axes.tick_params(labelsize=TEXT)
    return image


def draw_waveform(axes: Any, signal: Drawn, reach: float) -> None:
    """Draw a waveform on axes that reach from -``reach`` to ``reach``."""
    from matplotlib.ticker import MaxNLocator

    time = (np.arange(len(signal.low)) + 0.5) * signal.seconds / len(signal.low)
    axes.fill_between(time, signal.low, signal.high, color="#5b2a86", linewidth=0.4)
    axes.set_ylim(-1.05 * reach, 1.05 * reach)
    axes.xaxis.set_major_locator(MaxNLocator(5, prune="upper"))  # ends would touch the neighbour's
    axes.set_xlabel("time (s)", fontsize=TEXT)
    axes.tick_params(labelsize=TEXT)
    axes.grid(alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
