"""The last pass: restored and dry signal, mixed by DawDreamer graphs or by the same sum here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.errors import RenderError
from restorack.io.uninterrupted import Uninterrupted
from restorack.render.block_reader import BlockReader, pieces

BUFFER = 512
"""DawDreamer's block in samples; the mix has no state, so any gives the same bits."""

PIECE = 1 << 19
"""Samples that DawDreamer renders at a time (11.9 s at 44.1 kHz): it holds about twelve copies of
what it plays. The mix has no state, so that pieces of any length give the same bits."""


def mix_gains(mix: float, gain_db: float) -> tuple[np.float32, np.float32]:
    """Return the gains of the restored and of the dry signal.

    Parameters
    ----------
    mix : float
        0 (dry) to 1 (restored).
    gain_db : float
        Of both, in dB.
    """
    gain = db_to_amplitude(gain_db)
    return np.float32(mix * gain), np.float32((1.0 - mix) * gain)


def mix_rows(restored: Rows, dry: Rows, gains: tuple[np.float32, np.float32]) -> Rows:
    """Return the weighted sum as DawDreamer's add processor computes it, bit for bit."""
    return np.asarray(restored * gains[0] + dry * gains[1], np.float32)


def mixed_blocks(
    restored: BlockReader,
    dry: BlockReader,
    frames: int,
    block: int,
    mixer: MixGraph | None,
    gains: tuple[np.float32, np.float32],
) -> Iterator[Rows]:
    """Yield the mix of two signals in blocks.

    Parameters
    ----------
    restored, dry : BlockReader
        The signals, from their first sample on.
    frames, block : int
        Samples of the mix, and of each of its blocks but the last.
    mixer : MixGraph or None
        What makes the sum; None: this process.
    gains : tuple of float
        See :func:`mix_gains`.
    """
    for size in pieces(frames, PIECE if mixer is not None else block):
        wet, unprocessed = restored.pull(size), dry.pull(size)
        if mixer is not None:
            mixed = mixer.mix(wet, unprocessed)
        else:
            mixed = mix_rows(wet, unprocessed, gains)
        del wet, unprocessed
        for at in range(0, size, block):
            yield mixed[:, at : at + block]


class MixGraph:
    """A DawDreamer graph of two playbacks and their sum; one engine renders piece after piece.

    Its add processor is stereo, so that channels go through it in pairs.

    Parameters
    ----------
    gains : tuple of float
        See :func:`mix_gains`.
    rate : float
        In Hz.
    """

    def __init__(self, gains: tuple[np.float32, np.float32], rate: float) -> None:
        self._gains, self._rate = gains, rate
        self._engine: Any = None
        self._restored: Any = None
        self._dry: Any = None

    def mix(self, restored: Rows, dry: Rows) -> Rows:
        """Return the weighted sum of a piece.

        Parameters
        ----------
        restored, dry : ndarray of float32, shape (channels, samples)
            Of equal shape.

        Raises
        ------
        RenderError
            Where DawDreamer returns another number of samples.
        """
        out = np.empty_like(restored)
        for first in range(0, len(restored) if restored.shape[1] else 0, 2):
            pair = [first, min(first + 1, len(restored) - 1)]
            out[pair] = self._stereo(restored[pair], dry[pair])
        return out

    def _stereo(self, restored: Rows, dry: Rows) -> Rows:
        self._play(np.ascontiguousarray(restored), np.ascontiguousarray(dry))
        # Half a sample more: n / rate loses the last sample for some lengths.
        self._engine.render((restored.shape[1] + 0.5) / self._rate)
        out = np.asarray(self._engine.get_audio(), np.float32)
        if out.shape != restored.shape:
            raise RenderError(
                f"DawDreamer returned {out.shape} for {restored.shape}", where="the last mix"
            )
        return out

    def _play(self, restored: Rows, dry: Rows) -> None:
        """Have the engine's next render begin with these rows."""
        if self._engine is not None:
            self._restored.set_data(restored)
            self._dry.set_data(dry)
            return
        with Uninterrupted():  # an interrupt while it loads ends the process
            import dawdreamer

        self._engine = dawdreamer.RenderEngine(self._rate, BUFFER)
        self._restored = self._engine.make_playback_processor("restored", restored)
        self._dry = self._engine.make_playback_processor("dry", dry)
        add = self._engine.make_add_processor("mix", [float(gain) for gain in self._gains])
        self._engine.load_graph([(self._restored, []), (self._dry, []), (add, ["restored", "dry"])])
