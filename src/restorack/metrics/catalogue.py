"""Every metric by name: unit, what is perfect, which way is better, and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from restorack.errors import ParameterError, suggest
from restorack.metrics import (
    bandwidth,
    clicks,
    distortion,
    levels,
    noise,
    perceptual,
    spectral,
    transients,
)
from restorack.metrics.clicks import ClickWindow
from restorack.metrics.inputs import MOST_DB, Floats

Better = Literal["higher", "lower", "nearer"]


@dataclass(frozen=True)
class Signals:
    """What metrics are computed from: aligned rows of float64, of one shape and rate.

    Attributes
    ----------
    reference, estimate : ndarray of float64, shape (channels, samples)
    sample_rate : float
        In Hz.
    degraded, clicks, noise : ndarray of float64 or None
        What the estimate was made from, and what had been added to the reference.
    windows : sequence of ClickWindow or None
        Every click, where they are known better than the track says.
    """

    reference: Floats
    estimate: Floats
    sample_rate: float
    degraded: Floats | None = None
    clicks: Floats | None = None
    noise: Floats | None = None
    windows: Sequence[ClickWindow] | None = None

    @cached_property
    def edge_hz(self) -> float | None:
        """Where the degraded band ends, if it ends well below that of the reference."""
        if self.degraded is None:
            return None
        edge = bandwidth.bandwidth_hz(self.degraded, self.sample_rate)
        full = bandwidth.bandwidth_hz(self.reference, self.sample_rate)
        return edge if edge < 0.9 * full else None


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes
    ----------
    name : str
        With the unit at its end, where it has one.
    family : str
        The module that computes it.
    perfect : float or None
        What a perfect estimate gets; None where that depends on the signal.
    better : str
        ``higher``, ``lower``, or ``nearer`` to what is perfect.
    needs : tuple of str
        Of ``degraded``, ``clicks``, ``noise``, ``edge_hz``: what must be known beside reference and
        estimate.
    by_sample : bool
        True where it compares sample with sample: void between different performances.
    compute : callable
        Takes :class:`Signals`.
    about : str
        In a line.
    """

    name: str
    family: str
    perfect: float | None
    better: Better
    compute: Callable[[Signals], float]
    about: str
    needs: tuple[str, ...] = ()
    by_sample: bool = True


def _clicks(function: Callable[..., float], **options: float) -> Callable[[Signals], float]:
    return lambda s: function(
        s.degraded, s.estimate, s.clicks, s.sample_rate, windows=s.windows, **options
    )


def _gain(function: Callable[..., float]) -> Callable[[Signals], float]:
    return lambda s: function(s.reference, s.estimate) - function(s.reference, s.degraded)


def _at_edge(function: Callable[..., float]) -> Callable[[Signals], float]:
    return lambda s: function(s.reference, s.estimate, s.sample_rate, s.edge_hz)


def _pair(function: Callable[..., float]) -> Callable[[Signals], float]:
    return lambda s: function(s.reference, s.estimate)


def _rated(function: Callable[..., float]) -> Callable[[Signals], float]:
    return lambda s: function(s.reference, s.estimate, s.sample_rate)


def _noise(function: Callable[..., float]) -> Callable[[Signals], float]:
    return lambda s: function(s.reference, s.estimate, s.noise)


_CLICK_NEEDS = ("degraded", "clicks")

