"""What an analysis of a recording finds: stable names, units in them, ready for JSON."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

FINDINGS_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""

Word: TypeAlias = Literal["clean", "light", "worn", "heavy"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quantiles(_Model):
    """How a figure is distributed."""

    p10: float = Field(description="A tenth of all are below.")
    p50: float = Field(description="The median.")
    p90: float = Field(description="A tenth of all are above.")


class Histogram(_Model):
    """Counts between borders."""

    borders: list[float] = Field(description="Rising, one more than counts.")
    counts: list[int] = Field(description="What lies beyond the ends is in the outermost ones.")


class Recording(_Model):
    """What was analysed."""

    path: str = Field(description="As it was given; empty for samples in memory.")
    format: str = Field(description="libsndfile's word, such as FLAC; empty for samples.")
    subtype: str = Field(description="Such as PCM_16; empty for samples.")
    is_lossy: bool = Field(description="The coding does not keep every bit.")
    sample_rate_hz: float
    channels: int
    duration_seconds: float
    examined_seconds: float = Field(
        description="How much was looked at closely: passages spread over the file. Levels, "
        "clipping and stereo are of the whole."
    )
    warnings: list[str] = Field(
        default=[], description="What is missing of the file, and what lies behind its sound."
    )


class LevelFigures(_Model):
    """How loud it is."""

    sample_peak_dbfs: float | None = Field(description="The largest sample; None for silence.")
    true_peak_dbtp: float | None = Field(description="Between the samples too, ITU-R BS.1770.")
    rms_dbfs: float | None = Field(description="A full-scale sine has -3.")
    crest_db: float | None = Field(description="Sample peak over RMS.")
    integrated_lufs: float | None = Field(description="Gated loudness, ITU-R BS.1770.")
    loudness_range_lu: float | None = Field(description="EBU Tech 3342.")
    programme_peak_dbfs: float | None = Field(
        description="Peak without clicks: the third loudest of all tenths of a second."
    )
    dc_offset_dbfs: float | None = Field(description="The worst channel's mean; None for none.")


class ClickFigures(_Model):
    """Clicks and pops: impulses of at least 1/25 (-28 dB) of the programme's peak."""

    per_second: float = Field(
        description="All channels together; counted in the quieter two thirds of the recording, "
        "where no attack hides them, and corrected for those too close together to be told apart."
    )
    at_least_per_second: float = Field(
        description="A rate that is this low with a chance of 5 %: few clicks in a short recording "
        "prove little."
    )
    counted: int = Field(description="All that were found in what was examined.")
    follow_music: bool = Field(
        description="What was found comes where the music is loud: attacks, not clicks. Then "
        "only the quieter half of the recording counts."
    )
    peak_db: Quantiles | None = Field(description="Of their peaks, over the programme's peak.")
    width_ms: Quantiles | None = Field(description="Of the part with 95 % of a click's energy.")
    interval_ms: Quantiles | None = Field(description="From one click to the next.")
    interval_variation: float | None = Field(
        description="Standard deviation of the intervals over their mean: 1 where they fall "
        "anywhere, more where they come in bursts."
    )
    energy_below_500_hz: float | None = Field(description="Mean share of a click's energy, 0..1.")
    energy_500_to_2000_hz: float | None = Field(description="The same.")
    energy_above_2000_hz: float | None = Field(description="The same.")
    in_all_channels: float | None = Field(
        description="Share of clicks in every channel; None for mono."
    )
    peak_histogram_db: Histogram | None = Field(description="Over the programme's peak.")
    width_histogram_ms: Histogram | None = Field(description="Logarithmic steps.")
    interval_histogram_ms: Histogram | None = Field(description="Logarithmic steps.")


class CrackleFigures(_Model):
    """Small impulses, counted where the music is quietest."""

    per_second: float | None = Field(
        description="Those five standard deviations above the noise, over 2 kHz, of the worst "
        "channel; None where no moment is quiet enough."
    )
    peak_db: float | None = Field(description="Their median peak over the programme's peak.")


