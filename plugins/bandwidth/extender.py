"""BandwidthExtender: continue the sound above the edge where a recording's band ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.overlap_save import step_size
from restorack.dsp.stft import FrameAnalysis, Spectra
from restorack.meters.bandwidth_edge import BandEdge, LongTermSpectrum, find_edge
from restorack.meters.edge_track import EdgeSection, EdgeTrack
from restorack.plugins.bandwidth.envelope_network import trained_delay
from restorack.plugins.bandwidth.features import LongTerm
from restorack.plugins.bandwidth.replication import Continuation, Envelope
from restorack.plugins.bandwidth.synthesis import (
    ALWAYS,
    TRANSITION_HZ,
    BandFill,
    filter_taps,
    framing,
)

GROUP = 16
"""Frames per group, and so per step of the stream."""

HIGHEST_END_HZ = 16_400.0
"""A band that ends above it is left alone unless ``edge_hz`` asks: few would hear what is missing,
and lossy codecs at good rates end their bands there on purpose."""

MIN_EDGE_HZ = 500.0
"""Below it there is no octave of sound to continue."""

FULL_BAND = 0.95
"""No room is left above this share of the Nyquist frequency."""

HEARD_SECONDS = 3.0
"""Sound that a stream without a first pass hears before it looks for an edge."""

INAUDIBLE = 1e-9
"""Rounding noise of the transforms; added samples below it are set to zero."""


class BandwidthExtender(Processor):
    """Add the missing top to a recording whose band ends at a wall or a steep slope.

    A first pass finds where the band ends, every three seconds anew where that changes; a full
    band comes back bit for bit. Above the edge the octave below it is copied upwards under an
    envelope predicted from the frames around it, by a straight fall, a trained network, or the
    mean of both. Below the edge nothing changes: what is added passes a linear-phase high-pass at
    the edge first.
    """

    traits = frozenset({Trait.RESTORES})

    mode = ChoiceParameter(
        "auto",
        ("auto", "classical", "neural"),
        description="What predicts the envelope: a fall in dB per octave, a trained network, or "
        "the mean of both.",
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
        self._learned: EdgeTrack | None = None
        self._sections: list[EdgeSection] = []
        self._found: BandEdge | None = None
        self._energy = np.zeros(2)

    @property
    def needs_preparation(self) -> bool:
        """True: the edge and the noise floor are properties of the whole file."""
        return True

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples."""
        frame, hop = framing(sample_rate)
        group, taps = GROUP * hop, filter_taps(sample_rate)
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
            "edge_hz": round(self._sections[-1].edge_hz, 1) if self._sections else None,
            "edges": _told(self._sections),
            "band_ends_at_hz": round(found.edge_hz, 1) if found else None,
            "drop_db": round(found.drop_db, 1) if found else None,
            "is_wall": found.is_wall if found else None,
            "added_db": round(float(power_to_db(added / signal)), 2) if added else None,
        }

    def summary(self) -> str:
        """Return where the band ends, and how much was added above."""
        added, signal = self._energy
        if not (self._sections and added > 0.0):
            return "no end of the band found, unchanged"
        edge = f"band extended above {self._sections[-1].edge_hz / 1000.0:.1f} kHz"
        return f"{edge}: added {power_to_db(added / signal):.0f} dB beside the rest"

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        for block in blocks:
            if self._learned is None:
                self._learned = EdgeTrack(block.shape[0], sample_rate)
            self._learned.push(block)

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        frame, hop = framing(sample_rate)
        self._rate, self._channels = sample_rate, channels
        self._step = GROUP * hop
        self._intake = SampleFifo(channels)
        self._untouched = SampleFifo(channels)
        self._analysis = FrameAnalysis(channels, frame, hop, GROUP)
        self._fills = [BandFill(channels, sample_rate, self._delay())]
        self._sections = []
        self._found = None
        self._energy = np.zeros(2)
        self._heard: LongTermSpectrum | None = None
        self._next_look = HEARD_SECONDS
        if self.is_prepared:
            if self._learned is not None:
                self._found = find_edge(self._learned.power, sample_rate)
                self._plan(self._learned, self._drifting(self._learned))
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
        parts.append(self._joined(np.sum([fill.finish() for fill in self._fills], axis=0)))
        return np.concatenate(parts, axis=1)

    def _listen(self, chunk: Rows) -> None:
        """Look for an edge in what was heard, where there was no first pass."""
        heard = self._heard
        if heard is None:
            return
        heard.push(chunk)
        if heard.frames * heard.frame >= self._next_look * self._rate:
            self._next_look += 1.0
            self._found = find_edge(heard.power, self._rate)
            self._plan(heard, self._steady())
            if self._sections:
                self._heard = None

    def _steady(self) -> list[EdgeSection]:
        """Return the edge that was asked for or found, for all times."""
        found = self._found
        if self.edge_hz:
            return [EdgeSection(self.edge_hz, ALWAYS)]
        if found is None or found.end_hz > HIGHEST_END_HZ:
            return []
        return [EdgeSection(found.edge_hz, ALWAYS)]

    def _drifting(self, learned: EdgeTrack) -> list[EdgeSection]:
        """Return the edges that were found, each with its times."""
        return self._steady() if self.edge_hz else learned.sections(HIGHEST_END_HZ)

    def _plan(self, spectrum: LongTermSpectrum, sections: list[EdgeSection]) -> None:
        """Plan the continuation if there is something to continue, and room for it."""
        nyquist = self._rate / 2
        top = min(self.max_frequency_hz, nyquist)
        most = min(FULL_BAND * nyquist, top - TRANSITION_HZ[1])
        self._sections = [one for one in sections if MIN_EDGE_HZ <= one.edge_hz <= most]
        whole = LongTerm(spectrum.power, spectrum.floor_db)
        while len(self._fills) < len(self._sections):
            self._fills.append(BandFill(self._channels, self._rate, self._delay()))
        for fill, one in zip(self._fills, self._sections, strict=False):
            fill.plan(Continuation(one.edge_hz, top, whole), self._envelope(), one.spans)

    def _delay(self) -> int:
        """Return the frames by which the envelope is late."""
        return 0 if self.mode == "classical" else trained_delay()

    def _envelope(self) -> Callable[..., Envelope]:
        from restorack.plugins.bandwidth.envelopes import (
            BlendedEnvelope,
            StraightFall,
            TrainedEnvelope,
        )

        kinds: dict[str, Callable[..., Envelope]] = {
            "auto": BlendedEnvelope,
            "classical": StraightFall,
            "neural": TrainedEnvelope,
        }
        return kinds[self.mode]

    def _extended(self, spectra: Spectra) -> Rows:
        amount, emphasis = self.amount_db, self.transient_emphasis
        parts = [fill.push(spectra, amount, emphasis) for fill in self._fills]
        return self._joined(np.sum(parts, axis=0))

    def _joined(self, added: NDArray[np.float64]) -> Rows:
        dry = self._untouched.pop(added.shape[1])
        added = added[:, : dry.shape[1]]
        added = np.where(np.abs(added) < INAUDIBLE, 0.0, added)
        if not added.any():
            return dry
        self._energy += [np.sum(added**2), np.sum(dry.astype(np.float64) ** 2)]
        return (dry + added).astype(np.float32)


def _told(sections: list[EdgeSection]) -> list[dict[str, Any]]:
    """Return edges and their times for the report; None is an end of the recording."""
    return [
        {
            "hz": round(one.edge_hz, 1),
            "seconds": [
                [round(t, 1) if np.isfinite(t) else None for t in times] for times in one.spans
            ],
        }
        for one in sections
    ]