_ALL = (
    Metric("snr_db", "distortion", MOST_DB, "higher", _pair(distortion.snr_db),
           "signal-to-noise ratio"),
    Metric("si_sdr_db", "distortion", MOST_DB, "higher", _pair(distortion.si_sdr_db),
           "signal-to-distortion ratio, whatever the gain"),
    Metric("snr_gain_db", "distortion", None, "higher", _gain(distortion.snr_db),
           "SNR of the estimate minus that of the degraded signal", ("degraded",)),
    Metric("si_sdr_gain_db", "distortion", None, "higher", _gain(distortion.si_sdr_db),
           "SI-SDR of the estimate minus that of the degraded signal", ("degraded",)),
    Metric("mse", "distortion", 0.0, "lower", _pair(distortion.mse), "mean squared error"),
    Metric("correlation", "distortion", 1.0, "higher", _pair(distortion.correlation),
           "correlation of the samples"),
    Metric("log_spectral_distance", "spectral", 0.0, "lower", _pair(spectral.log_spectral_distance),
           "log-spectral distance, decades of power", (), False),
    Metric("multi_resolution_stft", "spectral", 0.0, "lower", _pair(spectral.multi_resolution_stft),
           "multi-resolution STFT distance", (), False),
    Metric("spectral_flatness_change", "spectral", 0.0, "nearer",
           _pair(spectral.spectral_flatness_change),
           "more noise-like (positive) or more tonal than the truth", (), False),
    Metric("impulse_removal_rate", "clicks", 1.0, "higher", _clicks(clicks.impulse_removal_rate),
           "share of clicks that lost over 75 % of their energy", _CLICK_NEEDS),
    Metric("long_impulse_removal_rate", "clicks", 1.0, "higher",
           _clicks(clicks.impulse_removal_rate, at_least_seconds=clicks.LONG_SECONDS),
           "the same of clicks of 1 ms and more", _CLICK_NEEDS),
    Metric("residual_clicks_db", "clicks", -MOST_DB, "lower", _clicks(clicks.residual_clicks_db),
           "what is left of the clicks' energy", _CLICK_NEEDS),
    Metric("damage_outside_clicks_db", "clicks", -MOST_DB, "lower",
           _clicks(clicks.damage_outside_clicks_db),
           "change between the clicks, below the signal", _CLICK_NEEDS),
    Metric("changed_outside_clicks_percent", "clicks", 0.0, "lower",
           _clicks(clicks.changed_outside_clicks_percent),
           "samples changed between the clicks", _CLICK_NEEDS),
    Metric("noise_attenuation_db", "noise", None, "higher", _noise(noise.noise_attenuation_db),
           "noise taken off where there is nothing else", ("noise",)),
    Metric("weak_partials_db", "noise", 0.0, "nearer", _noise(noise.weak_partials_db),
           "level change of what lies 0-10 dB above the noise", ("noise",)),
    Metric("transient_correlation", "transients", 1.0, "higher",
           _rated(transients.transient_correlation), "correlation around onsets, the median"),
    Metric("attack_level_db", "transients", 0.0, "nearer", _rated(transients.attack_level_db),
           "level change of attacks, the median"),
    Metric("bandwidth_change_octaves", "bandwidth", 0.0, "nearer",
           _rated(bandwidth.bandwidth_change_octaves),
           "where the band ends, over where it should", (), False),
    Metric("distance_above_edge", "bandwidth", 0.0, "lower",
           _at_edge(bandwidth.distance_above_edge),
           "log-spectral distance above the degraded band", ("edge_hz",), False),
    Metric("level_above_edge_db", "bandwidth", 0.0, "nearer",
           _at_edge(bandwidth.level_above_edge_db),
           "energy above the degraded band, over the truth's", ("edge_hz",), False),
    Metric("snr_below_edge_db", "bandwidth", MOST_DB, "higher",
           _at_edge(bandwidth.snr_below_edge_db), "SNR within the degraded band", ("edge_hz",)),
    Metric("loudness_change_lu", "levels", 0.0, "nearer", _rated(levels.loudness_change_lu),
           "integrated loudness, over the truth's", (), False),
    Metric("true_peak_dbtp", "levels", None, "lower",
           lambda s: levels.true_peak_dbtp(s.estimate, s.sample_rate),
           "true peak of the estimate", (), False),
    Metric("crest_change_db", "levels", 0.0, "nearer", _pair(levels.crest_change_db),
           "crest factor, over the truth's", (), False),
    Metric("dc_offset", "levels", 0.0, "nearer", lambda s: levels.dc_offset(s.estimate),
           "mean of the estimate's worst channel", (), False),
    Metric("pesq", "perceptual", 4.64, "higher", _rated(perceptual.pesq),
           "PESQ, MOS-LQO (speech)"),
    Metric("stoi", "perceptual", 1.0, "higher", _rated(perceptual.stoi),
           "intelligibility (speech)"),
    Metric("visqol", "perceptual", 4.73, "higher", _rated(perceptual.visqol),
           "ViSQOL, MOS-LQO; slow"),
    Metric("zimtohrli", "perceptual", 5.0, "higher", _rated(perceptual.zimtohrli),
           "Zimtohrli, MOS"),
)  # fmt: skip

METRICS = {metric.name: metric for metric in _ALL}
"""Every metric, in the order of tables."""

FAMILIES = tuple(dict.fromkeys(metric.family for metric in _ALL))

DEFAULT = tuple(metric.name for metric in _ALL if metric.family != "perceptual")
"""What is computed unless asked otherwise: all that needs no other library."""


def choose_metrics(words: Sequence[str] | None) -> list[Metric]:
    """Return the metrics that words name, in the order of the catalogue.

    Parameters
    ----------
    words : sequence of str or None
        Names, families, ``default`` or ``all``; None is ``default``.

    Raises
    ------
    ParameterError
        For a word that is none of these.
    """
    wanted: set[str] = set()
    for word in words if words is not None else ("default",):
        wanted |= _named(word)
    return [metric for metric in _ALL if metric.name in wanted]


def _named(word: str) -> set[str]:
    groups = {"all": set(METRICS), "default": set(DEFAULT)}
    groups |= {name: {name} for name in METRICS}
    for family in FAMILIES:
        groups[family] = {metric.name for metric in _ALL if metric.family == family}
    if word not in groups:
        raise ParameterError(
            f"the metric {word!r}",
            rule="a metric, a family of them, default or all",
            remedy=suggest(word, groups),
        )
    return groups[word]