class ThumpFigures(_Model):
    """Low tails after clicks."""

    per_second: float = Field(description="Clicks that shake the range below 120 Hz.")


class NoiseFigures(_Model):
    """The noise floor."""

    found: bool = Field(description="False: no steady noise, or more than 50 dB below the music.")
    source: str | None = Field(description="music, lead-in or gap: where it was heard.")
    snr_db: float | None = Field(description="Mean power of the recording over the noise's.")
    level_dbfs: float | None = Field(description="RMS of the noise, all frequencies.")
    hiss_below_music_db: float | None = Field(
        description="Mean power of the recording over that of white noise which is as dense as the "
        "noise from 1 to 10 kHz: neither hum nor rumble counts."
    )
    tilt_db_per_octave: float | None = Field(description="Slope of its density, 1 to 10 kHz.")
    density_db_by_octave: dict[str, float] = Field(
        description="Octave band's centre in Hz: power density; white noise of RMS 1 has 0 dB."
    )


class BandFigures(_Model):
    """Where the sound ends."""

    edge_hz: float | None = Field(
        description="Where the spectrum falls off and stays down; None for a full band."
    )
    edge_drop_db: float | None = Field(description="The fall there.")
    edge_is_wall: bool | None = Field(description="A codec's or resampler's steep wall.")
    music_low_hz: float | None = Field(description="Above it something rises out of the noise.")
    music_high_hz: float | None = Field(description="Below it something rises out of the noise.")


class SpectrumFigures(_Model):
    """Levels of third-octave bands over time: densities, white noise of RMS 1 has 0 dB."""

    frequencies_hz: list[float] = Field(description="Centres of the bands, rising.")
    quiet_db: list[float] = Field(description="A twentieth of all frames of 93 ms are below.")
    median_db: list[float] = Field(description="Half of them are below.")
    loud_db: list[float] = Field(description="All but 2 % are below.")
    noise_db: list[float] = Field(description="The noise floor; empty where none was found.")


class HumFigures(_Model):
    """Mains hum."""

    frequency_hz: float | None = Field(description="Of the fundamental; None where there is none.")
    level_dbfs: float | None = Field(description="RMS of all its lines.")
    below_music_db: float | None = Field(description="RMS of the recording over the hum's.")
    harmonics: list[int] = Field(description="Which lines are there.")


class RumbleFigures(_Model):
    """Steady sound below the music."""

    level_dbfs: float | None = Field(description="RMS from 4 to 25 Hz in quiet seconds.")
    below_music_db: float | None = Field(description="RMS of the recording over the rumble's.")


class ClippingFigures(_Model):
    """Flat tops."""

    full_scale_runs: int = Field(description="Flat tops of 3 samples and more at full scale.")
    full_scale_samples: int
    plateau_dbfs: float | None = Field(
        description="A lower level where tops are cut off: clipped first, attenuated later."
    )
    plateau_runs: int = Field(description="Crests cut off below full scale.")
    plateau_samples: int = 0
    soft: bool = Field(
        False, description="Most of these are flat no more: resampled, dithered or coded since."
    )


class StereoFigures(_Model):
    """What the channels have in common."""

    kind: Literal["mono", "dual mono", "mono groove", "stereo", "multichannel"]
    correlation: float | None = Field(description="Of left and right, -1 to 1.")
    balance_db: float | None = Field(description="Left over right.")
    vertical_over_lateral_db: float | None = Field(
        description="Left minus right over left plus right: a mono record has little of it."
    )


class RotationFigures(_Model):
    """The record's speed, where noise or clicks recur."""

    rpm: float | None = Field(description="None where nothing recurs.")
    nominal_rpm: float | None = Field(description="The standard speed within 1.2 %.")
    confidence: float = Field(description="0 to 1.")


class TuningFigures(_Model):
    """What the music is tuned to, from its steady partials."""

    a4_hz: float | None = Field(
        default=None, description="None where the halves of the recording disagree, or no scale is."
    )
    cents: float | None = Field(
        default=None, description="A4 over 440 Hz, -50 to 50: nothing tells semitones apart."
    )
    confidence: float = Field(
        default=0.0, description="How closely the partials keep to one scale, 0 to 1."
    )


