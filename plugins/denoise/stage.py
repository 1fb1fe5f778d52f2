"""What all denoisers share that work from a noise floor: learning it, following it, limits."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.crew import InTurn, current_crew
from restorack.core.parameters import (
    BoolParameter,
    ChoiceParameter,
    FloatParameter,
    TextParameter,
)
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_power
from restorack.dsp.stft import Spectra, SpectralChange
from restorack.plugins.denoise.long_window import LongWindowRefinement
from restorack.plugins.denoise.noise_profile import (
    FORM,
    FileProfile,
    is_noise_file,
    is_noise_profile,
    parse_noise_profile,
)
from restorack.plugins.denoise.noise_source import NoiseLearner, NoiseQuestion, learner_for

if TYPE_CHECKING:
    from restorack.meters.histogram_floor.estimate import NoiseFloor

GROUP = 8
"""Frames that are made at a time, as gain_rules.GROUP, whose macro-blocks are as long."""
RELEARN_GROUPS = 16
"""Groups between two floors of a stream without a first pass: 1.5 s. By hand."""
MOST_READ = 8
"""Densities that are kept for frames of both lengths, as the offset may move."""
GRID = 64
"""Samples between values of an automated parameter, as core's grid has them."""


@dataclass(frozen=True)
class _Moment:
    """What a denoiser goes by at some moment: the floor that is known, and parameters."""

    floor: NoiseFloor | None
    strength: float
    attenuation_db: float
    offset_db: float


class _Reading:
    """Reads floors' densities, that of a constant floor once; each thread has its own."""

    def __init__(self) -> None:
        self._floor: NoiseFloor | None = None
        self._read: dict[tuple[int, float], NDArray[np.float64]] = {}

    def density(
        self, now: _Moment, frequencies_hz: NDArray[np.float64], seconds: float
    ) -> NDArray[np.float64] | None:
        """Return the power density of the floor at a moment, None where there is none."""
        floor = now.floor
        if floor is None:
            return None
        # Frames of one length are asked for the same frequencies.
        question = (len(frequencies_hz), now.offset_db)
        if floor is not self._floor or len(self._read) > MOST_READ:
            self._floor, self._read = floor, {}
        if question not in self._read or not floor.is_still:
            factor: float = db_to_power(now.offset_db)
            self._read[question] = floor.density(frequencies_hz, seconds) * factor
        return self._read[question]


