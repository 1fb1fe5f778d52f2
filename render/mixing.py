"""The last pass: restored and dry signal, mixed by a DawDreamer graph or by the same sum here."""

from __future__ import annotations

import numpy as np

from restorack.audio.gate import Rows
from restorack.errors import RenderError

BUFFER = 512


def mix_gains(mix: float, gain_db: float) -> tuple[np.float32, np.float32]:
    """Return the gains of the restored and of the dry signal.

    Parameters
    ----------
    mix : float
        0 (dry) to 1 (restored).
    gain_db : float
        Of both, in dB.
    """
    gain = 10.0 ** (gain_db / 20.0)
    return np.float32(mix * gain), np.float32((1.0 - mix) * gain)


def mix_rows(restored: Rows, dry: Rows, gains: tuple[np.float32, np.float32]) -> Rows:
    """Return the weighted sum as DawDreamer's add processor computes it, bit for bit."""
    return np.asarray(restored * gains[0] + dry * gains[1], np.float32)


def mix_graph(restored: Rows, dry: Rows, gains: tuple[np.float32, np.float32], rate: float) -> Rows:
    """Return the same sum, rendered by a DawDreamer graph.

    Its add processor is stereo, so that channels go through it in pairs.

    Parameters
    ----------
    restored, dry : ndarray of float32, shape (channels, samples)
        Of equal shape.
    gains : tuple of float
        See :func:`mix_gains`.
    rate : float
        In Hz.

    Raises
    ------
    RenderError
        Where DawDreamer returns another number of samples.
    """
    out = np.empty_like(restored)
    for first in range(0, len(restored), 2):
        pair = [first, min(first + 1, len(restored) - 1)]
        out[pair] = _stereo_graph(restored[pair], dry[pair], gains, rate)
    return out


def _stereo_graph(
    restored: Rows, dry: Rows, gains: tuple[np.float32, np.float32], rate: float
) -> Rows:
    import dawdreamer

    samples = restored.shape[1]
    if not samples:
        return restored
    engine = dawdreamer.RenderEngine(rate, BUFFER)
    engine.load_graph(
        [
            (engine.make_playback_processor("restored", np.ascontiguousarray(restored)), []),
            (engine.make_playback_processor("dry", np.ascontiguousarray(dry)), []),
            (
                engine.make_add_processor("mix", [float(gain) for gain in gains]),
                ["restored", "dry"],
            ),
        ]
    )
    # Half a sample more: n / rate loses the last sample for some lengths.
    engine.render((samples + 0.5) / rate)
    out = np.asarray(engine.get_audio(), np.float32)
    if out.shape != restored.shape:
        raise RenderError(
            f"DawDreamer returned {out.shape} for {restored.shape}", where="the last mix"
        )
    return out
