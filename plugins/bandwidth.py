"""BandwidthExtender: continue the sound above the edge where a recording's band ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.analysis.bandwidth_edge import BandEdge, LongTermSpectrum, find_edge
from restorack.audio.fifo import SampleFifo
from restorack.audio.framing import FrameAnalysis, FrameSynthesis, Spectra
from restorack.audio.gate import Rows
from restorack.audio.overlap_save import OverlapSave, highpass_kernel, kaiser_taps, step_size
from restorack.contract.parameters import ChoiceParameter, FloatParameter
from restorack.contract.processor import Processor
from restorack.contract.traits import Trait
from restorack.plugins.band_continuation import BandContinuation, Continuation, Envelope
from restorack.plugins.band_envelope import trained_delay
from restorack.plugins.band_features import LongTerm

GROUP = 16
"""Frames per group, and so per step of the stream."""

OVERLAP = 4
"""Frames that each sample lies in."""

HIGHEST_END_HZ = 16_400.0
"""A band that ends above it is left alone unless ``edge_hz`` asks: few would hear what is missing,
and lossy codecs at good rates end their bands there on purpose."""

MIN_EDGE_HZ = 500.0
"""Below it there is no octave of sound to continue."""

FULL_BAND = 0.95
"""No room is left above this share of the Nyquist frequency."""

HEARD_SECONDS = 3.0
"""Sound that a stream without a first pass hears before it looks for an edge."""

TRANSITION_HZ = (-60.0, 120.0)
"""Where the filter of the added sound stops and where it passes, relative to the edge."""

INAUDIBLE = 1e-9
"""Rounding noise of the transforms; added samples below it are set to zero."""


class BandwidthExtender(Processor):
    """Add the missing top to a recording whose band ends at a wall or a steep slope.

    A first pass finds where the band ends; a full band comes back bit for bit. Above the edge
    the octave below it is copied upwards under an envelope predicted from the frames around it,
    by a straight fall or by a trained network. Below the edge nothing changes: what is added
    passes a linear-phase high-pass at the edge first.
    """

    traits = frozenset({Trait.RESTORES})

    mode = ChoiceParameter(
        "classical",
        ("classical", "neural"),
        description="What predicts the envelope: a fall in dB per octave, or a trained network, "
        "which is quieter, and nearer to the truth where the band ends low.",
    )

    amount_db = FloatParameter(
        0.0, -24.0, 12.0, unit="dB", description="Level of what is added; 0 is the predicted one."
    )
    max_frequency_hz = FloatParameter(
        20_000.0,
        2_000.0,
        384_000.0,
        unit="Hz",
        description="Nothing is added above it, nor above the Nyquist frequency.",
        logarithmic=True,
        automatable=False,
    )
    transient_emphasis = FloatParameter(
        0.4, 0.0, 1.0, description="How much onsets stand out in what is added."
    )
    edge_hz = FloatParameter(
        0.0,
        0.0,
        384_000.0,
        unit="Hz",
        description="Where the recorded band ends; 0 finds it.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: LongTermSpectrum | None = None
        self._plan: Continuation | None = None
        self._found: BandEdge | None = None
        self._energy = np.zeros(2)

    @property
    def needs_preparation(self) -> bool:
        """True: the edge and the noise floor are properties of the whole file."""
        return True

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples that are ever withheld."""
        frame, hop = _framing(sample_rate)
        group, taps = GROUP * hop, _taps(sample_rate)
        step, held = step_size(taps), self._delay() * hop
        most = 0
        for groups in range(3 + 3 * max(1, -(-step // group)) + -(-held // group)):
            shaped = max(0, groups * group - held - (frame - hop))
            returned = max(0, shaped // step * step - taps // 2)
            most = max(most, (groups + 1) * group - 1 - returned)
        return most

    def findings(self) -> dict[str, Any]:
        """Return the edge and the energy added, relative to that of the signal."""
        added, signal = self._energy
        found = self._found
        return {
            "edge_hz": round(self._plan.edge_hz, 1) if self._plan else None,
            "band_ends_at_hz": round(found.edge_hz, 1) if found else None,
            "drop_db": round(found.drop_db, 1) if found else None,
            "is_wall": found.is_wall if found else None,
            "added_db": round(10 * float(np.log10(added / signal)), 2) if added else None,
        }

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        for block in blocks:
            if self._learned is None:
                self._learned = LongTermSpectrum(block.shape[0], sample_rate)
            self._learned.push(block)

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        frame, hop = _framing(sample_rate)
        self._rate, self._channels = sample_rate, channels
        self._step = GROUP * hop
        self._intake = SampleFifo(channels)
        self._untouched = SampleFifo(channels)
        self._analysis = FrameAnalysis(channels, frame, hop, GROUP)
        self._synthesis = FrameSynthesis(channels, frame, hop)
        self._highpass = OverlapSave(np.zeros(_taps(sample_rate)), channels)
        self._continuation: BandContinuation | None = None
        self._plan = self._found = None
        self._energy = np.zeros(2)
        self._waiting = 0
        self._heard: LongTermSpectrum | None = None
        self._next_look = HEARD_SECONDS
        if self.is_prepared:
            if self._learned is not None:
                self._decide(self._learned)
        else:
            self._heard = LongTermSpectrum(channels, sample_rate)

    def _push(self, block: Rows) -> Rows:
        self._intake.push(block)
        self._untouched.push(block)
        parts = [self._untouched.pop(0)]
        while len(self._intake) >= self._step:
            chunk = self._intake.pop(self._step)
            self._listen(chunk)
            parts += [self._extended(group) for group in self._analysis.push(chunk)]
        return np.concatenate(parts, axis=1)

    def _finish(self) -> Rows:
        self._analysis.push(self._intake.pop(self._step))
        parts = [self._extended(group) for group in self._analysis.finish()]
        silence = np.zeros((self._channels, GROUP, self._analysis.frame // 2 + 1), np.complex128)
        parts += [self._extended(silence) for _ in range(-(-self._delay() // GROUP))]
        parts.append(self._joined(self._highpass.finish()))
        return np.concatenate(parts, axis=1)

    def _listen(self, chunk: Rows) -> None:
        """Look for an edge in what was heard, where there was no first pass."""
        heard = self._heard
        if heard is None:
            return
        heard.push(chunk)
        if heard.frames * heard.frame >= self._next_look * self._rate:
            self._next_look += 1.0
            self._decide(heard)
            if self._plan is not None:
                self._heard = None

    def _decide(self, spectrum: LongTermSpectrum) -> None:
        """Plan the continuation if there is something to continue, and room for it."""
        edge = self.edge_hz
        if not edge:
            self._found = find_edge(spectrum.power, self._rate)
            if self._found is None or self._found.end_hz > HIGHEST_END_HZ:
                return
            edge = self._found.edge_hz
        nyquist = self._rate / 2
        top = min(self.max_frequency_hz, nyquist)
        if edge < MIN_EDGE_HZ or edge > FULL_BAND * nyquist or top < edge + TRANSITION_HZ[1]:
            return
        self._plan = Continuation(edge, top, LongTerm(spectrum.power, spectrum.floor_db))
        self._continuation = BandContinuation(
            self._plan, self._rate, *_framing(self._rate), self._envelope(), self._waiting
        )
        middle = edge + sum(TRANSITION_HZ) / 2
        kernel = highpass_kernel(middle, self._rate, _taps(self._rate))
        self._highpass.replace(kernel)

    def _delay(self) -> int:
        """Return the frames by which the envelope is late."""
        return trained_delay() if self.mode == "neural" else 0

    def _envelope(self) -> Callable[..., Envelope]:
        from restorack.plugins.band_envelopes import StraightFall, TrainedEnvelope

        return TrainedEnvelope if self.mode == "neural" else StraightFall

    def _extended(self, spectra: Spectra) -> Rows:
        if self._continuation is None:
            due = max(0, self._waiting + spectra.shape[1] - self._delay())
            self._waiting += spectra.shape[1] - due
            added = np.zeros_like(spectra[:, :1]).repeat(due, axis=1)
        else:
            added = self._continuation(spectra, self.amount_db, self.transient_emphasis)
        samples = self._synthesis.push(added)
        return self._joined(self._highpass.push(samples.astype(np.float32)))

    def _joined(self, added: NDArray[np.float64]) -> Rows:
        dry = self._untouched.pop(added.shape[1])
        added = added[:, : dry.shape[1]]
        added = np.where(np.abs(added) < INAUDIBLE, 0.0, added)
        if not added.any():
            return dry
        self._energy += [np.sum(added**2), np.sum(dry.astype(np.float64) ** 2)]
        return (dry + added).astype(np.float32)


def _framing(sample_rate: float) -> tuple[int, int]:
    """Return frame and hop, in samples: about 23 and 6 ms."""
    frame = int(2 ** np.round(np.log2(0.0232 * sample_rate)))
    return frame, frame // OVERLAP


def _taps(sample_rate: float) -> int:
    return kaiser_taps(TRANSITION_HZ[1] - TRANSITION_HZ[0], sample_rate)
