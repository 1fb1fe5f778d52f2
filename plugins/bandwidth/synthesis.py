"""What is added above one edge, as a stream: spectra continued, joined, and high-passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.overlap_save import OverlapSave, highpass_kernel, kaiser_taps
from restorack.dsp.stft import FrameSynthesis, Spectra
from restorack.plugins.bandwidth.replication import BandContinuation, Continuation, Envelope

OVERLAP = 4
"""Frames that each sample lies in."""

TRANSITION_HZ = (-60.0, 120.0)
"""Where the filter of the added sound stops and where it passes, relative to the edge."""

HANDOVER_S = 0.25
"""In which one edge takes over from another."""

ALWAYS = ((-np.inf, np.inf),)


class BandFill:
    """The sound above one edge; silence until there is a plan, and while another edge holds.

    Parameters
    ----------
    channels : int
    sample_rate : float
        In Hz.
    delay : int
        Frames by which the envelope is late.
    """

    def __init__(self, channels: int, sample_rate: float, delay: int) -> None:
        self._rate, self._delay = sample_rate, delay
        self._frame, self._hop = framing(sample_rate)
        self._synthesis = FrameSynthesis(channels, self._frame, self._hop)
        self._highpass = OverlapSave(np.zeros(filter_taps(sample_rate)), channels)
        self._continuation: BandContinuation | None = None
        self._times: Sequence[tuple[float, float]] = ALWAYS
        self._waiting = self._done = 0

    def plan(
        self,
        plan: Continuation,
        envelope: Callable[..., Envelope],
        times: Sequence[tuple[float, float]] = ALWAYS,
    ) -> None:
        """Add sound from now on.

        Parameters
        ----------
        plan : Continuation
        envelope : callable
            As of :class:`BandContinuation`.
        times : sequence of (float, float)
            Begin and end in seconds of when this edge holds.
        """
        self._continuation = BandContinuation(
            plan, self._rate, self._frame, self._hop, envelope, self._waiting
        )
        self._times = times
        middle = plan.edge_hz + sum(TRANSITION_HZ) / 2
        self._highpass.replace(highpass_kernel(middle, self._rate, filter_taps(self._rate)))

    def push(self, spectra: Spectra, amount_db: float, emphasis: float) -> NDArray[np.float64]:
        """Take a group of frames, return the samples to add that are ready."""
        if self._continuation is None:
            due = max(0, self._waiting + spectra.shape[1] - self._delay)
            self._waiting += spectra.shape[1] - due
            added = np.zeros_like(spectra[:, :1]).repeat(due, axis=1)
        else:
            added = self._continuation(spectra, amount_db, emphasis)
            if self._times is not ALWAYS:
                added *= self._holds(added.shape[1])[:, np.newaxis]
        self._done += added.shape[1]
        return self._highpass.push(self._synthesis.push(added).astype(np.float32))

    def finish(self) -> NDArray[np.float64]:
        """Return the rest."""
        return self._highpass.finish()

    def _holds(self, frames: int) -> NDArray[np.float64]:
        """Return 1 for frames while the edge holds, 0 while another does, and a line between."""
        seconds = (self._done + np.arange(frames)) * self._hop / self._rate
        inside = [
            np.minimum((seconds - begin) / HANDOVER_S, (end - seconds) / HANDOVER_S) + 0.5
            for begin, end in self._times
        ]
        return np.asarray(np.clip(np.max(inside, axis=0), 0.0, 1.0))


def framing(sample_rate: float) -> tuple[int, int]:
    """Return frame and hop, in samples: about 23 and 6 ms."""
    frame = int(2 ** np.round(np.log2(0.0232 * sample_rate)))
    return frame, frame // OVERLAP


def filter_taps(sample_rate: float) -> int:
    """Return the length of the filter of what is added."""
    return kaiser_taps(TRANSITION_HZ[1] - TRANSITION_HZ[0], sample_rate)
