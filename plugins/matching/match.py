"""Match: towards the tone, the width and the dynamics of other recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restorack.core.parameters import BoolParameter, FloatParameter, TextParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.errors import AudioError, FileError
from restorack.io.audio_files import audio_files
from restorack.io.reader import AudioReader
from restorack.meters.profile.level_track import LevelTrack
from restorack.meters.profile.sound_profile import (
    CENTRES_HZ,
    ProfileMeter,
    SoundProfile,
    mean_profile,
    measure_profile,
)
from restorack.plugins.matching.filtering import BandFilter, filter_latency
from restorack.plugins.matching.laws import (
    BandGains,
    Floats,
    LevelLaw,
    level_law,
    tone_gains,
    width_gains,
)


@dataclass(frozen=True)
class MatchPlan:
    """What is done to a recording.

    Attributes
    ----------
    bands : BandGains
    law : LevelLaw
    gains_db : ndarray of float64
        Of the levels, one for every ``hop`` samples.
    hop : int
    remark : str
        Why nothing is done, where that is so.
    """

    bands: BandGains
    law: LevelLaw
    gains_db: Floats
    hop: int
    remark: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether the recording stays what it is."""
        return self.bands.is_nothing and self.law.is_nothing


class Match(Processor):
    """Bring tone, width and dynamics towards those of reference recordings.

    A first pass measures the recording. What has to change is computed in third octaves from 25 Hz
    to 20 kHz and in two speeds of level, bounded, and applied by one linear-phase filter on mid and
    side and one slow gain. The loudness is kept but for what dynamics change; where nothing has to
    change the input passes bit for bit, and so does a stream without a first pass.

    Raises
    ------
    FileError
        In the first pass, for a reference that cannot be read, or a folder without audio.
    """

    traits = frozenset({Trait.RESTORES})

    reference = TextParameter(
        "",
        form="the path of an audio file or of a folder of them, or empty for no matching",
        description="What is matched; of several recordings the mean, in dB.",
        is_path=bool,
        names_audio=True,
    )
    strength = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="Strength: 0 = bypass, 1 = all the way, within the bounds.",
        automatable=False,
    )
    tone = BoolParameter(True, description="Match the balance of third octaves.")
    width = BoolParameter(True, description="Match side over mid of third octaves; two channels.")
    dynamics = BoolParameter(True, description="Match the spread of slow and fast levels.")
    max_tone_db = FloatParameter(
        12.0,
        0.0,
        24.0,
        unit="dB",
        description="No third octave is raised or lowered by more.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._profile: SoundProfile | None = None
        self._plan: MatchPlan | None = None
        self._done: MatchPlan | None = None

    def set_profile(self, profile: SoundProfile | None) -> None:
        """Match a profile that was measured, in place of ``reference``; None: not any more."""
        self._profile = profile

    @property
    def needs_preparation(self) -> bool:
        """Whether there is something to match."""
        return bool(self.reference) or self._profile is not None

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples: that of the filter, where there is something to match."""
        return filter_latency(sample_rate) if self.needs_preparation else 0

    def findings(self) -> dict[str, Any]:
        """Return what was changed: gains of the bands, ratios of the levels."""
        plan = self._done
        if plan is None:
            return {"remark": "no reference, or no first pass: unchanged"}
        return {
            "centres_hz": np.round(CENTRES_HZ, 1).tolist(),
            "middle_db": np.round(plan.bands.middle_db, 2).tolist(),
            "side_db": np.round(plan.bands.side_db, 2).tolist(),
            "slow_ratio": round(plan.law.slow, 3),
            "fast_ratio": round(plan.law.fast, 3),
            "remark": plan.remark,
        }

    def summary(self) -> str:
        """Return the largest changes."""
        plan = self._done
        if plan is None or plan.remark or plan.is_nothing:
            return f"unchanged{f': {plan.remark}' if plan is not None and plan.remark else ''}"
        low, high = plan.bands.middle_db.min(), plan.bands.middle_db.max()
        return (
            f"tone {low:+.1f} to {high:+.1f} dB, spread of passages x {plan.law.slow:.2f}, of "
            f"attacks x {plan.law.fast:.2f}"
        )

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        meter: ProfileMeter | None = None
        for block in blocks:
            meter = meter or ProfileMeter(sample_rate, len(block))
            meter.push(block)
        if meter is None or not self.needs_preparation:
            return
        wanted = self._profile or reference_profile([Path(self.reference).expanduser()])
        try:
            own = meter.result()
        except AudioError as error:
            nothing = np.zeros(CENTRES_HZ.size)
            self._plan = MatchPlan(
                BandGains(nothing, nothing), LevelLaw(), np.zeros(0), 1, error.what
            )
            return
        self._plan = self.plan_for(own, wanted, meter.levels)

    def plan_for(self, own: SoundProfile, wanted: SoundProfile, levels: LevelTrack) -> MatchPlan:
        """Return what would be done to a recording that was measured."""
        nothing = np.zeros(CENTRES_HZ.size)
        tone = tone_gains(own, wanted, self.strength, self.max_tone_db) if self.tone else nothing
        image = width_gains(own, wanted, self.strength) if self.width else None
        middle = tone + (nothing if image is None else image.middle_db)
        side = tone + (nothing if image is None else image.side_db)
        law = level_law(own, wanted, self.strength) if self.dynamics else LevelLaw()
        return MatchPlan(BandGains(middle, side), law, law.gains_db(levels), levels.hop)

    def _unlearn(self) -> None:
        self._plan = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._filter: BandFilter | None = None
        self._position, self._channels, self._done = 0, channels, self._plan
        if self._plan is not None and not self._plan.bands.is_nothing:
            self._filter = BandFilter(self._plan.bands, sample_rate, channels)

    def _push(self, block: Rows) -> Rows:
        levelled = self._levelled(block)
        return levelled if self._filter is None else self._filter.push(levelled)

    def _finish(self) -> Rows:
        if self._filter is None:
            return np.zeros((self._channels, 0), np.float32)
        return self._filter.finish()

    def _levelled(self, block: Rows) -> Rows:
        """Return samples with the gains of their moments, straight lines in dB between hops."""
        plan, first = self._plan, self._position
        self._position += block.shape[1]
        if plan is None or plan.law.is_nothing or not plan.gains_db.size:
            return block
        at = np.arange(first, self._position) / plan.hop - 0.5
        gains = np.interp(at, np.arange(plan.gains_db.size), plan.gains_db)
        return np.asarray(block * db_to_amplitude(gains), np.float32)


def reference_profile(paths: Sequence[Path]) -> SoundProfile:
    """Return the mean profile of recordings.

    Parameters
    ----------
    paths : sequence of Path
        Audio files, or folders of them.

    Raises
    ------
    FileError
        For a file that cannot be read, and a folder without audio.
    AudioError
        For one that is silent or shorter than half a second.
    """
    files: list[Path] = []
    for path in paths:
        found = audio_files(path) if path.is_dir() else [path]
        if not found:
            raise FileError("no audio files", where=str(path), rule="a reference is a recording")
        files += found
    profiles = []
    for file in files:
        with AudioReader(file) as reader:
            try:
                blocks = reader.blocks()
                profiles.append(measure_profile(blocks, float(reader.info.sample_rate)))
            except AudioError as error:
                raise error.at(str(file)) from error
    return mean_profile(profiles)
