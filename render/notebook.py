"""A render in a notebook: players and spectrograms before and after."""

from __future__ import annotations

import base64
import io
import struct
import wave
import zlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.quantise import quantise
from restorack.errors import RestorackError
from restorack.io.reader import AudioReader

if TYPE_CHECKING:
    from restorack.render.result import RenderResult

LONGEST_S = 30.0
"""Seconds of a file that a notebook keeps: its players and pictures are saved with it."""

COLUMNS, LINES = 720, 200
"""Pixels of a spectrogram. By hand."""
FRAME = 2048
"""Samples of a column's frame, 46 ms at 44.1 kHz. By hand."""
FLOOR_DB, TOP_DB = -110.0, -20.0
"""Levels of the darkest and the brightest colour, of a bin over a full-scale sine. By hand."""
_COLOURS = np.array(
    [[0, 0, 4], [59, 15, 112], [140, 41, 129], [222, 73, 104], [254, 159, 109], [252, 253, 191]]
)
"""From silence to full scale."""


def result_html(result: RenderResult) -> str:
    """Return a finished render as HTML: of each file a player and a spectrogram.

    Parameters
    ----------
    result : RenderResult
        Files that are gone meanwhile are named without either.
    """
    files = [("before", result.source), ("after", result.output)]
    if result.difference is not None:
        files.append(("removed", result.difference))
    cells = "".join(_cell(title, path) for title, path in files)
    head = (
        f"{escape(result.source.name)} &rarr; {escape(result.output.name)}: "
        f"{escape(result.preset or 'chain')}, {result.speed:.1f} &times; real time"
    )
    warnings = "".join(f"<div>warning: {escape(text)}</div>" for text in result.warnings)
    return f"<div><div>{head}</div>{cells}{warnings}</div>"


def _cell(title: str, path: Path) -> str:
    try:
        rows, rate, whole = _excerpt(path)
    except RestorackError as error:
        return f"<div><strong>{title}</strong> {escape(str(error))}</div>"
    note = "" if whole else f" (the first {LONGEST_S:.0f} s)"
    sound = base64.b64encode(wave_bytes(rows, rate)).decode()
    picture = base64.b64encode(spectrogram_png(rows)).decode()
    return (
        f"<div><strong>{title}</strong>{note}<br>"
        f'<audio controls src="data:audio/wav;base64,{sound}"></audio><br>'
        f'<img alt="Spectrogram, 0 to {rate / 2000:.1f} kHz" width="{COLUMNS}" '
        f'height="{LINES}" src="data:image/png;base64,{picture}"></div>'
    )


def _excerpt(path: Path) -> tuple[Rows, int, bool]:
    with AudioReader(path) as reader:
        rate = round(reader.info.sample_rate)
        stop = min(reader.info.frames, round(LONGEST_S * rate))
        parts = list(reader.blocks(stop=stop))
        rows = np.concatenate(parts, axis=1) if parts else np.zeros((1, 0), np.float32)
        return rows[:2], rate, stop == reader.info.frames


def wave_bytes(rows: Rows, sample_rate: int) -> bytes:
    """Return a signal as a 16-bit WAV file, which every browser plays."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(rows.shape[0])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(quantise(rows, 16)[0].T.astype("<i2").tobytes())
    return buffer.getvalue()


def spectrogram_png(rows: Rows) -> bytes:
    """Return a spectrogram as a PNG picture, from 0 Hz below to half the sample rate above."""
    mono = np.pad(rows.mean(axis=0), (0, max(0, FRAME - rows.shape[1])))
    starts = np.linspace(0, mono.size - FRAME, COLUMNS).astype(int)
    window = np.hanning(FRAME).astype(np.float32)
    frames = np.stack([mono[at : at + FRAME] * window for at in starts])
    power = np.abs(np.fft.rfft(frames, axis=1))[:, 1:] ** 2 / (FRAME / 4) ** 2
    edges = np.linspace(0, power.shape[1], LINES + 1).astype(int)
    bands = np.add.reduceat(power, edges[:-1], axis=1) / np.diff(edges)
    level = (10 * np.log10(bands.T + 1e-12) - FLOOR_DB) / (TOP_DB - FLOOR_DB)
    at = np.clip(level[::-1], 0, 1) * (len(_COLOURS) - 1)
    anchors = np.arange(len(_COLOURS))
    colours = np.stack([np.interp(at, anchors, _COLOURS[:, band]) for band in range(3)], axis=2)
    return _png(colours.astype(np.uint8))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels of shape (lines, columns, 3) as a PNG file."""
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