class FloorDenoiser(Processor):
    """Base of the denoisers: frames of four hops, in groups of eight, and a noise floor.

    A subclass says how long a hop is and how many frames it keeps back, makes its state in
    ``_open`` and returns the spectra to add from ``_changed``.
    """

    traits = frozenset({Trait.RESTORES})

    strength = FloatParameter(1.0, 0.0, 1.0, description="Strength: 0 = bypass, 1 = full.")
    max_attenuation_db = FloatParameter(
        15.0, 0.0, 60.0, unit="dB", description="Noise is lowered by at most this."
    )
    floor_offset_db = FloatParameter(
        0.0, -12.0, 12.0, unit="dB", description="Raises or lowers the noise floor that was found."
    )
    noise_profile = TextParameter(
        "auto",
        form=FORM,
        accepts=is_noise_profile,
        is_path=is_noise_file,
        names_audio=True,
        description="Where the noise is learned: from the music, a region of noise, or a file.",
    )
    floor_estimate = ChoiceParameter(
        "steady",
        ("steady", "read", "learned", "gathered"),
        description=(
            "How a blind floor is found: from what stays steady while the music moves and what a "
            "network says, by one that reads what bands show of noise, by one that sees counts of "
            "levels, or where noise-like levels gather."
        ),
    )
    expect_noise = BoolParameter(
        False,
        description=(
            "The recording is known to be noisy, as an old record is: faint noise is lowered that "
            "could as well be the bottom of a clean recording (steady and read alone)."
        ),
    )
    long_frames = BoolParameter(
        True, description="Second pass with 4x longer frames, to preserve partials."
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: NoiseFloor | None = None
        self._learned_from: object = None
        self._floor: NoiseFloor | None = None
        self._learner: NoiseLearner | None = None
        self._reading, self._reading_again = _Reading(), _Reading()

    # What a subclass implements.

    @staticmethod
    @abstractmethod
    def hop_for(sample_rate: float) -> int:
        """Return the hop between frames; eight of them are a multiple of 64 samples."""

    @property
    @abstractmethod
    def _frames_kept(self) -> int:
        """The most frames that ``_changed`` keeps back."""

    @abstractmethod
    def _open(self, channels: int) -> None:
        """Make the signal state; the hop, the rate and the bins' frequencies are known."""

    @abstractmethod
    def _changed(self, spectra: Spectra, density: NDArray[np.float64] | None) -> Spectra:
        """Take a group of frames and the floor's density there, return the spectra to add."""

    # What they share.

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass makes a difference: not where the noise is in a file."""
        return not isinstance(parse_noise_profile(self.noise_profile), FileProfile)

    @property
    def _asked_for(self) -> NoiseQuestion:
        return NoiseQuestion(self.noise_profile, self.floor_estimate, self.expect_noise)

    @property
    def is_prepared(self) -> bool:
        """Whether a first pass was made, with the settings that it depends on."""
        return super().is_prepared and self._learned_from == self._asked_for

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples that are ever withheld at a sample rate in Hz."""
        hop = self.hop_for(sample_rate)
        if not self.long_frames:
            return SpectralChange.latency(4 * hop, hop, GROUP, self._frames_kept)
        # Long frames wait for groups of short ones, which come out some groups late.
        late = -(-(self._frames_kept + 3) // GROUP) * GROUP
        return late * hop + LongWindowRefinement.latency(hop)

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        learner: NoiseLearner | None = None
        for block in blocks:
            if learner is None:
                learner = self._new_learner(sample_rate, block.shape[0])
            learner.push(block)
        self._learned = learner.conclude() if learner else None
        self._learned_from = self._asked_for

    def _new_learner(self, sample_rate: float, channels: int) -> NoiseLearner:
        return learner_for(self._asked_for, sample_rate, channels)

    def _unlearn(self) -> None:
        self._learned, self._learned_from = None, None

    def _begin(self, sample_rate: float, channels: int) -> None:
        hop = self.hop_for(sample_rate)
        self._hop = hop
        self._sample_rate = sample_rate
        self._frequencies = np.arange(2 * hop + 1) * sample_rate / (4 * hop)
        self._change = SpectralChange(channels, 4 * hop, hop, GROUP, self._added, self._frames_kept)
        self._taken = 0
        self._groups = 0
        self._latched = (self.strength, self.max_attenuation_db, self.floor_offset_db)
        self._floor, self._learner = self._learned, None
        if not self.is_prepared:
            self._learner = self._new_learner(sample_rate, channels)
            self._floor = self._learner.floor()
        self._again = self._second_look(channels) if self.long_frames else None
        crew = current_crew() if self.long_frames else None
        self._refined = InTurn(self._refine, crew)
        self._open(channels)

    def _second_look(self, channels: int) -> LongWindowRefinement:
        self._refining = self._now
        return LongWindowRefinement(
            channels, self._hop, self._sample_rate, self._density_refining, self._limits
        )

    @property
    def _now(self) -> _Moment:
        return _Moment(self._floor, *self._latched)

    def _limits(self) -> tuple[float, float]:
        """Return the strength and the deepest attenuation in dB of what is refined."""
        return self._refining.strength, self._refining.attenuation_db

    def _density_refining(
        self, frequencies_hz: NDArray[np.float64], seconds: float
    ) -> NDArray[np.float64] | None:
        return self._reading_again.density(self._refining, frequencies_hz, seconds)

    def _refine(self, now: _Moment, dry: Rows, wet: Rows) -> Rows:
        """Look again at some samples, by what was known when they came."""
        self._refining = now
        return self._again.push(dry, wet) if self._again is not None else wet

    def _push(self, block: Rows) -> Rows:
        """Cut blocks where groups of frames end: what was heard then is what a group knows."""
        step = GROUP * self._hop
        parts = []
        at = 0
        while at < block.shape[1]:
            count = min(block.shape[1] - at, step - self._taken % step)
            self._latch(step, count)
            piece = block[:, at : at + count]
            if self._learner is not None:
                self._learner.push(piece)
            self._taken += count
            made = self._change.push(piece)
            parts += self._refined.push(self._now, piece, made)
            at += count
        return np.concatenate(parts, axis=1) if parts else block[:, :0]

    def _finish(self) -> Rows:
        rest = self._change.finish()
        parts = [*self._refined.push(self._now, rest[:, :0], rest), *self._refined.finish()]
        if self._again is not None:
            parts.append(self._again.finish())
        return np.concatenate(parts, axis=1)

    def _latch(self, step: int, count: int) -> None:
        """Read moving parameters where the last grid cell of a group begins, in every split."""
        cell = step - GRID
        if self._taken % step <= cell < self._taken % step + count:
            self._latched = (self.strength, self.max_attenuation_db, self.floor_offset_db)

    def _added(self, spectra: Spectra) -> Spectra:
        if self._learner is not None and self._groups % RELEARN_GROUPS == RELEARN_GROUPS - 1:
            self._floor = self._learner.floor()
        seconds = self._groups * GROUP * self._hop / self._sample_rate
        density = self._density(self._frequencies, seconds)
        self._groups += 1
        return self._changed(spectra, density)

    def _density(
        self, frequencies_hz: NDArray[np.float64], seconds: float
    ) -> NDArray[np.float64] | None:
        """Return the power density of the floor that is known now, None where there is none."""
        return self._reading.density(self._now, frequencies_hz, seconds)

    def summary(self) -> str:
        """Return how far the noise lies below the music, and by how much it was lowered."""
        floor = self._floor
        if floor is None:
            return "no noise found, unchanged"
        below = "" if floor.snr_db is None else f" {floor.snr_db:.0f} dB below the music"
        return f"noise{below} lowered by up to {self.max_attenuation_db:g} dB"

    def findings(self) -> dict[str, Any]:
        """Return the floor per octave band, where it is from, and how sure it is."""
        floor = self._floor
        if floor is None:
            return {"noise_found": False}
        return {
            "noise_found": True,
            "source": floor.source,
            "floor_db_per_octave": floor.octaves(),
            "snr_db": None if floor.snr_db is None else round(floor.snr_db, 1),
            "confidence": round(float(floor.confidence.mean()), 2),
        }