class WallFigures(_Model):
    """What two channels say of a groove's two walls; of no use for stereo."""

    delay_samples: float | None = Field(
        default=None, description="How late the right channel is; None where seconds disagree."
    )
    balance_db: float | None = Field(default=None, description="Left over right, in the music.")
    noise_left_over_right_db: dict[str, float] = Field(
        default={}, description="Octave's centre in Hz: noise of the walls, where it can be told."
    )
    best: Literal["left", "right", "sum", "bands"] | None = Field(
        default=None,
        description="What has the least noise: one wall, their sum, or another in each band.",
    )
    difference_follows_music: float | None = Field(
        default=None,
        description="Correlation of the levels of the channels' difference and sum: high in "
        "stereo, whose difference is music; low where it is noise.",
    )
    vertical_low_db: float | None = Field(
        default=None, description="The difference from 20 to 100 Hz over the sum of all."
    )


class CurveFigures(_Model):
    """Which playback curve the long-term spectrum speaks for."""

    curve: str | None = Field(default=None, description="None: cannot tell.")
    undo: str | None = Field(default=None, description="What was applied in its place.")
    treble: Literal["as it is", "to be lowered", "to be raised"] | None = Field(
        default=None, description="What the curve does to it: all that can be told with confidence."
    )
    confidence: float = Field(
        default=0.0, description="Probability of what is said of the treble, also if not enough."
    )


class DecoderFigures(_Model):
    """Peaks at multiples of one frequency, as decoders of generated music leave them."""

    fundamental_hz: float | None = Field(default=None, description="None where there is no comb.")
    peaks: int = Field(default=0, description="How many stand out.")
    over_spectrum_db: float | None = Field(
        default=None, description="Their median over the spectrum around, in the mean of the file."
    )
    confidence: float = Field(default=0.0, description="0, or 0.5 (just enough) to 1.")


class ContentFigures(_Model):
    """What it sounds like."""

    speech: float = Field(description="How much it is like speech, 0 to 1.")
    beat: float = Field(description="How regularly attacks come, 0 to 1: a loop has 1.")
    sibilance_db: float | None = Field(
        default=None,
        description="Level of the loudest sibilants, 5 to 9 kHz, over that of the voice around "
        "them; means nothing where it is no speech. None below 20 kHz, or for less than 3 s.",
    )


class ConditionFigures(_Model):
    """The estimate of it all."""

    word: Word = Field(description="clean, light, worn or heavy: the worst of the reasons.")
    reasons: list[str] = Field(description="What speaks for it, worst first.")


class Findings(_Model):
    """All that an analysis finds."""

    findings_schema: int = FINDINGS_SCHEMA
    restorack_version: str
    recording: Recording
    level: LevelFigures
    clicks: ClickFigures
    crackle: CrackleFigures
    thumps: ThumpFigures
    noise: NoiseFigures
    band: BandFigures
    spectrum: SpectrumFigures
    hum: HumFigures
    rumble: RumbleFigures
    clipping: ClippingFigures
    stereo: StereoFigures
    rotation: RotationFigures
    content: ContentFigures
    tuning: TuningFigures = TuningFigures()
    walls: WallFigures = WallFigures()
    curve: CurveFigures = CurveFigures()
    decoder: DecoderFigures = DecoderFigures()
    condition: ConditionFigures

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return self.model_dump(mode="json")

    def figure(self, name: str) -> Any:
        """Return a figure by its dotted name, such as ``clicks.per_second``.

        Raises
        ------
        KeyError
            Where there is none.
        """
        value: Any = self
        for part in name.split("."):
            if not isinstance(value, BaseModel) or part not in type(value).model_fields:
                raise KeyError(name)
            value = getattr(value, part)
        return value


def figure_names() -> list[str]:
    """Return the dotted names of all figures that are one value."""
    return list(_names(Findings, ""))


def _names(model: type[BaseModel], prefix: str) -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _names(kind, f"{prefix}{name}.")
        else:
            found.append(prefix + name)
    return found
