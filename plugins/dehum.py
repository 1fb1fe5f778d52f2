"""Dehum: measure the lines of mains hum, and subtract them rather than notch them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import ChoiceParameter, FloatParameter, IntParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude, power_to_db
from restorack.meters.hum import HumSpectra
from restorack.meters.hum_track import HumTrack, track_hum

Floats = NDArray[np.float64]

MAINS_HZ = {"auto": (50.0, 60.0), "50": (50.0,), "60": (60.0,)}

REMEMBERED_FRAMES = 48
"""Frames (of a quarter second) that a stream without a first pass works from."""

FIRST_FRAMES = 8
"""Frames it hears before it takes anything for hum."""

HOPS_PER_CHUNK = 4
"""Quarter-seconds of hum made at a time; how the audio is cut changes no sample."""


class Dehum(Processor):
    """Subtract mains hum: 50 or 60 Hz and those of its harmonics that are really there.

    A first pass measures the frequency over the file, and amplitude and phase of every line.
    Only lines that are steady through the file, pauses included, are taken for hum; they are
    synthesised and subtracted. There is no filter, so nothing rings, and a note on the same
    frequency stays.
    """

    traits = frozenset({Trait.RESTORES})

    mains = ChoiceParameter(
        "auto", ("auto", "50", "60"), description="Mains frequency in Hz, or auto for either."
    )
    frequency_hz = FloatParameter(
        0.0,
        0.0,
        500.0,
        unit="Hz",
        description="Fundamental to look for within 1.5 %, instead of the mains; 0 for mains.",
        automatable=False,
    )
    harmonics = IntParameter(16, 1, 60, description="Highest harmonic that is looked for.")
    depth_db = FloatParameter(
        60.0, 0.0, 60.0, unit="dB", description="How far the lines are lowered."
    )
    width_hz = FloatParameter(
        0.25,
        0.02,
        2.0,
        unit="Hz",
        description="How fast the lines may be followed; wider takes more of notes with them.",
        automatable=False,
        logarithmic=True,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: HumTrack | None = None
        self._track: HumTrack | None = None

    @property
    def needs_preparation(self) -> bool:
        """True: what is steady shows only over the whole file."""
        return True

    def findings(self) -> dict[str, Any]:
        """Return frequency, drift, harmonics and their levels in dBFS."""
        track = self._track
        if track is None:
            return {"frequency_hz": None, "harmonics": []}
        levels = track.levels()
        return {
            "frequency_hz": round(float(np.median(track.hertz)), 4),
            "drift_hz": round(float(np.ptp(track.hertz)), 4),
            "harmonics": [
                {"number": number, "level_dbfs": round(float(power_to_db(levels[number - 1])), 1)}
                for number in track.harmonics
            ],
        }

    def summary(self) -> str:
        """Return the hum that was taken out."""
        if self._track is None or not self._track.harmonics:
            return "no hum found, unchanged"
        hertz, count = float(np.median(self._track.hertz)), len(self._track.harmonics)
        return f"hum at {hertz:.2f} Hz, {count} line{'s' * (count > 1)} removed"

    def _nominals(self) -> tuple[float, ...]:
        return (self.frequency_hz,) if self.frequency_hz else MAINS_HZ[self.mains]

    def _spectra(self, channels: int, sample_rate: float, keep: int | None) -> HumSpectra:
        top = min(0.45 * sample_rate, 1.02 * self.harmonics * max(self._nominals()))
        return HumSpectra(channels, sample_rate, top, keep)

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        spectra: HumSpectra | None = None
        for block in blocks:
            spectra = spectra or self._spectra(block.shape[0], sample_rate, None)
            spectra.push(block)
        if spectra is not None:
            self._learned = self._tracked(spectra, causal=False)

    def _unlearn(self) -> None:
        self._learned = None

    def _tracked(self, spectra: HumSpectra, *, causal: bool) -> HumTrack | None:
        return track_hum(spectra, self._nominals(), self.harmonics, self.width_hz, causal=causal)

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate, self._channels = sample_rate, channels
        heard = self._spectra(channels, sample_rate, REMEMBERED_FRAMES)
        self._heard = None if self.is_prepared else heard
        self._chunk = HOPS_PER_CHUNK * heard.hop
        self._position = 0
        self._track = self._learned if self.is_prepared else None
        self._before: HumTrack | None = None
        self._hum = self._next_hum()
        self._was_zero = np.ones((channels, 1), bool)

    def _push(self, block: Rows) -> Rows:
        out = np.array(block, np.float32)
        at = 0
        while at < block.shape[1]:
            inside = self._position % self._chunk
            count = min(self._chunk - inside, block.shape[1] - at)
            piece = block[:, at : at + count]
            out[:, at : at + count] = self._cleaned(piece, inside)
            self._position += count
            self._hear(piece)
            if self._position % self._chunk == 0:
                self._hum = self._next_hum()
            at += count
        return out

    def _finish(self) -> Rows:
        return np.zeros((self._channels, 0), np.float32)

    def _cleaned(self, piece: Rows, inside: int) -> Rows:
        """Subtract the chunk's hum; digital silence stays, since no hum was recorded there."""
        zero = piece == 0.0
        silent = zero & np.concatenate([self._was_zero, zero[:, :-1]], axis=1)
        self._was_zero = zero[:, -1:]
        if self._hum is None:
            return piece
        share = 1.0 - db_to_amplitude(-self.depth_db)
        hum = share * self._hum[:, inside : inside + piece.shape[1]]
        return np.where(silent, piece, (piece - hum).astype(np.float32))

    def _hear(self, piece: Rows) -> None:
        if self._heard is not None:
            self._heard.push(piece)

    def _next_hum(self) -> Floats | None:
        """Return the hum of the chunk that begins here; a new track fades in over it."""
        if self._heard is not None and self._heard.count >= FIRST_FRAMES:
            self._before, self._track = self._track, self._tracked(self._heard, causal=True)
        elif self._heard is None:
            self._before = self._track
        if self._track is self._before:
            return self._synthesised(self._track)
        rising = np.arange(self._chunk) / self._chunk
        new, old = self._synthesised(self._track), self._synthesised(self._before)
        zero = np.zeros((self._channels, self._chunk))
        return (zero if new is None else new) * rising + (zero if old is None else old) * (
            1.0 - rising
        )

    def _synthesised(self, track: HumTrack | None) -> Floats | None:
        if track is None:
            return None
        return track.synthesise(self._position, self._chunk, self._rate)
